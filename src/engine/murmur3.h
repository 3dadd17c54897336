#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace flare::engine {

/// murmur3_x86_32 with seed 0: the hash of Iceberg's bucket transform.
inline int32_t Murmur3(std::string_view bytes) {
  auto mix = [](uint32_t k) {
    k *= 0xcc9e2d51;
    k = k << 15 | k >> 17;
    return k * 0x1b873593;
  };
  uint32_t hash = 0;
  size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    uint32_t block = 0;
    std::memcpy(&block, bytes.data() + at, sizeof(block));
    hash ^= mix(block);
    hash = hash << 13 | hash >> 19;
    hash = hash * 5 + 0xe6546b64;
  }
  uint32_t tail = 0;
  for (size_t i = bytes.size(); i-- > at;) tail = tail << 8 | static_cast<uint8_t>(bytes[i]);
  if (at < bytes.size()) hash ^= mix(tail);
  hash ^= static_cast<uint32_t>(bytes.size());
  hash = (hash ^ hash >> 16) * 0x85ebca6b;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35;
  return static_cast<int32_t>(hash ^ hash >> 16);
}

/// Of the eight bytes, little-endian: integers, dates (as days) and timestamps (as microseconds).
inline int32_t Murmur3Long(int64_t value) {
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  return Murmur3({bytes, sizeof(bytes)});
}

}  // namespace flare::engine
