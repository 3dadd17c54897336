#include "cli/query_json.h"

#include "engine/typed_json.h"
#include "engine/vector_writer.h"
#include "sql/sqlstate.h"

namespace flare::cli {

namespace {

constexpr const char* kResultTable = "flare_result";

std::string Members(std::string_view condition, std::string_view phase, std::string_view message) {
  std::string_view state = sql::SqlState(condition);
  std::string sqlstate = state.empty() ? "" : fmt::format("\"sqlstate\": \"{}\", ", state);
  return fmt::format("\"error_class\": {}, {}\"phase\": \"{}\", \"message\": {}",
                     engine::JsonText(condition), sqlstate, phase, engine::JsonText(message));
}

/// Spark's condition in front of a message: "[DIVIDE_BY_ZERO] ..."; "" when it has none.
std::string_view ConditionOf(std::string_view message) {
  size_t end = message.find(']');
  if (!message.starts_with('[') || end == std::string_view::npos) return "";
  std::string_view name = message.substr(1, end - 1);
  return name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") == std::string_view::npos
             ? name
             : "";
}

/// Prints one list a row; `append` adds the value at (vector, column, row).
template <class Append>
Status AppendRows(SqlSession& session, const std::string& relation, const Append& append,
                  Buffered* out) {
  bool first = true;
  return session.connection().Stream("SELECT * FROM " + relation, [&](duckdb_data_chunk chunk) {
    idx_t rows = duckdb_data_chunk_get_size(chunk);
    idx_t columns = duckdb_data_chunk_get_column_count(chunk);
    for (idx_t row = 0; row < rows; ++row) {
      std::string line = first ? "[" : ", [";
      first = false;
      for (idx_t column = 0; column < columns; ++column) {
        if (column > 0) line += ", ";
        append(duckdb_data_chunk_get_vector(chunk, column), column, row, &line);
      }
      out->Add(line + "]");
    }
    return Ok();
  });
}

}  // namespace

Status AppendAnswer(SqlSession& session, const SqlAnswer& answer, Buffered* out) {
  RETURN_IF_ERROR(session.connection().Execute(fmt::format(
      "CREATE OR REPLACE TEMP TABLE {} AS SELECT * FROM {}", kResultTable, answer.relation)));
  SqlAnswer kept{kResultTable, answer.schema};
  ASSIGN_OR_RETURN(SqlAnswer text, session.AsText(kept, sql::TextStyle::kCast));
  std::string names, types;
  for (const auto& field : answer.schema) {
    names += (names.empty() ? "" : ", ") + engine::JsonText(field.name);
    types += (types.empty() ? "" : ", ") + engine::JsonText(field.type.ToSimpleString());
  }
  out->Add(fmt::format("\"names\": [{}], \"types\": [{}], \"rows\": [", names, types));
  RETURN_IF_ERROR(AppendRows(
      session, text.relation,
      [](duckdb_vector vector, idx_t, idx_t row, std::string* line) {
        engine::StringReader values(vector);
        *line += values.IsNull(row) ? "null" : engine::JsonText(values.View(row));
      },
      out));
  out->Add("], \"typed\": [");
  RETURN_IF_ERROR(AppendRows(
      session, kResultTable,
      [&](duckdb_vector vector, idx_t column, idx_t row, std::string* line) {
        engine::AppendTypedJson(answer.schema[column].type, vector, row, session.zone(), line);
      },
      out));
  out->Add("]");
  return session.connection().Execute(fmt::format("DROP TABLE {}", kResultTable));
}

std::string ErrorMembers(const Diagnostic& mistake) {
  bool parse = mistake.code.starts_with("PARSE_") || mistake.code.starts_with("UNCLOSED_") ||
               mistake.code == "INVALID_SET_SYNTAX";
  return Members(mistake.code, parse ? "parse" : "analysis", mistake.message);
}

std::string ErrorMembers(const Error& error) {
  return Members(ConditionOf(error.message()), "execution", error.message());
}

}  // namespace flare::cli
