#include "sql/interval.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "sql/names.h"

namespace flare::sql {
namespace {

struct Unit {
  std::string_view name;
  IntervalField field;
  int32_t months = 0;
  int32_t days = 0;
  int64_t micros = 0;
};

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
constexpr Unit kUnits[] = {
    {"year", IntervalField::kYear, 12, 0, 0},
    {"month", IntervalField::kMonth, 1, 0, 0},
    {"week", IntervalField::kDay, 0, 7, 0},
    {"day", IntervalField::kDay, 0, 1, 0},
    {"hour", IntervalField::kHour, 0, 0, 3600 * kMicrosPerSecond},
    {"minute", IntervalField::kMinute, 0, 0, 60 * kMicrosPerSecond},
    {"second", IntervalField::kSecond, 0, 0, kMicrosPerSecond},
    {"millisecond", IntervalField::kSecond, 0, 0, 1000},
    {"microsecond", IntervalField::kSecond, 0, 0, 1},
};
constexpr int64_t kMicrosPerField[] = {0, 0, kMicrosPerDay, 3600 * kMicrosPerSecond, 60 * kMicrosPerSecond, kMicrosPerSecond};

const Unit* FindUnit(std::string_view word) {
  std::string lower = LowerAscii(word);
  if (lower.size() > 1 && lower.back() == 's') lower.pop_back();
  for (const Unit& unit : kUnits) {
    if (unit.name == lower) return &unit;
  }
  return nullptr;
}

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// Walks over a text; every Take moves on only when it succeeds.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  char Peek() const { return at_end() ? '\0' : text_[at_]; }
  bool SkipBlanks() {
    size_t start = at_;
    while (!at_end() && IsBlank(text_[at_])) ++at_;
    return at_ > start;
  }
  bool Take(char c) {
    if (Peek() != c || at_end()) return false;
    ++at_;
    return true;
  }
  std::string_view TakeDigits() { return TakeWhile(IsDigit); }
  std::string_view TakeWord() {
    return TakeWhile([](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
  }
  bool TakeKeyword(std::string_view word) {
    size_t start = at_;
    if (EqualIgnoreCase(TakeWord(), word)) return true;
    at_ = start;
    return false;
  }
  /// A sign: -1, 1, or nothing is 1.
  int TakeSign() {
    if (Take('-')) return -1;
    Take('+');
    return 1;
  }
  std::string_view rest() const { return text_.substr(at_); }

 private:
  template <class Predicate>
  std::string_view TakeWhile(Predicate predicate) {
    size_t start = at_;
    while (!at_end() && predicate(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  std::string_view text_;
  size_t at_ = 0;
};

std::optional<int64_t> ToNumber(std::string_view digits) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// Up to nine digits behind the point; those behind the sixth are cut off.
std::optional<int64_t> FractionMicros(std::string_view digits) {
  if (digits.size() > 9) return std::nullopt;
  std::string six(digits.substr(0, 6));
  six.resize(6, '0');
  return ToNumber(six);
}

template <class T>
bool AddProduct(int64_t count, int64_t unit, T* sum) {
  int64_t product = 0;
  return !__builtin_mul_overflow(count, unit, &product) && !__builtin_add_overflow(static_cast<int64_t>(*sum), product, &product) &&
         product >= std::numeric_limits<T>::min() && product <= std::numeric_limits<T>::max() &&
         (*sum = static_cast<T>(product), true);
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

/// One "-2 days" or ".5 seconds".
bool AddPart(Reader* reader, CalendarInterval* interval) {
  int sign = reader->Peek() == '-' || reader->Peek() == '+' ? reader->TakeSign() : 1;
  reader->SkipBlanks();
  std::string_view digits = reader->TakeDigits();
  bool has_point = reader->Take('.');
  std::string_view fraction = has_point ? reader->TakeDigits() : std::string_view();
  if (digits.empty() && fraction.empty()) return false;
  auto count = digits.empty() ? 0 : ToNumber(digits);
  auto micros = FractionMicros(fraction);
  if (!count || !micros || !reader->SkipBlanks()) return false;
  const Unit* unit = FindUnit(reader->TakeWord());
  if (unit == nullptr || (has_point && unit->name != "second")) return false;
  if (!reader->at_end() && !IsBlank(reader->Peek())) return false;
  return AddProduct(sign * *count, unit->months, &interval->months) && AddProduct(sign * *count, unit->days, &interval->days) &&
         AddProduct(sign * *count, unit->micros, &interval->micros) && AddProduct(sign, *micros, &interval->micros);
}

std::string Seconds(uint64_t micros, bool two_digits) {
  std::string text = fmt::format("{}", micros / 1'000'000);
  if (two_digits && text.size() < 2) text.insert(0, "0");
  if (micros % 1'000'000 == 0) return text;
  text += fmt::format(".{:06}", micros % 1'000'000);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

std::string FieldsText(const Type& type) { return UpperAscii(type.ToSimpleString()).substr(9); }

std::string YearMonthValue(int64_t months, const Type& type) {
  if (type.first_field() == IntervalField::kMonth) return fmt::format("{}", months);
  int64_t size = months < 0 ? -months : months;
  std::string years = fmt::format("{}{}", months < 0 ? "-" : "", size / 12);
  return type.last_field() == IntervalField::kYear ? years : fmt::format("{}-{}", years, size % 12);
}

std::string DayTimeValue(int64_t micros, const Type& type) {
  uint64_t rest = micros < 0 ? -static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
  std::string text = micros < 0 ? "-" : "";
  for (int field = static_cast<int>(type.first_field()); field <= static_cast<int>(type.last_field()); ++field) {
    auto unit = static_cast<uint64_t>(kMicrosPerField[field]);
    if (field > static_cast<int>(type.first_field())) text += field == static_cast<int>(IntervalField::kHour) ? " " : ":";
    if (field == static_cast<int>(IntervalField::kSecond)) return text + Seconds(rest, true);
    text += field == static_cast<int>(IntervalField::kDay) ? fmt::format("{}", rest / unit) : fmt::format("{:02}", rest / unit);
    rest %= unit;
  }
  return text;
}

}  // namespace

bool IsIntervalUnit(std::string_view word) { return FindUnit(word) != nullptr; }

std::optional<IntervalField> FieldOfUnit(std::string_view word) {
  const Unit* unit = FindUnit(word);
  return unit == nullptr ? std::nullopt : std::optional(unit->field);
}

std::optional<CalendarInterval> ParseCalendarInterval(std::string_view text) {
  Reader reader(TrimBlanks(text));
  if (reader.TakeKeyword("interval") && !reader.SkipBlanks()) return std::nullopt;
  if (reader.at_end()) return std::nullopt;
  CalendarInterval interval;
  while (!reader.at_end()) {
    if (!AddPart(&reader, &interval)) return std::nullopt;
    reader.SkipBlanks();
  }
  return interval;
}

std::optional<int64_t> ParseIntervalFields(std::string_view text, const Type& type) {
  Reader reader(text);
  int sign = reader.TakeSign();
  int64_t value = 0;
  int first = static_cast<int>(type.first_field());
  for (int field = first; field <= static_cast<int>(type.last_field()); ++field) {
    char separator = field == static_cast<int>(IntervalField::kMonth)  ? '-'
                     : field == static_cast<int>(IntervalField::kHour) ? ' '
                                                                       : ':';
    if (field > first && !reader.Take(separator)) return std::nullopt;
    std::string_view digits = reader.TakeDigits();
    if (digits.empty() || (field > first && digits.size() > 2)) return std::nullopt;
    auto count = ToNumber(digits);
    if (!count) return std::nullopt;
    static constexpr int64_t kMost[] = {0, 11, 0, 23, 59, 59};
    if (field > first && *count > kMost[field]) return std::nullopt;
    if (type.is(TypeId::kIntervalYearMonth)) {
      auto months = static_cast<int32_t>(value);
      if (!AddProduct(sign * *count, field == 0 ? 12 : 1, &months)) return std::nullopt;
      value = months;
      continue;
    }
    if (!AddProduct(sign * *count, kMicrosPerField[field], &value)) return std::nullopt;
    if (field == static_cast<int>(IntervalField::kSecond) && reader.Take('.')) {
      std::string_view fraction = reader.TakeDigits();
      auto micros = FractionMicros(fraction);
      if (fraction.empty() || !micros || !AddProduct(sign, *micros, &value)) return std::nullopt;
    }
  }
  return reader.at_end() ? std::optional(value) : std::nullopt;
}

std::optional<int64_t> CastToInterval(std::string_view text, const Type& type) {
  text = TrimBlanks(text);
  Reader reader(text);
  if (!reader.TakeKeyword("interval")) return ParseIntervalFields(text, type);
  if (!reader.SkipBlanks()) return std::nullopt;
  int sign = reader.TakeSign();
  if (!reader.Take('\'')) return std::nullopt;
  std::string_view rest = reader.rest();
  size_t quote = rest.find('\'');
  if (quote == std::string_view::npos) return std::nullopt;
  std::string fields;
  Reader tail(rest.substr(quote + 1));
  while (tail.SkipBlanks()) fields += (fields.empty() ? "" : " ") + UpperAscii(tail.TakeWord());
  if (!tail.at_end() || fields != FieldsText(type)) return std::nullopt;
  auto value = ParseIntervalFields(rest.substr(0, quote), type);
  if (!value || (sign < 0 && *value == std::numeric_limits<int64_t>::min())) return std::nullopt;
  return sign * *value;
}

std::optional<int64_t> MicrosOfInterval(const CalendarInterval& interval) {
  int64_t micros = interval.micros;
  return AddProduct(interval.days, kMicrosPerDay, &micros) ? std::optional(micros) : std::nullopt;
}

std::string IntervalText(int64_t value, const Type& type) {
  std::string number = type.is(TypeId::kIntervalYearMonth) ? YearMonthValue(value, type) : DayTimeValue(value, type);
  return fmt::format("INTERVAL '{}' {}", number, FieldsText(type));
}

std::string CalendarIntervalText(const CalendarInterval& interval) {
  std::string text;
  auto add = [&text](int64_t count, const char* unit) {
    if (count != 0) text += fmt::format("{} {} ", count, unit);
  };
  add(interval.months / 12, "years");
  add(interval.months % 12, "months");
  add(interval.days, "days");
  add(interval.micros / (3600 * kMicrosPerSecond), "hours");
  add(interval.micros % (3600 * kMicrosPerSecond) / (60 * kMicrosPerSecond), "minutes");
  if (int64_t rest = interval.micros % (60 * kMicrosPerSecond); rest != 0) {
    text += fmt::format("{}{} seconds ", rest < 0 ? "-" : "", Seconds(static_cast<uint64_t>(rest < 0 ? -rest : rest), false));
  }
  if (text.empty()) return "0 seconds";
  text.pop_back();
  return text;
}

}  // namespace flare::sql
