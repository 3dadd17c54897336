#include <duckdb.h>

#include <set>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/query_output.h"
#include "cli/table_relation.h"
#include "cli/world.h"
#include "engine/database.h"
#include "engine/spark_functions.h"
#include "sql/compile.h"
#include "sql/lexer.h"
#include "sql/show.h"

namespace flare::cli {
namespace {

constexpr const char* kResultView = "flare_query";

bool SaysTable(const sql::Token& token) {
  std::string word = token.text;
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return token.kind == sql::TokenKind::kWord && (word == "FROM" || word == "JOIN");
}

/// The addresses and folders that stand in backticks behind FROM or JOIN, once each.
std::vector<std::string> NamedTables(const std::string& text) {
  sql::LexError error;
  auto tokens = sql::Tokenize(text, &error);
  std::set<std::string> seen;
  std::vector<std::string> names;
  for (size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i].kind != sql::TokenKind::kQuotedName || !SaysTable(tokens[i - 1])) continue;
    if (tokens[i].text.find('/') == std::string::npos) continue;
    if (seen.insert(tokens[i].text).second) names.push_back(tokens[i].text);
  }
  return names;
}

class QueryRun {
 public:
  QueryRun(const QueryArguments& arguments, const Host& host)
      : arguments_(arguments), host_(host) {}

  Status Run(Diagnostics* mistakes) {
    ASSIGN_OR_RETURN(auto world, OpenWorld(arguments_.world, host_));
    ASSIGN_OR_RETURN(database_, engine::Database::Open({}));
    ASSIGN_OR_RETURN(connection_, database_->Connect());
    sql::Scope scope;
    for (const auto& name : NamedTables(arguments_.sql)) {
      ASSIGN_OR_RETURN(auto relation, OpenTable(name, world.resources, *connection_));
      scope.relations.push_back(std::move(relation));
    }
    auto query = sql::Compile(arguments_.sql, sql::TextPlace(SourcePosition{"query", 1, 1}), scope,
                              mistakes);
    if (!query) return Ok();
    RETURN_IF_ERROR(MakeView(*query, kResultView));
    return Print(*query, mistakes);
  }

 private:
  Status MakeView(const sql::CompiledQuery& query, const std::string& name) {
    for (const auto& function : query.functions) {
      RETURN_IF_ERROR(engine::RegisterRuntimeFunction(*connection_, function));
    }
    RETURN_IF_ERROR(connection_->Execute(fmt::format(
        "SET VARIABLE flare_batch_timestamp = make_timestamptz({})",
        std::chrono::duration_cast<std::chrono::microseconds>(host_.clock->Now().time_since_epoch())
            .count())));
    return connection_->Execute(fmt::format("CREATE TEMP VIEW {} AS {}", name, query.duckdb_sql));
  }

  /// Every column as Spark's show() prints it: a second statement over the result of the first.
  Status Print(const sql::CompiledQuery& query, Diagnostics* mistakes) {
    sql::Relation result{kResultView, kResultView, query.schema};
    auto printable = sql::CompileShow(result, {}, mistakes);
    if (!printable) return Ok();
    for (const auto& function : printable->functions) {
      RETURN_IF_ERROR(engine::RegisterRuntimeFunction(*connection_, function));
    }
    auto printer = MakeRowPrinter(arguments_.format, query.schema, host_.out);
    RETURN_IF_ERROR(connection_->Stream(printable->duckdb_sql, [&](duckdb_data_chunk chunk) {
      AddRows(chunk, printer.get());
      return Ok();
    }));
    printer->Finish();
    return Ok();
  }

  static void AddRows(duckdb_data_chunk chunk, RowPrinter* printer) {
    idx_t rows = duckdb_data_chunk_get_size(chunk);
    idx_t columns = duckdb_data_chunk_get_column_count(chunk);
    for (idx_t row = 0; row < rows; ++row) {
      RowPrinter::Row values(columns);
      for (idx_t column = 0; column < columns; ++column) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, column);
        uint64_t* validity = duckdb_vector_get_validity(vector);
        if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) continue;
        auto& text = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))[row];
        values[column].emplace(duckdb_string_t_data(&text), duckdb_string_t_length(text));
      }
      printer->Add(std::move(values));
    }
  }

  const QueryArguments& arguments_;
  const Host& host_;
  std::unique_ptr<engine::Database> database_;
  std::unique_ptr<engine::Connection> connection_;
};

}  // namespace

int Query(const QueryArguments& arguments, const Host& host) {
  Diagnostics mistakes;
  Status status = QueryRun(arguments, host).Run(&mistakes);
  for (const auto& mistake : mistakes) host.err(ToText(mistake) + "\n");
  if (!status) {
    PrintError(host, status.error());
    return kFailed;
  }
  if (!HasErrors(mistakes)) return kOk;
  bool unknown_table = std::any_of(mistakes.begin(), mistakes.end(), [](const Diagnostic& d) {
    return d.code == "TABLE_OR_VIEW_NOT_FOUND";
  });
  if (unknown_table) {
    host.err(
        "a table is named by its address in backticks: FROM "
        "`dataos://lakehouse:collection/table`\n");
  }
  return kFailed;
}

}  // namespace flare::cli
