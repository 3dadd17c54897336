// Functions of a value of any type: a binary key that sorts as Spark sorts, and the places that Java's and Scala's hash
// tables give a value, which decide the order of collect_set() and the choice of mode().
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/function_lists.h"

namespace flare::engine {
namespace {

template <class T>
T At(duckdb_vector vector, uint64_t row) {
  return static_cast<const T*>(duckdb_vector_get_data(vector))[row];
}

duckdb_type TypeOf(duckdb_vector vector) {
  OwnedLogicalType type(duckdb_vector_get_column_type(vector));
  return duckdb_get_type_id(type.get());
}

duckdb_type DecimalStorage(duckdb_vector vector) {
  OwnedLogicalType type(duckdb_vector_get_column_type(vector));
  return duckdb_decimal_internal_type(type.get());
}

double DecimalUnit(duckdb_vector vector) {
  OwnedLogicalType type(duckdb_vector_get_column_type(vector));
  return std::pow(10.0, duckdb_decimal_scale(type.get()));
}

uint64_t StructWidth(duckdb_vector vector) {
  OwnedLogicalType type(duckdb_vector_get_column_type(vector));
  return duckdb_struct_type_child_count(type.get());
}

template <class T>
void AppendBigEndian(T bits, std::string* key) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) *key += static_cast<char>(bits >> shift & 0xff);
}

template <class Signed>
void AppendInteger(Signed value, std::string* key) {
  using Unsigned = std::make_unsigned_t<Signed>;
  AppendBigEndian(static_cast<Unsigned>(static_cast<Unsigned>(value) ^ (Unsigned{1} << (sizeof(Signed) * 8 - 1))), key);
}

/// NaN is the largest, -0.0 is 0.0.
void AppendReal(double value, std::string* key) {
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  if (value == 0) value = 0.0;
  auto bits = std::bit_cast<uint64_t>(value);
  AppendBigEndian(bits >> 63 != 0 ? ~bits : bits | uint64_t{1} << 63, key);
}

void AppendHuge(duckdb_hugeint value, std::string* key) {
  AppendInteger(value.upper, key);
  AppendBigEndian(value.lower, key);
}

void AppendKey(duckdb_vector vector, duckdb_type type, uint64_t row, std::string* key);

void AppendText(std::string_view text, std::string* key) {
  for (char c : text) {
    *key += c;
    if (c == '\0') *key += '\xff';
  }
  key->append(2, '\0');
}

/// A NULL goes before every value.
void AppendNullable(duckdb_vector vector, duckdb_type type, uint64_t row, std::string* key) {
  bool null = ValidityReader(vector).IsNull(row);
  *key += null ? '\0' : '\1';
  if (!null) AppendKey(vector, type, row, key);
}

void AppendList(duckdb_vector vector, uint64_t row, std::string* key) {
  auto entry = At<duckdb_list_entry>(vector, row);
  duckdb_vector child = duckdb_list_vector_get_child(vector);
  duckdb_type type = TypeOf(child);
  for (uint64_t i = 0; i < entry.length; ++i) {
    *key += '\1';
    AppendNullable(child, type, entry.offset + i, key);
  }
  *key += '\0';
}

void AppendKey(duckdb_vector vector, duckdb_type type, uint64_t row, std::string* key) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN: *key += At<bool>(vector, row) ? '\1' : '\0'; return;
    case DUCKDB_TYPE_TINYINT: return AppendInteger(At<int8_t>(vector, row), key);
    case DUCKDB_TYPE_SMALLINT: return AppendInteger(At<int16_t>(vector, row), key);
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_DATE: return AppendInteger(At<int32_t>(vector, row), key);
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ: return AppendInteger(At<int64_t>(vector, row), key);
    case DUCKDB_TYPE_HUGEINT: return AppendHuge(At<duckdb_hugeint>(vector, row), key);
    case DUCKDB_TYPE_FLOAT: return AppendReal(At<float>(vector, row), key);
    case DUCKDB_TYPE_DOUBLE: return AppendReal(At<double>(vector, row), key);
    case DUCKDB_TYPE_DECIMAL: return AppendKey(vector, DecimalStorage(vector), row, key);
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB: return AppendText(StringReader(vector).View(row), key);
    case DUCKDB_TYPE_INTERVAL: {
      auto interval = At<duckdb_interval>(vector, row);
      AppendInteger(interval.months, key);
      AppendInteger(interval.days, key);
      return AppendInteger(interval.micros, key);
    }
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_MAP: return AppendList(vector, row, key);
    case DUCKDB_TYPE_STRUCT:
      for (uint64_t i = 0; i < StructWidth(vector); ++i) {
        duckdb_vector child = duckdb_struct_vector_get_child(vector, i);
        AppendNullable(child, TypeOf(child), row, key);
      }
      return;
    default: return;
  }
}

void OrderKey(ScalarCall& call) {
  duckdb_vector input = call.input(0);
  duckdb_type type = TypeOf(input);
  ValidityReader validity(input);
  StringWriter writer(call.output());
  std::string key;
  for (uint64_t row = 0; row < call.rows(); ++row) {
    if (validity.IsNull(row)) {
      writer.SetNull(row);
      continue;
    }
    key.clear();
    AppendKey(input, type, row, &key);
    writer.SetCopy(row, key);
  }
}

uint32_t Mix(uint32_t hash, uint32_t block) {
  block *= 0xcc9e2d51;
  block = std::rotl(block, 15) * 0x1b873593;
  return std::rotl(hash ^ block, 13) * 5 + 0xe6546b64;
}

