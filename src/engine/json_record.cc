#include "engine/json_record.h"

#include <charconv>
#include <cmath>

#include "engine/base64.h"
#include "engine/date_time_text.h"
#include "engine/decimal_text.h"
#include "engine/json_path.h"
#include "engine/number_text.h"
#include "engine/record_text.h"
#include "engine/variant.h"

namespace flare::engine {

using sql::Type;
using sql::TypeId;

bool JsonRecordParser::Parse(std::string_view record, TypedOutput& root, uint64_t row) {
  reader_ = JsonReader(record, format_.leniency);
  partial_ = false;
  Outcome outcome = ParseRoot(root, row);
  if (outcome == Outcome::kGood) return !partial_;
  if (outcome == Outcome::kCut) return false;
  root.SetNull(row);
  if (root.type->is(TypeId::kStruct)) root.SetValid(row);
  return false;
}

JsonRecordParser::Outcome JsonRecordParser::ParseRoot(TypedOutput& root, uint64_t row) {
  if (format_.single_variant) {
    root.SetValid(row);
    return ParseVariant(root.children[0], row);
  }
  char c = reader_.Peek();
  if (c == 'n') return Outcome::kBad;
  bool wraps = root.type->is(TypeId::kArray) && c == '{' && root.type->element().is(TypeId::kStruct);
  if (!wraps) return ParseValue(root, row, 0);
  uint64_t element = root.Append();
  Outcome outcome = ParseValue(root.children[0], element, 0);
  root.SetEntry(row, element);
  return outcome;
}

JsonRecordParser::Outcome JsonRecordParser::ParseValue(TypedOutput& node, uint64_t row, int depth) {
  constexpr int kDeepest = 1000;
  if (depth > kDeepest) return Outcome::kMalformed;
  char c = reader_.Peek();
  if (c == 'n' && !node.type->is(TypeId::kVariant)) {
    if (!reader_.ReadWord("null")) return Outcome::kNoToken;
    node.SetNull(row);
    return Outcome::kGood;
  }
  switch (node.type->id()) {
    case TypeId::kStruct:
      return c == '{' ? ParseStruct(node, row, depth) : Mismatch();
    case TypeId::kArray:
      return c == '[' ? ParseArray(node, row, depth) : Mismatch();
    case TypeId::kMap:
      return c == '{' ? ParseMap(node, row, depth) : Mismatch();
    case TypeId::kString:
      return ParseText(node, row, c);
    case TypeId::kBoolean:
      return ParseBool(node, row, c);
    case TypeId::kVariant:
      return ParseVariant(node, row);
    case TypeId::kVoid:
      node.SetNull(row);
      return reader_.SkipValue(nullptr) ? Outcome::kGood : Unreadable(c);
    default:
      break;
  }
  if (reader_.IsString(c)) return ParseFromString(node, row);
  if (!JsonReader::IsNumberStart(c)) return Mismatch();
  return ParseFromNumber(node, row);
}

/// The value is of another kind than the type wants.
JsonRecordParser::Outcome JsonRecordParser::Mismatch() {
  char c = reader_.Peek();
  return reader_.SkipValue(nullptr) ? Outcome::kBad : Unreadable(c);
}

/// A value that starts with `c` could not be read.
JsonRecordParser::Outcome JsonRecordParser::Unreadable(char c) const {
  return c == '{' || c == '[' || reader_.IsString(c) ? Outcome::kMalformed : Outcome::kNoToken;
}

JsonRecordParser::Outcome JsonRecordParser::ParseStruct(TypedOutput& node, uint64_t row, int depth) {
  for (TypedOutput& child : node.children) child.SetNull(row);
  node.SetValid(row);
  reader_.Take();
  if (reader_.TakeIf('}')) return Outcome::kGood;
  size_t expected = 0;
  for (bool more = true; more;) {
    JsonReader::String raw;
    std::string_view name;
    if (!reader_.ReadName(&raw) || !reader_.Unescape(raw, &scratch_, &name)) return Outcome::kMalformed;
    std::optional<size_t> field = FindField(*node.type, name, expected);
    if (!field.has_value() || (depth == 0 && field == format_.corrupt_field)) {
      char c = reader_.Peek();
      if (!reader_.SkipValue(nullptr)) {
        return depth > 0 && Unreadable(c) == Outcome::kNoToken ? Outcome::kLost : Outcome::kMalformed;
      }
    } else {
      TypedOutput& child = node.children[*field];
      // a bad value leaves what an earlier one of the same name has set
      Outcome outcome = ParseValue(child, row, depth + 1);
      if (outcome != Outcome::kGood) [[unlikely]] {
        partial_ = true;
        if (outcome == Outcome::kMalformed || outcome == Outcome::kCut) return outcome;
        if (outcome == Outcome::kNoToken) return depth > 0 ? Outcome::kLost : Outcome::kMalformed;
        if (outcome == Outcome::kLost) {
          child.SetNull(row);
          return Outcome::kCut;
        }
      }
      expected = *field + 1;
    }
    if (!reader_.Next('}', &more)) return Outcome::kMalformed;
  }
  return Outcome::kGood;
}

/// Records of one topic name their fields in one order: the next one is looked at first. Of two fields with one
/// name the last takes the value.
std::optional<size_t> JsonRecordParser::FindField(const Type& type, std::string_view name, size_t expected) const {
  const auto& fields = type.fields();
  if (expected < fields.size() && fields[expected].name == name) return expected;
  for (size_t i = fields.size(); i-- > 0;) {
    if (fields[i].name == name) return i;
  }
  return std::nullopt;
}

JsonRecordParser::Outcome JsonRecordParser::ParseArray(TypedOutput& node, uint64_t row, int depth) {
  reader_.Take();
  // Elements of lists inside lie in other vectors, so these stay together.
  uint64_t first = node.list_size;
  bool bad = false;
  if (!reader_.TakeIf(']')) {
    for (bool more = true; more;) {
      uint64_t element = node.Append();
      Outcome outcome = ParseValue(node.children[0], element, depth + 1);
      if (outcome != Outcome::kGood) [[unlikely]] {
        node.children[0].SetNull(element);
        if (outcome == Outcome::kLost || outcome == Outcome::kCut) return Outcome::kLost;
        if (outcome == Outcome::kMalformed) return outcome;
        // a word that is no token is passed over
        if (outcome == Outcome::kNoToken) reader_.SkipWord();
        bad = true;
      }
      if (!reader_.Next(']', &more)) return Outcome::kMalformed;
    }
  }
  if (bad) return Outcome::kBad;
  node.SetEntry(row, first);
  return Outcome::kGood;
}

/// A name that comes twice stands twice in the map, as in Spark.
JsonRecordParser::Outcome JsonRecordParser::ParseMap(TypedOutput& node, uint64_t row, int depth) {
  reader_.Take();
  uint64_t first = node.list_size;
  bool bad = false;
  if (!reader_.TakeIf('}')) {
    for (bool more = true; more;) {
      JsonReader::String raw;
      std::string_view key;
      if (!reader_.ReadName(&raw) || !reader_.Unescape(raw, &scratch_, &key)) return Outcome::kMalformed;
      uint64_t entry = node.Append();
      node.children[0].SetText(entry, key, raw.escaped);
      Outcome outcome = ParseValue(node.children[1], entry, depth + 1);
      if (outcome != Outcome::kGood) [[unlikely]] {
        node.children[1].SetNull(entry);
        if (outcome == Outcome::kMalformed) return outcome;
        if (outcome != Outcome::kBad) return depth > 0 ? Outcome::kLost : Outcome::kMalformed;
        bad = true;
      }
      if (!reader_.Next('}', &more)) return Outcome::kMalformed;
    }
  }
  if (bad) return Outcome::kBad;
  node.SetEntry(row, first);
  return Outcome::kGood;
}

JsonRecordParser::Outcome JsonRecordParser::ParseText(TypedOutput& node, uint64_t row, char c) {
  std::string_view text;
  if (reader_.IsString(c)) {
    JsonReader::String raw;
    if (!reader_.ReadString(&raw) || !reader_.Unescape(raw, &scratch_, &text)) return Outcome::kMalformed;
    node.SetText(row, text, raw.escaped);
    return Outcome::kGood;
  }
  if (c == 't' || c == 'f') {
    if (!reader_.SkipValue(&text)) return Outcome::kNoToken;
    node.SetText(row, text, false);
    return Outcome::kGood;
  }
  if (JsonReader::IsNumberStart(c)) {
    // most whole numbers print as they stand
    JsonReader ahead = reader_;
    JsonReader::Number number;
    if (ahead.ReadNumber(&number) && number.is_integer && (number.raw == "0" || number.raw[number.raw[0] == '-' ? 1 : 0] != '0')) {
      reader_ = ahead;
      node.SetText(row, number.raw, false);
      return Outcome::kGood;
    }
  }
  // printed anew, as Spark does: compact, 1.50 as 1.5
  std::string json;
  if (!CopyJsonValue(&reader_, &json)) return Unreadable(c);
  node.SetText(row, json, true);
  return Outcome::kGood;
}

JsonRecordParser::Outcome JsonRecordParser::ParseBool(TypedOutput& node, uint64_t row, char c) {
  if (c != 't' && c != 'f') return Mismatch();
  if (!reader_.ReadWord(c == 't' ? "true" : "false")) return Outcome::kNoToken;
  node.Set(row, c == 't');
  return Outcome::kGood;
}

JsonRecordParser::Outcome JsonRecordParser::ParseVariant(TypedOutput& node, uint64_t row) {
  char c = reader_.Peek();
  std::string variant;
  switch (AppendVariantOfJson(&reader_, &variant)) {
    case VariantJson::kMalformed:
      return Unreadable(c);
    case VariantJson::kDuplicateKey:
      return Outcome::kBad;
    default:
      node.SetText(row, variant, true);
      return Outcome::kGood;
  }
}

JsonRecordParser::Outcome JsonRecordParser::ParseFromNumber(TypedOutput& node, uint64_t row) {
  JsonReader::Number number;
  if (!reader_.ReadNumber(&number)) return Outcome::kNoToken;
  switch (node.type->id()) {
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
      return SetInteger(node, row, number);
    case TypeId::kFloat:
      return SetValue(node, row, ParseFloat(number.raw));
    case TypeId::kDouble:
      return SetValue(node, row, ParseDouble(number.raw));
    case TypeId::kDecimal:
      return number.is_special ? Outcome::kBad : SetDecimal(node, row, number.raw);
    case TypeId::kTimestamp: {
      int64_t seconds = 0;
      const char* end = number.raw.data() + number.raw.size();
      auto parsed = std::from_chars(number.raw.data(), end, seconds);
      if (!number.is_integer || parsed.ec != std::errc()) return Outcome::kBad;
      // Java's multiplication wraps around
      node.Set(row, static_cast<int64_t>(static_cast<uint64_t>(seconds) * 1'000'000U));
      return Outcome::kGood;
    }
    default:
      return Outcome::kBad;
  }
}

JsonRecordParser::Outcome JsonRecordParser::SetInteger(TypedOutput& node, uint64_t row,
                                                       const JsonReader::Number& number) {
  int64_t value = 0;
  const char* end = number.raw.data() + number.raw.size();
  auto parsed = std::from_chars(number.raw.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) return Outcome::kBad;
  switch (node.type->id()) {
    case TypeId::kByte:
      // Jackson also takes what an unsigned byte holds
      if (value < -128 || value > 255) return Outcome::kBad;
      node.Set(row, static_cast<int8_t>(value));
      break;
    case TypeId::kShort:
      if (value < INT16_MIN || value > INT16_MAX) return Outcome::kBad;
      node.Set(row, static_cast<int16_t>(value));
      break;
    case TypeId::kInt:
      if (value < INT32_MIN || value > INT32_MAX) return Outcome::kBad;
      node.Set(row, static_cast<int32_t>(value));
      break;
    default:
      node.Set(row, value);
  }
  return Outcome::kGood;
}

template <class T>
JsonRecordParser::Outcome JsonRecordParser::SetValue(TypedOutput& node, uint64_t row, std::optional<T> value) {
  if (!value.has_value()) return Outcome::kBad;
  node.Set(row, *value);
  return Outcome::kGood;
}

JsonRecordParser::Outcome JsonRecordParser::SetDecimal(TypedOutput& node, uint64_t row, std::string_view text) {
  auto plain = ParseDecimal(text);
  auto value = plain ? ScaledDecimal(*plain, node.type->precision(), node.type->scale()) : std::nullopt;
  if (!value.has_value()) return Outcome::kBad;
  node.SetDecimal(row, *value);
  return Outcome::kGood;
}

JsonRecordParser::Outcome JsonRecordParser::ParseFromString(TypedOutput& node, uint64_t row) {
  JsonReader::String raw;
  std::string_view text;
  if (!reader_.ReadString(&raw) || !reader_.Unescape(raw, &scratch_, &text)) return Outcome::kMalformed;
  if (text.empty() && !node.type->is(TypeId::kBinary)) return Outcome::kBad;
  switch (node.type->id()) {
    case TypeId::kFloat:
      return IsSpecialWord(text) ? SetValue(node, row, ParseFloat(text)) : Outcome::kBad;
    case TypeId::kDouble:
      return IsSpecialWord(text) ? SetValue(node, row, ParseDouble(text)) : Outcome::kBad;
    case TypeId::kDecimal: {
      auto number = DecimalDigits(text);
      return number ? SetDecimal(node, row, *number) : Outcome::kBad;
    }
    case TypeId::kBinary: {
      auto bytes = IsStrictBase64(text) ? Base64Decode(text) : std::nullopt;
      if (!bytes.has_value()) return Outcome::kBad;
      node.SetText(row, *bytes, true);
      return Outcome::kGood;
    }
    case TypeId::kDate:
      return SetValue(node, row, DateFrom(text));
    case TypeId::kTimestamp:
      return SetValue(node, row, TimestampFrom(text));
    case TypeId::kTimestampNtz:
      return SetValue(node, row, TimestampNtzFrom(text));
    default:
      return Outcome::kBad;
  }
}

std::optional<int32_t> JsonRecordParser::DateFrom(std::string_view text) const {
  if (format_.date_pattern) {
    auto days = format_.date_pattern->ParseDate(text);
    if (days.has_value() || !format_.date_fallback) return days;
  }
  if (auto days = CastToDate(text)) return days;
  // days since 1970 as digits, which Spark 1.5 wrote
  int32_t days = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), days);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return days;
}

std::optional<int64_t> JsonRecordParser::TimestampFrom(std::string_view text) const {
  if (!format_.timestamp_pattern) return CastToTimestamp(text, *format_.zone);
  auto micros = format_.timestamp_pattern->ParseTimestamp(text, *format_.zone);
  if (micros.has_value() || !format_.timestamp_fallback) return micros;
  return CastToTimestamp(text, *format_.zone);
}

std::optional<int64_t> JsonRecordParser::TimestampNtzFrom(std::string_view text) const {
  return format_.timestamp_ntz_pattern ? format_.timestamp_ntz_pattern->ParseLocal(text) : ZonelessTimestamp(text);
}

bool JsonRecordParser::IsSpecialWord(std::string_view text) const {
  if (!format_.leniency.non_numeric_numbers) return false;
  for (std::string_view word : {"NaN", "+INF", "+Infinity", "Infinity", "-INF", "-Infinity"}) {
    if (text == word) return true;
  }
  return false;
}

}  // namespace flare::engine
