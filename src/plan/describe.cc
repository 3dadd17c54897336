#include <nlohmann/json.hpp>

#include "base/redact.h"
#include "manifest/values.h"
#include "plan/job_plan.h"

namespace flare::plan {
namespace {

using Json = nlohmann::ordered_json;
using manifest::TriggerMode;

std::string_view TriggerName(TriggerMode mode) {
  switch (mode) {
    case TriggerMode::kUnspecified: return "unspecified";
    case TriggerMode::kOnce: return "Once";
    case TriggerMode::kAvailableNow: return "AvailableNow";
    case TriggerMode::kProcessingTime: return "ProcessingTime";
    case TriggerMode::kContinuous: return "Continuous";
  }
  return "unspecified";
}

std::string TriggerText(const manifest::Streaming& streaming) {
  switch (streaming.trigger) {
    case TriggerMode::kUnspecified: return "one batch after the other, until stopped";
    case TriggerMode::kOnce: return "Once: one batch with everything there is, then the end";
    case TriggerMode::kAvailableNow: return "AvailableNow: what is there at the start, in batches, then the end";
    case TriggerMode::kProcessingTime:
      if (streaming.trigger_interval == Millis(0)) return "ProcessingTime: one batch after the other, until stopped";
      return fmt::format("ProcessingTime: a batch every {}, until stopped",
                         manifest::DurationText(streaming.trigger_interval));
    case TriggerMode::kContinuous:
      return fmt::format("Continuous: a commit every {}, until stopped",
                         manifest::DurationText(streaming.trigger_interval));
  }
  return "";
}

Json SchemaJson(const sql::Schema& schema) {
  Json fields = Json::array();
  for (const auto& field : schema) {
    fields.push_back({{"name", field.name},
                      {"type", Json::parse(field.type.ToJson(), nullptr, false)},
                      {"nullable", field.nullable}});
  }
  return fields;
}

std::string SchemaLines(const sql::Schema& schema) {
  std::string text;
  for (const auto& field : schema) {
    text += fmt::format("      {} {}{}\n", field.name, field.type.ToSimpleString(), field.nullable ? "" : " not null");
  }
  return text;
}

std::string Indented(std::string_view text, std::string_view by) {
  std::string out(by);
  for (char c : text) {
    out += c;
    if (c == '\n') out += by;
  }
  return out;
}

std::string LimitText(const connector::ReadLimit& limit) {
  if (limit.all_available) return "all that is there";
  std::string text;
  if (limit.max_records) text += fmt::format("at most {} records a batch", *limit.max_records);
  if (limit.min_records) {
    text += fmt::format("{}at least {} records a batch, or after {}", text.empty() ? "" : ", ", *limit.min_records,
                        manifest::DurationText(limit.max_delay));
  }
  return text;
}

}  // namespace

std::string JobPlan::ToJson() const {
  Json sources_json = Json::array();
  for (const auto& source : sources) {
    Json options = Json::object();
    for (const auto& [name, value] : source.input.options) options[name] = Shown(name, *value);
    sources_json.push_back({{"name", *source.input.name},
                            {"dataset", source.address.text},
                            {"connector", source.connector->name},
                            {"streaming", source.streaming},
                            {"options", options},
                            {"schema", SchemaJson(source.schema)}});
  }
  Json views_json = Json::array();
  for (const auto& view : views) {
    views_json.push_back({{"name", view.name}, {"duckdbView", view.view}, {"duckdbSql", view.duckdb_sql},
                          {"schema", SchemaJson(view.schema)}});
  }
  Json steps_json = Json::array();
  for (const auto& step : job.steps) {
    Json functions = Json::array();
    for (const auto& function : step.functions) functions.push_back(*function.name);
    steps_json.push_back({{"name", *step.name}, {"sql", *step.sql}, {"functions", functions}});
  }
  Json outputs_json = Json::array();
  for (const auto& output : outputs) {
    Json properties = Json::object();
    for (const auto& [name, value] : output.output.iceberg_properties) properties[name] = *value;
    outputs_json.push_back({{"name", *output.output.name},
                            {"dataset", output.address.text},
                            {"connector", output.connector->name},
                            {"guarantee", output.connector->guarantee == connector::Guarantee::kExactlyOnce
                                              ? "exactly-once" : "at-least-once"},
                            {"saveMode", output.output.save_mode == manifest::SaveMode::kAppend ? "append" : "overwrite"},
                            {"properties", properties},
                            {"schema", SchemaJson(output.schema)}});
  }
  Json plan = {{"version", 1},
               {"job", *job.name},
               {"trigger", {{"mode", TriggerName(job.streaming.trigger)},
                            {"intervalMs", job.streaming.trigger_interval.count()}}},
               {"checkpoint", checkpoint_directory},
               {"timeZone", time_zone},
               {"ansi", ansi},
               {"sources", sources_json},
               {"steps", steps_json},
               {"views", views_json},
               {"outputs", outputs_json}};
  return plan.dump(2);
}

std::string JobPlan::ToText() const {
  std::string text = fmt::format("job {}\n  trigger     {}\n  checkpoint  {}\n", *job.name, TriggerText(job.streaming),
                                 checkpoint_directory.empty() ? "none" : checkpoint_directory);
  for (const auto& source : sources) {
    text += fmt::format("  source {} = {} ({}{}), {}\n{}", *source.input.name, source.address.text,
                        source.connector->name, source.streaming ? "" : ", bounded read", LimitText(source.limit),
                        SchemaLines(source.schema));
  }
  for (const auto& view : views) {
    text += fmt::format("  step {} = {}\n{}\n{}", view.name, view.view, Indented(view.duckdb_sql, "      | "),
                        SchemaLines(view.schema));
  }
  for (const auto& output : outputs) {
    text += fmt::format("  output {} -> {} ({}, {}, {}), from {}\n", *output.output.name, output.address.text,
                        output.connector->name,
                        output.output.save_mode == manifest::SaveMode::kAppend ? "append" : "overwrite",
                        output.connector->guarantee == connector::Guarantee::kExactlyOnce ? "exactly once"
                                                                                          : "at least once",
                        output.relation);
  }
  return text;
}

}  // namespace flare::plan
