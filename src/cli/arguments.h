#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "manifest/job.h"

namespace flare::cli {

/// Where depots, the lakehouse and variables come from; shared by the commands that need them.
struct WorldArguments {
  std::vector<std::string> resources;  ///< folders, searched in order before the usual ones
  std::string lakehouse;               ///< "" = $FLARE_LAKEHOUSE, else the user's data folder
  std::vector<std::string> variables;  ///< "NAME=VALUE"
  std::string env_file;
};

/// How a manifest is read.
struct ManifestArguments {
  WorldArguments world;
  bool strict = false;
  bool allow_unset = false;
  bool disable_interpolation = false;
};

/// `--trigger MODE` or `--trigger ProcessingTime=10s`.
struct TriggerChoice {
  manifest::TriggerMode mode = manifest::TriggerMode::kUnspecified;
  std::optional<Millis> interval;  ///< nullopt = the manifest's
};

struct RunArguments {
  std::string manifest;
  ManifestArguments reading;
  std::optional<TriggerChoice> trigger;
  std::string job;
  std::string progress_json;  ///< a file to append to, "-" = standard output, "" = none
  std::optional<manifest::LogLevel> log_level;
  int64_t memory_bytes = 0;  ///< 0 = by the manifest
  int threads = 0;           ///< 0 = by the manifest
  bool ephemeral_checkpoint = false;
  std::optional<int64_t> assume_committed, replay;  ///< a person's word on one batch
  bool accept_changes = false;
  bool now = false;
  bool quiet = false;
};

struct LintArguments {
  std::vector<std::string> manifests;
  ManifestArguments reading;
  bool json = false;
};

struct ExplainArguments {
  std::string manifest;
  ManifestArguments reading;
  std::optional<TriggerChoice> trigger;
  std::string job;
  bool json = false;
};

struct QueryArguments {
  enum class Format { kTable, kCsv, kJson, kJsonLines };
  std::string sql;   ///< one statement or several with `;` between them
  std::string file;  ///< where they are read from instead, "-" = standard input, "" = none
  std::vector<std::pair<std::string, std::string>> settings;  ///< Spark's, such as spark.sql.ansi.enabled
  WorldArguments world;
  Format format = Format::kTable;
};

/// An interactive shell, or a script from standard input where there is no terminal.
struct SqlArguments {
  std::vector<std::pair<std::string, std::string>> settings;  ///< as QueryArguments::settings
  WorldArguments world;
  QueryArguments::Format format = QueryArguments::Format::kTable;
  bool no_pager = false;
};

struct FunctionsArguments {
  std::string name;  ///< "" = all
  bool json = false;
  bool markdown = false;  ///< the page of the reference
};

/// `flare checkpoint show|verify|reset`.
struct CheckpointArguments {
  enum class What { kShow, kVerify, kReset } what = What::kShow;
  std::string operand;  ///< a folder, an address, or a manifest
  ManifestArguments reading;
  std::string job;                  ///< which one of the manifest; "" = the only one
  int64_t last = 10;                ///< show: how many batches to list
  bool json = false;                ///< show, verify
  std::vector<std::string> tables;  ///< verify: instead of those that the job writes
  std::string branch = "main";      ///< of those tables
  bool keep_position = false;       ///< reset
  bool yes = false;                 ///< reset: do not ask
};

struct MaintainArguments {
  std::string dataset;  ///< an address or a folder
  WorldArguments world;
  std::optional<Millis> expire_older_than;  ///< an age; none = by the table's properties
  std::optional<int> retain_last;           ///< none = by the table's properties
  std::vector<std::string> forget_queries;
  bool remove_orphans = false;
  Millis orphan_age = std::chrono::days(3);
  bool dry_run = false;
  bool json = false;
};

struct DemoArguments {
  int64_t rows = 20'000;
  std::string directory = "flare-demo";
};

struct VersionArguments {};

/// Help that was asked for: printed to standard output, exit 0.
struct HelpText {
  std::string text;
};

using Arguments =
    std::variant<HelpText, RunArguments, LintArguments, ExplainArguments, QueryArguments,
                 SqlArguments, FunctionsArguments, CheckpointArguments, MaintainArguments, DemoArguments, VersionArguments>;

/// Reads a command line without the program's name. Errors: InvalidArgument, one sentence a person
/// can act on, with the nearest name where one is near; the context names the help to read.
Result<Arguments> ParseArguments(const std::vector<std::string>& words);

/// The names of the commands, for did-you-mean.
const std::vector<std::string>& CommandNames();

}  // namespace flare::cli
