#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/compile.h"

namespace flare::sql {

/// Two relations for tests: what Kafka yields, and orders of many types.
inline Scope KafkaScope() {
  Scope scope;
  Relation kafka;
  kafka.name = "kafka";
  kafka.duckdb_from = "scan_kafka()";
  kafka.schema = {{"key", Type(TypeId::kBinary), true, ""},          {"value", Type(TypeId::kBinary), true, ""},
                  {"topic", Type(TypeId::kString), false, ""},       {"partition", Type(TypeId::kInt), false, ""},
                  {"offset", Type(TypeId::kLong), false, ""},        {"timestamp", Type(TypeId::kTimestamp), true, ""},
                  {"timestampType", Type(TypeId::kInt), true, ""}};
  scope.relations.push_back(std::move(kafka));
  Relation orders;
  orders.name = "orders";
  orders.duckdb_from = "v_orders";
  orders.schema = *ParseSchemaDdl(
      "id BIGINT NOT NULL, amount DECIMAL(10,2), qty INT, status STRING, ts TIMESTAMP, d DATE, tags ARRAY<STRING>, "
      "attrs MAP<STRING, STRING>, item STRUCT<sku: STRING, box: STRUCT<w: DOUBLE>>, items ARRAY<STRUCT<sku: STRING>>");
  scope.relations.push_back(std::move(orders));
  return scope;
}

/// What became of a statement.
struct Outcome {
  std::optional<CompiledQuery> query;
  Diagnostics diagnostics;

  std::string Said() const {
    std::string text;
    for (const Diagnostic& diagnostic : diagnostics) text += ToText(diagnostic) + "\n";
    return text;
  }
  std::vector<std::string> Codes() const {
    std::vector<std::string> codes;
    for (const Diagnostic& diagnostic : diagnostics) codes.push_back(diagnostic.code);
    return codes;
  }
};

inline Outcome Translate(std::string_view sql, bool ansi = false) {
  Outcome outcome;
  Scope scope = KafkaScope();
  scope.ansi = ansi;
  outcome.query = Compile(sql, TextPlace({"job.yaml", 10, 5}), scope, &outcome.diagnostics);
  return outcome;
}

inline std::string Names(const Outcome& outcome) {
  if (!outcome.query) return outcome.Said();
  std::string names;
  for (const StructField& field : outcome.query->schema) {
    names += (names.empty() ? "" : ", ") + field.name + " " + field.type.ToSimpleString();
  }
  return names;
}

}  // namespace flare::sql
