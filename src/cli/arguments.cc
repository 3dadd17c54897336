#include "cli/arguments.h"

#include <CLI/CLI.hpp>

#include "base/diagnostic.h"
#include "cli/help.h"
#include "engine/memory_budget.h"
#include "manifest/values.h"
#include "observe/units.h"

namespace flare::cli {
namespace {

/// A choice among words, without regard to case.
template <class T>
Result<T> Choose(const std::string& option, const std::string& word,
                 const std::vector<std::pair<std::string, T>>& choices) {
  std::vector<std::string> names;
  for (const auto& [name, value] : choices) {
    if (CLI::detail::to_lower(name) == CLI::detail::to_lower(word)) return value;
    names.push_back(name);
  }
  std::string nearest = NearestName(word, names);
  return InvalidArgument("{} cannot be \"{}\": it is one of {}{}", option, word,
                         fmt::join(names, ", "),
                         nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest));
}

const std::vector<std::pair<std::string, manifest::TriggerMode>> kTriggers = {
    {"Once", manifest::TriggerMode::kOnce},
    {"AvailableNow", manifest::TriggerMode::kAvailableNow},
    {"ProcessingTime", manifest::TriggerMode::kProcessingTime},
    {"Continuous", manifest::TriggerMode::kContinuous},
};
const std::vector<std::pair<std::string, manifest::LogLevel>> kLogLevels = {
    {"DEBUG", manifest::LogLevel::kDebug},
    {"INFO", manifest::LogLevel::kInfo},
    {"WARN", manifest::LogLevel::kWarn},
    {"ERROR", manifest::LogLevel::kError},
};
const std::vector<std::pair<std::string, bool>> kTextOrJson = {{"text", false}, {"json", true}};
const std::vector<std::pair<std::string, QueryArguments::Format>> kQueryFormats = {
    {"table", QueryArguments::Format::kTable},
    {"csv", QueryArguments::Format::kCsv},
    {"json", QueryArguments::Format::kJson},
    {"jsonl", QueryArguments::Format::kJsonLines},
};

/// What the words of a command line are read into before they are checked.
struct Words {
  std::vector<std::string> operands;  ///< what is no option, in order
  std::string trigger, log_level, memory, format;
  int64_t threads = 0;
  RunArguments run;
  ManifestArguments reading;
  QueryArguments query;
  SqlArguments sql;
  FunctionsArguments functions;
  std::vector<std::string> settings;  ///< "KEY=VALUE"
  CheckpointArguments checkpoint;
  MaintainArguments maintain;
  std::string expire_older_than, orphans_older_than;
  int64_t retain_last = 0;
  bool no_writers = false;
  DemoArguments demo;
};

void AddWorld(CLI::App* command, WorldArguments* world, bool with_variables) {
  if (with_variables) {
    command->add_option("-e,--env", world->variables, "Set a variable of the manifest")
        ->type_name("NAME=VALUE")
        ->expected(1)
        ->allow_extra_args(false)  // one value each, or it would swallow the manifest behind it
        ->take_all();
    command
        ->add_option("--env-file", world->env_file,
                     "Read variables from a file of NAME=VALUE lines")
        ->type_name("FILE");
  }
  command
      ->add_option("--resources", world->resources,
                   "Folder with depots and secrets; may be given again")
      ->type_name("DIR")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  command->add_option("--lakehouse", world->lakehouse, "Folder of the built-in lakehouse depot")
      ->type_name("DIR");
}

void AddReading(CLI::App* command, ManifestArguments* reading) {
  AddWorld(command, &reading->world, /*with_variables=*/true);
  command->add_flag("--strict", reading->strict, "Unknown keys are errors");
  command->add_flag("--allow-unset", reading->allow_unset, "Unset variables are empty");
  command->add_flag("--disable-interpolation", reading->disable_interpolation,
                    "Take ${NAME} as it is written");
}

void AddRun(CLI::App* command, Words* words) {
  command->add_option("--job", words->run.job, "Run only this job of the workflow")
      ->type_name("NAME");
  command
      ->add_option("--trigger", words->trigger,
                   "Instead of the manifest's: Once, AvailableNow, ProcessingTime=10s")
      ->type_name("MODE");
  AddReading(command, &words->reading);
  command
      ->add_option("--progress-json", words->run.progress_json,
                   "Append Spark's progress JSON, a line a batch")
      ->type_name("FILE|-");
  command->add_option("--log-level", words->log_level, "DEBUG, INFO, WARN or ERROR")
      ->type_name("LEVEL");
  command->add_option("--memory", words->memory, "Memory for the job, as 512m or 2g")
      ->type_name("SIZE");
  command->add_option("--threads", words->threads, "Threads for the job")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--ephemeral-checkpoint", words->run.ephemeral_checkpoint,
                    "Streams without a checkpoint start anew each run");
  command
      ->add_option("--assume-committed", words->run.assume_committed,
                   "This batch is in its targets, where they cannot tell")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--replay", words->run.replay,
                   "This batch is not in its targets, where they cannot tell")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--accept-changes", words->run.accept_changes,
                    "The job changed under its checkpoint on purpose");
  command->add_flag("--now", words->run.now, "Run once even when the schedule is over");
  command->add_flag("--quiet", words->run.quiet, "Say only warnings and errors");
}

