#include "engine/time_zone.h"

#include <fstream>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <sstream>

#include "engine/civil_time.h"

namespace flare::engine {
namespace {

constexpr const char* kZoneFolder = "/usr/share/zoneinfo/";

constexpr std::pair<std::string_view, std::string_view> kShortIds[] = {
    {"ACT", "Australia/Darwin"},     {"AET", "Australia/Sydney"},
    {"AGT", "America/Argentina/Buenos_Aires"}, {"ART", "Africa/Cairo"},
    {"AST", "America/Anchorage"},    {"BET", "America/Sao_Paulo"},
    {"BST", "Asia/Dhaka"},           {"CAT", "Africa/Harare"},
    {"CNT", "America/St_Johns"},     {"CST", "America/Chicago"},
    {"CTT", "Asia/Shanghai"},        {"EAT", "Africa/Addis_Ababa"},
    {"ECT", "Europe/Paris"},         {"IET", "America/Indiana/Indianapolis"},
    {"IST", "Asia/Kolkata"},         {"JST", "Asia/Tokyo"},
    {"MIT", "Pacific/Apia"},         {"NET", "Asia/Yerevan"},
    {"NST", "Pacific/Auckland"},     {"PLT", "Asia/Karachi"},
    {"PNT", "America/Phoenix"},      {"PRT", "America/Puerto_Rico"},
    {"PST", "America/Los_Angeles"},  {"SST", "Pacific/Guadalcanal"},
    {"VST", "Asia/Ho_Chi_Minh"},     {"EST", "-05:00"},
    {"MST", "-07:00"},               {"HST", "-10:00"},
};

bool ReadDigits(std::string_view* text, size_t count, int* value) {
  if (text->size() < count) return false;
  *value = 0;
  for (size_t i = 0; i < count; ++i) {
    char c = (*text)[i];
    if (c < '0' || c > '9') return false;
    *value = *value * 10 + (c - '0');
  }
  text->remove_prefix(count);
  return true;
}

/// "+h", "+hh", "+hh:mm", "+hhmm", "+hh:mm:ss" and Spark's "+h:mm", "+hh:m".
std::optional<int32_t> ParseOffset(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  size_t hour_digits = text.size() == 1 || text[1] == ':' ? 1 : 2;
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  if (!ReadDigits(&text, hour_digits, &hours)) return std::nullopt;
  bool colons = text.starts_with(':');
  for (int* part : {&minutes, &seconds}) {
    if (text.empty()) break;
    if (colons) {
      if (!text.starts_with(':')) return std::nullopt;
      text.remove_prefix(1);
    }
    bool one_digit = part == &minutes && text.size() == 1 && colons && hour_digits == 2;
    if (!ReadDigits(&text, one_digit ? 1 : 2, part)) return std::nullopt;
  }
  if (!text.empty() || minutes > 59 || seconds > 59) return std::nullopt;
  int32_t total = hours * 3600 + minutes * 60 + seconds;
  if (total > 18 * 3600) return std::nullopt;
  return sign * total;
}

std::string OffsetText(int32_t offset) {
  if (offset == 0) return "Z";
  int32_t absolute = offset < 0 ? -offset : offset;
  std::string text = fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', absolute / 3600,
                                 absolute / 60 % 60);
  if (absolute % 60 != 0) text += fmt::format(":{:02}", absolute % 60);
  return text;
}

class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}
  bool Skip(size_t count) {
    if (rest_.size() < count) return false;
    rest_.remove_prefix(count);
    return true;
  }
  int64_t Big(size_t count) {
    uint64_t value = 0;
    if (rest_.size() < count) {
      failed_ = true;
      return 0;
    }
    for (size_t i = 0; i < count; ++i) value = value << 8 | static_cast<uint8_t>(rest_[i]);
    rest_.remove_prefix(count);
    if (count == 4) return static_cast<int32_t>(value);
    return static_cast<int64_t>(value);
  }
  std::string_view rest() const { return rest_; }
  bool failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

struct Header {
  int64_t utc_flags, standard_flags, leaps, times, types, chars;
};

bool ReadHeader(Bytes* bytes, Header* header) {
  if (!bytes->rest().starts_with("TZif") || !bytes->Skip(20)) return false;
  header->utc_flags = bytes->Big(4);
  header->standard_flags = bytes->Big(4);
  header->leaps = bytes->Big(4);
  header->times = bytes->Big(4);
  header->types = bytes->Big(4);
  header->chars = bytes->Big(4);
  return !bytes->failed() && header->types > 0;
}

