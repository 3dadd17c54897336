#pragma once
#include <duckdb.h>

#include <cstdint>
#include <vector>

#include "engine/decimal_text.h"
#include "engine/vector_writer.h"
#include "sql/types.h"

namespace flare::engine {

/// An output vector of any Spark type with its children, and where its values are. Rows and elements must be
/// set or made null one by one; CommitListSizes ends a chunk. Threads: one.
struct TypedOutput {
  const sql::Type* type = nullptr;
  duckdb_vector vector = nullptr;
  void* data = nullptr;
  uint64_t* validity = nullptr;
  std::vector<TypedOutput> children;
  uint64_t list_size = 0;
  uint64_t list_capacity = 0;

  template <class T>
  void Set(uint64_t row, T value) {
    static_cast<T*>(data)[row] = value;
    SetValid(row);
  }
  void SetValid(uint64_t row) { validity[row / 64] |= uint64_t{1} << (row % 64); }
  void SetNull(uint64_t row) {
    validity[row / 64] &= ~(uint64_t{1} << (row % 64));
    if (type->is(sql::TypeId::kStruct)) {
      for (TypedOutput& child : children) child.SetNull(row);
    } else if (type->is(sql::TypeId::kArray) || type->is(sql::TypeId::kMap)) {
      static_cast<duckdb_list_entry*>(data)[row] = {list_size, 0};
    }
  }
  /// Looks the pointers up anew: after a list grew, its child's values lie elsewhere.
  void Bind(duckdb_vector bound) {
    vector = bound;
    data = duckdb_vector_get_data(vector);
    duckdb_vector_ensure_validity_writable(vector);
    validity = duckdb_vector_get_validity(vector);
    if (type->is(sql::TypeId::kArray)) {
      children[0].Bind(duckdb_list_vector_get_child(vector));
    } else if (type->is(sql::TypeId::kMap)) {
      duckdb_vector entries = duckdb_list_vector_get_child(vector);
      for (size_t i = 0; i < 2; ++i) children[i].Bind(duckdb_struct_vector_get_child(entries, i));
    } else {
      for (size_t i = 0; i < children.size(); ++i) {
        children[i].Bind(duckdb_struct_vector_get_child(vector, i));
      }
    }
  }
  /// Index of a new element at the list's end.
  uint64_t Append() {
    if (list_size == list_capacity) {
      list_capacity *= 2;
      duckdb_list_vector_reserve(vector, list_capacity);
      Bind(vector);
    }
    return list_size++;
  }

  /// By pointer where `text` outlives every use of the vector, else copied.
  void SetText(uint64_t row, std::string_view text, bool copy) {
    if (copy && text.size() > kInlineStringBytes) {
      duckdb_unsafe_vector_assign_string_element_len(vector, row, text.data(), text.size());
    } else {
      SetStringPointer(static_cast<duckdb_string_t*>(data) + row, text.data(), text.size());
    }
    SetValid(row);
  }
  /// An unscaled DECIMAL that fits the type.
  void SetDecimal(uint64_t row, Int128 value) {
    int precision = type->precision();
    if (precision <= 4) {
      Set(row, static_cast<int16_t>(value));
    } else if (precision <= 9) {
      Set(row, static_cast<int32_t>(value));
    } else if (precision <= 18) {
      Set(row, static_cast<int64_t>(value));
    } else {
      Set(row, value);
    }
  }
  void SetEntry(uint64_t row, uint64_t first) { Set(row, duckdb_list_entry{first, list_size - first}); }
};

/// `type` must outlive the result.
TypedOutput MakeTypedOutput(const sql::Type& type);
/// Tells DuckDB how long every list has become.
void CommitListSizes(TypedOutput& node);

}  // namespace flare::engine
