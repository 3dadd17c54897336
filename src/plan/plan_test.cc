#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "manifest/loader.h"
#include "plan/job_plan.h"

namespace flare::plan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

sql::Schema KafkaLike() {
  return {{"key", sql::Type(sql::TypeId::kBinary), true, ""},
          {"value", sql::Type(sql::TypeId::kBinary), true, ""},
          {"offset", sql::Type(sql::TypeId::kLong), true, ""}};
}

/// A registry of two connectors that connect to nothing.
connector::Registry TwoConnectors() {
  connector::Connector queue;
  queue.name = "kafka";
  queue.depot_types = {"KAFKA"};
  queue.formats = {"kafkajson"};
  queue.source_schema = [](const manifest::Input&, const manifest::Address&, Diagnostics*) { return KafkaLike(); };
  connector::Connector table;
  table.name = "iceberg";
  table.depot_types = {"FILE"};
  table.formats = {"iceberg"};
  table.guarantee = connector::Guarantee::kExactlyOnce;
  connector::Registry registry;
  registry.Add(queue);
  registry.Add(table);
  return registry;
}

class PlanTest : public ::testing::Test {
 protected:
  /// Plans a job whose `job:` section is `body`, indented by 10 spaces there.
  std::optional<JobPlan> PlanBody(const std::string& body) {
    std::string text =
        "version: v1\nname: w\ntype: workflow\nworkflow:\n  dag:\n    - name: j\n      spec:\n        stack: flare:6.0\n"
        "        compute: runnable-default\n        stackSpec:\n          job:\n" + body +
        "---\nname: stkafka\nversion: v1\ntype: depot\ndepot:\n  type: KAFKA\n  spec:\n    brokers: [\"127.0.0.1:1\"]\n";
    Diagnostics ignored;
    resources_ = manifest::Resources::Load({}, "/tmp/flare-plan-test-lakehouse", {}, &ignored);
    manifest::LoadOptions options;
    auto loaded = manifest::LoadText(text, "job.yaml", options);
    for (const auto& d : loaded.diagnostics) {
      if (d.severity == Severity::kError) ADD_FAILURE() << ToText(d);
    }
    resources_.Override(loaded.resources);
    diagnostics_.clear();
    if (loaded.workflows.empty() || loaded.workflows[0].jobs.empty()) return std::nullopt;
    return Plan(loaded.workflows[0].jobs[0], resources_, registry_, &diagnostics_);
  }
  std::string Reported() const {
    std::string text;
    for (const auto& d : diagnostics_) text += ToText(d) + "\n";
    return text;
  }

  manifest::Resources resources_;
  connector::Registry registry_ = TwoConnectors();
  Diagnostics diagnostics_;
};

constexpr char kInput[] = R"(            streaming: {triggerMode: AvailableNow, checkpointLocation: 'dataos://lakehouse:ck/one'}
            inputs:
              - {name: events, dataset: 'dataos://stkafka:default/t', isStream: true, options: {startingOffsets: earliest}}
)";

TEST_F(PlanTest, WithoutStepsTheInputItselfIsWritten) {
  auto plan = PlanBody(std::string(kInput) + R"(            outputs:
              - {name: events, dataset: 'dataos://lakehouse:s/t?acl=rw', format: Iceberg}
)");
  ASSERT_TRUE(plan) << Reported();
  EXPECT_EQ(plan->outputs[0].relation, "flare_source_0()");
  EXPECT_EQ(plan->outputs[0].schema.size(), 3u);
  EXPECT_THAT(plan->checkpoint_directory, HasSubstr("/tmp/flare-plan-test-lakehouse"));
}

TEST_F(PlanTest, EachStepSeesTheEarlierOnesAndItsFunctionsTakeItsPlace) {
  auto plan = PlanBody(std::string(kInput) + R"(            steps:
              - sequence:
                  - name: texts
                    sql: SELECT CAST(value AS STRING) AS body, offset FROM events
                    functions:
                      - {name: rename, column: body, asColumn: text}
                  - name: final
                    sql: SELECT text, offset + 1 AS next FROM texts
            outputs:
              - {name: final, dataset: 'dataos://lakehouse:s/t?acl=rw', format: Iceberg}
)");
  ASSERT_TRUE(plan) << Reported();
  std::vector<std::string> names;
  for (const auto& field : plan->outputs[0].schema) names.push_back(field.name + " " + field.type.ToSimpleString());
  EXPECT_THAT(names, ElementsAre("text string", "next bigint"));
  EXPECT_EQ(plan->views.size(), 3u);
  EXPECT_EQ(plan->views[0].preview_sql, "") << "nobody asked for previews";
}

