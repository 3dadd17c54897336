#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "sql/names.h"
#include "sql/rewrite.h"

// Step functions that compute a column of each row.
namespace flare::sql {
namespace {

std::string Text(std::string_view value) { return QuoteSparkString(value); }

/// The input column an argument names, as an expression; "" after a report.
std::string ColumnArgument(RewriteContext& context, std::string_view argument) {
  auto index = context.Find(context.Scalar(argument));
  return index ? context.columns()[*index].expression : "";
}

/// Where the result goes: asColumn, or the column itself.
std::string Target(RewriteContext& context) {
  return context.Has("asColumn") ? context.Scalar("asColumn") : context.Scalar("column");
}

void SetFromColumn(RewriteContext& context, std::string_view format) {
  std::string column = ColumnArgument(context, "column");
  std::string target = Target(context);
  if (!column.empty()) context.Set(target, fmt::format(fmt::runtime(format), column));
}

void AddColumn(RewriteContext& context) {
  static constexpr std::string_view kTypes[] = {"string", "boolean", "byte", "short", "int", "long", "float", "double", "decimal", "date", "timestamp"};
  std::string type = LowerAscii(context.Scalar("type"));
  std::string column = context.Scalar("column");
  std::string value = context.Scalar("value");
  if (context.failed()) return;
  if (type == "integer") type = "int";
  if (std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes)) {
    return context.Report("wrong-argument", fmt::format("Invalid datatype found: {}", type),
                          "string, boolean, byte, short, int, long, float, double, decimal, date or timestamp");
  }
  context.Set(column, fmt::format("CAST({} AS {})", Text(value), type));
}

void SetColumn(RewriteContext& context) { context.Set(context.Scalar("column"), Text(context.Scalar("value"))); }

void SetVariable(RewriteContext& context) {
  std::string column = context.Scalar("column");
  context.Set(column, "(\n" + context.Scalar("expression") + "\n)");
}

void SetType(RewriteContext& context) {
  for (const auto& [name, type] : context.Map("columns")) {
    auto index = context.Find(name);
    auto parsed = ParseTypeDdl(type);
    if (!parsed.has_value()) {
      context.Report("UNSUPPORTED_DATATYPE", parsed.error().message());
    } else if (index) {
      context.columns()[*index].expression = fmt::format("CAST({} AS {})", context.columns()[*index].expression, parsed->ToDdl());
    }
  }
}

void ChangeCase(RewriteContext& context) {
  std::string how = LowerAscii(context.Scalar("case"));
  std::string function = how.starts_with("upper") ? "upper" : how.starts_with("lower") ? "lower" : how.starts_with("title") ? "initcap" : "";
  if (function.empty() && !context.failed()) context.Report("wrong-argument", fmt::format("case '{}' is unknown", how), "lower, upper or title");
  SetFromColumn(context, function + "({})");
}

void TrimColumn(RewriteContext& context) {
  std::string method = LowerAscii(context.OptionalScalar("method").value_or("trim"));
  if (method != "trim" && method != "ltrim" && method != "rtrim") {
    context.Report("wrong-argument", fmt::format("method '{}' is unknown", method), "trim, ltrim or rtrim");
  }
  SetFromColumn(context, method + "({})");
}

void CutCharacter(RewriteContext& context) {
  int bounds[2] = {1, 1};
  for (int i = 0; i < 2; ++i) {
    std::string name = i == 0 ? "startIndex" : "endIndex";
    std::string text = context.Scalar(name);
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bounds[i]);
    bool valid = error == std::errc() && end == text.data() + text.size() && bounds[i] >= 1;
    if (!valid && !text.empty()) context.Report("wrong-argument", fmt::format("{} '{}' is not a position", name, text), "a whole number from 1");
  }
  SetFromColumn(context, fmt::format("substring(CAST({{}} AS STRING), {}, {})", bounds[0], std::max(0, bounds[1] - bounds[0] + 1)));
}

