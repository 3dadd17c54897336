#include "manifest/loader.h"

#include "base/test_matchers.h"

namespace flare::manifest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A whole manifest around the lines of a `job` section, each indented by two blanks.
std::string WithJob(const std::string& lines, const std::string& schedule = "") {
  return "version: v1\nname: w\ntype: workflow\nworkflow:\n" + schedule +
         "  dag:\n  - name: j\n    spec:\n      stack: flare\n      compute: c\n      stackSpec:\n "
         "      job:\n" +
         lines;
}

constexpr const char* kInput =
    "        inputs: [{name: i, dataset: 'dataos://k:none/t', format: kafkajson, isStream: "
    "true}]\n";
constexpr const char* kOutput =
    "        outputs: [{name: i, dataset: 'dataos://lakehouse:c/t?acl=rw'}]\n";

struct Loaded {
  LoadedManifest manifest;
  const Job& job() const { return manifest.workflows.at(0).jobs.at(0); }
  std::vector<std::string> codes() const {
    std::vector<std::string> codes;
    for (const auto& diagnostic : manifest.diagnostics) codes.push_back(diagnostic.code);
    return codes;
  }
};

Loaded LoadJob(const std::string& lines, const LoadOptions& options = {},
               const std::string& schedule = "") {
  return {LoadText(WithJob(lines, schedule), "m.yaml", options)};
}
Loaded WithStreaming(const std::string& streaming, const std::string& output_options = "{}") {
  return LoadJob("        streaming: " + streaming + "\n" + kInput +
                 "        outputs: [{name: i, dataset: 'dataos://lakehouse:c/t', options: " +
                 output_options + "}]\n");
}

TEST(Loader, BatchModeCountsOnlyWithoutForEachBatchModeAndContinuous) {
  auto each = [](const std::string& keys) {
    return WithStreaming("{checkpointLocation: /c, " + keys + "}").job().streaming.for_each_batch;
  };
  EXPECT_FALSE(each("triggerMode: Once"));
  EXPECT_TRUE(each("triggerMode: Once, batchMode: true"));
  EXPECT_TRUE(each("triggerMode: once, forEachBatchMode: 'true'"));
  EXPECT_TRUE(each("foreachBatchMode: true"));
  EXPECT_TRUE(each("batchMode: false, forEachBatchMode: true"));
  EXPECT_FALSE(each("batchMode: true, forEachBatchMode: false"));
  EXPECT_FALSE(each("batchMode: true, triggerMode: Continuous, triggerDuration: 1s"));
}

TEST(Loader, CheckpointIsTakenFieldByField) {
  auto loaded =
      WithStreaming("{triggerMode: Once, checkpointLocation: /a}", "{checkpointLocation: /b}");
  EXPECT_EQ(*loaded.job().streaming.checkpoint, "/a");
  EXPECT_THAT(loaded.codes(), ElementsAre("two-checkpoints"));
  EXPECT_EQ(
      *WithStreaming("{triggerMode: Once}", "{checkpointLocation: /b}").job().streaming.checkpoint,
      "/b");
  auto output =
      LoadJob(std::string("        streaming: {triggerMode: Once}\n") + kInput +
              "        outputs: [{name: i, dataset: /d, format: csv, checkpointLocation: /e}]\n");
  EXPECT_EQ(*output.job().streaming.checkpoint, "/e");
  EXPECT_THAT(output.codes(), ElementsAre());
}

TEST(Loader, SaveModeDefaultsByKindOfJob) {
  EXPECT_EQ(WithStreaming("{checkpointLocation: /c}").job().outputs.at(0).save_mode,
            SaveMode::kAppend);
  auto batch =
      LoadJob(std::string("        inputs: [{name: i, dataset: /d, format: csv}]\n") + kOutput);
  EXPECT_EQ(batch.job().outputs.at(0).save_mode, SaveMode::kOverwrite);
  EXPECT_THAT(batch.codes(), ElementsAre());
}

TEST(Loader, OverwriteOnAStreamAppendsUnlessForEachBatch) {
  auto plain = WithStreaming("{checkpointLocation: /c}", "{saveMode: Overwrite}");
  EXPECT_EQ(plain.job().outputs.at(0).save_mode, SaveMode::kAppend);
  EXPECT_THAT(plain.codes(), ElementsAre("overwrite-stream"));
  auto each =
      WithStreaming("{checkpointLocation: /c, forEachBatchMode: true}", "{saveMode: overwrite}");
  EXPECT_EQ(each.job().outputs.at(0).save_mode, SaveMode::kOverwrite);
  EXPECT_THAT(each.codes(), ElementsAre("overwrite-stream"));
}

