#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/source_position.h"

namespace flare::manifest {

/// A text file made fit for a YAML parser, with the place of every byte. Threads: a value.
class SourceText {
 public:
  /// Drops a byte order mark and turns CRLF and CR into LF. What no YAML file may hold (a NUL or
  /// another control character, bytes that are not UTF-8, UTF-16, more than kMaxBytes) is reported;
  /// nullopt then.
  static std::optional<SourceText> Make(std::string_view bytes, const std::string& file,
                                        Diagnostics* diagnostics);

  const std::string& text() const { return text_; }
  const std::string& file() const { return file_; }
  /// The place of a byte; columns count characters, not bytes.
  SourcePosition At(size_t offset) const;
  /// Line `line` (from 1) without its line break; "" past the end.
  std::string_view Line(int line) const;

  static constexpr size_t kMaxBytes = size_t{4} << 20;

 private:
  SourceText(std::string text, std::string file);

  std::string text_;
  std::string file_;
  std::vector<size_t> line_starts_;
};

}  // namespace flare::manifest