void AddLint(CLI::App* command, Words* words) {
  AddReading(command, &words->reading);
  command->add_option("--format", words->format, "text or json")->type_name("FORMAT");
}

void AddExplain(CLI::App* command, Words* words) {
  command->add_option("--job", words->run.job, "Explain only this job")->type_name("NAME");
  command->add_option("--trigger", words->trigger, "Instead of the manifest's")->type_name("MODE");
  AddReading(command, &words->reading);
  command->add_option("--format", words->format, "text or json")->type_name("FORMAT");
}

void AddSettings(CLI::App* command, Words* words) {
  command->add_option("--conf", words->settings, "A setting of Spark SQL; may be given again")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
}

void AddQuery(CLI::App* command, Words* words) {
  AddWorld(command, &words->query.world, /*with_variables=*/false);
  command
      ->add_option("--file", words->query.file, "Read the statements from a file, - for standard input; an error in "
                                                "one does not stop the rest")
      ->type_name("FILE");
  AddSettings(command, words);
  command->add_option("--format", words->format, "table, csv, json or jsonl")->type_name("FORMAT");
}

void AddSql(CLI::App* command, Words* words) {
  AddWorld(command, &words->sql.world, /*with_variables=*/false);
  AddSettings(command, words);
  command->add_option("--format", words->format, "table or csv; without a terminal also json and jsonl")
      ->type_name("FORMAT");
  command->add_flag("--no-pager", words->sql.no_pager, "Show long results whole");
}

void AddFunctions(CLI::App* command, Words* words) {
  command->add_flag("--json", words->functions.json, "As JSON");
  command->add_flag("--markdown", words->functions.markdown, "As the page of the reference");
}

void AddCheckpoint(CLI::App* command, Words* words) {
  command->add_option("--job", words->checkpoint.job, "Which job of the manifest")->type_name("NAME");
  AddReading(command, &words->checkpoint.reading);
}

void AddCheckpointShow(CLI::App* command, Words* words) {
  command->add_option("--last", words->checkpoint.last, "How many batches to list")
      ->type_name("N")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000}));
  command->add_option("--format", words->format, "text or json")->type_name("FORMAT");
  AddCheckpoint(command, words);
}

void AddCheckpointVerify(CLI::App* command, Words* words) {
  command
      ->add_option("--table", words->checkpoint.tables,
                   "A table that the job writes, instead of those it names; may be given again")
      ->type_name("ADDRESS")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  command->add_option("--branch", words->checkpoint.branch, "The branch of those tables")->type_name("NAME");
  command->add_option("--format", words->format, "text or json")->type_name("FORMAT");
  AddCheckpoint(command, words);
}

