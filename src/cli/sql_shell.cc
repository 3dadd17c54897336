#include "cli/sql_shell.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/functions_text.h"
#include "cli/query_output.h"
#include "io/file_system.h"
#include "observe/units.h"
#include "sql/names.h"
#include "sql/script.h"

namespace flare::cli {
namespace {

constexpr std::string_view kHelp =
    R"(A statement may have several lines and ends with ;
  \? \h            this help
  \d [NAME]        views and the tables read so far; the columns of one
  \f [NAME]        functions; what one takes and gives
  \i FILE          run the statements of a file
  \timing on|off   show how long a statement took
  \pager on|off    page what is longer than the screen ($PAGER, else built in)
  \q  Ctrl-D       quit
Keys: Tab completes keywords, functions, columns and, in backticks, table addresses. Up and Down go through the
history, Ctrl-R searches it. Ctrl-C clears the line or stops the running statement. A statement that begins with a
blank is not kept in the history.
Statements: SELECT and all queries, CREATE [OR REPLACE] TEMPORARY VIEW, DROP VIEW, SET KEY = VALUE, RESET.
Tables stand in backticks: SELECT * FROM `dataos://lakehouse:collection/table`;
)";

std::string_view Trim(std::string_view text) {
  size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string Variable(const Host& host, const std::string& name) {
  auto found = host.environment.find(name);
  return found == host.environment.end() ? "" : found->second;
}

}  // namespace

SqlShell::SqlShell(const SqlArguments& arguments, const Host& host, SqlSession& session,
                   const manifest::Resources& resources, const std::string& history)
    : arguments_(arguments),
      host_(host),
      session_(session),
      completion_(resources, CommandWords()),
      pager_(Variable(host, "PAGER")),
      history_(history),
      keeps_history_(!history.empty()) {
  pager_.set_enabled(!arguments.no_pager);
}

std::vector<std::string> SqlShell::CommandWords() {
  return {"\\?", "\\d", "\\f", "\\h", "\\i", "\\pager", "\\q", "\\timing"};
}

Status SqlShell::Run() {
  using End = terminal::LineEditor::End;
  auto complete = [this](std::string_view line) {
    return completion_.At(statement_, line, session_.relations());
  };
  ASSIGN_OR_RETURN(editor_, terminal::LineEditor::Open(complete));
  if (keeps_history_) {
    auto entries = history_.Load();
    if (!entries) PrintWarning(host_, entries.error().message());
    if (entries) {
      for (const std::string& entry : *entries) Remember(entry, /*in_file=*/false);
    }
  }
  host_.out(fmt::format("flare {}: Spark SQL. \\? for help, Ctrl-D to quit.\n", host_.version));
  while (true) {
    std::string line;
    End end = editor_->Read(statement_.empty() ? "flare> " : "    -> ", &line);
    if (end == End::kEndOfInput) break;
    if (end == End::kInterrupted) {
      statement_.clear();
      continue;
    }
    bool first = statement_.empty();
    if (first && Trim(line).empty()) continue;
    if (first && Trim(line).starts_with('\\')) {
      Remember(line, /*in_file=*/true);
      if (!RunCommand(Trim(line))) return Ok();
      continue;
    }
    statement_ += line + "\n";
    if (!sql::EndsStatement(statement_)) continue;
    std::string text = std::exchange(statement_, "");
    Remember(std::string(text.starts_with(' ') ? "" : Trim(text)), /*in_file=*/true);
    RunStatements(text, "sql");
  }
  host_.out("\n");
  return Ok();
}

void SqlShell::Interrupt() {
  interrupted_ = true;
  if (running_) session_.Interrupt();
}

void SqlShell::Remember(const std::string& entry, bool in_file) {
  if (entry.empty()) return;
  // On one line a comment would swallow what followed it.
  bool lines = entry.find("--") != std::string::npos;
  for (std::string_view rest = entry; lines && !rest.empty();) {
    size_t end = std::min(rest.find('\n'), rest.size());
    if (end > 0) editor_->Remember(std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!lines) editor_->Remember(entry);
  if (!in_file || !keeps_history_) return;
  auto kept = history_.Append(entry);
  if (kept) return;
  PrintWarning(host_, kept.error().message());
  keeps_history_ = false;
}

void SqlShell::RunStatements(std::string_view text, const std::string& file) {
  Excerpts excerpts;
  excerpts.Add(file, text);
  sql::TextPlace places(SourcePosition{file, 1, 1});
  interrupted_ = false;
  for (const auto& [begin, end] : sql::SplitScript(text)) {
    if (interrupted_) return host_.err("stopped\n");
    std::string_view statement = text.substr(begin, end - begin);
    size_t blanks = std::min(statement.find_first_not_of(" \t\r\n"), statement.size());
    RunStatement(statement.substr(blanks), places.At(text, begin + blanks), &excerpts);
  }
  if (interrupted_) host_.err("stopped\n");
}

void SqlShell::RunStatement(std::string_view statement, const SourcePosition& where,
                            Excerpts* excerpts) {
  Millis start = host_.clock->Monotonic();
  Diagnostics mistakes;
  running_ = true;
  auto answer = session_.Run(statement, where, &mistakes);
  std::string text;
  Status printed = answer ? Ok() : Status(std::move(answer).error());
  if (printed && *answer) {
    printed = PrintAnswer(session_, **answer, arguments_.format,
                          [&](std::string_view more) { text += more; });
  }
  running_ = false;
  for (const auto& mistake : mistakes) host_.err(excerpts->ToText(mistake) + "\n");
  if (interrupted_) return;
  if (!printed) PrintError(host_, printed.error());
  if (!printed || HasErrors(mistakes)) return;
  if (timing_)
    text += fmt::format("{}\n", observe::FormatDuration(host_.clock->Monotonic() - start));
  pager_.Show(text);
}

bool SqlShell::RunCommand(std::string_view line) {
  size_t end = std::min(line.find_first_of(" \t"), line.size());
  std::string_view word = line.substr(0, end);
  std::string_view rest = Trim(line.substr(end));
  while (rest.ends_with(';')) rest = Trim(rest.substr(0, rest.size() - 1));
  if (word == "\\q") return false;
  if (word == "\\?" || word == "\\h") {
    pager_.Show(kHelp);
  } else if (word == "\\d") {
    ListRelations(rest);
  } else if (word == "\\f") {
    auto text = rest.empty() ? Result<std::string>(FunctionsText()) : FunctionText(rest);
    if (text) pager_.Show(*text);
    if (!text) PrintError(host_, text.error());
  } else if (word == "\\i") {
    RunFile(rest);
  } else if (word == "\\timing") {
    Toggle("timing", rest, &timing_);
  } else if (word == "\\pager") {
    bool on = pager_.enabled();
    Toggle("pager", rest, &on);
    pager_.set_enabled(on);
  } else {
    host_.err(fmt::format("there is no command {}; \\? shows those there are\n", word));
  }
  return true;
}

void SqlShell::Toggle(std::string_view what, std::string_view word, bool* value) const {
  if (!word.empty() && word != "on" && word != "off") {
    host_.err(fmt::format("\\{} is on or off, not {}\n", what, word));
    return;
  }
  *value = word.empty() ? !*value : word == "on";
  host_.out(fmt::format("{} is {}\n", what, *value ? "on" : "off"));
}

void SqlShell::ListRelations(std::string_view name) const {
  if (name.size() > 1 && name.front() == '`' && name.back() == '`')
    name = name.substr(1, name.size() - 2);
  std::string text;
  bool found = name.empty();
  for (const sql::Relation& relation : session_.relations()) {
    if (name.empty()) {
      text += fmt::format("{}  ({} columns)\n", sql::QuoteNameIfNeeded(relation.name),
                          relation.schema.size());
    } else if (sql::EqualIgnoreCase(relation.name, name)) {
      found = true;
      for (const auto& field : relation.schema) {
        text += fmt::format("{:<32} {}{}\n", sql::QuoteNameIfNeeded(field.name),
                            field.type.ToSimpleString(), field.nullable ? "" : " not null");
      }
    }
  }
  if (!found) {
    host_.err(fmt::format("{} is no view, and no table that was read so far\n", name));
  } else {
    pager_.Show(text.empty() ? "there are no views, and no table was read so far\n" : text);
  }
}

void SqlShell::RunFile(std::string_view file) {
  if (file.empty()) {
    host_.err("\\i needs a file\n");
    return;
  }
  auto text = io::LocalFileSystem().Read(AbsolutePath(std::string(file)));
  if (text) RunStatements(*text, std::string(file));
  if (!text) PrintError(host_, text.error());
}

}  // namespace flare::cli
