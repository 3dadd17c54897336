#include "cli/arguments.h"

#include "base/test_matchers.h"

namespace flare::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class T>
T Parsed(const std::vector<std::string>& words) {
  auto arguments = ParseArguments(words);
  if (!arguments) {
    ADD_FAILURE() << arguments.error().ToText();
    return T();
  }
  if (!std::holds_alternative<T>(*arguments)) {
    ADD_FAILURE() << "another command was read";
    return T();
  }
  return std::get<T>(*arguments);
}

std::string ErrorOf(const std::vector<std::string>& words) {
  auto arguments = ParseArguments(words);
  return arguments ? "no error" : arguments.error().message();
}

TEST(Arguments, RunTakesEverything) {
  auto run = Parsed<RunArguments>({"run",
                                   "job.yaml",
                                   "-e",
                                   "A=1",
                                   "--env",
                                   "B=2",
                                   "--env-file",
                                   "x.env",
                                   "--trigger",
                                   "availablenow",
                                   "--job",
                                   "load",
                                   "--resources",
                                   "a",
                                   "--resources",
                                   "b",
                                   "--lakehouse",
                                   "/l",
                                   "--strict",
                                   "--allow-unset",
                                   "--disable-interpolation",
                                   "--progress-json",
                                   "-",
                                   "--log-level",
                                   "debug",
                                   "--memory",
                                   "512m",
                                   "--threads",
                                   "3",
                                   "--ephemeral-checkpoint",
                                   "--now",
                                   "--quiet"});
  EXPECT_EQ(run.manifest, "job.yaml");
  EXPECT_THAT(run.reading.world.variables, ElementsAre("A=1", "B=2"));
  EXPECT_THAT(run.reading.world.resources, ElementsAre("a", "b"));
  EXPECT_EQ(run.reading.world.env_file, "x.env");
  EXPECT_EQ(run.reading.world.lakehouse, "/l");
  EXPECT_EQ(run.trigger->mode, manifest::TriggerMode::kAvailableNow);
  EXPECT_EQ(run.job, "load");
  EXPECT_TRUE(run.reading.strict && run.reading.allow_unset && run.now && run.quiet);
  EXPECT_TRUE(run.reading.disable_interpolation && run.ephemeral_checkpoint);
  EXPECT_EQ(run.progress_json, "-");
  EXPECT_EQ(run.log_level, manifest::LogLevel::kDebug);
  EXPECT_EQ(run.memory_bytes, int64_t{512} << 20);
  EXPECT_EQ(run.threads, 3);
}

