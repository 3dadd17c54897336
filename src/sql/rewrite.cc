#include "sql/rewrite.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/names.h"

namespace flare::sql {
namespace {

const RewriteSpec* FindRewrite(std::string_view name) {
  for (std::span<const RewriteSpec> part : {ColumnRewrites(), ValueRewrites(), TimeRewrites(), RefusedRewrites()}) {
    for (const RewriteSpec& spec : part) {
      if (spec.name == name) return &spec;
    }
  }
  return nullptr;
}

}  // namespace

RewriteContext::RewriteContext(const Rewrite& rewrite, const Relation& input, const Scope& scope, Diagnostics* diagnostics)
    : time_zone(scope.time_zone), rewrite_(rewrite), input_(input), scope_(scope), diagnostics_(diagnostics) {
  for (const StructField& field : input.schema) columns_.push_back({QuoteNameParts({field.name}), field.name});
}

void RewriteContext::Report(std::string code, std::string message, std::string expected, std::string hint) {
  failed_ = true;
  Diagnostic diagnostic;
  diagnostic.where = rewrite_.where;
  diagnostic.code = std::move(code);
  diagnostic.message = fmt::format("function {}: {}", rewrite_.function, message);
  diagnostic.expected = std::move(expected);
  diagnostic.hint = std::move(hint);
  diagnostics_->push_back(std::move(diagnostic));
}

const RewriteArgument* RewriteContext::FindArgument(std::string_view name) const {
  for (const RewriteArgument& argument : rewrite_.arguments) {
    if (EqualIgnoreCase(argument.name, name)) return &argument;
  }
  return nullptr;
}

bool RewriteContext::Has(std::string_view name) const { return FindArgument(name) != nullptr; }

std::optional<std::string> RewriteContext::OptionalScalar(std::string_view name) {
  const RewriteArgument* argument = FindArgument(name);
  if (argument == nullptr) return std::nullopt;
  if (!argument->list.empty() || !argument->map.empty()) {
    Report("wrong-argument", fmt::format("argument {} must be one value", name));
    return std::nullopt;
  }
  return argument->scalar;
}

std::string RewriteContext::Scalar(std::string_view name) {
  if (!Has(name)) {
    Report("missing-argument", fmt::format("argument {} is missing", name));
    return {};
  }
  return OptionalScalar(name).value_or("");
}

std::vector<std::string> RewriteContext::List(std::string_view name) {
  const RewriteArgument* argument = FindArgument(name);
  if (argument == nullptr || !argument->map.empty() || (argument->list.empty() && argument->scalar.empty())) {
    Report("missing-argument", fmt::format("argument {} must be a list of names", name));
    return {};
  }
  return argument->list.empty() ? std::vector<std::string>{argument->scalar} : argument->list;
}

std::vector<std::pair<std::string, std::string>> RewriteContext::Map(std::string_view name) {
  const RewriteArgument* argument = FindArgument(name);
  if (argument == nullptr || argument->map.empty()) {
    Report("missing-argument", fmt::format("argument {} must map column names to values", name));
    return {};
  }
  return argument->map;
}

std::optional<size_t> RewriteContext::Find(const std::string& column) {
  std::vector<std::string> names;
  std::string expected;
  for (size_t i = 0; i < input_.schema.size(); ++i) {
    const std::string& name = input_.schema[i].name;
    if (scope_.case_sensitive ? name == column : EqualIgnoreCase(name, column)) return i;
    names.push_back(name);
    expected += (i > 0 ? ", " : "") + name;
  }
  std::string near = NearestName(column, names);
  if (!column.empty()) {
    Report("UNRESOLVED_COLUMN.WITH_SUGGESTION", fmt::format("the column {} cannot be found", QuoteNameParts({column})), expected,
           near.empty() ? "" : fmt::format("did you mean {}?", near));
  }
  return std::nullopt;
}

void RewriteContext::Set(const std::string& name, std::string expression) {
  for (Column& column : columns_) {
    if (scope_.case_sensitive ? column.name != name : !EqualIgnoreCase(column.name, name)) continue;
    column = {std::move(expression), name};
    return;
  }
  columns_.push_back({std::move(expression), name});
}

void RewriteContext::CheckUnknown(const std::vector<std::string_view>& known) {
  for (const RewriteArgument& argument : rewrite_.arguments) {
    bool found = std::any_of(known.begin(), known.end(), [&](std::string_view name) { return EqualIgnoreCase(name, argument.name); });
    if (found) continue;
    std::vector<std::string> names(known.begin(), known.end());
    std::string expected;
    for (const std::string& name : names) expected += (expected.empty() ? "" : ", ") + name;
    std::string near = NearestName(argument.name, names);
    Report("unknown-argument", fmt::format("there is no argument {}", argument.name), expected.empty() ? "no arguments" : expected,
           near.empty() ? "" : fmt::format("did you mean {}?", near));
  }
}

std::string RewriteContext::ToSql() const {
  std::string sql = "SELECT ";
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) sql += ", ";
    sql += columns_[i].expression;
    if (!columns_[i].name.empty()) sql += " AS " + QuoteNameParts({columns_[i].name});
  }
  return sql + " FROM `input`";
}

std::optional<CompiledQuery> ApplyRewrite(const Rewrite& rewrite, const Relation& input, const Scope& scope,
                                          Diagnostics* diagnostics) {
  RewriteContext context(rewrite, input, scope, diagnostics);
  const RewriteSpec* spec = FindRewrite(rewrite.function);
  if (spec == nullptr) {
    std::string near = NearestName(rewrite.function, RewriteNames());
    context.Report("unknown-function", "there is no such step function", "", near.empty() ? "" : fmt::format("did you mean {}?", near));
    return std::nullopt;
  }
  if (spec->apply == nullptr) {
    context.Report("UNSUPPORTED_FEATURE.STEP_FUNCTION", std::string(spec->refusal));
    return std::nullopt;
  }
  context.CheckUnknown(spec->arguments);
  spec->apply(context);
  if (context.failed()) return std::nullopt;
  if (context.columns().empty()) {
    context.Report("no-columns", "no column would be left");
    return std::nullopt;
  }
  Scope inner;
  inner.relations = {input};
  inner.relations[0].name = "input";
  inner.ansi = scope.ansi;
  inner.case_sensitive = scope.case_sensitive;
  inner.streaming = scope.streaming;
  inner.time_zone = context.time_zone;
  Diagnostics found;
  auto compiled = Compile(context.ToSql(), TextPlace(), inner, &found);
  for (Diagnostic& diagnostic : found) {
    // the text is ours, so its places mean nothing to the author: the function's does
    diagnostic.where = rewrite.where;
    diagnostic.message = fmt::format("function {}: {}", rewrite.function, diagnostic.message);
    diagnostics->push_back(std::move(diagnostic));
  }
  if (compiled) compiled->reads = {input.name};
  return compiled;
}

std::vector<std::string> RewriteNames() {
  std::vector<std::string> names;
  for (std::span<const RewriteSpec> part : {ColumnRewrites(), ValueRewrites(), TimeRewrites(), RefusedRewrites()}) {
    for (const RewriteSpec& spec : part) names.emplace_back(spec.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace flare::sql
