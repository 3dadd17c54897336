#include "engine/row_hash.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

namespace flare::engine {
namespace {

using sql::Type;
using sql::TypeId;
using Int128 = __int128;

template <class T>
T Load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

/// murmur3_x86_32, where each byte behind the last whole word is a block of its own, with its sign.
struct Murmur3Hash {
  using Value = uint32_t;
  static uint32_t Block(uint32_t hash, uint32_t block) {
    block *= 0xcc9e2d51;
    block = std::rotl(block, 15) * 0x1b873593;
    return std::rotl(hash ^ block, 13) * 5 + 0xe6546b64;
  }
  static uint32_t Finish(uint32_t hash, size_t size) {
    hash ^= static_cast<uint32_t>(size);
    hash = (hash ^ hash >> 16) * 0x85ebca6b;
    hash = (hash ^ hash >> 13) * 0xc2b2ae35;
    return hash ^ hash >> 16;
  }
  static uint32_t Int(int32_t value, uint32_t seed) { return Finish(Block(seed, static_cast<uint32_t>(value)), 4); }
  static uint32_t Long(int64_t value, uint32_t seed) {
    auto bits = static_cast<uint64_t>(value);
    return Finish(Block(Block(seed, static_cast<uint32_t>(bits)), static_cast<uint32_t>(bits >> 32)), 8);
  }
  static uint32_t Bytes(std::string_view bytes, uint32_t seed) {
    size_t at = 0;
    uint32_t hash = seed;
    for (; at + 4 <= bytes.size(); at += 4) hash = Block(hash, Load<uint32_t>(bytes.data() + at));
    for (; at < bytes.size(); ++at) hash = Block(hash, static_cast<uint32_t>(static_cast<int8_t>(bytes[at])));
    return Finish(hash, bytes.size());
  }
};

struct XxHash {
  using Value = uint64_t;
  static constexpr uint64_t k1 = 0x9E3779B185EBCA87;
  static constexpr uint64_t k2 = 0xC2B2AE3D27D4EB4F;
  static constexpr uint64_t k3 = 0x165667B19E3779F9;
  static constexpr uint64_t k4 = 0x85EBCA77C2B2AE63;
  static constexpr uint64_t k5 = 0x27D4EB2F165667C5;

  static uint64_t Finish(uint64_t hash) {
    hash = (hash ^ hash >> 33) * k2;
    hash = (hash ^ hash >> 29) * k3;
    return hash ^ hash >> 32;
  }
  static uint64_t Int(int32_t value, uint64_t seed) {
    uint64_t hash = (seed + k5 + 4) ^ (static_cast<uint32_t>(value) * k1);
    return Finish(std::rotl(hash, 23) * k2 + k3);
  }
  static uint64_t Round(uint64_t lane, uint64_t word) { return std::rotl(lane + word * k2, 31) * k1; }
  static uint64_t Long(int64_t value, uint64_t seed) {
    uint64_t hash = (seed + k5 + 8) ^ Round(0, static_cast<uint64_t>(value));
    return Finish(std::rotl(hash, 27) * k1 + k4);
  }
  static uint64_t Bytes(std::string_view bytes, uint64_t seed) {
    const char* at = bytes.data();
    const char* end = at + bytes.size();
    uint64_t hash = seed + k5;
    if (bytes.size() >= 32) {
      uint64_t lanes[4] = {seed + k1 + k2, seed + k2, seed, seed - k1};
      for (; end - at >= 32; at += 32) {
        for (int i = 0; i < 4; ++i) lanes[i] = Round(lanes[i], Load<uint64_t>(at + 8 * i));
      }
      hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
      for (uint64_t lane : lanes) hash = (hash ^ Round(0, lane)) * k1 + k4;
    }
    hash += bytes.size();
    for (; end - at >= 8; at += 8) hash = std::rotl(hash ^ Round(0, Load<uint64_t>(at)), 27) * k1 + k4;
    if (end - at >= 4) {
      hash = std::rotl(hash ^ (Load<uint32_t>(at) * k1), 23) * k2 + k3;
      at += 4;
    }
    for (; at < end; ++at) hash = std::rotl(hash ^ (static_cast<uint8_t>(*at) * k5), 11) * k1;
    return Finish(hash);
  }
};

/// A flat input vector with its children.
struct Column {
  const Type* type;
  const void* data;
  const uint64_t* validity;
  std::vector<Column> children;

  Column(const Type& spark_type, duckdb_vector vector)
      : type(&spark_type), data(duckdb_vector_get_data(vector)), validity(duckdb_vector_get_validity(vector)) {
    if (type->is(TypeId::kArray)) {
      children.emplace_back(type->element(), duckdb_list_vector_get_child(vector));
    } else if (type->is(TypeId::kMap)) {
      duckdb_vector entries = duckdb_list_vector_get_child(vector);
      children.emplace_back(type->key(), duckdb_struct_vector_get_child(entries, 0));
      children.emplace_back(type->value(), duckdb_struct_vector_get_child(entries, 1));
    } else if (type->is(TypeId::kStruct)) {
      for (size_t i = 0; i < type->fields().size(); ++i) {
        children.emplace_back(type->fields()[i].type, duckdb_struct_vector_get_child(vector, i));
      }
    }
  }

