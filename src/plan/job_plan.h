#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "connector/registry.h"
#include "manifest/job.h"
#include "manifest/resources.h"
#include "sql/compile.h"
#include "sql/types.h"

namespace flare::plan {

/// An input of the job, resolved. Inside DuckDB it is read as `<relation>` = "flare_source_<i>()".
struct PlannedSource {
  manifest::Input input;
  manifest::Address address;
  const connector::Connector* connector = nullptr;
  sql::Schema schema;
  std::string unique_name;  ///< "flare_source_0"
  connector::ReadLimit limit;
  bool streaming = true;    ///< false = a bounded read (D44, D47)
};

/// One step after typing: `CREATE VIEW <view> AS <duckdb_sql>`, columns c0...
struct PlannedView {
  std::string name;        ///< Spark's name of the step
  std::string view;        ///< "flare_view_0"
  std::string duckdb_sql;
  sql::Schema schema;
  std::vector<sql::RuntimeFunction> functions;  ///< must be registered before the view is made
  std::string preview_sql = {};  ///< its rows as Spark's show() prints them; "" = no previews are wanted
};

struct PlannedOutput {
  manifest::Output output;
  manifest::Address address;
  const connector::Connector* connector = nullptr;
  std::string relation;  ///< what to write: a view's name or "flare_source_0()"
  sql::Schema schema;
};

/// A step as a text that stays the same when only blanks and comments of its SQL change.
struct StepText {
  std::string name;
  std::string text;
};

/// Everything decided before a job touches the world. Immutable once made.
struct JobPlan {
  manifest::Job job;
  std::vector<PlannedSource> sources;
  std::vector<PlannedView> views;
  std::vector<PlannedOutput> outputs;
  std::vector<StepText> steps;  ///< in order
  manifest::Address checkpoint;
  std::string checkpoint_directory;  ///< local path
  std::string time_zone = "UTC";
  bool ansi = false;
  /// Printable, and what a Spark runner would read.
  std::string ToJson() const;
  /// What `explain: true` and `flare explain` print.
  std::string ToText() const;
};

/// Plans one job: resolves addresses, types every step, checks legality. Connects to nothing.
/// Every mistake is in `diagnostics`; nullopt when there was an error.
std::optional<JobPlan> Plan(const manifest::Job& job, const manifest::Resources& resources,
                            const connector::Registry& registry, Diagnostics* diagnostics);

}  // namespace flare::plan
