#include "plan/planner.h"

#include <charconv>

#include "engine/constant.h"

namespace flare::plan {
namespace {

using manifest::TriggerMode;

const manifest::Text* FindOption(const manifest::Options& options, std::string_view name) {
  for (const auto& [key, value] : options) {
    if (Folded(key) == Folded(name)) return &value;
  }
  return nullptr;
}

bool IsTrue(const std::map<std::string, std::string>& conf, const std::string& key) {
  auto found = conf.find(key);
  return found != conf.end() && Folded(found->second) == "true";
}

}  // namespace

std::string Folded(std::string_view name) {
  std::string folded(name);
  for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return folded;
}

std::optional<JobPlan> Plan(const manifest::Job& job, const manifest::Resources& resources,
                            const connector::Registry& registry, Diagnostics* diagnostics) {
  return Planner(job, resources, registry, diagnostics).Make();
}

std::optional<JobPlan> Planner::Make() {
  Diagnostics mine;
  Diagnostics* outer = std::exchange(diagnostics_, &mine);
  plan_.job = job_;
  ReadSettings();
  PlanSources();
  PlanSteps();
  PlanOutputs();
  PlanCheckpoint();
  bool failed = HasErrors(mine);
  if (!failed) DropUnreadSources();
  outer->insert(outer->end(), mine.begin(), mine.end());
  if (failed) return std::nullopt;
  return std::move(plan_);
}

void Planner::ReadSettings() {
  auto zone = job_.spark_conf.find("spark.sql.session.timeZone");
  if (zone != job_.spark_conf.end()) plan_.time_zone = zone->second;
  plan_.ansi = IsTrue(job_.spark_conf, "spark.sql.ansi.enabled");
  scope_.ansi = plan_.ansi;
  scope_.fold = engine::ComputeConstant;
  scope_.time_zone = plan_.time_zone;
  scope_.case_sensitive = IsTrue(job_.spark_conf, "spark.sql.caseSensitive");
}

void Planner::PlanSources() {
  for (const auto& input : job_.inputs) PlanSource(input);
}

void Planner::PlanSource(const manifest::Input& input) {
  auto address = resources_.ResolveOrReport(input.dataset, diagnostics_);
  const connector::Connector* connector = address ? FindConnector(input.format, *address, input.where)
                                                  : FindFormat(input.format, input.where);
  if (!address || connector == nullptr) {
    broken_.insert(Folded(*input.name));
    return;
  }
  if (!connector->source_schema) {
    Report(Severity::kError, input.where, "unreadable-source",
           fmt::format("input {} cannot be read: {} is written to, not read from, by a job", *input.name,
                       connector->name));
    broken_.insert(Folded(*input.name));
    return;
  }
  PlannedSource source;
  source.input = input;
  source.address = *address;
  source.connector = connector;
  source.schema = connector->source_schema(input, *address, diagnostics_);
  source.unique_name = fmt::format("flare_source_{}", plan_.sources.size());
  source.streaming = input.is_stream;
  scope_.streaming = scope_.streaming || input.is_stream;
  source.limit = ReadLimits(input);
  scope_.relations.push_back({*input.name, source.unique_name + "()", source.schema});
  reads_[Folded(*input.name)] = {};
  plan_.sources.push_back(std::move(source));
}

connector::ReadLimit Planner::ReadLimits(const manifest::Input& input) {
  connector::ReadLimit limit;
  auto count = [&](const char* name) -> std::optional<int64_t> {
    const auto* option = FindOption(input.options, name);
    if (option == nullptr) return std::nullopt;
    int64_t value = 0;
    const std::string& text = option->value;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value <= 0) {
      Report(Severity::kError, option->where, "bad-option",
             fmt::format("option {} of input {} is not a positive number", name, *input.name), text,
             "a whole number of records above 0");
      return std::nullopt;
    }
    return value;
  };
  limit.max_records = count("maxOffsetsPerTrigger");
  limit.min_records = count("minOffsetsPerTrigger");
  if (limit.max_records && limit.min_records && *limit.min_records > *limit.max_records) {
    Report(Severity::kError, input.where, "bad-option",
           fmt::format("input {}: minOffsetsPerTrigger {} is above maxOffsetsPerTrigger {}", *input.name,
                       *limit.min_records, *limit.max_records));
  }
  if (const auto* delay = FindOption(input.options, "maxTriggerDelay")) {
    auto parsed = manifest::ParseDuration(delay->value);
    if (parsed) {
      limit.max_delay = *parsed;
    } else {
      Report(Severity::kError, delay->where, "bad-option",
             fmt::format("option maxTriggerDelay of input {} is not a duration", *input.name), delay->value,
             "a number and a unit, such as 15m or 30 seconds");
    }
  }
  bool limited = limit.max_records.has_value() || limit.min_records.has_value();
  limit.all_available = !limited || job_.streaming.trigger == TriggerMode::kOnce || !input.is_stream;
  if (limited && job_.streaming.trigger == TriggerMode::kOnce) {
    Report(Severity::kWarning, input.where, "limit-ignored",
           fmt::format("input {} has a read limit, which triggerMode Once ignores: everything is one batch",
                       *input.name),
           "", "", "use triggerMode: AvailableNow to honour it");
  }
  return limit;
}

