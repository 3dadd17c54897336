#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/date_time_pattern.h"
#include "engine/json_reader.h"
#include "engine/time_zone.h"
#include "engine/typed_output.h"
#include "sql/types.h"

namespace flare::engine {

/// How from_json reads records: everything that no record changes.
struct JsonRecordFormat {
  sql::Type type;
  JsonLeniency leniency;
  std::optional<size_t> corrupt_field;  ///< of the root struct: never read from the record
  bool single_variant = false;          ///< the one field of the root struct takes the whole record
  const TimeZone* zone = nullptr;
  std::optional<DateTimePattern> timestamp_pattern;
  std::optional<DateTimePattern> timestamp_ntz_pattern;
  std::optional<DateTimePattern> date_pattern;
  /// What a pattern refuses is tried once more as a cast would read it.
  bool timestamp_fallback = false;
  bool date_fallback = false;
};

/// Parses the records of one chunk as Spark's JacksonParser does. Threads: one.
class JsonRecordParser {
 public:
  explicit JsonRecordParser(const JsonRecordFormat& format) : format_(format), reader_("", format.leniency) {}

  /// Fills `row` of `root`; false when the record is not wholly good, and then what is good is there.
  /// Texts may point into `record`.
  bool Parse(std::string_view record, TypedOutput& root, uint64_t row);

 private:
  /// What became of one value. A bad one was read to its end and lacks. After the others nothing can be read:
  /// malformed loses the record; a token that is no value (kNoToken), met by the object around it, loses this
  /// object (kLost) and leaves the one around that with what it has (kCut).
  enum class Outcome { kGood, kBad, kMalformed, kNoToken, kLost, kCut };

  Outcome ParseRoot(TypedOutput& root, uint64_t row);
  Outcome ParseValue(TypedOutput& node, uint64_t row, int depth);
  Outcome Mismatch();
  Outcome Unreadable(char c) const;
  Outcome ParseStruct(TypedOutput& node, uint64_t row, int depth);
  std::optional<size_t> FindField(const sql::Type& type, std::string_view name, size_t expected) const;
  Outcome ParseArray(TypedOutput& node, uint64_t row, int depth);
  Outcome ParseMap(TypedOutput& node, uint64_t row, int depth);
  Outcome ParseText(TypedOutput& node, uint64_t row, char c);
  Outcome ParseBool(TypedOutput& node, uint64_t row, char c);
  Outcome ParseVariant(TypedOutput& node, uint64_t row);
  Outcome ParseFromNumber(TypedOutput& node, uint64_t row);
  Outcome ParseFromString(TypedOutput& node, uint64_t row);
  Outcome SetInteger(TypedOutput& node, uint64_t row, const JsonReader::Number& number);
  Outcome SetDecimal(TypedOutput& node, uint64_t row, std::string_view text);
  template <class T>
  Outcome SetValue(TypedOutput& node, uint64_t row, std::optional<T> value);
  std::optional<int32_t> DateFrom(std::string_view text) const;
  std::optional<int64_t> TimestampFrom(std::string_view text) const;
  std::optional<int64_t> TimestampNtzFrom(std::string_view text) const;
  bool IsSpecialWord(std::string_view text) const;

  const JsonRecordFormat& format_;
  JsonReader reader_;
  std::string scratch_;
  bool partial_ = false;
};

}  // namespace flare::engine
