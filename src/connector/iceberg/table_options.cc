#include "connector/iceberg/table_options.h"

#include <strings.h>

#include <array>

#include "lake/table_properties.h"

namespace flare::connector::iceberg {
namespace {

constexpr const char* kMergeSchema = "mergeSchema";
constexpr const char* kBranch = "branch";
/// Options of Spark's writer that this engine has no use for: its writer needs no hint.
constexpr std::array kAccepted = {"fanout-enabled", "check-nullability", "check-ordering", "distribution-mode",
                                  "write-format", "target-file-size-bytes", "compression-codec", "compression-level"};

Diagnostic Mistake(Severity severity, const manifest::Text& text, std::string code, std::string message) {
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.where = text.where;
  diagnostic.code = std::move(code);
  diagnostic.message = std::move(message);
  diagnostic.found = text.value;
  return diagnostic;
}

bool Same(const std::string& a, const char* b) { return ::strcasecmp(a.c_str(), b) == 0; }

void ReadExtraOption(const std::string& name, const manifest::Text& value, TableOptions* options, Diagnostics* diagnostics) {
  if (Same(name, kMergeSchema) || Same(name, "merge-schema")) {
    options->merge_schema = Same(value.value, "true");
    if (!options->merge_schema && !Same(value.value, "false")) {
      diagnostics->push_back(Mistake(Severity::kError, value, "bad-value", "mergeSchema must be true or false"));
    }
  } else if (Same(name, kBranch)) {
    options->branch = value.value;
  } else if (Same(name, "target-file-size-bytes")) {
    options->properties["write.target-file-size-bytes"] = value.value;
  } else if (Same(name, "compression-codec")) {
    options->properties["write.parquet.compression-codec"] = value.value;
  } else if (Same(name, "compression-level")) {
    options->properties["write.parquet.compression-level"] = value.value;
  } else if (std::none_of(kAccepted.begin(), kAccepted.end(), [&](const char* known) { return Same(name, known); })) {
    diagnostics->push_back(Mistake(Severity::kWarning, value, "unknown-option",
                                   fmt::format("the Iceberg sink has no option '{}'; it is ignored", name)));
  }
}

void ReadProperty(const std::string& name, const manifest::Text& value, TableOptions* options, Diagnostics* diagnostics) {
  if (lake::IsReservedProperty(name)) {
    bool fine = name == "format-version" && value.value == "2";
    if (!fine) {
      diagnostics->push_back(Mistake(Severity::kError, value, "bad-value",
                                     fmt::format("the table property '{}' is set by the table itself; new tables have "
                                                 "format version 2", name)));
    }
    return;
  }
  std::string text = value.value;
  if (name == "write.metadata.compression-codec" && !Same(text, "none") && !Same(text, "gzip") &&
      !Same(text, "uncompressed")) {
    Diagnostic warning = Mistake(Severity::kWarning, value, "bad-value",
                                 "Iceberg compresses its metadata with gzip or not at all; gzip is used");
    warning.expected = "gzip or none";
    diagnostics->push_back(std::move(warning));
    text = "gzip";
  }
  if (name == "overwrite-mode") {
    if (Same(text, "dynamic") && options->mode == lake::WriteMode::kReplaceAll) {
      options->mode = lake::WriteMode::kReplacePartitions;
    } else if (!Same(text, "dynamic") && !Same(text, "static")) {
      diagnostics->push_back(Mistake(Severity::kError, value, "bad-value", "overwrite-mode must be dynamic or static"));
    }
  }
  options->properties[name] = std::move(text);
}

std::string Joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

}  // namespace

TableOptions ReadTableOptions(const manifest::Output& output, Diagnostics* diagnostics) {
  TableOptions options;
  if (output.save_mode == manifest::SaveMode::kOverwrite) options.mode = lake::WriteMode::kReplaceAll;
  if (!output.title.empty()) options.properties["title"] = output.title;
  if (!output.description.empty()) options.properties["comment"] = output.description;
  if (!output.tags.empty()) options.properties["tags"] = Joined(output.tags);
  for (const auto& [name, value] : output.iceberg_properties) ReadProperty(name, value, &options, diagnostics);
  for (const auto& [name, value] : output.extra_options) ReadExtraOption(name, value, &options, diagnostics);
  for (const auto& field : output.partition_spec) {
    options.partitions.push_back({field.type.value, field.column.value, field.name.value, field.parameter});
  }
  if (auto parsed = lake::ParseWriterProperties(options.properties); !parsed) {
    Diagnostic mistake;
    mistake.where = output.iceberg_properties.empty() ? output.where : output.iceberg_properties.begin()->second.where;
    for (const auto& [name, value] : output.iceberg_properties) {
      if (parsed.error().message().find(name) != std::string::npos) mistake.where = value.where;
    }
    mistake.code = "bad-value";
    mistake.message = parsed.error().message();
    diagnostics->push_back(std::move(mistake));
  }
  return options;
}

}  // namespace flare::connector::iceberg