TEST(Arguments, ATriggerMayBringItsInterval) {
  auto timed = Parsed<RunArguments>({"run", "job.yaml", "--trigger", "processingtime=5 minutes"});
  EXPECT_EQ(timed.trigger->mode, manifest::TriggerMode::kProcessingTime);
  EXPECT_EQ(timed.trigger->interval, Millis(300'000));
  EXPECT_FALSE(Parsed<RunArguments>({"run", "job.yaml", "--trigger", "Once"}).trigger->interval);
}

TEST(Arguments, DefaultsSayNothing) {
  auto run = Parsed<RunArguments>({"run", "job.yaml"});
  EXPECT_FALSE(run.trigger || run.log_level || run.now || run.quiet);
  EXPECT_EQ(run.memory_bytes, 0);
  EXPECT_TRUE(run.progress_json.empty());
}

TEST(Arguments, OptionsMayStandBeforeTheManifest) {
  EXPECT_EQ(Parsed<RunArguments>({"run", "-e", "A=1", "job.yaml"}).manifest, "job.yaml");
  EXPECT_EQ(Parsed<RunArguments>({"run", "--resources", "r", "job.yaml"}).manifest, "job.yaml");
  EXPECT_EQ(Parsed<RunArguments>({"run", "--", "-odd.yaml"}).manifest, "-odd.yaml");
}

TEST(Arguments, OtherCommands) {
  EXPECT_THAT(Parsed<LintArguments>({"lint", "a.yaml", "b.yaml", "--format=json"}).manifests,
              ElementsAre("a.yaml", "b.yaml"));
  EXPECT_TRUE(Parsed<ExplainArguments>({"explain", "a.yaml", "--format", "JSON"}).json);
  EXPECT_EQ(Parsed<QueryArguments>({"query", "SELECT 1", "--format", "csv"}).format,
            QueryArguments::Format::kCsv);
  EXPECT_EQ(Parsed<CheckpointArguments>({"checkpoint", "show", "/c", "--last", "3"}).last, 3);
  auto verify = Parsed<CheckpointArguments>({"checkpoint", "verify", "/c", "--table", "a", "--table", "b"});
  EXPECT_EQ(verify.what, CheckpointArguments::What::kVerify);
  EXPECT_THAT(verify.tables, ElementsAre("a", "b"));
  EXPECT_TRUE(Parsed<CheckpointArguments>({"checkpoint", "reset", "j.yaml", "--keep-position"}).keep_position);
  EXPECT_EQ(Parsed<RunArguments>({"run", "j.yaml", "--assume-committed", "4"}).assume_committed, 4);
  EXPECT_EQ(Parsed<DemoArguments>({"demo", "--rows", "10"}).rows, 10);
  Parsed<VersionArguments>({"--version"});
  Parsed<VersionArguments>({"version"});
}

TEST(Arguments, EveryCommandHasHelpWithExamples) {
  EXPECT_THAT(Parsed<HelpText>({"--help"}).text, HasSubstr("Exit codes:"));
  for (const auto& command : CommandNames()) {
    if (command == "help") continue;
    std::string text = Parsed<HelpText>({"help", command}).text;
    EXPECT_THAT(text, HasSubstr("Examples:\n  flare " + command)) << command;
    EXPECT_EQ(text, Parsed<HelpText>({command, "--help"}).text);
  }
}

TEST(Arguments, WrongOnesSayWhatWouldWork) {
  EXPECT_EQ(ErrorOf({}), "flare needs a command");
  EXPECT_EQ(ErrorOf({"rum", "x"}), "there is no command \"rum\"; did you mean run?");
  EXPECT_EQ(ErrorOf({"frobnicate"}),
            "there is no command \"frobnicate\"; the commands are run, lint, explain, query, sql, functions, "
            "checkpoint, maintain, demo, "
            "version, help");
  EXPECT_EQ(ErrorOf({"--quiet", "run"}), "options come behind a command: flare COMMAND --quiet");
  EXPECT_EQ(ErrorOf({"run"}), "flare run needs MANIFEST");
  EXPECT_EQ(ErrorOf({"run", "a", "b"}), "flare run does not expect \"b\"");
  EXPECT_EQ(ErrorOf({"run", "a", "--triger", "Once"}),
            "flare run has no option --triger; did you mean --trigger?");
  EXPECT_EQ(ErrorOf({"run", "--frobnicate"}), "flare run has no option --frobnicate");
  EXPECT_EQ(ErrorOf({"run", "a", "--trigger", "AvailabelNow"}),
            "--trigger cannot be \"AvailabelNow\": it is one of Once, AvailableNow, "
            "ProcessingTime, Continuous; "
            "did you mean AvailableNow?");
  EXPECT_EQ(ErrorOf({"run", "a", "--memory", "lots"}),
            "--memory cannot be \"lots\": give a size such as 512m or 2g");
  EXPECT_THAT(ErrorOf({"run", "a", "--threads", "0"}), HasSubstr("--threads"));
  EXPECT_THAT(ErrorOf({"run", "a", "--threads", "many"}), HasSubstr("--threads"));
  EXPECT_THAT(ErrorOf({"run", "a", "--job"}), HasSubstr("--job"));
  EXPECT_EQ(ErrorOf({"checkpoint"}),
            "flare checkpoint needs to be told what to do: show, verify or reset");
  EXPECT_EQ(ErrorOf({"checkpoint", "drop", "x"}),
            "flare checkpoint cannot \"drop\"; it can: show, verify, reset");
  EXPECT_EQ(ErrorOf({"run", "a", "--replay", "2", "--assume-committed", "2"}),
            "--assume-committed and --replay say opposite things of batch 2");
  EXPECT_THAT(ErrorOf({"run", "a", "--replay", "-2"}), HasSubstr("--replay"));
  EXPECT_EQ(ErrorOf({"lint", "x", "--format", "xml"}),
            "--format cannot be \"xml\": it is one of text, json");
}

}  // namespace
}  // namespace flare::cli
