#include "engine/record_text.h"

#include "engine/date_time_text.h"
#include "engine/time_zone.h"
#include "engine/utf8.h"

namespace flare::engine {

std::optional<std::string> DecimalDigits(std::string_view text) {
  std::string digits;
  for (char c : text) {
    if (static_cast<uint8_t>(c) <= ' ' || c == 0x7F) return std::nullopt;
    if (c != ',') digits += c;
  }
  return digits;
}

bool IsStrictBase64(std::string_view text) {
  size_t digits = 0;
  size_t padding = 0;
  for (char c : text) {
    if (static_cast<uint8_t>(c) <= ' ') continue;
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    if (c == '=' ? digits % 4 < 2 || padding > 1 : !letter || padding > 0) return false;
    padding += c == '=' ? 1 : 0;
    ++digits;
  }
  return digits % 4 == 0;
}

std::optional<int64_t> ZonelessTimestamp(std::string_view text) {
  auto local = CastToTimestampNtz(text);
  auto east = TimeZone::Find("+01:00");
  auto west = TimeZone::Find("-01:00");
  if (!local || !east.has_value() || !west.has_value()) return std::nullopt;
  // a zone in the text would win over either
  if (CastToTimestamp(text, **east) == CastToTimestamp(text, **west)) return std::nullopt;
  return local;
}

Error MalformedRecord(std::string_view record) {
  constexpr size_t kMostShown = 200;
  if (record.size() > kMostShown) record = record.substr(0, ValidUtf8Prefix(record.substr(0, kMostShown)));
  return InvalidArgument(
      "[MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION] Malformed records are detected in record "
      "parsing: {}. Parse Mode: FAILFAST. To process malformed records as null result, try setting the "
      "option 'mode' as 'PERMISSIVE'.",
      record);
}

}  // namespace flare::engine
