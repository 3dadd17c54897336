#include "sql/compile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flare::sql {
namespace {

Scope KafkaScope() {
  Scope scope;
  Relation kafka;
  kafka.name = "kafka";
  kafka.duckdb_from = "scan_kafka()";
  kafka.schema = {{"key", Type(TypeId::kBinary), true, ""},          {"value", Type(TypeId::kBinary), true, ""},
                  {"topic", Type(TypeId::kString), false, ""},       {"partition", Type(TypeId::kInt), false, ""},
                  {"offset", Type(TypeId::kLong), false, ""},        {"timestamp", Type(TypeId::kTimestamp), true, ""},
                  {"timestampType", Type(TypeId::kInt), true, ""}};
  scope.relations.push_back(std::move(kafka));
  return scope;
}

TEST(Compile, SelectsStarAndACast) {
  Diagnostics diagnostics;
  auto query = Compile("SELECT *, CAST(key AS STRING) AS k FROM kafka", TextPlace(), KafkaScope(), &diagnostics);
  ASSERT_TRUE(query.has_value()) << (diagnostics.empty() ? "" : ToText(diagnostics[0]));
  EXPECT_EQ(query->duckdb_sql,
            "SELECT t0.c0 AS c0, t0.c1 AS c1, t0.c2 AS c2, t0.c3 AS c3, t0.c4 AS c4, t0.c5 AS c5, t0.c6 AS c6, "
            "spark_decode_utf8(t0.c0) AS c7 FROM scan_kafka() AS t0");
  EXPECT_EQ(query->schema.size(), 8u);
  EXPECT_EQ(query->schema[7].name, "k");
  EXPECT_EQ(query->schema[7].type, Type(TypeId::kString));
  EXPECT_THAT(query->reads, ::testing::ElementsAre("kafka"));
}

}  // namespace
}  // namespace flare::sql
