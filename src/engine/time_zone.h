#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace flare::engine {

/// A time zone as Java's ZoneId reads it: a region of the system's tz database ("Europe/Berlin"), an
/// offset ("+05:30", "Z", "UTC+1", "GMT-3"), or one of Java's short names ("PST").
/// Threads: immutable, safe from any. Lives as long as the process.
class TimeZone {
 public:
  /// Errors: kInvalidArgument for a zone that nobody knows.
  static Result<const TimeZone*> Find(std::string_view name);

  /// Seconds east of UTC at an instant (seconds since the epoch).
  int32_t OffsetAt(int64_t utc_seconds) const;
  /// Wall clock to instant as Java resolves it: in a gap moved forward by the gap's length, in an
  /// overlap the earlier offset.
  int64_t ToUtcSeconds(int64_t local_seconds) const;
  int64_t ToUtcMicros(int64_t local_micros) const;
  int64_t ToLocalMicros(int64_t utc_micros) const;
  /// "CET", "CEST" at an instant; offsets yield "+05:30", UTC "UTC".
  std::string ShortName(int64_t utc_seconds) const;
  /// The id as Java normalises it ("Europe/Berlin", "+05:30", "Z").
  const std::string& id() const { return id_; }
  bool is_utc() const { return transitions_.empty() && !rule_.has_dst && rule_.standard == 0; }

 private:
  struct Change {
    int month, week, weekday;  ///< Mm.w.d; month 0: Julian day in `day`
    int day;
    bool leap_counts;
    int32_t time;  ///< seconds after midnight, wall clock
  };
  /// What holds after the last transition.
  struct Rule {
    int32_t standard = 0;
    int32_t daylight = 0;
    std::string standard_name = "UTC";
    std::string daylight_name;
    bool has_dst = false;
    Change start{}, end{};
  };
  struct Transition {
    int64_t at;  ///< UTC seconds from which `offset` holds
    int32_t offset;
    std::string name;
  };

  static bool LoadRegion(std::string_view name, TimeZone* zone);
  bool ReadFile(const std::string& bytes);
  bool ReadRule(std::string_view footer);
  bool DaylightAt(int64_t utc_seconds) const;
  static int64_t SecondsOfChange(const Change& change, int64_t year);

  std::string id_;
  int32_t first_offset_ = 0;  ///< before the first transition
  std::string first_name_;
  std::vector<Transition> transitions_;
  Rule rule_;
};

}  // namespace flare::engine