TEST(Loader, PreviewLinesInEitherPlace) {
  EXPECT_EQ(WithStreaming("{checkpointLocation: /c, showPreviewLines: 5}").job().show_preview_lines,
            5);
  auto both = LoadJob(std::string("        showPreviewLines: 7\n        streaming: "
                                  "{checkpointLocation: /c, showPreviewLines: 5}\n") +
                      kInput + kOutput);
  EXPECT_EQ(both.job().show_preview_lines, 7);
}

TEST(Loader, DurationOfAnOutputCountsWhereStreamingHasNone) {
  auto loaded = WithStreaming("{checkpointLocation: /c, triggerMode: ProcessingTime}",
                              "{extraOptions: {triggerDuration: 7s}}");
  EXPECT_EQ(loaded.job().streaming.trigger_interval, Millis(7000));
  EXPECT_THAT(loaded.codes(), ElementsAre());
}

TEST(Loader, ScheduledStreamWithoutSectionRunsWhatIsAvailable) {
  auto loaded = LoadJob(std::string(kInput) + kOutput, {},
                        "  schedule: {cron: '*/2 * * * *', concurrencyPolicy: forbid}\n");
  EXPECT_EQ(loaded.job().streaming.trigger, TriggerMode::kAvailableNow);
  EXPECT_EQ(*loaded.job().streaming.checkpoint, "dataos://lakehouse:checkpoints/w/j?acl=rw");
  EXPECT_THAT(loaded.codes(),
              testing::UnorderedElementsAre("scheduled-stream", "missing-checkpoint"));
  EXPECT_EQ(loaded.manifest.workflows[0].schedule->concurrency_policy, "Forbid");
}

TEST(Loader, EphemeralCheckpointOnRequest) {
  LoadOptions options;
  options.allow_ephemeral_checkpoint = true;
  auto loaded =
      LoadJob(std::string("        streaming: {triggerMode: Once}\n") + kInput + kOutput, options);
  EXPECT_FALSE(HasErrors(loaded.manifest.diagnostics));
  EXPECT_EQ(*loaded.job().streaming.checkpoint, "");
}

TEST(Loader, FunctionArgumentsKeepTheirShape) {
  auto loaded = LoadJob(std::string("        streaming: {checkpointLocation: /c}\n") + kInput +
                        "        steps:\n        - sequence:\n          - name: s\n            "
                        "sql: SELECT 1\n            functions:\n"
                        "            - name: drop\n              columns: [a, \"b\"]\n"
                        "            - {name: set_type, columns: {x: int, y: \"1\"}}\n"
                        "            - {name: rename, column: a, asColumn: b}\n"
                        "            - name: cleanse_column_names\n"
                        "        outputs: [{name: s, dataset: /d, format: csv}]\n");
  EXPECT_THAT(loaded.codes(), ElementsAre());
  const auto& functions = loaded.job().steps.at(0).functions;
  ASSERT_EQ(functions.size(), 4u);
  EXPECT_EQ(*functions[0].name, "drop");
  ASSERT_EQ(functions[0].arguments.size(), 1u);
  EXPECT_EQ(functions[0].arguments[0].shape, FunctionArgument::kList);
  EXPECT_EQ(*functions[0].arguments[0].list.at(1), "b");
  EXPECT_EQ(functions[1].arguments[0].shape, FunctionArgument::kMap);
  EXPECT_EQ(*functions[1].arguments[0].map.at(1).first, "y");
  EXPECT_EQ(*functions[1].arguments[0].map.at(1).second, "1");
  EXPECT_EQ(functions[2].arguments.at(1).name, "asColumn");
  EXPECT_EQ(*functions[2].arguments[1].scalar, "b");
  EXPECT_TRUE(functions[3].arguments.empty());
}

