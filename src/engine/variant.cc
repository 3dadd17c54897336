#include "engine/variant.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "engine/base64.h"
#include "engine/civil_time.h"
#include "engine/date_time_text.h"
#include "engine/number_text.h"

namespace flare::engine {
namespace {

constexpr size_t kCount = 1;             ///< where the count stands
constexpr size_t kEnds = kCount + 4;     ///< where the ends of the elements stand

template <class T>
void AppendRaw(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void AppendKind(VariantKind kind, std::string* out) { out->push_back(static_cast<char>(kind)); }

/// Without zeros behind the fraction.
std::string PlainDecimal(Int128 unscaled, int scale) {
  for (; scale > 0 && unscaled % 10 == 0; --scale) unscaled /= 10;
  return DecimalText(unscaled, scale);
}

/// "2020-01-01 10:00:00.5+01:00", `offset` in seconds.
std::string MomentText(int64_t local_micros, int32_t offset) {
  int32_t minutes = std::abs(offset) / 60;
  return fmt::format("{}{}{:02}:{:02}", TimestampText(local_micros), offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

}  // namespace

template <class T>
T Variant::Load(size_t at) const {
  T value{};
  if (at + sizeof(T) <= bytes_.size()) std::memcpy(&value, bytes_.data() + at, sizeof(T));
  return value;
}

VariantKind Variant::kind() const {
  if (bytes_.empty() || static_cast<uint8_t>(bytes_[0]) > static_cast<uint8_t>(VariantKind::kObject)) {
    return VariantKind::kNull;
  }
  return static_cast<VariantKind>(bytes_[0]);
}

int64_t Variant::Whole() const { return Load<int64_t>(1); }
double Variant::Double() const { return Load<double>(1); }
float Variant::Float() const { return Load<float>(1); }
int Variant::scale() const { return Load<uint8_t>(1); }
Int128 Variant::Unscaled() const { return Load<Int128>(2); }
std::string_view Variant::Text() const { return bytes_.substr(std::min<size_t>(1, bytes_.size())); }

size_t Variant::size() const {
  if (kind() != VariantKind::kArray && kind() != VariantKind::kObject) return 0;
  auto count = Load<uint32_t>(kCount);
  return count <= bytes_.size() / 4 ? count : 0;
}

std::string_view Variant::Slot(size_t index) const {
  size_t first = kEnds + size() * 4;
  size_t begin = first + (index == 0 ? 0 : Load<uint32_t>(kEnds + (index - 1) * 4));
  size_t end = first + Load<uint32_t>(kEnds + index * 4);
  if (begin > end || end > bytes_.size()) return {};
  return bytes_.substr(begin, end - begin);
}

Variant Variant::Element(size_t index) const {
  std::string_view slot = Slot(index);
  if (kind() != VariantKind::kObject) return Variant(slot);
  size_t skipped = 4 + Key(index).size();
  return Variant(slot.substr(std::min(skipped, slot.size())));
}

std::string_view Variant::Key(size_t index) const {
  std::string_view slot = Slot(index);
  if (slot.size() < 4) return {};
  return slot.substr(4).substr(0, Variant(slot).Load<uint32_t>(0));
}

std::optional<Variant> Variant::Find(std::string_view key) const {
  if (kind() != VariantKind::kObject) return std::nullopt;
  size_t low = 0;
  for (size_t high = size(); low < high;) {
    size_t middle = (low + high) / 2;
    if (Key(middle) < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == size() || Key(low) != key) return std::nullopt;
  return Element(low);
}

void Variant::AppendJson(const TimeZone& zone, std::string* json) const {
  switch (kind()) {
    case VariantKind::kNull:
      json->append("null");
      return;
    case VariantKind::kString:
      return AppendJsonString(Text(), json);
    case VariantKind::kArray:
      json->push_back('[');
      for (size_t i = 0; i < size(); ++i) {
        if (i > 0) json->push_back(',');
        Element(i).AppendJson(zone, json);
      }
      json->push_back(']');
      return;
    case VariantKind::kObject:
      json->push_back('{');
      for (size_t i = 0; i < size(); ++i) {
        if (i > 0) json->push_back(',');
        AppendJsonString(Key(i), json);
        json->push_back(':');
        Element(i).AppendJson(zone, json);
      }
      json->push_back('}');
      return;
    case VariantKind::kDate:
    case VariantKind::kTimestampNtz:
      json->append("\"" + ToText(zone) + "\"");
      return;
    case VariantKind::kTimestamp: {
      auto offset = zone.OffsetAt(FloorDiv(Whole(), kMicrosPerSecond));
      json->append("\"" + MomentText(zone.ToLocalMicros(Whole()), offset) + "\"");
      return;
    }
    case VariantKind::kBinary:
      json->append("\"" + Base64Encode(Text()) + "\"");
      return;
    case VariantKind::kDouble:
    case VariantKind::kFloat: {
      double value = kind() == VariantKind::kDouble ? Double() : Float();
      json->append(std::isfinite(value) ? ToText(zone) : "\"" + ToText(zone) + "\"");
      return;
    }
    default:
      json->append(ToText(zone));
  }
}

std::string Variant::ToText(const TimeZone& zone) const {
  switch (kind()) {
    case VariantKind::kFalse:
      return "false";
    case VariantKind::kTrue:
      return "true";
    case VariantKind::kLong:
      return std::to_string(Whole());
    case VariantKind::kDouble:
      return JavaDoubleText(Double());
    case VariantKind::kFloat:
      return JavaFloatText(Float());
    case VariantKind::kDecimal:
      return PlainDecimal(Unscaled(), scale());
    case VariantKind::kString:
    case VariantKind::kBinary:
      return std::string(Text());
    case VariantKind::kDate:
      return DateText(Whole());
    case VariantKind::kTimestamp:
      return TimestampText(zone.ToLocalMicros(Whole()));
    case VariantKind::kTimestampNtz:
      return TimestampText(Whole());
    default: {
      std::string json;
      AppendJson(zone, &json);
      return json;
    }
  }
}

void AppendVariantNull(std::string* out) { AppendKind(VariantKind::kNull, out); }

void AppendVariantBool(bool value, std::string* out) {
  AppendKind(value ? VariantKind::kTrue : VariantKind::kFalse, out);
}

void AppendVariantWhole(VariantKind kind, int64_t value, std::string* out) {
  AppendKind(kind, out);
  AppendRaw(value, out);
}

void AppendVariantDouble(double value, std::string* out) {
  AppendKind(VariantKind::kDouble, out);
  AppendRaw(value, out);
}

void AppendVariantFloat(float value, std::string* out) {
  AppendKind(VariantKind::kFloat, out);
  AppendRaw(value, out);
}

void AppendVariantDecimal(Int128 unscaled, int scale, std::string* out) {
  AppendKind(VariantKind::kDecimal, out);
  AppendRaw(static_cast<uint8_t>(scale), out);
  AppendRaw(unscaled, out);
}

void AppendVariantText(VariantKind kind, std::string_view text, std::string* out) {
  AppendKind(kind, out);
  out->append(text);
}

void AppendVariantArray(const std::vector<std::string>& elements, std::string* out) {
  AppendKind(VariantKind::kArray, out);
  AppendRaw(static_cast<uint32_t>(elements.size()), out);
  size_t end = 0;
  for (const std::string& element : elements) AppendRaw(static_cast<uint32_t>(end += element.size()), out);
  for (const std::string& element : elements) out->append(element);
}

bool AppendVariantObject(std::vector<std::pair<std::string, std::string>> members, std::string* out) {
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 1; i < members.size(); ++i) {
    if (members[i].first == members[i - 1].first) return false;
  }
  AppendKind(VariantKind::kObject, out);
  AppendRaw(static_cast<uint32_t>(members.size()), out);
  size_t end = 0;
  for (const auto& [key, value] : members) AppendRaw(static_cast<uint32_t>(end += 4 + key.size() + value.size()), out);
  for (const auto& [key, value] : members) {
    AppendRaw(static_cast<uint32_t>(key.size()), out);
    out->append(key).append(value);
  }
  return true;
}

namespace {

/// Builds variants from the inside out: the text is read once, each value copied once for every level around it.
class JsonToVariant {
 public:
  explicit JsonToVariant(JsonReader* reader) : reader_(*reader) {}

  VariantJson Append(std::string* out, int depth) {
    constexpr int kDeepest = 1000;
    if (depth > kDeepest) return VariantJson::kMalformed;
    char c = reader_.Peek();
    if (c == '{') return AppendObject(out, depth);
    if (c == '[') return AppendArray(out, depth);
    if (c == 't' || c == 'f') {
      if (!reader_.ReadWord(c == 't' ? "true" : "false")) return VariantJson::kMalformed;
      AppendVariantBool(c == 't', out);
      return VariantJson::kGood;
    }
    if (c == 'n') {
      if (!reader_.ReadWord("null")) return VariantJson::kMalformed;
      AppendVariantNull(out);
      return VariantJson::kGood;
    }
    if (reader_.IsString(c)) {
      JsonReader::String string;
      std::string_view text;
      if (!reader_.ReadString(&string) || !reader_.Unescape(string, &scratch_, &text)) return VariantJson::kMalformed;
      AppendVariantText(VariantKind::kString, text, out);
      return VariantJson::kGood;
    }
    JsonReader::Number number;
    if (!JsonReader::IsNumberStart(c) || !reader_.ReadNumber(&number)) return VariantJson::kMalformed;
    AppendNumber(number, out);
    return VariantJson::kGood;
  }

 private:
  VariantJson AppendObject(std::string* out, int depth) {
    std::vector<std::pair<std::string, std::string>> members;
    reader_.Take();
    for (bool more = !reader_.TakeIf('}'); more;) {
      JsonReader::String raw;
      std::string_view name;
      if (!reader_.ReadName(&raw) || !reader_.Unescape(raw, &scratch_, &name)) return VariantJson::kMalformed;
      members.emplace_back(name, "");
      VariantJson outcome = Append(&members.back().second, depth + 1);
      if (outcome != VariantJson::kGood) return outcome;
      if (!reader_.Next('}', &more)) return VariantJson::kMalformed;
    }
    return AppendVariantObject(std::move(members), out) ? VariantJson::kGood : VariantJson::kDuplicateKey;
  }

  VariantJson AppendArray(std::string* out, int depth) {
    std::vector<std::string> elements;
    reader_.Take();
    for (bool more = !reader_.TakeIf(']'); more;) {
      VariantJson outcome = Append(&elements.emplace_back(), depth + 1);
      if (outcome != VariantJson::kGood) return outcome;
      if (!reader_.Next(']', &more)) return VariantJson::kMalformed;
    }
    AppendVariantArray(elements, out);
    return VariantJson::kGood;
  }

  /// A long where it fits, else an exact decimal where it has no exponent and 38 digits do, else a double.
  static void AppendNumber(const JsonReader::Number& number, std::string* out) {
    constexpr int kMostDigits = 38;
    const char* end = number.raw.data() + number.raw.size();
    int64_t value = 0;
    if (number.is_integer) {
      auto parsed = std::from_chars(number.raw.data(), end, value);
      if (parsed.ec == std::errc() && parsed.ptr == end) return AppendVariantWhole(VariantKind::kLong, value, out);
    }
    size_t point = number.raw.find('.');
    size_t scale = point == number.raw.npos ? 0 : number.raw.size() - point - 1;
    bool plain = !number.is_special && number.raw.find_first_of("eE") == number.raw.npos;
    auto unscaled = plain && scale <= kMostDigits
                        ? ScaledDecimal(number.raw, kMostDigits, static_cast<int>(scale))
                        : std::nullopt;
    if (unscaled) return AppendVariantDecimal(*unscaled, static_cast<int>(scale), out);
    AppendVariantDouble(ParseDouble(number.raw).value_or(0), out);
  }

  JsonReader& reader_;
  std::string scratch_;
};

}  // namespace

VariantJson AppendVariantOfJson(JsonReader* reader, std::string* out) { return JsonToVariant(reader).Append(out, 0); }

std::optional<VariantPath> VariantPath::Parse(std::string_view text) {
  if (!text.starts_with('$')) return std::nullopt;
  text.remove_prefix(1);
  VariantPath path;
  while (!text.empty()) {
    Step step;
    if (text[0] == '.') {
      text.remove_prefix(1);
      size_t end = std::min(text.find_first_of(".["), text.size());
      if (end == 0) return std::nullopt;
      step.key = std::string(text.substr(0, end));
      text.remove_prefix(end);
    } else if (text.starts_with("['") || text.starts_with("[\"")) {
      char quote = text[1];
      size_t end = text.find(quote, 2);
      if (end == text.npos || text.substr(end + 1, 1) != "]") return std::nullopt;
      step.key = std::string(text.substr(2, end - 2));
      text.remove_prefix(end + 2);
    } else {
      if (text[0] != '[') return std::nullopt;
      int32_t index = 0;
      auto parsed = std::from_chars(text.data() + 1, text.data() + text.size(), index);
      if (parsed.ec != std::errc() || index < 0 || text[1] == '-') return std::nullopt;
      text.remove_prefix(parsed.ptr - text.data());
      if (!text.starts_with(']')) return std::nullopt;
      text.remove_prefix(1);
      step.index = static_cast<uint64_t>(index);
    }
    path.steps_.push_back(std::move(step));
  }
  return path;
}

std::optional<Variant> VariantPath::Find(Variant variant) const {
  for (const Step& step : steps_) {
    if (step.key) {
      auto found = variant.Find(*step.key);
      if (!found) return std::nullopt;
      variant = *found;
    } else {
      if (variant.kind() != VariantKind::kArray || step.index >= variant.size()) return std::nullopt;
      variant = variant.Element(step.index);
    }
  }
  return variant;
}

}  // namespace flare::engine
