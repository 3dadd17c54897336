#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/decimal_text.h"
#include "engine/json_reader.h"
#include "engine/time_zone.h"
#include "sql/types.h"

namespace flare::engine {

/// The kinds of values that a variant holds, as Spark tells them apart.
enum class VariantKind : uint8_t {
  kNull,
  kFalse,
  kTrue,
  kLong,
  kDouble,
  kDecimal,
  kString,
  kFloat,
  kDate,
  kTimestamp,
  kTimestampNtz,
  kBinary,
  kArray,
  kObject,
};

/// Reads one variant where it lies. In the database a variant is a BLOB: a byte for its kind, then its value in the
/// machine's byte order; an array or object has its count, the end of each element from the first one on, then
/// the elements, those of an object sorted by key, each behind the length and text of its key. A part of a variant
/// is a variant. Bytes of another origin read as null, never beyond their end. Threads: immutable.
class Variant {
 public:
  explicit Variant(std::string_view bytes) : bytes_(bytes) {}
  std::string_view bytes() const { return bytes_; }
  VariantKind kind() const;
  bool is_null() const { return kind() == VariantKind::kNull; }
  /// A long, date (days) or timestamp (microseconds).
  int64_t Whole() const;
  double Double() const;
  float Float() const;
  Int128 Unscaled() const;
  int scale() const;
  /// Bytes of a string or binary.
  std::string_view Text() const;
  /// Of an array or object; 0 for others.
  size_t size() const;
  Variant Element(size_t index) const;
  std::string_view Key(size_t index) const;
  /// The value of a key of an object.
  std::optional<Variant> Find(std::string_view key) const;

  /// As JSON: strings in quotes, moments as quoted text in `zone`.
  void AppendJson(const TimeZone& zone, std::string* json) const;
  /// What a cast to STRING gives: a bare string stays bare. Not for null.
  std::string ToText(const TimeZone& zone) const;

 private:
  template <class T>
  T Load(size_t at) const;
  /// Bytes of element `index`, with its key before it in an object.
  std::string_view Slot(size_t index) const;

  std::string_view bytes_;
};

// Writers: each appends one variant.
void AppendVariantNull(std::string* out);
void AppendVariantBool(bool value, std::string* out);
void AppendVariantWhole(VariantKind kind, int64_t value, std::string* out);
void AppendVariantDouble(double value, std::string* out);
void AppendVariantFloat(float value, std::string* out);
void AppendVariantDecimal(Int128 unscaled, int scale, std::string* out);
void AppendVariantText(VariantKind kind, std::string_view text, std::string* out);
void AppendVariantArray(const std::vector<std::string>& elements, std::string* out);
/// Members need not be sorted; false when a key comes twice.
bool AppendVariantObject(std::vector<std::pair<std::string, std::string>> members, std::string* out);

/// What parse_json makes of the value that `reader` stands at.
enum class VariantJson { kGood, kMalformed, kDuplicateKey };
VariantJson AppendVariantOfJson(JsonReader* reader, std::string* out);

/// A path of variant_get: $, .name, ['name'], ["name"], [i].
class VariantPath {
 public:
  /// nullopt for what is no path.
  static std::optional<VariantPath> Parse(std::string_view text);
  std::optional<Variant> Find(Variant variant) const;

 private:
  struct Step {
    std::optional<std::string> key;
    uint64_t index = 0;
  };
  std::vector<Step> steps_;
};

}  // namespace flare::engine
