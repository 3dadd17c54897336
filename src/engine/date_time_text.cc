#include "engine/date_time_text.h"

#include "base/clock.h"
#include "engine/civil_time.h"
#include "engine/number_text.h"

namespace flare::engine {
namespace {

/// year, month, day, hour, minute, second, microseconds, zone (as the reader's states).
constexpr size_t kSegments = 9;
constexpr size_t kFraction = 6;

struct Parsed {
  int64_t segments[kSegments] = {1, 1, 1, 0, 0, 0, 0, 0, 0};
  std::optional<std::string_view> zone;
  bool time_only = false;
};

bool ValidDigits(size_t segment, int digits, int most_year_digits) {
  if (segment == kFraction) return true;
  if (segment == 0) return digits >= 4 && digits <= most_year_digits;
  if (segment == 7) return digits <= 2;
  return digits > 0 && digits <= 2;
}

/// Reads a timestamp text segment by segment.
class TimestampReader {
 public:
  explicit TimestampReader(std::string_view text) : text_(text) {}

  bool Read(Parsed* parsed) {
    parsed_ = parsed;
    if (text_.empty()) return false;
    if (text_[0] == '-' || text_[0] == '+') {
      year_sign_ = text_[0] == '-' ? -1 : 1;
      has_sign_ = true;
      ++at_;
    }
    for (; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c >= '0' && c <= '9') {
        TakeDigit(c - '0');
      } else if (!TakeSeparator(c)) {
        return false;
      }
      if (segment_ >= kSegments) return false;
    }
    if (!ValidDigits(segment_, digits_, 6)) return false;
    parsed->segments[segment_] = value_;
    for (int i = fraction_digits_; i < 6; ++i) parsed->segments[kFraction] *= 10;
    parsed->segments[0] *= year_sign_;
    return true;
  }

 private:
  void TakeDigit(int digit) {
    if (segment_ == kFraction) ++fraction_digits_;
    // Digits beyond microseconds are cut.
    if (segment_ != kFraction || fraction_digits_ <= 6) {
      if (digits_ < 18) value_ = value_ * 10 + digit;
    }
    ++digits_;
  }

  bool Close() {
    if (!ValidDigits(segment_, digits_, 6)) return false;
    parsed_->segments[segment_] = value_;
    value_ = 0;
    digits_ = 0;
    ++segment_;
    return true;
  }

  bool TakeSeparator(char c) {
    if (at_ == 0 && c == 'T') {
      parsed_->time_only = true;
      segment_ = 3;
      return true;
    }
    if (segment_ < 2) {
      if (c == '-') return Close();
      if (segment_ != 0 || c != ':' || has_sign_) return false;
      // The first number was an hour.
      parsed_->time_only = true;
      segment_ = 3;
      return Close();
    }
    if (segment_ == 2) return (c == ' ' || c == 'T') && Close();
    if (segment_ == 3 || segment_ == 4) return c == ':' && Close();
    if (segment_ == 5 || segment_ == kFraction) {
      bool is_fraction = c == '.' && segment_ == 5;
      if (!Close()) return false;
      if (is_fraction) return true;
      parsed_->zone = text_.substr(at_);
      at_ = text_.size() - 1;
      if (segment_ == kFraction) ++segment_;
      return true;
    }
    return false;
  }

  std::string_view text_;
  Parsed* parsed_ = nullptr;
  size_t at_ = 0;
  size_t segment_ = 0;
  int64_t value_ = 0;
  int digits_ = 0;
  int fraction_digits_ = 0;
  int64_t year_sign_ = 1;
  bool has_sign_ = false;
};

std::optional<int64_t> LocalMicros(const Parsed& parsed, std::optional<int64_t> days) {
  const int64_t* part = parsed.segments;
  if (!days.has_value() || part[3] > 23 || part[4] > 59 || part[5] > 59) return std::nullopt;
  int64_t seconds = part[3] * 3600 + part[4] * 60 + part[5];
  int64_t of_day = seconds * kMicrosPerSecond + part[6];
  int64_t micros = 0;
  if (__builtin_mul_overflow(*days, kMicrosPerDay, &micros)) return std::nullopt;
  if (__builtin_add_overflow(micros, of_day, &micros)) return std::nullopt;
  return micros;
}

std::string_view TrimBlanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<int32_t> CastToDate(std::string_view text) {
  text = TrimAll(text);
  if (text.empty()) return std::nullopt;
  int64_t sign = 1;
  if (text[0] == '-' || text[0] == '+') {
    sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
  }
  int64_t segments[3] = {1, 1, 1};
  size_t segment = 0;
  int64_t value = 0;
  int digits = 0;
  size_t at = 0;
  for (; at < text.size() && text[at] != ' ' && text[at] != 'T'; ++at) {
    char c = text[at];
    if (c == '-' && segment < 2) {
      if (!ValidDigits(segment, digits, 7)) return std::nullopt;
      segments[segment++] = value;
      value = 0;
      digits = 0;
    } else if (c >= '0' && c <= '9' && digits < 8) {
      value = value * 10 + (c - '0');
      ++digits;
    } else {
      return std::nullopt;
    }
  }
  if (!ValidDigits(segment, digits, 7)) return std::nullopt;
  if (segment < 2 && at < text.size()) return std::nullopt;
  segments[segment] = value;
  auto days = CheckedDaysOf(sign * segments[0], segments[1], segments[2]);
  if (!days.has_value()) return std::nullopt;
  return static_cast<int32_t>(*days);
}

std::optional<int64_t> CastToTimestamp(std::string_view text, const TimeZone& zone) {
  Parsed parsed;
  if (!TimestampReader(TrimAll(text)).Read(&parsed)) return std::nullopt;
  const TimeZone* at = &zone;
  if (parsed.zone.has_value()) {
    auto named = TimeZone::Find(TrimBlanks(*parsed.zone));
    if (!named.has_value()) return std::nullopt;
    at = *named;
  }
  auto days = CheckedDaysOf(parsed.segments[0], parsed.segments[1], parsed.segments[2]);
  if (parsed.time_only) {
    int64_t now = SystemClock().Now().time_since_epoch().count() * 1000;
    days = FloorDiv(at->ToLocalMicros(now), kMicrosPerDay);
  }
  auto local = LocalMicros(parsed, days);
  if (!local.has_value()) return std::nullopt;
  return at->ToUtcMicros(*local);
}

std::optional<int64_t> CastToTimestampNtz(std::string_view text) {
  Parsed parsed;
  if (!TimestampReader(TrimAll(text)).Read(&parsed) || parsed.time_only) return std::nullopt;
  if (parsed.zone.has_value() && !TimeZone::Find(TrimBlanks(*parsed.zone)).has_value()) {
    return std::nullopt;
  }
  return LocalMicros(parsed,
                     CheckedDaysOf(parsed.segments[0], parsed.segments[1], parsed.segments[2]));
}

std::string DateText(int64_t days) {
  CivilDate date = DateOf(days);
  if (date.year > 9999) return fmt::format("+{}-{:02}-{:02}", date.year, date.month, date.day);
  if (date.year < 0) return fmt::format("-{:04}-{:02}-{:02}", -date.year, date.month, date.day);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

std::string TimestampText(int64_t local_micros) {
  CivilTime time = TimeOf(local_micros);
  std::string text = fmt::format("{} {:02}:{:02}:{:02}", DateText(FloorDiv(local_micros, kMicrosPerDay)),
                                 time.hour, time.minute, time.second);
  if (time.micros == 0) return text;
  text += fmt::format(".{:06}", time.micros);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace flare::engine