  bool IsNull(uint64_t row) const { return validity != nullptr && (validity[row / 64] >> (row % 64) & 1) == 0; }
  template <class T>
  const T& At(uint64_t row) const {
    return static_cast<const T*>(data)[row];
  }
};

template <class Hash>
typename Hash::Value HashDecimal(const Column& column, uint64_t row, typename Hash::Value seed) {
  int precision = column.type->precision();
  if (precision <= 4) return Hash::Long(column.At<int16_t>(row), seed);
  if (precision <= 9) return Hash::Long(column.At<int32_t>(row), seed);
  if (precision <= 18) return Hash::Long(column.At<int64_t>(row), seed);
  // the fewest big-endian bytes that hold the number and its sign
  auto value = column.At<Int128>(row);
  char bytes[16];
  for (int i = 0; i < 16; ++i) bytes[15 - i] = static_cast<char>(static_cast<uint8_t>(value >> (8 * i)));
  size_t begin = 0;
  char sign = value < 0 ? '\xFF' : '\0';
  while (begin < 15 && bytes[begin] == sign && (bytes[begin + 1] & 0x80) == (sign & 0x80)) ++begin;
  return Hash::Bytes({bytes + begin, 16 - begin}, seed);
}

template <class Hash>
typename Hash::Value HashValue(const Column& column, uint64_t row, typename Hash::Value seed) {
  if (column.IsNull(row)) return seed;
  switch (column.type->id()) {
    case TypeId::kVoid: return seed;
    case TypeId::kBoolean: return Hash::Int(column.At<bool>(row) ? 1 : 0, seed);
    case TypeId::kByte: return Hash::Int(column.At<int8_t>(row), seed);
    case TypeId::kShort: return Hash::Int(column.At<int16_t>(row), seed);
    case TypeId::kInt:
    case TypeId::kDate:
    case TypeId::kIntervalYearMonth: return Hash::Int(column.At<int32_t>(row), seed);
    case TypeId::kFloat: {
      float value = column.At<float>(row);
      if (std::isnan(value)) return Hash::Int(0x7fc00000, seed);
      return Hash::Int(value == 0 ? 0 : std::bit_cast<int32_t>(value), seed);
    }
    case TypeId::kDouble: {
      double value = column.At<double>(row);
      if (std::isnan(value)) return Hash::Long(0x7ff8000000000000, seed);
      return Hash::Long(value == 0 ? 0 : std::bit_cast<int64_t>(value), seed);
    }
    case TypeId::kDecimal: return HashDecimal<Hash>(column, row, seed);
    case TypeId::kString:
    case TypeId::kBinary: return Hash::Bytes(StringView(column.At<duckdb_string_t>(row)), seed);
    case TypeId::kIntervalCalendar: {
      const auto& interval = column.At<duckdb_interval>(row);
      return Hash::Int(interval.months, Hash::Int(interval.days, Hash::Long(interval.micros, seed)));
    }
    case TypeId::kArray:
    case TypeId::kMap: {
      const auto& list = column.At<duckdb_list_entry>(row);
      for (uint64_t i = 0; i < list.length; ++i) {
        for (const Column& child : column.children) seed = HashValue<Hash>(child, list.offset + i, seed);
      }
      return seed;
    }
    case TypeId::kStruct:
      for (const Column& child : column.children) seed = HashValue<Hash>(child, row, seed);
      return seed;
    default: return Hash::Long(column.At<int64_t>(row), seed);  // BIGINT, timestamps, day-time intervals
  }
}

template <class Hash, class Out>
void HashRows(const Type& type, ScalarCall& call) {
  constexpr typename Hash::Value kSeed = 42;
  Column column(type, call.input(0));
  ValueWriter<Out> writer(call.output());
  for (uint64_t row = 0; row < call.rows(); ++row) {
    writer.Set(row, static_cast<Out>(HashValue<Hash>(column, row, kSeed)));
  }
}

}  // namespace

void RowHash::Run(ScalarCall& call) const {
  if (kind_ == Kind::kMurmur3) {
    HashRows<Murmur3Hash, int32_t>(type_, call);
  } else {
    HashRows<XxHash, int64_t>(type_, call);
  }
}

int32_t SparkMurmur3(std::string_view bytes, int32_t seed) {
  return static_cast<int32_t>(Murmur3Hash::Bytes(bytes, static_cast<uint32_t>(seed)));
}

int64_t SparkXxHash64(std::string_view bytes, int64_t seed) {
  return static_cast<int64_t>(XxHash::Bytes(bytes, static_cast<uint64_t>(seed)));
}

}  // namespace flare::engine
