#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/civil_time.h"
#include "engine/time_zone.h"

namespace flare::engine {

enum class PatternUse { kFormat, kParse };

/// A Java DateTimeFormatter pattern as Spark 3 allows it ("yyyy-MM-dd'T'HH:mm:ss[.SSS]XXX"), English.
/// Threads: immutable, safe from any.
class DateTimePattern {
 public:
  /// Errors: kInvalidArgument with Spark's condition for letters or counts that Spark refuses.
  static Result<DateTimePattern> Compile(std::string_view pattern, PatternUse use);

  /// Formats an instant (microseconds UTC) on the clock of `zone`.
  std::string Format(int64_t utc_micros, const TimeZone& zone) const;

  /// Reads all of `text`; nullopt when it does not fit, then *error_index (may be null) is where.
  /// Missing parts: 1970, January, 1st, midnight. A zone in the text wins over `zone`.
  std::optional<int64_t> ParseTimestamp(std::string_view text, const TimeZone& zone,
                                        size_t* error_index = nullptr) const;
  /// The wall clock in the text, whatever zone it names.
  std::optional<int64_t> ParseLocal(std::string_view text, size_t* error_index = nullptr) const;
  std::optional<int32_t> ParseDate(std::string_view text, size_t* error_index = nullptr) const;

  struct Fields;

 private:
  struct Element {
    char letter = 0;      ///< 0 = literal, '[' = optional part
    int count = 0;
    std::string literal;  ///< in lower case for parsing
    std::vector<Element> part;
    int fixed_after = 0;  ///< digits of the fixed-width numbers that follow at once
  };

  static Result<std::vector<Element>> CompilePart(std::string_view pattern, PatternUse use, size_t* at,
                                                  bool nested);
  static Status CheckLetter(std::string_view pattern, char letter, int count, PatternUse use);
  static void MeasureAdjacent(std::vector<Element>* elements);
  static bool IsFixedNumber(const Element& element);
  static bool ParsePart(const std::vector<Element>& elements, std::string_view text, size_t* at,
                        Fields* fields);
  static bool ParseElement(const Element& element, std::string_view text, size_t* at, Fields* fields);
  struct Moment;
  static void FormatPart(const std::vector<Element>& elements, const Moment& moment, std::string* text);
  static void FormatElement(const Element& element, const Moment& moment, std::string* text);
  bool ParseFields(std::string_view text, Fields* fields, size_t* error_index) const;

  std::vector<Element> elements_;
  bool has_era_ = false;  ///< G stands in it
};

}  // namespace flare::engine
