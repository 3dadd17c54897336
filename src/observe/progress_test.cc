#include "observe/progress.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace flare::observe {
namespace {

BatchProgress Sample() {
  BatchProgress batch;
  batch.query_id = "6f1f";
  batch.run_id = "0c77";
  batch.name = "orders_to_lake";
  batch.trigger_start = WallTime(Millis(1770113700000));
  batch.batch_id = 41;
  batch.batch_duration = Millis(812);
  batch.duration_ms = {{"triggerExecution", 812}, {"addBatch", 600}, {"walCommit", 35}};
  batch.input_rows_per_second = 20;
  batch.processed_rows_per_second = 1477.8;
  batch.sink_description = "IcebergWrite(table=stream.orders)";
  batch.output_rows = 1200;
  SourceProgress source;
  source.description = "KafkaV2[Subscribe[orders]]";
  source.start_offset = R"({"orders":{"0":10}})";
  source.end_offset = R"({"orders": {"0": 1210}})";
  source.latest_offset = R"({"orders":{"0":1300}})";
  source.input_rows = 1200;
  source.metrics = {{"avgOffsetsBehindLatest", "90.0"}, {"maxOffsetsBehindLatest", "90"}};
  batch.sources.push_back(source);
  return batch;
}

TEST(Progress, JsonIsSparksFieldForField) {
  EXPECT_EQ(
      Sample().ToJson(),
      R"j({"id":"6f1f","runId":"0c77","name":"orders_to_lake","timestamp":"2026-02-03T10:15:00.000Z",)j"
      R"j("batchId":41,"batchDuration":812,"numInputRows":1200,"inputRowsPerSecond":20.0,)j"
      R"j("processedRowsPerSecond":1477.8,"durationMs":{"addBatch":600,"triggerExecution":812,"walCommit":35},)j"
      R"j("stateOperators":[],"sources":[{"description":"KafkaV2[Subscribe[orders]]",)j"
      R"j("startOffset":{"orders":{"0":10}},"endOffset":{"orders":{"0":1210}},"latestOffset":{"orders":{"0":1300}},)j"
      R"j("numInputRows":1200,"inputRowsPerSecond":20.0,"processedRowsPerSecond":1477.8,)j"
      R"j("metrics":{"avgOffsetsBehindLatest":"90.0","maxOffsetsBehindLatest":"90"}}],)j"
      R"j("sink":{"description":"IcebergWrite(table=stream.orders)","numOutputRows":1200}})j");
}

TEST(Progress, C060_WhatIsMissingIsNullOrLeftOutAsInSpark) {
  BatchProgress batch = Sample();
  batch.name.clear();
  batch.duration_ms.clear();
  batch.input_rows_per_second = std::numeric_limits<double>::quiet_NaN();
  batch.processed_rows_per_second = std::numeric_limits<double>::infinity();
  batch.sources[0].start_offset.reset();
  batch.sources[0].latest_offset.reset();
  batch.sources[0].metrics.clear();
  std::string json = batch.ToJson();
  EXPECT_NE(json.find(R"("name":null,)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("startOffset":null,"endOffset":{)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("latestOffset":null,"numInputRows":1200}])"), std::string::npos) << json;
  EXPECT_EQ(json.find("PerSecond"), std::string::npos) << json;
  EXPECT_EQ(json.find("durationMs"), std::string::npos) << json;
  EXPECT_EQ(json.find("metrics"), std::string::npos) << json;
}

TEST(Progress, OffsetsThatAreNoJsonStayText) {
  BatchProgress batch = Sample();
  batch.sources[0].end_offset = "file \"7\"";
  EXPECT_NE(batch.ToJson().find(R"("endOffset":"file \"7\"",)"), std::string::npos);
}

TEST(Progress, RatesPrintAsTheJvmPrintsDoubles) {
  BatchProgress batch = Sample();
  batch.input_rows_per_second = 0;
  batch.processed_rows_per_second = 16'000'000;
  EXPECT_NE(batch.ToJson().find(R"("inputRowsPerSecond":0.0,"processedRowsPerSecond":1.6E7,)"),
            std::string::npos);
  batch.processed_rows_per_second = 1e7;
  EXPECT_NE(batch.ToJson().find(R"("processedRowsPerSecond":1.0E7,)"), std::string::npos);
  batch.processed_rows_per_second = 0.0004;
  EXPECT_NE(batch.ToJson().find(R"("processedRowsPerSecond":4.0E-4,)"), std::string::npos);
}

TEST(Progress, SeveralSourcesShareTheRates) {
  BatchProgress batch = Sample();
  SourceProgress second = batch.sources[0];
  second.input_rows = 400;
  batch.sources[0].input_rows = 1200;
  batch.sources.push_back(second);
  batch.input_rows_per_second = 16;
  EXPECT_EQ(batch.input_rows(), 1600);
  auto json = nlohmann::json::parse(batch.ToJson());
  EXPECT_EQ(json["numInputRows"], 1600);
  EXPECT_EQ(json["sources"][0]["inputRowsPerSecond"], 12.0);
  EXPECT_EQ(json["sources"][1]["inputRowsPerSecond"], 4.0);
}

TEST(Progress, BrokenTextNeverBreaksTheLine) {
  BatchProgress batch = Sample();
  batch.name = "a\nb\xff";
  std::string json = batch.ToJson();
  EXPECT_EQ(json.find('\n'), std::string::npos);
  EXPECT_TRUE(nlohmann::json::accept(json));
}

}  // namespace
}  // namespace flare::observe
