// Runs recorded Spark answers through the SQL front end and DuckDB: names, types and rows must be Spark's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "engine/database.h"
#include "engine/spark_functions.h"
#include "sql/coercion.h"
#include "sql/compile.h"

namespace flare::sql {
namespace {

using Json = nlohmann::json;

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::filesystem::path DataFolder() { return std::filesystem::path(FLARE_SQL_CASES); }

/// The relations that tables.sql declares.
Scope TestScope(bool ansi) {
  Scope scope;
  scope.ansi = ansi;
  std::ifstream file(DataFolder() / "tables.sql");
  const std::string mark = "-- table: ";
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(mark)) continue;
    size_t colon = line.find(':', mark.size());
    std::string name = line.substr(mark.size(), colon - mark.size());
    auto schema = ParseSchemaDdl(line.substr(colon + 2));
    if (schema.has_value()) scope.relations.push_back({name, "spark_" + name, *std::move(schema)});
  }
  return scope;
}

bool SameText(const std::string& a, const std::string& b) {
  if (a == b) return true;
  char* end_a = nullptr;
  char* end_b = nullptr;
  double x = std::strtod(a.c_str(), &end_a);
  double y = std::strtod(b.c_str(), &end_b);
  bool numbers = !a.empty() && !b.empty() && *end_a == 0 && *end_b == 0;
  bool real = a.find_first_of(".E") != std::string::npos || b.find_first_of(".E") != std::string::npos;
  return numbers && real && std::abs(x - y) <= 1e-9 * std::max(std::abs(x), std::abs(y));
}

using Row = std::vector<std::optional<std::string>>;

bool SameRow(const Row& a, const Row& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.has_value() == y.has_value() && (!x.has_value() || SameText(*x, *y));
  });
}

std::string ToText(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) {
    text += "[";
    for (const auto& value : row) text += (value ? *value : "NULL") + "|";
    text += "]";
  }
  return text.substr(0, 400);
}

class SparkCases {
 public:
  SparkCases() {
    auto database = engine::Database::Open({});
    if (!database.has_value()) throw std::runtime_error(database.error().ToText());
    database_ = *std::move(database);
    connection_ = *database_->Connect();
    auto made = connection_->Execute(ReadAll(DataFolder() / "tables.sql"));
    if (!made.has_value()) throw std::runtime_error(made.error().ToText());
    auto now = connection_->Execute("SET VARIABLE flare_batch_timestamp = TIMESTAMPTZ '2024-01-15 10:30:00+00'");
    if (!now.has_value()) throw std::runtime_error(now.error().ToText());
  }

  /// "" when the answer is Spark's, else what differs.
  std::string Run(const Json& test, bool ansi) {
    const Json& expected = ansi && test.contains("ansi_on") ? test["ansi_on"] : test["ansi_off"];
    Diagnostics diagnostics;
    auto compiled = Compile(test["sql"].get<std::string>(), TextPlace(), TestScope(ansi), &diagnostics);
    bool fails = expected.contains("error");
    if (!compiled) {
      const Diagnostic* error = nullptr;
      for (const Diagnostic& diagnostic : diagnostics) {
        if (error == nullptr && diagnostic.severity == Severity::kError) error = &diagnostic;
      }
      std::string said = error == nullptr ? "no diagnostic" : error->code + ": " + error->message;
      bool refused = error != nullptr && (error->code.starts_with("UNSUPPORTED") || error->code == "UNRESOLVED_ROUTINE");
      if (fails && !refused) return "";
      return (refused ? "REFUSED " : "COMPILE ") + said;
    }
    if (!fails) {
      for (size_t i = 0; i < compiled->schema.size(); ++i) {
        std::string name = i < expected["names"].size() ? expected["names"][i].get<std::string>() : "(none)";
        std::string type = i < expected["types"].size() ? expected["types"][i].get<std::string>() : "(none)";
        if (compiled->schema[i].name != name) return "NAME " + compiled->schema[i].name + " instead of " + name;
        if (compiled->schema[i].type.ToSimpleString() != type) return "TYPE " + compiled->schema[i].type.ToSimpleString() + " instead of " + type;
      }
      if (compiled->schema.size() != expected["names"].size()) return "COUNT of columns";
    }
    for (const RuntimeFunction& function : compiled->functions) {
      auto registered = engine::RegisterRuntimeFunction(*connection_, function);
      if (!registered.has_value()) return "REGISTER " + registered.error().ToText();
    }
    std::string sql = "SELECT ";
    for (size_t i = 0; i < compiled->schema.size(); ++i) {
      const Type& type = compiled->schema[i].type;
      std::string column = DuckDbColumnName(i);
      if (type.is(TypeId::kVoid)) column = "CAST(" + column + " AS VARCHAR)";
      else if (type.is(TypeId::kBinary)) column = "hex(" + column + ")";
      else if (CanCast(type, Type(TypeId::kString), false)) column = CastSql(column, type, Type(TypeId::kString), CastMode::kLegacy, "UTC");
      sql += (i > 0 ? ", " : "") + column;
    }
    auto result = connection_->Query(sql + " FROM (" + compiled->duckdb_sql + ")");
    if (!result.has_value()) return fails ? "" : "ENGINE " + result.error().ToText() + "\n      " + compiled->duckdb_sql;
    if (fails) return "NO ERROR but Spark says " + expected["error"].get<std::string>();
    std::vector<Row> rows;
    for (const auto& row : expected["rows"]) {
      Row& out = rows.emplace_back();
      for (const auto& value : row) out.push_back(value.is_null() ? std::nullopt : std::optional(value.get<std::string>()));
    }
    std::vector<Row> found(result->rows.begin(), result->rows.end());
    if (!test["ordered"].get<bool>()) {
      std::sort(rows.begin(), rows.end());
      std::sort(found.begin(), found.end());
    }
    bool same = rows.size() == found.size() && std::equal(rows.begin(), rows.end(), found.begin(), SameRow);
    if (same) return "";
    return "ROWS " + ToText(found) + " instead of " + ToText(rows) + "\n      " + compiled->duckdb_sql.substr(0, 600);
  }

 private:
  std::unique_ptr<engine::Database> database_;
  std::unique_ptr<engine::Connection> connection_;
};

std::set<std::string> KnownDifferences() {
  std::set<std::string> ids;
  std::ifstream file(DataFolder() / "differences.txt");
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') ids.insert(line.substr(0, line.find(' ')));
  }
  return ids;
}

void RunFile(const std::string& name) {
  SparkCases cases;
  std::set<std::string> known = KnownDifferences();
  std::ifstream file(DataFolder() / name);
  int passed = 0;
  int all = 0;
  for (std::string line; std::getline(file, line);) {
    Json test = Json::parse(line);
    for (bool ansi : {false, true}) {
      std::string id = test["id"].get<std::string>() + (ansi ? "+ansi" : "");
      std::string difference = cases.Run(test, ansi);
      ++all;
      if (difference.empty()) {
        ++passed;
        EXPECT_FALSE(known.contains(id)) << id << " gives Spark's answer now: take it out of differences.txt";
      } else if (!known.contains(id)) {
        ADD_FAILURE() << id << ": " << test["sql"].get<std::string>() << "\n    " << difference;
      }
    }
  }
  std::cout << name << ": " << passed << " of " << all << " answers are Spark's\n";
  EXPECT_GT(all, 0);
}

TEST(SparkCases, FunctionsAnswerAsSpark) { RunFile("functions.jsonl"); }
TEST(SparkCases, StatementsAnswerAsSpark) { RunFile("statements.jsonl"); }

}  // namespace
}  // namespace flare::sql
