#include "cli/sql_session.h"

#include <algorithm>
#include <set>

#include "cli/table_relation.h"
#include "engine/constant.h"
#include "engine/spark_functions.h"
#include "sql/lexer.h"
#include "sql/names.h"

namespace flare::cli {

namespace {

constexpr const char* kAnsi = "spark.sql.ansi.enabled";
constexpr const char* kTimeZone = "spark.sql.session.timeZone";
constexpr const char* kCaseSensitive = "spark.sql.caseSensitive";

bool IsOneOf(const sql::Token& token, std::initializer_list<std::string_view> words) {
  return token.kind == sql::TokenKind::kWord &&
         std::ranges::any_of(
             words, [&](std::string_view word) { return sql::EqualIgnoreCase(token.text, word); });
}

/// The addresses and folders that stand in backticks behind FROM, JOIN or a comma, once each.
std::set<std::string> TablesIn(std::string_view text) {
  sql::LexError error;
  auto tokens = sql::Tokenize(text, &error);
  std::set<std::string> names;
  for (size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i].kind != sql::TokenKind::kQuotedName ||
        tokens[i].text.find('/') == std::string::npos)
      continue;
    bool in_from = IsOneOf(tokens[i - 1], {"FROM", "JOIN", "TABLE"}) || tokens[i - 1].text == "," ||
                   tokens[i - 1].text == "(";
    if (in_from) names.insert(tokens[i].text);
  }
  return names;
}

void Report(Diagnostics* mistakes, const SourcePosition& where, std::string code,
            std::string message, std::string expected = "", std::string hint = "") {
  Diagnostic diagnostic;
  diagnostic.where = where;
  diagnostic.code = std::move(code);
  diagnostic.message = std::move(message);
  diagnostic.expected = std::move(expected);
  diagnostic.hint = std::move(hint);
  mistakes->push_back(std::move(diagnostic));
}

Result<bool> ReadFlag(const std::string& name, const std::string& value) {
  if (sql::EqualIgnoreCase(value, "true")) return true;
  if (sql::EqualIgnoreCase(value, "false")) return false;
  return InvalidArgument("[INVALID_CONF_VALUE] {} is true or false, not '{}'", name, value);
}

std::string DuckDbView(const std::string& name) {
  std::string lower = name;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return engine::QuoteIdentifier("flare_view " + lower);
}

}  // namespace

Result<std::unique_ptr<SqlSession>> SqlSession::Open(
    World world, Clock* clock, const std::vector<std::pair<std::string, std::string>>& settings) {
  std::unique_ptr<SqlSession> session(new SqlSession(std::move(world), clock));
  session->scope_.fold = engine::ComputeConstant;
  ASSIGN_OR_RETURN(session->database_, engine::Database::Open({}));
  ASSIGN_OR_RETURN(session->connection_, session->database_->Connect());
  session->settings_ = {{kAnsi, "false"}, {kTimeZone, "UTC"}, {kCaseSensitive, "false"}};
  ASSIGN_OR_RETURN(session->zone_, engine::TimeZone::Find("UTC"));
  for (const auto& [name, value] : settings) RETURN_IF_ERROR(session->Set(name, value));
  return session;
}

Result<std::optional<SqlAnswer>> SqlSession::Run(std::string_view text, const SourcePosition& where,
                                                 Diagnostics* mistakes) {
  sql::TextPlace place(where);
  std::optional<sql::Statement> statement = sql::ReadStatement(text, place, mistakes);
  if (!statement) return std::optional<SqlAnswer>();
  using Kind = sql::Statement::Kind;
  switch (statement->kind) {
    case Kind::kQuery:
      break;
    case Kind::kCreateView:
      RETURN_IF_ERROR(CreateView(*statement, text, where, mistakes));
      return std::optional<SqlAnswer>();
    case Kind::kDropView:
      RETURN_IF_ERROR(DropView(*statement, where, mistakes));
      return std::optional<SqlAnswer>();
    case Kind::kSet:
      if (statement->value) RETURN_IF_ERROR(Set(statement->name, *statement->value));
      return std::optional(SettingsNamed(statement->name));
    case Kind::kSetTimeZone:
      RETURN_IF_ERROR(Set(kTimeZone, *statement->value));
      return std::optional<SqlAnswer>();
    case Kind::kReset:
      Reset(statement->name);
      return std::optional<SqlAnswer>();
  }
  ASSIGN_OR_RETURN(auto query, Compile(text, where, mistakes));
  if (!query) return std::optional<SqlAnswer>();
  return std::optional(SqlAnswer{fmt::format("({})", query->duckdb_sql), std::move(query->schema)});
}