void Code(RewriteContext& context) {
  std::string algorithm = LowerAscii(context.Scalar("algo"));
  bool encode = context.rewrite().function == "encode";
  std::string format;
  if (algorithm == "base64") format = encode ? "base64(CAST({} AS STRING))" : "CAST(unbase64({}) AS STRING)";
  if (algorithm == "hex") format = encode ? "hex(CAST({} AS STRING))" : "CAST(unhex({}) AS STRING)";
  if (algorithm == "base32") format = encode ? "flare_base32_encode(CAST({} AS STRING))" : "CAST(flare_base32_decode({}) AS STRING)";
  if (format.empty() && !context.failed()) context.Report("wrong-argument", fmt::format("algo '{}' is unknown", algorithm), "base32, base64 or hex");
  SetFromColumn(context, format);
}

void Hash(RewriteContext& context) {
  std::string algorithm = UpperAscii(context.Scalar("algo"));
  std::string format;
  if (algorithm == "MD5") format = "md5(CAST({} AS STRING))";
  if (algorithm == "SHA-1" || algorithm == "SHA1") format = "sha1(CAST({} AS STRING))";
  for (std::string_view bits : {"256", "384", "512"}) {
    if (algorithm == fmt::format("SHA-{}", bits) || algorithm == fmt::format("SHA{}", bits)) {
      format = fmt::format("sha2(CAST({{}} AS STRING), {})", bits);
    }
  }
  if (format.empty() && !context.failed()) {
    context.Report("wrong-argument", fmt::format("algo '{}' is unknown", algorithm), "MD5, SHA-1, SHA-256, SHA-384 or SHA-512");
  }
  SetFromColumn(context, format);
}

void FillNullOrEmpty(RewriteContext& context) {
  for (const auto& [name, value] : context.Map("columns")) {
    auto index = context.Find(name);
    if (!index) continue;
    std::string& column = context.columns()[*index].expression;
    std::string type = context.TypeOf(*index).ToDdl();
    column = fmt::format("CASE WHEN {0} IS NULL OR CAST({0} AS STRING) = '' THEN CAST({1} AS {2}) ELSE {0} END", column, Text(value), type);
  }
}

void FindAndReplace(RewriteContext& context) {
  std::string text = context.Scalar("sedExpression");
  std::string column = ColumnArgument(context, "column");
  if (context.failed()) return;
  auto sed = ParseSed(text);
  if (!sed) return context.Report("wrong-argument", fmt::format("'{}' is no sed expression", text), "s/pattern/replacement/g");
  std::string replacement;
  bool groups = false;
  for (size_t i = 0; i < sed->replacement.size(); ++i) {
    char c = sed->replacement[i];
    bool group = c == '\\' && i + 1 < sed->replacement.size() && std::isdigit(static_cast<unsigned char>(sed->replacement[i + 1]));
    groups = groups || group;
    if (c == '$') replacement += '\\';
    replacement += group ? '$' : c;
  }
  std::string pattern = (sed->ignore_case ? "(?i)" : "") + sed->pattern;
  if (!sed->global) {
    if (groups) return context.Report("UNSUPPORTED_FEATURE.SED", "a first-match replacement with groups is not supported yet", "the flag g");
    pattern = fmt::format("{}\\A([\\s\\S]*?)(?:{})", sed->ignore_case ? "(?i)" : "", sed->pattern);
    replacement = "$1" + replacement;
  }
  context.Set(context.Scalar("column"), fmt::format("regexp_replace(CAST({} AS STRING), {}, {})", column, Text(pattern), Text(replacement)));
}

/// `###-##` keeps the characters at #; what stands elsewhere in the pattern replaces the rest.
void MaskNumber(RewriteContext& context) {
  std::string pattern = context.Scalar("pattern");
  std::string column = ColumnArgument(context, "column");
  if (context.failed()) return;
  std::string parts;
  for (size_t i = 0; i < pattern.size();) {
    size_t end = i;
    bool keep = pattern[i] == '#';
    while (end < pattern.size() && (pattern[end] == '#') == keep) ++end;
    parts += fmt::format("{}{}", parts.empty() ? "" : ", ",
                         keep ? fmt::format("substring(CAST({} AS STRING), {}, {})", column, i + 1, end - i) : Text(pattern.substr(i, end - i)));
    i = end;
  }
  context.Set(context.Scalar("column"), "concat(" + parts + ")");
}