void Planner::PlanOutputs() {
  for (const auto& output : job_.outputs) PlanOutput(output);
}

void Planner::PlanOutput(const manifest::Output& output) {
  const std::string name = Folded(*output.name);
  const sql::Relation* relation = nullptr;
  for (const auto& candidate : scope_.relations) {
    if (Folded(candidate.name) == name) relation = &candidate;
  }
  auto address = resources_.ResolveOrReport(output.dataset, diagnostics_);
  const connector::Connector* connector = address ? FindConnector(output.format, *address, output.where)
                                                  : FindFormat(output.format, output.where);
  if (address && connector != nullptr && connector->check_output) connector->check_output(output, *address, diagnostics_);
  if (relation == nullptr && broken_.count(name) == 0) {
    std::vector<std::string> names;
    for (const auto& candidate : scope_.relations) names.push_back(candidate.name);
    std::string near = NearestName(*output.name, names);
    Report(Severity::kError, output.name.where, "unknown-view",
           fmt::format("output {} is neither a step nor an input", *output.name), *output.name,
           fmt::format("{}", fmt::join(names, ", ")), near.empty() ? "" : fmt::format("did you mean {}?", near));
  }
  if (relation == nullptr || connector == nullptr || !ColumnsAreUnique(*relation, output)) return;
  if (connector->check_columns) connector->check_columns(output, relation->schema, diagnostics_);
  if (!address) return;
  plan_.outputs.push_back({output, *address, connector, relation->duckdb_from, relation->schema});
}

bool Planner::ColumnsAreUnique(const sql::Relation& relation, const manifest::Output& output) {
  std::map<std::string, std::string> seen;
  for (const auto& field : relation.schema) {
    auto [first, is_new] = seen.emplace(Folded(field.name), field.name);
    if (is_new) continue;
    // Where two outputs write the same step, one message is enough.
    if (!broken_.insert(Folded(relation.name)).second) return false;
    SourcePosition where = output.name.where;
    for (const auto& step : job_.steps) {
      if (Folded(*step.name) == Folded(relation.name)) where = step.sql.where;
    }
    Report(Severity::kError, where, "COLUMN_ALREADY_EXISTS",
           fmt::format("output {} would have two columns of one name, {} and {}: names are compared without case",
                       *output.name, first->second, field.name),
           field.name, "a name of its own for each column", "rename one of them with AS");
    return false;
  }
  return true;
}