Result<SqlAnswer> SqlSession::AsText(const SqlAnswer& answer, sql::TextStyle style) {
  Diagnostics mistakes;
  auto query =
      sql::CompileShow({"answer", answer.relation, answer.schema}, style, scope_, &mistakes);
  if (!query)
    return Internal("{}",
                    mistakes.empty() ? "the result cannot be shown" : ToText(mistakes.front()));
  for (const auto& function : query->functions)
    RETURN_IF_ERROR(engine::RegisterRuntimeFunction(*connection_, function));
  return SqlAnswer{fmt::format("({})", query->duckdb_sql), answer.schema};
}

Status SqlSession::Set(const std::string& name, const std::string& value) {
  if (name == kAnsi) {
    ASSIGN_OR_RETURN(scope_.ansi, ReadFlag(name, value));
  } else if (name == kCaseSensitive) {
    ASSIGN_OR_RETURN(scope_.case_sensitive, ReadFlag(name, value));
  } else if (name == kTimeZone) {
    ASSIGN_OR_RETURN(zone_, engine::TimeZone::Find(value));
    RETURN_IF_ERROR(engine::SetTimeZone(*connection_, value));
    scope_.time_zone = value;
  }
  settings_[name] = value;
  return Ok();
}

SqlAnswer SqlSession::SettingsNamed(const std::string& name) const {
  std::string rows;
  auto add = [&](const std::string& key, const std::string& value) {
    rows += fmt::format("{}({}, {})", rows.empty() ? "" : ", ", engine::QuoteLiteral(key),
                        engine::QuoteLiteral(value));
  };
  for (const auto& [key, value] : settings_) {
    if (name.empty() || key == name) add(key, value);
  }
  if (rows.empty()) add(name, "<undefined>");
  sql::Type text(sql::TypeId::kString);
  return {fmt::format("(SELECT * FROM (VALUES {}) AS settings(c0, c1))", rows),
          {{"key", text, false, ""}, {"value", text, false, ""}}};
}

void SqlSession::Reset(const std::string& name) {
  static const std::map<std::string, std::string> kStart = {
      {kAnsi, "false"}, {kTimeZone, "UTC"}, {kCaseSensitive, "false"}};
  for (const auto& [key, value] : kStart) {
    if (name.empty() || key == name)
      std::ignore = Set(key, value);  // the values that every session starts with
  }
  std::erase_if(settings_, [&](const auto& entry) {
    return !kStart.contains(entry.first) && (name.empty() || entry.first == name);
  });
}

Status SqlSession::OpenTables(std::string_view text, Diagnostics* mistakes) {
  std::set<std::string> names = TablesIn(text);
  bool views_read_tables = false;
  for (const View& view : views_) {
    std::set<std::string> in_view = TablesIn(view.text);
    views_read_tables = views_read_tables || !in_view.empty();
    names.insert(in_view.begin(), in_view.end());
  }
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(sql::Relation relation, OpenTable(name, world_.resources, *connection_));
    tables_.insert_or_assign(name, std::move(relation));
  }
  ListRelations();
  if (!views_read_tables) return Ok();
  for (View& view : views_) RETURN_IF_ERROR(Define(&view, mistakes));
  return Ok();
}

void SqlSession::ListRelations() {
  scope_.relations.clear();
  for (const View& view : views_)
    scope_.relations.push_back({view.name, DuckDbView(view.name), view.schema});
  for (const auto& [name, relation] : tables_) scope_.relations.push_back(relation);
}