void Merge(RewriteContext& context) {
  std::string list = Text(context.Scalar("separator"));
  for (const std::string& name : context.List("columns")) {
    if (auto index = context.Find(name)) list += ", " + context.columns()[*index].expression;
  }
  std::string target = context.Scalar("asColumn");
  context.Set(target, "concat_ws(" + list + ")");
}

void ParseAsJson(RewriteContext& context) {
  if (context.Has("avroSchema")) return context.Report("UNSUPPORTED_FEATURE.AVRO", "avroSchema is not supported yet", "sparkSchema");
  std::string schema = context.Scalar("sparkSchema");
  std::string column = ColumnArgument(context, "column");
  std::string target = Target(context);
  if (!context.failed()) context.Set(target, fmt::format("from_json(CAST({} AS STRING), {})", column, Text(schema)));
}

void ParseHtml(RewriteContext& context) { SetFromColumn(context, "regexp_replace({}, '<[^>]*>', '')"); }

void SplitEmail(RewriteContext& context) {
  std::string column = ColumnArgument(context, "column");
  std::string name = context.Scalar("column");
  if (column.empty()) return;
  for (int group : {1, 2}) {
    context.Set(name + (group == 1 ? "_account" : "_domain"),
                fmt::format("nullif(regexp_extract({}, '^([^@\\\\s]+)@([^@\\\\s]+)$', {}), '')", column, group));
  }
}

void SplitUrl(RewriteContext& context) {
  std::string column = ColumnArgument(context, "column");
  std::string name = context.Scalar("column");
  if (column.empty()) return;
  for (auto [suffix, part] : {std::pair{"_protocol", "PROTOCOL"}, std::pair{"_authority", "AUTHORITY"}, std::pair{"_host", "HOST"}}) {
    context.Set(name + suffix, fmt::format("parse_url({}, '{}')", column, part));
  }
  context.Set(name + "_port", fmt::format("CAST(nullif(regexp_extract(parse_url({}, 'AUTHORITY'), ':(\\\\d+)$', 1), '') AS INT)", column));
  for (auto [suffix, part] : {std::pair{"_path", "PATH"}, std::pair{"_filename", "FILE"}, std::pair{"_query", "QUERY"}}) {
    context.Set(name + suffix, fmt::format("parse_url({}, '{}')", column, part));
  }
}

const RewriteSpec kValueRewrites[] = {
    {"add_column", {"column", "value", "type"}, AddColumn},
    {"set_column", {"column", "value"}, SetColumn},
    {"set_variable", {"column", "expression"}, SetVariable},
    {"set_type", {"columns"}, SetType},
    {"change_case", {"column", "case", "asColumn"}, ChangeCase},
    {"trim", {"column", "method"}, TrimColumn},
    {"cut_character", {"column", "asColumn", "startIndex", "endIndex"}, CutCharacter},
    {"encode", {"algo", "column", "asColumn"}, Code},
    {"decode", {"algo", "column", "asColumn"}, Code},
    {"hash", {"column", "algo"}, Hash},
    {"fill_null_or_empty", {"columns"}, FillNullOrEmpty},
    {"find_and_replace", {"column", "sedExpression"}, FindAndReplace},
    {"mask_number", {"column", "pattern"}, MaskNumber},
    {"merge", {"columns", "separator", "asColumn"}, Merge},
    {"parse_as_json", {"column", "asColumn", "sparkSchema", "avroSchema"}, ParseAsJson},
    {"parse_html", {"column", "asColumn"}, ParseHtml},
    {"split_email", {"column"}, SplitEmail},
    {"split_url", {"column"}, SplitUrl},
};

}  // namespace

std::span<const RewriteSpec> ValueRewrites() { return kValueRewrites; }

}  // namespace flare::sql