void AddCheckpointReset(CLI::App* command, Words* words) {
  command->add_flag("--keep-position", words->checkpoint.keep_position,
                    "Go on where the job's tables end; needs the manifest");
  command->add_flag("--yes", words->checkpoint.yes, "Do not ask");
  AddCheckpoint(command, words);
}

void AddMaintain(CLI::App* command, Words* words) {
  command
      ->add_option("--expire-older-than", words->expire_older_than,
                   "Expire snapshots of this age and more, as 5d or 0s")
      ->type_name("AGE");
  command->add_option("--retain-last", words->retain_last, "Keep the newest N whatever their age")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000'000));
  command
      ->add_option("--forget-query", words->maintain.forget_queries,
                   "Keep nothing back for this query; may be given again")
      ->type_name("ID")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  command->add_flag("--remove-orphans", words->maintain.remove_orphans,
                    "Delete files that the table does not need");
  command->add_option("--older-than", words->orphans_older_than, "Only orphans of this age, as 3d")
      ->type_name("AGE");
  command->add_flag("--no-writers", words->no_writers,
                    "You know that nothing writes: less than 1h is allowed");
  command->add_flag("--dry-run", words->maintain.dry_run, "List what would go; change nothing");
  command->add_flag("--json", words->maintain.json, "Say it as one line of JSON");
  AddWorld(command, &words->maintain.world, /*with_variables=*/false);
}

