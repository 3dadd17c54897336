#include "sql/parameters.h"

#include <fmt/format.h>

#include <algorithm>

namespace flare::sql {
namespace {

std::string_view WordOf(char letter) {
  switch (letter) {
    case 's': return "string";
    case 'i': return "int";
    case 'l': return "bigint";
    case 'd': return "double";
    case 'b': return "boolean";
    case 'x': return "binary";
    case 'D': return "date";
    case 'T': return "timestamp";
    case 'Z': return "timestamp_ntz";
    case 'n': return "number";
    case 'I': return "whole number";
    case 'A': return "array";
    case 'M': return "map";
    case 'S': return "struct";
    case 'F': return "lambda";
    default: return "any";
  }
}

/// `spark_name($1, ...)`: one call of a function of ours, which gives NULL for NULL.
bool IsPlainRuntimeCall(std::string_view sql) {
  if (!sql.starts_with("spark_")) return false;
  size_t open = sql.find('(');
  return open != std::string_view::npos && sql.find('(', open + 1) == std::string_view::npos && sql.ends_with(")");
}

}  // namespace

Parameters ReadParameters(std::string_view text) {
  Parameters out;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == ' ' || c == ',') continue;
    if (c == '*') {
      out.variadic = true;
      continue;
    }
    Parameter parameter;
    parameter.letter = c;
    if (i + 1 < text.size() && text[i + 1] == '=') {
      parameter.has_default = true;
      size_t from = i + 2;
      size_t end = text[from] == '\'' ? text.find('\'', from + 1) + 1 : std::min(text.find(' ', from), text.size());
      parameter.default_text = std::string(text.substr(from, end - from));
      i = end;
    }
    out.list.push_back(std::move(parameter));
  }
  for (const Parameter& parameter : out.list) out.least += parameter.has_default ? 0 : 1;
  if (out.variadic) --out.least;
  return out;
}

std::string SignatureText(const FunctionSpec& spec, std::string_view name) {
  Parameters parameters = ReadParameters(spec.params);
  std::string text;
  for (size_t i = 0; i < parameters.list.size(); ++i) {
    const Parameter& parameter = parameters.list[i];
    if (i > 0) text += ", ";
    text += WordOf(parameter.letter);
    if (parameter.has_default) text += " = " + parameter.default_text;
    if (parameters.variadic && i + 1 == parameters.list.size()) text += " ...";
  }
  return fmt::format("{}({})", name, text);
}

std::string ResultText(const FunctionSpec& spec) {
  if (spec.result.empty()) return "by its arguments";
  if (spec.result.starts_with("=e")) return fmt::format("element of argument {}", spec.result.substr(2));
  if (spec.result.starts_with("=")) return fmt::format("as argument {}", spec.result.substr(1));
  return std::string(spec.result);
}

std::vector<std::string> BehaviourNotes(const FunctionSpec& spec) {
  std::vector<std::string> notes;
  if (IsAggregateFunction(spec)) {
    notes.emplace_back("an aggregate: takes DISTINCT and FILTER (WHERE ...)");
  } else if (IsPlainRuntimeCall(spec.sql)) {
    notes.emplace_back("NULL if an argument is NULL");
  }
  if (spec.sql.find("$a") != std::string_view::npos)
    notes.emplace_back("bad input is NULL, and an error with spark.sql.ansi.enabled=true");
  if (spec.sql.find("$z") != std::string_view::npos) notes.emplace_back("in the session time zone");
  return notes;
}

}  // namespace flare::sql
