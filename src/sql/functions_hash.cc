#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

bool HasNoHash(const Type& type) {
  switch (type.id()) {
    case TypeId::kVariant:
    case TypeId::kMap: return true;
    case TypeId::kArray: return HasNoHash(type.element());
    case TypeId::kStruct:
      return std::any_of(type.fields().begin(), type.fields().end(), [](const StructField& field) { return HasNoHash(field.type); });
    default: return false;
  }
}

/// hash and xxhash64: one function for each list of argument types.
Bound BindHash(Call& call) {
  std::vector<StructField> fields;
  std::string values;
  for (size_t i = 0; i < call.args.size(); ++i) {
    const Bound& arg = call.args[i];
    if (HasNoHash(arg.type)) {
      call.binder.Report("DATATYPE_MISMATCH.HASH_MAP_TYPE", fmt::format("{}() takes no map and no variant, because equal ones may differ in their order", call.name),
                         arg.begin, "hash map_entries() in a fixed order");
      return call.binder.Bad(call.expr);
    }
    fields.push_back({fmt::format("f{}", i), arg.type, true, ""});
    values += fmt::format("{}f{} := {}", i > 0 ? ", " : "", i,
                          arg.type.is(TypeId::kVoid) ? "CAST(NULL AS INTEGER)" : arg.sql);
  }
  RuntimeFunction function;
  function.kind = call.name;
  function.result = Type::Struct(std::move(fields));
  std::string suffix;
  for (char c : function.result.ToSimpleString()) suffix += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
  function.duckdb_name = fmt::format("spark_{}_{}_{:x}", call.name, suffix.size() > 200 ? suffix.substr(0, 200) : suffix,
                                     std::hash<std::string>()(function.result.ToJson()));
  std::string name = function.duckdb_name;
  call.binder.AddFunction(std::move(function));
  Bound out = ResultOf(call, Type(call.name == "hash" ? TypeId::kInt : TypeId::kLong), fmt::format("{}(struct_pack({}))", name, values));
  out.nullable = false;
  return out;
}

const FunctionSpec kHashFunctions[] = {
    {"hash xxhash64", "a a*", "", "", "Spark's hash of values: Murmur3 of 32 bits, or xxHash of 64 bits", BindHash},
    {"aes_encrypt", "x x s='GCM' s='DEFAULT' x='' x=''", "binary", "spark_aes_encrypt($1, $2, $3, $4, $5, $6)",
     "encrypted bytes: key of 16, 24 or 32 bytes, mode ECB, CBC or GCM"},
    {"aes_decrypt", "x x s='GCM' s='DEFAULT' x=''", "binary", "spark_aes_decrypt($1, $2, $3, $4, $5)", "what aes_encrypt encrypted"},
    {"try_aes_decrypt", "x x s='GCM' s='DEFAULT' x=''", "binary", "spark_try_aes_decrypt($1, $2, $3, $4, $5)",
     "what aes_encrypt encrypted, NULL if it did not"},
};

}  // namespace

std::span<const FunctionSpec> HashFunctions() { return kHashFunctions; }

}  // namespace flare::sql
