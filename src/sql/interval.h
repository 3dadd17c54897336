#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace flare::sql {

/// Gathers the parts of an interval literal: months, or days and microseconds, never both.
class IntervalBuilder {
 public:
  static bool IsUnit(std::string_view word);

  /// `value` `unit`, as 3 DAYS or '1.5' SECONDS. False when it cannot be read.
  bool Add(std::string_view value, std::string_view unit, bool negative);
  /// '1-2' YEAR TO MONTH, '1 02:03:04.5' DAY TO SECOND and the ranges between.
  bool AddRange(std::string_view value, std::string_view from, std::string_view to, bool negative);
  /// '1 day 2 hours', with or without the word interval before it.
  bool AddText(std::string_view text);

  bool valid() const { return !(has_months_ && has_micros_) && (has_months_ || has_micros_); }
  bool is_year_month() const { return has_months_; }
  /// No unit below a day was named: a DATE plus it stays a DATE.
  bool whole_days() const { return has_micros_ && last_unit_ == 2; }
  int64_t months() const { return months_; }
  int64_t micros() const { return micros_; }
  /// As DuckDB reads it: INTERVAL '14 months'.
  std::string DuckDbText() const;
  /// As Spark names a column of it: INTERVAL '1' DAY.
  std::string SparkText(const std::string& written) const;

 private:
  bool AddMicros(int64_t count, int64_t unit);

  int64_t months_ = 0;
  int64_t micros_ = 0;
  bool has_months_ = false;
  bool has_micros_ = false;
  int first_unit_ = -1;  ///< largest and smallest unit named, for the type's fields
  int last_unit_ = -1;
};

}  // namespace flare::sql