TEST(Loader, OutputOptions) {
  auto loaded = LoadJob(
      std::string("        streaming: {checkpointLocation: /c, forEachBatchMode: true}\n") +
      kInput +
      "        outputs:\n        - name: i\n          dataset: dataos://lakehouse:c?acl=rw\n       "
      "   format: ICEBERG\n          driver: d\n"
      "          options:\n            saveMode: append\n            extraOptions: {branch: b}\n   "
      "         keyColumn: k\n"
      "            partitionBy: [a]\n"
      "            sort: {mode: global, columns: [{name: x, order: DESC_NULLS_LAST}, {name: y}]}\n"
      "            iceberg:\n              merge: {onClause: old.a = new.a, whenClause: MATCHED "
      "THEN DELETE}\n"
      "              partitionSpec:\n              - {type: days, column: at, asColumn: at_day}\n"
      "              - {type: bucket, column: id, numBuckets: 16}\n");
  EXPECT_THAT(loaded.codes(), ElementsAre());
  const Output& output = loaded.job().outputs.at(0);
  EXPECT_EQ(*output.dataset, "dataos://lakehouse:c/i?acl=rw");
  EXPECT_EQ(*output.format, "iceberg");
  EXPECT_EQ(*output.options.at("driver"), "d");
  EXPECT_EQ(*output.options.at("keyColumn"), "k");
  EXPECT_EQ(*output.extra_options.at("branch"), "b");
  EXPECT_EQ(*output.partition_by.at(0), "a");
  EXPECT_TRUE(output.sort_global);
  EXPECT_TRUE(output.sort.at(0).descending);
  EXPECT_EQ(output.sort[0].nulls_first, false);
  EXPECT_FALSE(output.sort.at(1).descending);
  EXPECT_EQ(output.merge_when_clause, "WHEN MATCHED THEN DELETE");
  EXPECT_EQ(*output.partition_spec.at(0).type, "day");
  EXPECT_EQ(*output.partition_spec[0].name, "at_day");
  EXPECT_EQ(output.partition_spec.at(1).parameter, 16);
}

