#include "engine/typed_output.h"

namespace flare::engine {

TypedOutput MakeTypedOutput(const sql::Type& type) {
  TypedOutput node;
  node.type = &type;
  node.list_capacity = duckdb_vector_size();
  if (type.is(sql::TypeId::kArray)) {
    node.children.push_back(MakeTypedOutput(type.element()));
  } else if (type.is(sql::TypeId::kMap)) {
    node.children.push_back(MakeTypedOutput(type.key()));
    node.children.push_back(MakeTypedOutput(type.value()));
  } else if (type.is(sql::TypeId::kStruct)) {
    for (const auto& field : type.fields()) node.children.push_back(MakeTypedOutput(field.type));
  }
  return node;
}

void CommitListSizes(TypedOutput& node) {
  if (node.type->is(sql::TypeId::kArray) || node.type->is(sql::TypeId::kMap)) {
    duckdb_list_vector_set_size(node.vector, node.list_size);
  }
  for (TypedOutput& child : node.children) CommitListSizes(child);
}

}  // namespace flare::engine
