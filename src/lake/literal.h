#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "lake/avro.h"
#include "lake/schema.h"

namespace flare::lake {

using Int128 = __int128;

/// A value of a primitive Iceberg type; monostate = null. int, long, date (days), time and timestamps
/// (microseconds) are int64_t; decimals are their unscaled value; string, uuid (16 bytes, big-endian),
/// fixed and binary are std::string.
struct Literal {
  std::variant<std::monostate, bool, int64_t, double, Int128, std::string> data;

  Literal() = default;
  template <class T>
  explicit Literal(T value) : data(std::move(value)) {}
  bool is_null() const { return data.index() == 0; }
  bool operator==(const Literal&) const = default;
};

/// Iceberg's single-value binary form, as bounds hold it. Null has none.
std::string ToSingleValue(const Type& type, const Literal& value);
/// Reads it back; bounds are not re-encoded on promotion, so shorter ints and floats are accepted.
/// nullopt when the bytes cannot be one.
std::optional<Literal> FromSingleValue(const Type& type, std::string_view bytes);

/// As a partition field of a manifest entry.
AvroValue ToAvro(const Type& type, const Literal& value);
Result<Literal> FromAvro(const Type& type, const AvroValue& value);

/// Reads the text that DuckDB prints for a value of the DuckDB type behind `type` (BLOB as hex digits).
/// nullopt when it cannot be read exactly: better no bound than a wrong one.
std::optional<Literal> FromDuckDbText(const Type& type, std::string_view text);

/// <0, 0, >0 in Iceberg's order (strings by UTF-8 bytes). Both of this type and not null.
int Compare(const Literal& a, const Literal& b);

/// How many bytes hold a decimal of this precision in Avro and Parquet.
int DecimalBytes(int precision);
/// Shortest two's complement, big-endian.
std::string DecimalToBytes(Int128 unscaled);
std::optional<Int128> DecimalFromBytes(std::string_view bytes);

/// Days since 1970-01-01 of a proleptic Gregorian date, and back.
int64_t DaysFromCivil(int64_t year, int month, int day);
struct CivilDate {
  int64_t year;
  int month, day;
};
CivilDate CivilFromDays(int64_t days);

}  // namespace flare::lake
