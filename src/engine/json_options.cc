#include "engine/json_options.h"

#include <cctype>

#include "engine/number_text.h"

namespace flare::engine {

std::optional<std::string> JsonOptions::Text(const std::string& name) const {
  auto it = options_.find(name);
  if (it == options_.end()) return std::nullopt;
  return it->second;
}

Status JsonOptions::Flag(const std::string& name, bool* flag) const {
  auto text = Text(name);
  if (!text.has_value()) return Ok();
  auto value = ParseBoolean(*text);
  if (!value.has_value()) {
    return InvalidArgument("{} option {} is '{}'; it must be true or false", function_, name, *text);
  }
  *flag = *value;
  return Ok();
}

Status JsonOptions::Pattern(const std::string& name, PatternUse use,
                            std::optional<DateTimePattern>* pattern) const {
  auto text = Text(name);
  if (!text.has_value()) return Ok();
  ASSIGN_OR_RETURN(*pattern, DateTimePattern::Compile(*text, use));
  return Ok();
}

Status ReadLeniency(const JsonOptions& options, JsonLeniency* leniency) {
  RETURN_IF_ERROR(options.Flag("allowsinglequotes", &leniency->single_quotes));
  RETURN_IF_ERROR(options.Flag("allowunquotedfieldnames", &leniency->unquoted_names));
  RETURN_IF_ERROR(options.Flag("allownonnumericnumbers", &leniency->non_numeric_numbers));
  RETURN_IF_ERROR(options.Flag("allownumericleadingzeros", &leniency->leading_zeros));
  RETURN_IF_ERROR(options.Flag("allowbackslashescapinganycharacter", &leniency->any_escape));
  RETURN_IF_ERROR(options.Flag("allowunquotedcontrolchars", &leniency->control_characters));
  return options.Flag("allowcomments", &leniency->comments);
}

Status ReadParseMode(const JsonOptions& options, std::string_view function, bool* fail_fast) {
  std::string mode = options.Text("mode").value_or("PERMISSIVE");
  for (char& c : mode) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  *fail_fast = mode == "FAILFAST";
  if (mode != "DROPMALFORMED") return Ok();  // Spark takes an unknown mode as PERMISSIVE
  return InvalidArgument("[PARSE_MODE_UNSUPPORTED] The function `{}` doesn't support the {} mode. Acceptable modes "
                         "are PERMISSIVE and FAILFAST.", function, mode);
}

Result<std::optional<size_t>> FindCorruptField(const sql::Type& type, const JsonOptions& options) {
  std::string name = options.Text("columnnameofcorruptrecord").value_or("_corrupt_record");
  for (size_t i = 0; i < type.fields().size(); ++i) {
    const sql::StructField& field = type.fields()[i];
    if (field.name != name) continue;
    if (field.type.is(sql::TypeId::kString)) return std::optional<size_t>(i);
    return InvalidArgument("[INVALID_CORRUPT_RECORD_TYPE] The column {} for corrupt records must be a nullable STRING, "
                           "found {}", name, field.type.ToSimpleString());
  }
  return std::optional<size_t>();
}

Result<TemporalFormats> ReadTemporalFormats(const JsonOptions& options) {
  TemporalFormats formats;
  ASSIGN_OR_RETURN(formats.timestamp,
                   DateTimePattern::Compile("yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", PatternUse::kFormat));
  ASSIGN_OR_RETURN(formats.timestamp_ntz,
                   DateTimePattern::Compile("yyyy-MM-dd'T'HH:mm:ss[.SSS]", PatternUse::kFormat));
  RETURN_IF_ERROR(options.Pattern("timestampformat", PatternUse::kFormat, &formats.timestamp));
  RETURN_IF_ERROR(options.Pattern("timestampntzformat", PatternUse::kFormat, &formats.timestamp_ntz));
  RETURN_IF_ERROR(options.Pattern("dateformat", PatternUse::kFormat, &formats.date));
  ASSIGN_OR_RETURN(formats.zone, TimeZone::Find(options.Text("timezone").value_or("UTC")));
  ASSIGN_OR_RETURN(formats.utc, TimeZone::Find("UTC"));
  return formats;
}

}  // namespace flare::engine
