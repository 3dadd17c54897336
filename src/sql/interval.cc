#include "sql/interval.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "sql/names.h"

namespace flare::sql {
namespace {

struct Unit {
  std::string_view name;
  int64_t months;
  int64_t micros;
  int field;  ///< 0 year, 1 month, 2 day, 3 hour, 4 minute, 5 second
};

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
constexpr Unit kUnits[] = {
    {"year", 12, 0, 0},
    {"month", 1, 0, 1},
    {"week", 0, 7 * kMicrosPerDay, 2},
    {"day", 0, kMicrosPerDay, 2},
    {"hour", 0, 3600 * kMicrosPerSecond, 3},
    {"minute", 0, 60 * kMicrosPerSecond, 4},
    {"second", 0, kMicrosPerSecond, 5},
    {"millisecond", 0, 1000, 5},
    {"microsecond", 0, 1, 5},
};
constexpr std::string_view kFieldNames[] = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"};

const Unit* FindUnit(std::string_view word) {
  std::string lower = LowerAscii(word);
  if (lower.size() > 1 && lower.back() == 's') lower.pop_back();
  for (const Unit& unit : kUnits) {
    if (unit.name == lower) return &unit;
  }
  return nullptr;
}

bool ReadInteger(std::string_view text, int64_t* value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

std::string_view TrimBlanks(std::string_view text) {
  size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

std::vector<std::string_view> SplitWords(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> words;
  size_t at = 0;
  while ((at = text.find_first_not_of(separators, at)) != std::string_view::npos) {
    size_t end = std::min(text.find_first_of(separators, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

}  // namespace

bool IntervalBuilder::IsUnit(std::string_view word) { return FindUnit(word) != nullptr; }

bool IntervalBuilder::AddMicros(int64_t count, int64_t unit) {
  int64_t product = 0;
  has_micros_ = true;
  return !__builtin_mul_overflow(count, unit, &product) && !__builtin_add_overflow(micros_, product, &micros_);
}

bool IntervalBuilder::Add(std::string_view value, std::string_view unit_name, bool negative) {
  const Unit* unit = FindUnit(unit_name);
  if (unit == nullptr) return false;
  if (first_unit_ < 0) first_unit_ = unit->field;
  last_unit_ = unit->field;
  value = TrimBlanks(value);
  if (!value.empty() && (value[0] == '-' || value[0] == '+')) {
    negative ^= value[0] == '-';
    value.remove_prefix(1);
  }
  std::string_view fraction;
  if (size_t point = value.find('.'); point != std::string_view::npos && unit->name == "second") {
    fraction = value.substr(point + 1);
    value = value.substr(0, point);
  }
  int64_t count = 0;
  if (!value.empty() && !ReadInteger(value, &count)) return false;
  if (value.empty() && fraction.empty()) return false;
  if (negative) count = -count;
  if (unit->months > 0) {
    has_months_ = true;
    int64_t months = 0;
    return !__builtin_mul_overflow(count, unit->months, &months) && !__builtin_add_overflow(months_, months, &months_);
  }
  if (!fraction.empty()) {
    std::string six(fraction.substr(0, 6));
    six.resize(6, '0');
    int64_t micros = 0;
    if (!ReadInteger(six, &micros) || !AddMicros(negative ? -micros : micros, 1)) return false;
  }
  return AddMicros(count, unit->micros);
}

bool IntervalBuilder::AddRange(std::string_view value, std::string_view from, std::string_view to, bool negative) {
  const Unit* first = FindUnit(from);
  const Unit* last = FindUnit(to);
  if (first == nullptr || last == nullptr || first->field >= last->field) return false;
  if ((first->months > 0) != (last->months > 0)) return false;
  value = TrimBlanks(value);
  if (!value.empty() && (value[0] == '-' || value[0] == '+')) {
    negative ^= value[0] == '-';
    value.remove_prefix(1);
  }
  std::vector<std::string_view> pieces = SplitWords(value, first->months > 0 ? "-" : " :");
  if (pieces.size() != static_cast<size_t>(last->field - first->field + 1)) return false;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (!Add(pieces[i], kFieldNames[first->field + static_cast<int>(i)], negative)) return false;
  }
  first_unit_ = first->field;
  last_unit_ = last->field;
  return true;
}

bool IntervalBuilder::AddText(std::string_view text) {
  std::vector<std::string_view> words = SplitWords(text, " \t\r\n");
  size_t at = !words.empty() && EqualIgnoreCase(words[0], "interval") ? 1 : 0;
  if (at >= words.size() || (words.size() - at) % 2 != 0) return false;
  for (; at < words.size(); at += 2) {
    if (!Add(words[at], words[at + 1], false)) return false;
  }
  return true;
}

std::string IntervalBuilder::DuckDbText() const {
  if (has_months_) return fmt::format("INTERVAL '{} months'", months_);
  return fmt::format("INTERVAL '{} microseconds'", micros_);
}

std::string IntervalBuilder::SparkText(const std::string& written) const {
  if (first_unit_ < 0 || first_unit_ != last_unit_) return written;
  static constexpr int64_t kPerField[] = {12, 1, kMicrosPerDay, 3600 * kMicrosPerSecond, 60 * kMicrosPerSecond,
                                          kMicrosPerSecond};
  int64_t value = has_months_ ? months_ : micros_;
  int64_t unit = kPerField[first_unit_];
  std::string number = fmt::format("{}", value / unit);
  if (first_unit_ == 5 && value % unit != 0) {
    std::string fraction = fmt::format("{:06}", std::abs(value % unit));
    while (fraction.back() == '0') fraction.pop_back();
    number = fmt::format("{}{}.{}", value < 0 ? "-" : "", std::abs(value / unit), fraction);
  }
  return fmt::format("INTERVAL '{}' {}", number, kFieldNames[first_unit_]);
}

}  // namespace flare::sql
