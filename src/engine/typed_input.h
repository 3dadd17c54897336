#pragma once
#include <duckdb.h>

#include <cstdint>
#include <vector>

#include "engine/decimal_text.h"
#include "engine/duckdb_handles.h"
#include "engine/vector_writer.h"
#include "sql/types.h"

namespace flare::engine {

using OwnedVector = OwnedHandle<duckdb_vector, duckdb_destroy_vector>;

/// A copy that is flat all the way down: fields of a struct may be constants, which have one value only.
OwnedVector FlatCopy(duckdb_vector vector, uint64_t rows);

/// A flat input vector of any Spark type with its children. Threads: safe from any.
struct TypedInput {
  const sql::Type* type;
  const void* data;
  const uint64_t* validity;
  std::vector<TypedInput> children;

  bool IsNull(uint64_t row) const {
    return type->is(sql::TypeId::kVoid) || (validity != nullptr && (validity[row / 64] >> (row % 64) & 1) == 0);
  }
  template <class T>
  const T& Value(uint64_t row) const {
    return static_cast<const T*>(data)[row];
  }
  std::string_view Text(uint64_t row) const { return StringView(Value<duckdb_string_t>(row)); }
  /// A byte, short, int, long, date or timestamp.
  int64_t Whole(uint64_t row) const;
  /// A decimal without its point.
  Int128 Unscaled(uint64_t row) const;
};

/// `type` and `vector` must outlive the result.
TypedInput MakeTypedInput(const sql::Type& type, duckdb_vector vector);

}  // namespace flare::engine