void AddDemo(CLI::App* command, Words* words) {
  command->add_option("--rows", words->demo.rows, "Sample events to make")
      ->type_name("N")
      ->check(CLI::Range(int64_t{1}, int64_t{200'000}));
  command->add_option("--dir", words->demo.directory, "Folder for everything the demo writes")
      ->type_name("DIR");
}

Error UnknownOption(const std::string& command, const std::string& word, const CLI::App& app) {
  std::string name = word.substr(0, word.find('='));
  std::vector<std::string> known;
  for (const auto* option : app.get_options()) {
    for (const auto& other : option->get_lnames()) known.push_back("--" + other);
    for (const auto& other : option->get_snames()) known.push_back("-" + other);
  }
  std::string nearest = NearestName(name, known);
  return InvalidArgument("{} has no option {}{}", command, name,
                         nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest));
}

/// Reads the options of `words` with CLI11, which throws; nothing else here does. What is no option
/// is left in app->remaining().
Status ReadOptions(CLI::App* app, const std::string& command,
                   const std::vector<std::string>& words) {
  app->allow_extras();
  try {
    app->parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    return InvalidArgument("{}: {}", command, error.what());
  }
  for (const auto& extra : app->remaining()) {
    if (extra.size() > 1 && extra[0] == '-') return UnknownOption(command, extra, *app);
  }
  return Ok();
}

Result<std::optional<TriggerChoice>> Trigger(const std::string& word) {
  if (word.empty()) return std::optional<TriggerChoice>();
  TriggerChoice choice;
  size_t equals = word.find('=');
  ASSIGN_OR_RETURN(choice.mode, Choose("--trigger", word.substr(0, equals), kTriggers));
  if (equals == std::string::npos) return std::optional(choice);
  bool timed = choice.mode == manifest::TriggerMode::kProcessingTime ||
               choice.mode == manifest::TriggerMode::kContinuous;
  if (!timed) {
    return InvalidArgument("--trigger {}: only ProcessingTime and Continuous have an interval", word);
  }
  auto interval = manifest::ParseDuration(word.substr(equals + 1));
  if (!interval) return std::move(interval).error().With(fmt::format("in --trigger {}", word));
  choice.interval = *interval;
  return std::optional(choice);
}

Result<Arguments> FinishRun(Words words) {
  RunArguments run = std::move(words.run);
  run.manifest = words.operands.front();
  run.reading = std::move(words.reading);
  ASSIGN_OR_RETURN(run.trigger, Trigger(words.trigger));
  if (!words.log_level.empty()) {
    ASSIGN_OR_RETURN(run.log_level, Choose("--log-level", words.log_level, kLogLevels));
  }
  if (!words.memory.empty()) {
    auto bytes = manifest::ParseMemory(words.memory);
    if (!bytes || *bytes <= 0) {
      return InvalidArgument("--memory cannot be \"{}\": give a size such as 512m or 2g",
                             words.memory);
    }
    if (*bytes < engine::kLeastMemoryBytes) {
      return InvalidArgument("--memory {} is {}: a job needs {} at least; a number without a unit counts MiB",
                             words.memory, observe::FormatBytes(*bytes),
                             observe::FormatBytes(engine::kLeastMemoryBytes));
    }
    run.memory_bytes = *bytes;
  }
  run.threads = static_cast<int>(words.threads);
  if (run.assume_committed && run.replay && run.assume_committed == run.replay) {
    return InvalidArgument("--assume-committed and --replay say opposite things of batch {}", *run.replay);
  }
  return Arguments(std::move(run));
}

/// An age of a command line: a manifest's duration, or whole days.
Result<Millis> Age(const std::string& option, const std::string& word) {
  auto age = manifest::ParseDuration(word);
  if (size_t digits = word.find_first_not_of("0123456789"); digits > 0 && digits != word.npos) {
    std::string_view unit = std::string_view(word).substr(digits);
    auto days = manifest::ParseInt(word.substr(0, digits));
    if ((unit == "d" || unit == " days" || unit == " day") && days && *days <= 1'000'000) {
      age = std::chrono::days(*days);
    }
  }
  if (age && *age <= std::chrono::days(1'000'000)) return age;
  return InvalidArgument("{} cannot be \"{}\": give an age such as 5d, 12h or 30m", option, word);
}

Result<Arguments> FinishMaintain(Words words) {
  MaintainArguments maintain = std::move(words.maintain);
  maintain.dataset = words.operands.front();
  if (!words.expire_older_than.empty()) {
    ASSIGN_OR_RETURN(maintain.expire_older_than, Age("--expire-older-than", words.expire_older_than));
  }
  if (words.retain_last > 0) maintain.retain_last = static_cast<int>(words.retain_last);
  if (words.orphans_older_than.empty()) return Arguments(std::move(maintain));
  if (!maintain.remove_orphans) {
    return InvalidArgument("--older-than is the age of orphans: add --remove-orphans, or say --expire-older-than");
  }
  ASSIGN_OR_RETURN(maintain.orphan_age, Age("--older-than", words.orphans_older_than));
  if (maintain.orphan_age < std::chrono::hours(1) && !words.no_writers) {
    return InvalidArgument(
        "--older-than {}: a file that young may belong to a commit in flight; give 1h or more, or add --no-writers "
        "if you know that nothing writes to the table", words.orphans_older_than);
  }
  return Arguments(std::move(maintain));
}

Result<Arguments> FinishCheckpoint(const std::string& command, Words words) {
  CheckpointArguments checkpoint = std::move(words.checkpoint);
  checkpoint.operand = words.operands.front();
  if (command == "checkpoint verify") checkpoint.what = CheckpointArguments::What::kVerify;
  if (command == "checkpoint reset") checkpoint.what = CheckpointArguments::What::kReset;
  if (!words.format.empty()) {
    ASSIGN_OR_RETURN(checkpoint.json, Choose("--format", words.format, kTextOrJson));
  }
  return Arguments(std::move(checkpoint));
}

Result<std::vector<std::pair<std::string, std::string>>> Settings(const std::vector<std::string>& words) {
  std::vector<std::pair<std::string, std::string>> settings;
  for (const std::string& setting : words) {
    size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      return InvalidArgument("--conf \"{}\" is no KEY=VALUE, such as spark.sql.ansi.enabled=true", setting);
    }
    settings.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  return settings;
}

Result<Arguments> FinishSql(Words words) {
  SqlArguments sql = std::move(words.sql);
  ASSIGN_OR_RETURN(sql.settings, Settings(words.settings));
  if (!words.format.empty()) {
    ASSIGN_OR_RETURN(sql.format, Choose("--format", words.format, kQueryFormats));
  }
  return Arguments(std::move(sql));
}

Result<Arguments> FinishFunctions(Words words) {
  FunctionsArguments functions = std::move(words.functions);
  if (!words.operands.empty()) functions.name = words.operands.front();
  if (functions.markdown && (functions.json || !functions.name.empty())) {
    return InvalidArgument("--markdown makes the page of all functions: it takes no name and no --json");
  }
  return Arguments(std::move(functions));
}

Result<Arguments> FinishQuery(Words words) {
  QueryArguments query = std::move(words.query);
  if (words.operands.empty() == query.file.empty()) {
    return InvalidArgument("flare query needs either SQL or --file FILE{}", query.file.empty() ? "" : ", not both");
  }
  if (query.file.empty()) query.sql = words.operands.front();
  ASSIGN_OR_RETURN(query.settings, Settings(words.settings));
  if (!words.format.empty()) {
    ASSIGN_OR_RETURN(query.format, Choose("--format", words.format, kQueryFormats));
  }
  return Arguments(std::move(query));
}

Result<Arguments> Finish(const std::string& command, Words words) {
  if (command == "run") return FinishRun(std::move(words));
  if (command == "lint") {
    LintArguments lint{std::move(words.operands), std::move(words.reading), false};
    if (!words.format.empty()) {
      ASSIGN_OR_RETURN(lint.json, Choose("--format", words.format, kTextOrJson));
    }
    return Arguments(std::move(lint));
  }
  if (command == "explain") {
    ExplainArguments explain{
        words.operands.front(), std::move(words.reading), {}, words.run.job, false};
    ASSIGN_OR_RETURN(explain.trigger, Trigger(words.trigger));
    if (!words.format.empty()) {
      ASSIGN_OR_RETURN(explain.json, Choose("--format", words.format, kTextOrJson));
    }
    return Arguments(std::move(explain));
  }
  if (command == "query") return FinishQuery(std::move(words));
  if (command == "sql") return FinishSql(std::move(words));
  if (command == "functions") return FinishFunctions(std::move(words));
  if (command.starts_with("checkpoint ")) return FinishCheckpoint(command, std::move(words));
  if (command == "maintain") return FinishMaintain(std::move(words));
  if (command == "demo") return Arguments(std::move(words.demo));
  return Arguments(VersionArguments{});
}

/// One command: how its options are declared and what it works on.
struct Command {
  std::string name;
  std::string operand;  ///< "" = it takes none
  bool several = false;
  void (*add)(CLI::App*, Words*);
  bool may_lack_operand = false;
};
const std::vector<Command> kCommands = {
    {"run", "MANIFEST", false, AddRun},
    {"lint", "MANIFEST", true, AddLint},
    {"explain", "MANIFEST", false, AddExplain},
    {"query", "SQL", false, AddQuery, true},
    {"sql", "", false, AddSql},
    {"functions", "NAME", false, AddFunctions, true},
    {"checkpoint show", "CHECKPOINT or MANIFEST", false, AddCheckpointShow},
    {"checkpoint verify", "CHECKPOINT or MANIFEST", false, AddCheckpointVerify},
    {"checkpoint reset", "CHECKPOINT or MANIFEST", false, AddCheckpointReset},
    {"maintain", "DATASET", false, AddMaintain},
    {"demo", "", false, AddDemo},
    {"version", "", false, [](CLI::App*, Words*) {}},
};

Status CheckOperands(const Command& command, const std::vector<std::string>& operands) {
  size_t most = command.operand.empty() ? 0 : command.several ? operands.size() : 1;
  if (operands.size() > most)
    return InvalidArgument("flare {} does not expect \"{}\"", command.name, operands[most]);
  if (operands.empty() && !command.operand.empty() && !command.may_lack_operand) {
    return InvalidArgument("flare {} needs {}", command.name, command.operand);
  }
  return Ok();
}

const Command* FindCommand(std::string_view name) {
  for (const auto& command : kCommands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

bool AsksForHelp(const std::string& word) {
  return word == "--help" || word == "-h";
}

Error UnknownCommand(const std::string& word) {
  std::string nearest = NearestName(word, CommandNames());
  return InvalidArgument("there is no command \"{}\"{}", word,
                         nearest.empty()
                             ? fmt::format("; the commands are {}", fmt::join(CommandNames(), ", "))
                             : fmt::format("; did you mean {}?", nearest))
      .With("read: flare --help");
}

Result<Arguments> ReadCommand(const Command& command, const std::vector<std::string>& words) {
  CLI::App app("", "flare " + command.name);
  app.set_help_flag();  // ours is in help.cc
  Words read;
  command.add(&app, &read);
  auto end_of_options = std::find(words.begin(), words.end(), "--");
  if (std::any_of(words.begin(), end_of_options, AsksForHelp)) {
    return Arguments(HelpText{CommandHelp(command.name, app)});
  }
  RETURN_IF_ERROR(ReadOptions(&app, "flare " + command.name, {words.begin(), end_of_options}));
  read.operands = app.remaining();
  if (end_of_options != words.end())
    read.operands.insert(read.operands.end(), end_of_options + 1, words.end());
  RETURN_IF_ERROR(CheckOperands(command, read.operands));
  return Finish(command.name, std::move(read));
}

Result<Arguments> ParseCommand(const Command& command, const std::vector<std::string>& words) {
  auto arguments = ReadCommand(command, words);
  if (arguments) return arguments;
  return std::move(arguments).error().With(fmt::format("read: flare {} --help", command.name));
}

Result<Arguments> ParseCheckpoint(std::vector<std::string> words) {
  if (words.empty()) {
    return InvalidArgument("flare checkpoint needs to be told what to do: show, verify or reset")
        .With("read: flare checkpoint --help");
  }
  if (AsksForHelp(words.front())) return Arguments(HelpText{CheckpointHelp()});
  std::string what = words.front();
  words.erase(words.begin());
  if (const auto* command = FindCommand("checkpoint " + what)) return ParseCommand(*command, words);
  std::string nearest = NearestName(what, {"show", "verify", "reset"});
  return InvalidArgument("flare checkpoint cannot \"{}\"; it can: show, verify, reset{}", what,
                         nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest))
      .With("read: flare checkpoint --help");
}

}  // namespace

const std::vector<std::string>& CommandNames() {
  static const std::vector<std::string> kNames = {"run",        "lint",     "explain", "query",   "sql", "functions",
                                                  "checkpoint", "maintain", "demo", "version", "help"};
  return kNames;
}

Result<Arguments> ParseArguments(const std::vector<std::string>& words) {
  if (words.empty()) return InvalidArgument("flare needs a command").With("read: flare --help");
  const std::string& first = words.front();
  std::vector<std::string> rest(words.begin() + 1, words.end());
  if (AsksForHelp(first)) return Arguments(HelpText{MainHelp()});
  if (first == "--version" || first == "-V") return Arguments(VersionArguments{});
  if (first == "help") {
    if (rest.empty()) return Arguments(HelpText{MainHelp()});
    rest.push_back("--help");
    return ParseArguments(rest);
  }
  if (first == "checkpoint") return ParseCheckpoint(rest);
  if (const auto* command = FindCommand(first)) return ParseCommand(*command, rest);
  if (first.size() > 1 && first[0] == '-') {
    return InvalidArgument("options come behind a command: flare COMMAND {}", first)
        .With("read: flare --help");
  }
  return UnknownCommand(first);
}

}  // namespace flare::cli