/// The POSIX text "CET-1CEST,M3.5.0,M10.5.0/3", read front to back.
class RuleText {
 public:
  explicit RuleText(std::string_view text) : rest_(text) {}
  bool empty() const { return rest_.empty(); }
  bool Take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string Name() {
    size_t size = 0;
    if (Take('<')) {
      size = std::min(rest_.find('>'), rest_.size());
      std::string name(rest_.substr(0, size));
      rest_.remove_prefix(std::min(size + 1, rest_.size()));
      return name;
    }
    while (size < rest_.size() && std::isalpha(static_cast<unsigned char>(rest_[size]))) ++size;
    std::string name(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return name;
  }
  int Number() {
    int value = 0;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  int32_t Clock() {
    int sign = Take('-') ? -1 : 1;
    Take('+');
    int32_t seconds = Number() * 3600;
    if (Take(':')) seconds += Number() * 60;
    if (Take(':')) seconds += Number();
    return sign * seconds;
  }

 private:
  std::string_view rest_;
};

}  // namespace

bool TimeZone::ReadRule(std::string_view footer) {
  RuleText text(footer);
  rule_ = Rule();
  rule_.standard_name = text.Name();
  rule_.standard = -text.Clock();
  if (text.empty()) return true;
  rule_.daylight_name = text.Name();
  rule_.daylight = rule_.standard + 3600;
  if (!text.empty() && !text.Take(',')) {
    rule_.daylight = -text.Clock();
    if (!text.Take(',')) return false;
  }
  for (Change* change : {&rule_.start, &rule_.end}) {
    *change = Change{0, 0, 0, 0, false, 7200};
    if (text.Take('M')) {
      change->month = text.Number();
      text.Take('.');
      change->week = text.Number();
      text.Take('.');
      change->weekday = text.Number();
    } else {
      change->leap_counts = !text.Take('J');
      change->day = text.Number();
    }
    if (text.Take('/')) change->time = text.Clock();
    text.Take(',');
  }
  rule_.has_dst = true;
  return true;
}

int64_t TimeZone::SecondsOfChange(const Change& change, int64_t year) {
  int64_t days = 0;
  if (change.month == 0) {
    days = DaysOf({year, 1, 1}) + (change.leap_counts ? change.day : change.day - 1);
    if (!change.leap_counts && change.day >= 60 && IsLeapYear(year)) ++days;
  } else {
    int64_t first = DaysOf({year, change.month, 1});
    int64_t first_weekday = IsoDayOfWeek(first) % 7;  // Sunday = 0
    days = first + FloorMod(change.weekday - first_weekday, 7) + (change.week - 1) * 7;
    if (days >= first + DaysInMonth(year, change.month)) days -= 7;
  }
  return days * kSecondsPerDay + change.time;
}

bool TimeZone::DaylightAt(int64_t utc_seconds) const {
  if (!rule_.has_dst) return false;
  int64_t year = DateOf(FloorDiv(utc_seconds + rule_.standard, kSecondsPerDay)).year;
  int64_t start = SecondsOfChange(rule_.start, year) - rule_.standard;
  int64_t end = SecondsOfChange(rule_.end, year) - rule_.daylight;
  if (start < end) return utc_seconds >= start && utc_seconds < end;
  return utc_seconds >= start || utc_seconds < end;
}

bool TimeZone::ReadFile(const std::string& content) {
  Bytes bytes(content);
  Header header{};
  if (!ReadHeader(&bytes, &header)) return false;
  // The first block has 32-bit times; the second, after it, the same in 64 bits.
  int64_t first_block = header.times * 5 + header.types * 6 + header.chars + header.leaps * 8 +
                        header.standard_flags + header.utc_flags;
  if (!bytes.Skip(static_cast<size_t>(first_block)) || !ReadHeader(&bytes, &header)) return false;
  std::vector<int64_t> times;
  for (int64_t i = 0; i < header.times; ++i) times.push_back(bytes.Big(8));
  std::vector<int64_t> kinds;
  for (int64_t i = 0; i < header.times; ++i) kinds.push_back(bytes.Big(1));
  std::vector<std::array<int64_t, 2>> types;  // offset, index of name
  for (int64_t i = 0; i < header.types; ++i) {
    int64_t offset = bytes.Big(4);
    bytes.Big(1);
    types.push_back({offset, bytes.Big(1)});
  }
  std::string names(bytes.rest().substr(0, static_cast<size_t>(header.chars)));
  if (bytes.failed() ||
      !bytes.Skip(static_cast<size_t>(header.chars + header.leaps * 12 + header.standard_flags +
                                      header.utc_flags))) {
    return false;
  }
  auto name_of = [&](int64_t type) -> std::string {
    auto at = static_cast<size_t>(types[type][1]);
    return at < names.size() ? names.c_str() + at : "";
  };
  first_offset_ = static_cast<int32_t>(types[0][0]);
  first_name_ = name_of(0);
  for (size_t i = 0; i < times.size(); ++i) {
    if (kinds[i] >= header.types) return false;
    transitions_.push_back({times[i], static_cast<int32_t>(types[kinds[i]][0]), name_of(kinds[i])});
  }
  std::string_view footer = bytes.rest();
  if (footer.starts_with('\n')) footer.remove_prefix(1);
  footer = footer.substr(0, footer.find('\n'));
  if (!footer.empty()) return ReadRule(footer);
  rule_.standard = transitions_.empty() ? first_offset_ : transitions_.back().offset;
  rule_.standard_name = transitions_.empty() ? first_name_ : transitions_.back().name;
  return true;
}

bool TimeZone::LoadRegion(std::string_view name, TimeZone* zone) {
  for (char c : name) {
    bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '/' || c == '_' || c == '-' ||
                 c == '+';
    if (!plain) return false;
  }
  if (name.empty() || !std::isalpha(static_cast<unsigned char>(name[0]))) return false;
  std::ifstream file(kZoneFolder + std::string(name), std::ios::binary);
  if (!file) return false;
  std::stringstream content;
  content << file.rdbuf();
  return zone->ReadFile(content.str());
}

int32_t TimeZone::OffsetAt(int64_t utc_seconds) const {
  if (transitions_.empty() || utc_seconds >= transitions_.back().at) {
    return DaylightAt(utc_seconds) ? rule_.daylight : rule_.standard;
  }
  auto after = std::upper_bound(transitions_.begin(), transitions_.end(), utc_seconds,
                                [](int64_t at, const Transition& t) { return at < t.at; });
  return after == transitions_.begin() ? first_offset_ : std::prev(after)->offset;
}

int64_t TimeZone::ToUtcSeconds(int64_t local_seconds) const {
  // Offsets change at most once within a day: one of the two around is right.
  int32_t before = OffsetAt(local_seconds - kSecondsPerDay);
  int32_t after = OffsetAt(local_seconds + kSecondsPerDay);
  if (OffsetAt(local_seconds - before) == before) return local_seconds - before;
  if (OffsetAt(local_seconds - after) == after) return local_seconds - after;
  return local_seconds - before;
}

int64_t TimeZone::ToUtcMicros(int64_t local_micros) const {
  if (is_utc()) return local_micros;
  int64_t seconds = FloorDiv(local_micros, kMicrosPerSecond);
  return local_micros + (ToUtcSeconds(seconds) - seconds) * kMicrosPerSecond;
}

int64_t TimeZone::ToLocalMicros(int64_t utc_micros) const {
  if (is_utc()) return utc_micros;
  return utc_micros + OffsetAt(FloorDiv(utc_micros, kMicrosPerSecond)) * kMicrosPerSecond;
}

std::string TimeZone::ShortName(int64_t utc_seconds) const {
  std::string name;
  if (transitions_.empty() || utc_seconds >= transitions_.back().at) {
    name = DaylightAt(utc_seconds) ? rule_.daylight_name : rule_.standard_name;
  } else {
    auto after = std::upper_bound(transitions_.begin(), transitions_.end(), utc_seconds,
                                  [](int64_t at, const Transition& t) { return at < t.at; });
    name = after == transitions_.begin() ? first_name_ : std::prev(after)->name;
  }
  return name;
}

Result<const TimeZone*> TimeZone::Find(std::string_view name) {
  static std::shared_mutex mutex;
  static std::map<std::string, std::unique_ptr<TimeZone>, std::less<>> zones;
  static thread_local std::string last_name;
  static thread_local const TimeZone* last_zone = nullptr;
  if (last_zone != nullptr && last_name == name) return last_zone;
  auto remember = [&](const TimeZone* zone) {
    last_name = name;
    return last_zone = zone;
  };
  {
    std::shared_lock lock(mutex);
    auto it = zones.find(name);
    if (it != zones.end()) return remember(it->second.get());
  }
  std::string_view id = name;
  for (auto [short_id, long_id] : kShortIds) {
    if (id == short_id) id = long_id;
  }
  auto zone = std::make_unique<TimeZone>();
  std::string_view offset = id;
  std::string prefix;
  for (std::string_view word : {"UTC", "GMT", "UT"}) {
    if (prefix.empty() && id.starts_with(word) && id.size() > word.size()) {
      prefix = word;
      offset = id.substr(word.size());
    }
  }
  if (id == "Z" || id == "z") offset = "+0";
  if (auto seconds = ParseOffset(offset)) {
    zone->rule_.standard = *seconds;
    std::string text = OffsetText(*seconds);
    zone->id_ = prefix.empty() ? text : prefix + (text == "Z" ? "" : text);
    zone->rule_.standard_name = zone->id_;
  } else if (id == "UTC" || id == "GMT" || id == "UT") {
    zone->id_ = zone->rule_.standard_name = id;
  } else if (LoadRegion(id, zone.get())) {
    zone->id_ = id;
  } else {
    return InvalidArgument(
        "time zone '{}' is not known; use a region such as 'Europe/Berlin' or an offset such as '+02:00'",
        name);
  }
  std::unique_lock lock(mutex);
  auto [it, added] = zones.try_emplace(std::string(name), std::move(zone));
  return remember(it->second.get());
}

}  // namespace flare::engine
