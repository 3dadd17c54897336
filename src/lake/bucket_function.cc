#include "lake/bucket_function.h"

#include <cstring>

#include "engine/scalar_function.h"
#include "lake/partition.h"

namespace flare::lake {
namespace {

int32_t BucketOf(std::string_view bytes, int32_t buckets) {
  return buckets <= 0 ? 0 : (Murmur3(bytes) & 0x7fffffff) % buckets;
}

std::optional<int32_t> OfLong(int64_t value, int32_t buckets) {
  char bytes[8];
  std::memcpy(bytes, &value, 8);
  return BucketOf(std::string_view(bytes, 8), buckets);
}

std::optional<int32_t> OfBytes(std::string_view value, int32_t buckets) { return BucketOf(value, buckets); }

/// `12.34`, as DuckDB prints it: the digits are the unscaled value.
std::optional<int32_t> OfDecimal(std::string_view text, int32_t buckets) {
  Int128 unscaled = 0;
  for (char c : text) {
    if (c >= '0' && c <= '9') unscaled = unscaled * 10 + (c - '0');
  }
  return BucketOf(DecimalToBytes(text.starts_with("-") ? -unscaled : unscaled), buckets);
}

}  // namespace

Status RegisterBucketFunction(engine::Connection& connection) {
  using engine::RowWise;
  constexpr auto kInt = DUCKDB_TYPE_INTEGER;
  std::string name = kBucketFunction;
  return engine::RegisterScalarFunctions(
      connection,
      {{name, {DUCKDB_TYPE_BIGINT, kInt}, kInt, RowWise<int32_t, int64_t, int32_t>(OfLong)},
       {name, {DUCKDB_TYPE_VARCHAR, kInt}, kInt, RowWise<int32_t, std::string_view, int32_t>(OfBytes)},
       {name, {DUCKDB_TYPE_BLOB, kInt}, kInt, RowWise<int32_t, std::string_view, int32_t>(OfBytes)},
       {name + "_decimal", {DUCKDB_TYPE_VARCHAR, kInt}, kInt, RowWise<int32_t, std::string_view, int32_t>(OfDecimal)}});
}

}  // namespace flare::lake