Result<std::optional<sql::CompiledQuery>> SqlSession::Compile(std::string_view text,
                                                              const SourcePosition& where,
                                                              Diagnostics* mistakes) {
  RETURN_IF_ERROR(OpenTables(text, mistakes));
  auto query = sql::Compile(text, sql::TextPlace(where), scope_, mistakes);
  if (!query) return query;
  for (const auto& function : query->functions)
    RETURN_IF_ERROR(engine::RegisterRuntimeFunction(*connection_, function));
  auto now = std::chrono::duration_cast<std::chrono::microseconds>(clock_->Now().time_since_epoch())
                 .count();
  RETURN_IF_ERROR(connection_->Execute(
      fmt::format("SET VARIABLE flare_batch_timestamp = make_timestamptz({})", now)));
  return query;
}

SqlSession::View* SqlSession::FindView(const std::string& name) {
  auto found = std::ranges::find_if(
      views_, [&](const View& view) { return sql::EqualIgnoreCase(view.name, name); });
  return found == views_.end() ? nullptr : &*found;
}

Status SqlSession::CreateView(const sql::Statement& statement, std::string_view text,
                              const SourcePosition& where, Diagnostics* mistakes) {
  sql::TextPlace place(where);
  View* there = FindView(statement.name);
  if (there != nullptr && !statement.may_replace) {
    Report(mistakes, where, "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS",
           fmt::format("there is a temporary view {} already", statement.name),
           "CREATE OR REPLACE TEMPORARY VIEW");
    return Ok();
  }
  View view{statement.name,
            std::string(text.substr(statement.query)),
            place.At(text, statement.query),
            statement.columns,
            {}};
  RETURN_IF_ERROR(OpenTables(view.text, mistakes));
  size_t before = mistakes->size();
  RETURN_IF_ERROR(Define(&view, mistakes));
  if (HasErrors(Diagnostics(mistakes->begin() + static_cast<ptrdiff_t>(before), mistakes->end())))
    return Ok();
  if (there != nullptr) {
    *there = std::move(view);
  } else {
    views_.push_back(std::move(view));
  }
  ListRelations();
  return Ok();
}

Status SqlSession::Define(View* view, Diagnostics* mistakes) {
  auto query = sql::Compile(view->text, sql::TextPlace(view->where), scope_, mistakes);
  if (!query) return Ok();
  if (!view->columns.empty() && view->columns.size() != query->schema.size()) {
    Report(mistakes, view->where, "CREATE_VIEW_COLUMN_ARITY_MISMATCH",
           fmt::format("the view {} names {} columns, its query has {}", view->name,
                       view->columns.size(), query->schema.size()));
    return Ok();
  }
  for (size_t i = 0; i < view->columns.size(); ++i) query->schema[i].name = view->columns[i];
  for (const auto& function : query->functions)
    RETURN_IF_ERROR(engine::RegisterRuntimeFunction(*connection_, function));
  RETURN_IF_ERROR(connection_->Execute(fmt::format("CREATE OR REPLACE TEMP VIEW {} AS {}",
                                                   DuckDbView(view->name), query->duckdb_sql)));
  view->schema = std::move(query->schema);
  return Ok();
}

Status SqlSession::DropView(const sql::Statement& statement, const SourcePosition& where,
                            Diagnostics* mistakes) {
  View* view = FindView(statement.name);
  if (view == nullptr) {
    if (statement.if_exists) return Ok();
    std::vector<std::string> names;
    for (const View& known : views_) names.push_back(known.name);
    std::string near = NearestName(statement.name, names);
    Report(mistakes, where, "TABLE_OR_VIEW_NOT_FOUND",
           fmt::format("there is no temporary view {}", statement.name), "",
           near.empty() ? "" : fmt::format("did you mean {}?", near));
    return Ok();
  }
  RETURN_IF_ERROR(connection_->Execute("DROP VIEW IF EXISTS " + DuckDbView(view->name)));
  views_.erase(views_.begin() + (view - views_.data()));
  ListRelations();
  return Ok();
}

}  // namespace flare::cli
