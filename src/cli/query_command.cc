#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/commands.h"
#include "cli/excerpt.h"
#include "cli/exit_codes.h"
#include "cli/query_json.h"
#include "cli/query_output.h"
#include "cli/sql_session.h"
#include "engine/typed_json.h"

namespace flare::cli {
namespace {

Result<std::string> ReadStatements(const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  return io::LocalFileSystem().Read(AbsolutePath(file));
}

/// Runs statement by statement and prints as it goes.
class QueryRun {
 public:
  QueryRun(const QueryArguments& arguments, const Host& host, SqlSession& session)
      : arguments_(arguments), host_(host), session_(session), out_(host.out) {}

  /// Whether all statements went well.
  bool Run(std::string_view text, const std::string& file) {
    bool json = arguments_.format == QueryArguments::Format::kJson ||
                arguments_.format == QueryArguments::Format::kJsonLines;
    bool list = arguments_.format == QueryArguments::Format::kJson && !arguments_.file.empty();
    sql::TextPlace places(SourcePosition{file, 1, 1});
    excerpts_.Add(file, text);
    if (list) out_.Add("[");
    for (const auto& [begin, end] : sql::SplitScript(text)) {
      std::string_view statement = text.substr(begin, end - begin);
      size_t blanks = statement.find_first_not_of(" \t\r\n");
      statement.remove_prefix(blanks);
      SourcePosition where = places.At(text, begin + blanks);
      if (json) {
        if (list) out_.Add(first_ ? "\n" : ",\n");
        RunJson(statement, where);
        if (!list) out_.Add("\n");
      } else {
        RunText(statement, where);
      }
      first_ = false;
    }
    if (list) out_.Add("\n]\n");
    out_.Flush();
    return all_well_;
  }

 private:
  void RunJson(std::string_view statement, const SourcePosition& where) {
    out_.Add(fmt::format("{{\"line\": {}, \"sql\": {}, ", where.line, engine::JsonText(statement)));
    Diagnostics mistakes;
    auto answer = session_.Run(statement, where, &mistakes);
    Status printed = Ok();
    if (!answer) {
      printed = std::move(answer).error();
    } else if (HasErrors(mistakes)) {
      auto first = std::ranges::find_if(
          mistakes, [](const Diagnostic& d) { return d.severity == Severity::kError; });
      out_.Add(ErrorMembers(*first));
      all_well_ = false;
    } else if (!*answer) {
      out_.Add("\"names\": [], \"types\": [], \"rows\": [], \"typed\": []");
    } else {
      printed = AppendAnswer(session_, **answer, &out_);
    }
    if (!printed) out_.Add(ErrorMembers(printed.error()));
    all_well_ = all_well_ && printed;
    out_.Add("}");
  }

  void RunText(std::string_view statement, const SourcePosition& where) {
    Diagnostics mistakes;
    auto answer = session_.Run(statement, where, &mistakes);
    for (const auto& mistake : mistakes) host_.err(excerpts_.ToText(mistake) + "\n");
    all_well_ = all_well_ && !HasErrors(mistakes);
    AdviseOnTables(mistakes);
    Status printed = answer ? Ok() : Status(std::move(answer).error());
    if (printed && *answer) printed = Print(**answer);
    if (!printed) {
      all_well_ = false;
      PrintError(host_, printed.error());
    }
  }

  void AdviseOnTables(const Diagnostics& mistakes) const {
    bool unknown = std::ranges::any_of(
        mistakes, [](const Diagnostic& d) { return d.code == "TABLE_OR_VIEW_NOT_FOUND"; });
    if (unknown)
      host_.err(
          "a table is named by its address in backticks: FROM "
          "`dataos://lakehouse:collection/table`\n");
  }

  Status Print(const SqlAnswer& answer) {
    if (arguments_.format == QueryArguments::Format::kTable && !first_) host_.out("\n");
    return PrintAnswer(session_, answer, arguments_.format, host_.out);
  }

  const QueryArguments& arguments_;
  const Host& host_;
  SqlSession& session_;
  Buffered out_;
  Excerpts excerpts_;
  bool first_ = true;
  bool all_well_ = true;
};

Result<bool> RunAll(const QueryArguments& arguments, const Host& host) {
  std::string text = arguments.sql;
  if (!arguments.file.empty()) {
    ASSIGN_OR_RETURN(text, ReadStatements(arguments.file));
  }
  ASSIGN_OR_RETURN(auto world, OpenWorld(arguments.world, host));
  ASSIGN_OR_RETURN(auto session,
                   SqlSession::Open(std::move(world), host.clock, arguments.settings));
  return QueryRun(arguments, host, *session)
      .Run(text, arguments.file.empty() ? "query" : arguments.file);
}

}  // namespace

int Query(const QueryArguments& arguments, const Host& host) {
  auto well = RunAll(arguments, host);
  if (!well) PrintError(host, well.error());
  return well && *well ? kOk : kFailed;
}

}  // namespace flare::cli