TEST_F(PlanTest, PreviewsAreStatementsOverTheirStep) {
  auto plan = PlanBody("            showPreviewLines: 2\n" + std::string(kInput) + R"(            steps:
              - sequence:
                  - name: raw
                    sql: SELECT value, offset FROM events
            outputs:
              - {name: raw, dataset: 'dataos://lakehouse:s/t?acl=rw', format: Iceberg}
)");
  ASSERT_TRUE(plan) << Reported();
  EXPECT_THAT(plan->views[0].preview_sql, HasSubstr("flare_view_0"));
}

TEST_F(PlanTest, OneBrokenStepIsReportedOnceThoughLaterStepsReadIt) {
  auto plan = PlanBody(std::string(kInput) + R"(            steps:
              - sequence:
                  - name: a
                    sql: SELECT missing FROM events
                  - name: b
                    sql: SELECT * FROM a
            outputs:
              - {name: b, dataset: 'dataos://lakehouse:s/t?acl=rw', format: Iceberg}
)");
  EXPECT_FALSE(plan);
  EXPECT_EQ(diagnostics_.size(), 1u) << Reported();
  EXPECT_THAT(Reported(), HasSubstr("UNRESOLVED_COLUMN"));
}

TEST_F(PlanTest, ColumnsThatATableCannotTellApartAreReportedAtTheirStep) {
  auto plan = PlanBody(std::string(kInput) + R"(            steps:
              - sequence:
                  - name: twice
                    sql: SELECT offset k, value K FROM events
            outputs:
              - {name: twice, dataset: 'dataos://lakehouse:s/t?acl=rw', format: Iceberg}
)");
  EXPECT_FALSE(plan);
  ASSERT_EQ(diagnostics_.size(), 1u) << Reported();
  EXPECT_EQ(diagnostics_[0].code, "COLUMN_ALREADY_EXISTS");
  EXPECT_EQ(diagnostics_[0].where.column, 26);
  EXPECT_THAT(Reported(), HasSubstr("k and K"));
}

TEST_F(PlanTest, UnknownFormatNamesTheKnownOnesAndTheNearest) {
  auto plan = PlanBody(std::string(kInput) + R"(            outputs:
              - {name: events, dataset: 'dataos://lakehouse:s/t?acl=rw', format: Icberg}
)");
  EXPECT_FALSE(plan);
  EXPECT_THAT(Reported(), HasSubstr("did you mean iceberg?"));
}

TEST_F(PlanTest, C017_LimitsAreReadAndOnceIgnoresThemWithAWarning) {
  std::string body = kInput;
  body.replace(body.find("earliest"), 8, "earliest, maxOffsetsPerTrigger: 500");
  std::string output = "            outputs:\n              - {name: events, dataset: 'dataos://lakehouse:s/t?acl=rw', format: Iceberg}\n";
  auto plan = PlanBody(body + output);
  ASSERT_TRUE(plan) << Reported();
  EXPECT_FALSE(plan->sources[0].limit.all_available);
  EXPECT_EQ(plan->sources[0].limit.max_records, 500);
  body.replace(body.find("AvailableNow"), 12, "Once");
  plan = PlanBody(body + output);
  ASSERT_TRUE(plan) << Reported();
  EXPECT_TRUE(plan->sources[0].limit.all_available);
  EXPECT_THAT(Reported(), HasSubstr("triggerMode Once ignores"));
  body.replace(body.find("500"), 3, "none");
  EXPECT_FALSE(PlanBody(body + output));
  EXPECT_THAT(Reported(), HasSubstr("maxOffsetsPerTrigger of input events is not a positive number"));
}

TEST_F(PlanTest, ACheckpointInATableOrAroundItIsRefused) {
  for (const char* place : {"s/t", "s/t/data", "s"}) {
    std::string body = kInput;
    body.replace(body.find("ck/one"), 6, place);
    EXPECT_FALSE(PlanBody(body + "            outputs:\n              - {name: events, dataset: 'dataos://lakehouse:s/t?acl=rw', format: Iceberg}\n"))
        << place;
    EXPECT_THAT(Reported(), HasSubstr("the checkpoint and output events share a folder"));
  }
}

TEST_F(PlanTest, TheJsonIsJsonAndHidesSecrets) {
  std::string body = kInput;
  body.replace(body.find("earliest"), 8, "earliest, kafka.sasl.jaas.config: hunter2");
  auto plan = PlanBody(body + "            outputs:\n              - {name: events, dataset: 'dataos://lakehouse:s/t?acl=rw', format: Iceberg}\n");
  ASSERT_TRUE(plan) << Reported();
  auto json = nlohmann::json::parse(plan->ToJson());
  EXPECT_EQ(json["outputs"][0]["guarantee"], "exactly-once");
  EXPECT_THAT(plan->ToJson() + plan->ToText(), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace flare::plan
