#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "manifest/values.h"
#include "plan/job_plan.h"

namespace flare::plan {

/// Makes one JobPlan in order: settings, sources, steps, outputs, checkpoint. Used by Plan() once and dropped.
class Planner {
 public:
  Planner(const manifest::Job& job, const manifest::Resources& resources, const connector::Registry& registry,
          Diagnostics* diagnostics)
      : job_(job), resources_(resources), registry_(registry), diagnostics_(diagnostics) {}
  std::optional<JobPlan> Make();

 private:
  void ReadSettings();
  void PlanSources();
  void PlanSource(const manifest::Input& input);
  connector::ReadLimit ReadLimits(const manifest::Input& input);
  void PlanSteps();                              // steps.cc
  bool PlanStep(const manifest::Step& step);     // steps.cc
  void AddView(const std::string& name, const std::string& view, sql::CompiledQuery query);  // steps.cc
  void PlanOutputs();
  void PlanOutput(const manifest::Output& output);
  /// Reports the first two columns that a table could not tell apart.
  bool ColumnsAreUnique(const sql::Relation& relation, const manifest::Output& output);
  void PlanCheckpoint();
  void CheckApart(const std::string& checkpoint, const manifest::Text& text);
  void DropUnreadSources();
  std::set<std::string> ReadBy(const std::string& relation_name) const;

  const connector::Connector* FindConnector(const manifest::Text& format, const manifest::Address& address,
                                            const SourcePosition& where);
  /// By a format that is given; null, and reported, when it is unknown.
  const connector::Connector* FindFormat(const manifest::Text& format, const SourcePosition& where);
  void Report(Severity severity, SourcePosition where, std::string code, std::string message,
              std::string found = "", std::string expected = "", std::string hint = "");

  const manifest::Job& job_;
  const manifest::Resources& resources_;
  const connector::Registry& registry_;
  Diagnostics* diagnostics_;
  JobPlan plan_;
  sql::Scope scope_;                                        // what the next step may name
  std::map<std::string, std::vector<std::string>> reads_;   // relation (lower case) -> relations it reads
  std::set<std::string> broken_;                            // names (lower case) whose step did not type
};

/// Names are compared as Spark compares them: without case.
std::string Folded(std::string_view name);

}  // namespace flare::plan