void Planner::PlanCheckpoint() {
  const auto& text = job_.streaming.checkpoint;
  if (text->empty()) return;  // whether one is needed is manifest/'s to say
  auto address = resources_.ResolveOrReport(text, diagnostics_);
  if (!address) return;
  auto directory = resources_.LocalPath(*address);
  if (!directory) {
    Report(Severity::kError, text.where, "bad-checkpoint",
           fmt::format("the checkpoint cannot be kept there: {}", directory.error().message()), *text,
           "an address in a FILE depot such as dataos://lakehouse:checkpoints/<job>, or a local path");
    return;
  }
  CheckApart(*directory, text);
  plan_.checkpoint = *address;
  plan_.checkpoint_directory = *directory;
}

/// A checkpoint in a table's folder, or around it, would mix its logs with data files: whoever cleans up one
/// would delete the other.
void Planner::CheckApart(const std::string& checkpoint, const manifest::Text& text) {
  auto within = [](const std::string& inner, const std::string& outer) {
    return inner == outer || inner.starts_with(outer + "/");
  };
  for (const auto& output : plan_.outputs) {
    auto folder = resources_.LocalPath(output.address);
    if (!folder || (!within(checkpoint, *folder) && !within(*folder, checkpoint))) continue;
    Report(Severity::kError, text.where, "checkpoint-in-table",
           fmt::format("the checkpoint and output {} share a folder", *output.output.name), *text,
           "a folder of its own, such as dataos://lakehouse:checkpoints/<job>");
  }
}

/// As on Spark, an input that no output reads is not part of the query (and not of its checkpoint).
void Planner::DropUnreadSources() {
  std::set<std::string> read;
  for (const auto& output : plan_.outputs) read.merge(ReadBy(*output.output.name));
  std::vector<PlannedSource> kept;
  for (auto& source : plan_.sources) {
    if (read.count(Folded(*source.input.name)) != 0) {
      kept.push_back(std::move(source));
    } else {
      Report(Severity::kWarning, source.input.where, "unread-input",
             fmt::format("no output reads input {}: it is left out", *source.input.name));
    }
  }
  plan_.sources = std::move(kept);
}

std::set<std::string> Planner::ReadBy(const std::string& relation_name) const {
  std::set<std::string> seen;
  std::vector<std::string> open = {Folded(relation_name)};
  while (!open.empty()) {
    std::string name = std::move(open.back());
    open.pop_back();
    if (!seen.insert(name).second) continue;
    auto found = reads_.find(name);
    if (found == reads_.end()) continue;
    for (const auto& other : found->second) open.push_back(Folded(other));
  }
  return seen;
}

const connector::Connector* Planner::FindConnector(const manifest::Text& format, const manifest::Address& address,
                                                   const SourcePosition& where) {
  std::string depot_type = address.depot == nullptr ? "" : address.depot->type;
  if (!format->empty()) return FindFormat(format, where);
  const auto* connector = registry_.Find("", depot_type);
  if (connector != nullptr) return connector;
  Report(Severity::kError, where, "no-format",
         depot_type.empty() ? "a plain path needs a format"
                            : fmt::format("flare cannot read or write a depot of type {}", depot_type),
         address.text, fmt::format("format: one of {}", fmt::join(registry_.FormatNames(), ", ")));
  return nullptr;
}

const connector::Connector* Planner::FindFormat(const manifest::Text& format, const SourcePosition& where) {
  if (format->empty()) return nullptr;
  if (const auto* connector = registry_.Find(*format, "")) return connector;
  auto names = registry_.FormatNames();
  std::string near = NearestName(*format, names);
  Report(Severity::kError, format.where.line > 0 ? format.where : where, "unknown-format",
         fmt::format("unknown format {}", *format), *format, fmt::format("one of {}", fmt::join(names, ", ")),
         near.empty() ? "" : fmt::format("did you mean {}?", near));
  return nullptr;
}

void Planner::Report(Severity severity, SourcePosition where, std::string code, std::string message,
                     std::string found, std::string expected, std::string hint) {
  diagnostics_->push_back({severity, std::move(where), std::move(code), std::move(message), std::move(found),
                           std::move(expected), std::move(hint)});
}

}  // namespace flare::plan