TEST(Loader, InputOptions) {
  auto loaded =
      LoadJob(std::string("        streaming: {checkpointLocation: /c}\n") +
              "        inputs:\n        - name: i\n          dataset: dataos://k:none/t\n          "
              "format: KafkaJson\n          isStream: True\n"
              "          schemaString: a INT\n          schemaType: DDL\n          schemaId: 7\n"
              "          options:\n            kafka.max.poll.records: 10\n            kafka: "
              "{sasl: {mechanism: PLAIN}}\n"
              "            watermark: {column: at, delay: 10 minutes}\n" +
              kOutput);
  EXPECT_THAT(loaded.codes(), ElementsAre());
  const Input& input = loaded.job().inputs.at(0);
  EXPECT_EQ(*input.format, "kafkajson");
  EXPECT_TRUE(input.is_stream);
  EXPECT_EQ(*input.schema_string, "a INT");
  EXPECT_EQ(input.schema.type, "ddl");
  EXPECT_EQ(input.schema.id, 7);
  EXPECT_EQ(*input.options.at("kafka.max.poll.records"), "10");
  EXPECT_EQ(*input.options.at("kafka.sasl.mechanism"), "PLAIN");
  ASSERT_TRUE(input.watermark);
  EXPECT_EQ(*input.watermark->column, "at");
  EXPECT_EQ(input.watermark->delay, Millis(600'000));
  EXPECT_EQ(input.options.at("kafka.max.poll.records").where.line, 22);
}

TEST(Loader, OldSinkNamesTheOutputsView) {
  auto loaded = LoadJob(
      std::string("        streaming: {checkpointLocation: /c}\n") + kInput +
      "        steps:\n        - sequence: [{name: s, sql: SELECT 1}]\n"
      "          sink: [{sequenceName: s, datasetName: t, outputName: o, outputType: Iceberg, "
      "title: T,\n"
      "                  outputOptions: {saveMode: append, iceberg: {properties: {a: b}}}}]\n"
      "        outputs: [{name: o, depot: 'dataos://lakehouse:c?acl=rw'}]\n");
  EXPECT_THAT(loaded.codes(), ElementsAre("deprecated"));
  const Output& output = loaded.job().outputs.at(0);
  EXPECT_EQ(*output.name, "s");
  EXPECT_EQ(*output.dataset, "dataos://lakehouse:c/t?acl=rw");
  EXPECT_EQ(*output.format, "iceberg");
  EXPECT_EQ(output.title, "T");
  EXPECT_EQ(*output.iceberg_properties.at("a"), "b");
}

TEST(Loader, InlineSourcesAndTargets) {
  auto loaded = LoadJob(
      "        streaming: {checkpointLocation: /c}\n"
      "        inputs:\n        - name: i\n          inputType: kafka\n          kafka: {brokers: "
      "'a:1,b:2', topic: t, isBatch: false}\n"
      "        outputs:\n        - name: i\n          outputType: file\n          file: {path: "
      "/out, format: parquet}\n");
  EXPECT_FALSE(HasErrors(loaded.manifest.diagnostics));
  const Input& input = loaded.job().inputs.at(0);
  EXPECT_EQ(*input.dataset, "t");
  EXPECT_EQ(*input.format, "kafkajson");
  EXPECT_TRUE(input.is_stream);
  EXPECT_EQ(*input.options.at("kafka.bootstrap.servers"), "a:1,b:2");
  EXPECT_EQ(*loaded.job().outputs.at(0).dataset, "/out");
  EXPECT_EQ(*loaded.job().outputs[0].format, "parquet");
}

TEST(Loader, IncompleteJobsSaySo) {
  EXPECT_TRUE(WithStreaming("{checkpointLocation: /c}").job().complete);
  EXPECT_FALSE(WithStreaming("{checkpointLocation: '${GONE}'}").job().complete);
  EXPECT_FALSE(LoadJob(kInput).job().complete);
  EXPECT_TRUE(WithStreaming("{triggerMode: Once}").job().complete)
      << "a missing checkpoint does not hide other mistakes";
}

TEST(Loader, VariablesCannotChangeTheStructure) {
  LoadOptions options;
  options.variables = {{"WHERE", "/c\nx: [y"}};
  auto loaded = LoadJob(
      std::string("        streaming: {checkpointLocation: $WHERE}\n") + kInput + kOutput, options);
  EXPECT_EQ(*loaded.job().streaming.checkpoint, "/c\nx: [y");
}

TEST(Loader, AllowUnsetMakesThemEmpty) {
  LoadOptions options;
  options.allow_unset = true;
  auto loaded =
      LoadJob(std::string("        streaming: {checkpointLocation: '/c${X}'}\n") + kInput +
                  "        steps: [{sequence: [{name: s, sql: 'SELECT 1 $Y'}]}]\n        outputs: "
                  "[{name: s, dataset: /d}]\n",
              options);
  EXPECT_EQ(*loaded.job().streaming.checkpoint, "/c");
  EXPECT_EQ(*loaded.job().steps.at(0).sql, "SELECT 1 ");
}

TEST(Loader, TabsInCommentsOneBlankIndentsAndRepeatedTagsAreYaml) {
  auto loaded = LoadText(
      "version: v1\t#\tc\nname: w\ntype: workflow\ntags: [a, a]\nworkflow:\n dag:\n - name: j\n   "
      "spec:\n    stack: flare\n"
      "    stackSpec:\n     job:\n      streaming: {checkpointLocation: /c}\n      inputs:\n      "
      "- {name: i, dataset: /d, format: csv, isStream: true}\n"
      "      outputs:\n      - {name: i, dataset: /e, format: csv}\n",
      "m.yaml", {});
  EXPECT_TRUE(loaded.diagnostics.empty()) << ToText(loaded.diagnostics.front());
  EXPECT_EQ(loaded.workflows.at(0).tags.size(), 2u);
}

TEST(Loader, EndOfAScheduleIsKnown) {
  auto loaded = LoadJob(
      std::string("        streaming: {triggerMode: Once, checkpointLocation: /c}\n") + kInput +
          kOutput,
      {},
      "  schedule: {cron: '0 1 * * *', timezone: Europe/Lisbon, endOn: 2031-03-02T01:30:00Z}\n");
  const Schedule& schedule = *loaded.manifest.workflows.at(0).schedule;
  EXPECT_FALSE(schedule.Ended(*schedule.end_on - Millis(1)));
  EXPECT_TRUE(schedule.Ended(*schedule.end_on));
}

TEST(SortAndDeduplicate, KeepsOneOfEachAtAPlace) {
  Diagnostics diagnostics = {{Severity::kError, {"f", 2, 1}, "a", "m", "", "", ""},
                             {Severity::kError, {"f", 1, 5}, "b", "m", "", "", ""},
                             {Severity::kError, {"f", 2, 1}, "a", "m", "", "", ""},
                             {Severity::kError, {"f", 2, 1}, "c", "m", "", "", ""}};
  SortAndDeduplicate(&diagnostics);
  ASSERT_EQ(diagnostics.size(), 3u);
  EXPECT_EQ(diagnostics[0].code, "b");
  EXPECT_EQ(diagnostics[2].code, "c");
}

}  // namespace
}  // namespace flare::manifest