uint32_t Finish(uint32_t hash, uint32_t length) {
  hash ^= length;
  hash = (hash ^ hash >> 16) * 0x85ebca6b;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35;
  return hash ^ hash >> 16;
}

/// UTF8String.hashCode: murmur3 with seed 42, where each byte of the tail is a block of its own.
int32_t TextHash(std::string_view text) {
  uint32_t hash = 42;
  size_t at = 0;
  for (; at + 4 <= text.size(); at += 4) {
    uint32_t block = 0;
    std::memcpy(&block, text.data() + at, sizeof(block));
    hash = Mix(hash, block);
  }
  for (; at < text.size(); ++at) hash = Mix(hash, static_cast<uint32_t>(static_cast<int32_t>(static_cast<int8_t>(text[at]))));
  return static_cast<int32_t>(Finish(hash, static_cast<uint32_t>(text.size())));
}

int32_t JavaLongHash(int64_t value) { return static_cast<int32_t>(static_cast<uint64_t>(value) ^ static_cast<uint64_t>(value) >> 32); }

int32_t ScalaLongHash(int64_t value) {
  auto narrow = static_cast<int32_t>(value);
  return narrow == value ? narrow : JavaLongHash(value);
}

int32_t ScalaRealHash(double value) {
  if (value >= -2147483648.0 && value <= 2147483647.0 && value == std::trunc(value)) return static_cast<int32_t>(value);
  if (std::abs(value) < 9.2e18 && value == std::trunc(value)) return ScalaLongHash(static_cast<int64_t>(value));
  return JavaLongHash(std::bit_cast<int64_t>(value));
}

/// What `##` (scala) or hashCode of the boxed value yields. Nested values all yield 0: their order is that of their arrival.
int32_t HashOf(duckdb_vector vector, duckdb_type type, uint64_t row, bool scala) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN: return At<bool>(vector, row) ? 1231 : 1237;
    case DUCKDB_TYPE_TINYINT: return At<int8_t>(vector, row);
    case DUCKDB_TYPE_SMALLINT: return At<int16_t>(vector, row);
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_DATE: return At<int32_t>(vector, row);
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ: return scala ? ScalaLongHash(At<int64_t>(vector, row)) : JavaLongHash(At<int64_t>(vector, row));
    case DUCKDB_TYPE_FLOAT: {
      float value = At<float>(vector, row);
      return scala && value == std::trunc(value) ? ScalaRealHash(value) : std::bit_cast<int32_t>(value);
    }
    case DUCKDB_TYPE_DOUBLE: {
      double value = At<double>(vector, row);
      return scala ? ScalaRealHash(value) : JavaLongHash(std::bit_cast<int64_t>(value));
    }
    case DUCKDB_TYPE_DECIMAL: {
      duckdb_type storage = DecimalStorage(vector);
      double unscaled = storage == DUCKDB_TYPE_SMALLINT  ? At<int16_t>(vector, row)
                        : storage == DUCKDB_TYPE_INTEGER ? At<int32_t>(vector, row)
                        : storage == DUCKDB_TYPE_BIGINT  ? static_cast<double>(At<int64_t>(vector, row))
                                                         : duckdb_hugeint_to_double(At<duckdb_hugeint>(vector, row));
      return ScalaRealHash(unscaled / DecimalUnit(vector));
    }
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB: return TextHash(StringReader(vector).View(row));
    default: return 0;
  }
}

/// Where a value of a set of n stands in a scala.collection.mutable.HashSet: buckets in turn, hashes in turn inside.
int64_t ScalaSetPlace(int32_t hash, int64_t n) {
  auto improved = static_cast<uint32_t>(hash) ^ static_cast<uint32_t>(hash) >> 16;
  uint64_t size = 16;
  while (static_cast<uint64_t>(n) >= size * 3 / 4) size *= 2;
  return static_cast<int64_t>((improved & (size - 1)) << 32 | (improved ^ 0x80000000U));
}

/// Where a value of a set of n stands in Spark's OpenHashSet, if nothing is in its way there.
int64_t OpenSetPlace(int32_t hash, int64_t n) {
  uint32_t mixed = Finish(Mix(0, static_cast<uint32_t>(hash)), 4);
  uint64_t size = 64;
  while (static_cast<double>(n) > static_cast<double>(size) * 0.7) size *= 2;
  return static_cast<int64_t>(mixed & (size - 1));
}

template <bool kScala>
void Place(ScalarCall& call) {
  duckdb_vector input = call.input(0);
  duckdb_type type = TypeOf(input);
  ValidityReader validity(input);
  ValueReader<int64_t> sizes(call.input(1));
  ValueWriter<int64_t> writer(call.output());
  for (uint64_t row = 0; row < call.rows(); ++row) {
    if (validity.IsNull(row) || sizes.IsNull(row)) {
      writer.SetNull(row);
      continue;
    }
    int32_t hash = HashOf(input, type, row, kScala);
    writer.Set(row, kScala ? ScalaSetPlace(hash, sizes[row]) : OpenSetPlace(hash, sizes[row]));
  }
}

}  // namespace

std::vector<ScalarFunction> ValueKeyFunctions() {
  return {
      {"spark_order_key", {DUCKDB_TYPE_ANY}, DUCKDB_TYPE_BLOB, OrderKey},
      {"spark_scala_set_place", {DUCKDB_TYPE_ANY, DUCKDB_TYPE_BIGINT}, DUCKDB_TYPE_BIGINT, Place<true>},
      {"spark_open_set_place", {DUCKDB_TYPE_ANY, DUCKDB_TYPE_BIGINT}, DUCKDB_TYPE_BIGINT, Place<false>},
  };
}

}  // namespace flare::engine
