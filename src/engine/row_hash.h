#pragma once
#include <memory>

#include "engine/scalar_function.h"
#include "sql/types.h"

namespace flare::engine {

/// Spark's hash() (Murmur3, 32 bits) and xxhash64(), of the fields of one struct: each value's hash is the
/// next one's seed, the first seed is 42, NULL leaves it as it is.
class RowHash {
 public:
  enum class Kind { kMurmur3, kXxHash64 };
  /// `type` is the struct of the arguments.
  RowHash(sql::Type type, Kind kind) : type_(std::move(type)), kind_(kind) {}
  /// Hashes a chunk into INTEGER or BIGINT. Threads: safe from any.
  void Run(ScalarCall& call) const;

 private:
  sql::Type type_;
  Kind kind_;
};

/// The hash of bytes with a seed, as Spark computes it.
int32_t SparkMurmur3(std::string_view bytes, int32_t seed);
int64_t SparkXxHash64(std::string_view bytes, int64_t seed);

}  // namespace flare::engine
