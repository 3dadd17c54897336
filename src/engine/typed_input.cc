#include "engine/typed_input.h"

#include <algorithm>
#include <memory>

namespace flare::engine {
namespace {

struct DestroySelection {
  using pointer = duckdb_selection_vector;
  void operator()(duckdb_selection_vector selection) const { duckdb_destroy_selection_vector(selection); }
};
using OwnedSelection = std::unique_ptr<std::remove_pointer_t<duckdb_selection_vector>, DestroySelection>;

}  // namespace

OwnedVector FlatCopy(duckdb_vector vector, uint64_t rows) {
  OwnedLogicalType type(duckdb_vector_get_column_type(vector));
  OwnedVector copy(duckdb_create_vector(type.get(), std::max<idx_t>(rows, duckdb_vector_size())));
  OwnedSelection all(duckdb_create_selection_vector(rows));
  sel_t* indexes = duckdb_selection_vector_get_data_ptr(all.get());
  for (uint64_t i = 0; i < rows; ++i) indexes[i] = static_cast<sel_t>(i);
  duckdb_vector_copy_sel(vector, copy.get(), all.get(), rows, 0, 0);
  return copy;
}

int64_t TypedInput::Whole(uint64_t row) const {
  switch (type->id()) {
    case sql::TypeId::kByte:
      return Value<int8_t>(row);
    case sql::TypeId::kShort:
      return Value<int16_t>(row);
    case sql::TypeId::kInt:
    case sql::TypeId::kDate:
      return Value<int32_t>(row);
    default:
      return Value<int64_t>(row);
  }
}

Int128 TypedInput::Unscaled(uint64_t row) const {
  int precision = type->precision();
  if (precision <= 4) return Value<int16_t>(row);
  if (precision <= 9) return Value<int32_t>(row);
  if (precision <= 18) return Value<int64_t>(row);
  return Value<Int128>(row);
}

TypedInput MakeTypedInput(const sql::Type& type, duckdb_vector vector) {
  TypedInput node{&type, duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector), {}};
  if (type.is(sql::TypeId::kArray)) {
    node.children.push_back(MakeTypedInput(type.element(), duckdb_list_vector_get_child(vector)));
  } else if (type.is(sql::TypeId::kMap)) {
    duckdb_vector entries = duckdb_list_vector_get_child(vector);
    node.children.push_back(MakeTypedInput(type.key(), duckdb_struct_vector_get_child(entries, 0)));
    node.children.push_back(MakeTypedInput(type.value(), duckdb_struct_vector_get_child(entries, 1)));
  } else if (type.is(sql::TypeId::kStruct)) {
    for (size_t i = 0; i < type.fields().size(); ++i) {
      node.children.push_back(MakeTypedInput(type.fields()[i].type, duckdb_struct_vector_get_child(vector, i)));
    }
  }
  return node;
}

}  // namespace flare::engine
