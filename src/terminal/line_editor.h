#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace flare::terminal {

/// What may stand in place of the end of a line.
struct Completion {
  size_t begin = 0;                     ///< byte of the line where the candidates would begin
  std::vector<std::string> candidates;  ///< sorted, each the whole word
};

/// The longest text that all candidates begin with, whatever the case of their letters; as the
/// first spells it.
std::string CommonPrefix(const std::vector<std::string>& candidates);

/// Reads lines from the terminal on standard input with editing (emacs keys), history and
/// completion. One in a process. Threads: one.
class LineEditor {
 public:
  /// Gets the line up to the cursor.
  using Complete = std::function<Completion(std::string_view line)>;
  enum class End {
    kLine,         ///< a line was entered
    kInterrupted,  ///< Ctrl-C: what was typed is thrown away
    kEndOfInput,   ///< Ctrl-D on an empty line, or the terminal went away
  };

  /// Errors: Unavailable, when the terminal cannot be used.
  static Result<std::unique_ptr<LineEditor>> Open(Complete complete);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  End Read(const std::string& prompt, std::string* line);
  /// Adds an entry that the arrow keys and Ctrl-R find. Line breaks become blanks.
  void Remember(const std::string& entry);

 private:
  class Editor;
  explicit LineEditor(std::unique_ptr<Editor> editor);
  std::unique_ptr<Editor> editor_;
};

}  // namespace flare::terminal
