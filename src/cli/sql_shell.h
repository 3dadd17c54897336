#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "cli/arguments.h"
#include "cli/excerpt.h"
#include "cli/host.h"
#include "cli/sql_completion.h"
#include "cli/sql_session.h"
#include "terminal/history_file.h"
#include "terminal/line_editor.h"
#include "terminal/pager.h"

namespace flare::cli {

/// `flare sql` on a terminal: reads statements, runs them, shows what they yield. Threads: one,
/// except Interrupt.
class SqlShell {
 public:
  /// Everything handed in must outlive it. `history` is a path, "" = nothing is kept.
  SqlShell(const SqlArguments& arguments, const Host& host, SqlSession& session,
           const manifest::Resources& resources, const std::string& history);

  /// Until Ctrl-D or \q. Errors: the terminal cannot be used.
  Status Run();
  /// Stops the statement that runs, if one does; safe from any thread.
  void Interrupt();

  /// One line that begins with a backslash; false = the shell shall end.
  bool RunCommand(std::string_view line);
  /// Runs every statement of a text; mistakes are printed with their place in it.
  void RunStatements(std::string_view text, const std::string& file);

  static std::vector<std::string> CommandWords();

 private:
  void RunStatement(std::string_view statement, const SourcePosition& where, Excerpts* excerpts);
  void Remember(const std::string& entry, bool in_file);
  void ShowHelp() const;
  void ListRelations(std::string_view name) const;
  void RunFile(std::string_view file);
  void Toggle(std::string_view what, std::string_view word, bool* value) const;

  const SqlArguments& arguments_;
  const Host& host_;
  SqlSession& session_;
  SqlCompletion completion_;
  terminal::Pager pager_;
  terminal::HistoryFile history_;
  bool keeps_history_;
  std::unique_ptr<terminal::LineEditor> editor_;
  std::string statement_;  ///< the lines entered so far, each with its line feed
  bool timing_ = true;
  std::atomic<bool> running_ = false;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace flare::cli
