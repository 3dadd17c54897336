#include <fmt/format.h>

#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

bool HasMap(const Type& type) {
  switch (type.id()) {
    case TypeId::kMap: return true;
    case TypeId::kArray: return HasMap(type.element());
    case TypeId::kStruct:
      return std::any_of(type.fields().begin(), type.fields().end(), [](const StructField& field) { return HasMap(field.type); });
    default: return false;
  }
}

/// hash and xxhash64: one function for each list of argument types.
Bound BindHash(Call& call) {
  std::vector<StructField> fields;
  std::string values;
  for (size_t i = 0; i < call.args.size(); ++i) {
    const Bound& arg = call.args[i];
    if (HasMap(arg.type)) {
      call.binder.Report("DATATYPE_MISMATCH.HASH_MAP_TYPE", fmt::format("{}() takes no map, because equal maps may differ in their order", call.name),
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

/// What names the session: the one catalog, database and user there are.
Bound BindSession(Call& call) {
  bool catalog = call.name == "current_catalog";
  bool user = call.name == "user" || call.name == "current_user" || call.name == "session_user";
  std::string value = catalog ? "spark_catalog" : user ? "flare" : call.name == "version" ? "4.0.0 flare" : "default";
  Bound out = ResultOf(call, Type(TypeId::kString), QuoteDuckDbString(value));
  out.nullable = false;
  if (call.name == "current_database") out.pretty = "current_schema()";
  if (call.name == "user") out.pretty = "current_user()";
  return out;
}

Bound BindGetBit(Call& call) {
  Bound& value = call.args[0];
  int bits = value.type.is(TypeId::kByte) ? 8 : value.type.is(TypeId::kShort) ? 16 : value.type.is(TypeId::kInt) ? 32 : 64;
  return ResultOf(call, Type(TypeId::kByte),
                  fmt::format("(CASE WHEN {1} < 0 OR {1} >= {2} THEN error('[INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE] The bit position is "
                              "outside of 0 to {3}. SQLSTATE: 22023') ELSE CAST((CAST({0} AS BIGINT) >> CAST({1} AS BIGINT)) & 1 AS TINYINT) END)",
                              value.sql, call.args[1].sql, bits, bits - 1));
}

/// A number for width_bucket: intervals as their months or microseconds.
Bound BindWidthBucket(Call& call) {
  bool interval = call.args[0].type.is(TypeId::kIntervalDayTime) || call.args[0].type.is(TypeId::kIntervalYearMonth);
  std::string values;
  for (size_t i = 0; i < 3; ++i) {
    Bound& arg = call.args[i];
    if (!interval) arg = call.binder.Implicit(std::move(arg), Type(TypeId::kDouble), call.name, i);
    if (arg.bad) return call.binder.Bad(call.expr);
    if (interval && arg.type.id() != call.args[0].type.id()) return WrongArgument(call, i, UpperAscii(call.args[0].type.ToSimpleString()));
    values += fmt::format("CAST({} AS DOUBLE), ", arg.sql);
  }
  Bound out = ResultOf(call, Type(TypeId::kLong), fmt::format("spark_width_bucket({}{})", values, call.args[3].sql));
  out.nullable = true;
  return out;
}

constexpr std::string_view kBitmapBit =
    "(CASE WHEN $1 > 0 THEN ($1 - 1) % 32768 ELSE CAST((-CAST($1 AS HUGEINT)) % 32768 AS BIGINT) END)";
constexpr std::string_view kBitmapBucket =
    "(CASE WHEN $1 > 0 THEN 1 + CAST(($1 - 1) // 32768 AS BIGINT) ELSE CAST(CAST($1 AS HUGEINT) // 32768 AS BIGINT) END)";

const FunctionSpec kMiscFunctions[] = {
    {"hash xxhash64", "a a*", "", "", "Spark's hash of values: Murmur3 of 32 bits, or xxHash of 64 bits", BindHash},
    {"aes_encrypt", "x x s='GCM' s='DEFAULT' x='' x=''", "binary", "spark_aes_encrypt($1, $2, $3, $4, $5, $6)",
     "encrypted bytes: key of 16, 24 or 32 bytes, mode ECB, CBC or GCM"},
    {"aes_decrypt", "x x s='GCM' s='DEFAULT' x=''", "binary", "spark_aes_decrypt($1, $2, $3, $4, $5)", "what aes_encrypt encrypted"},
    {"try_aes_decrypt", "x x s='GCM' s='DEFAULT' x=''", "binary", "spark_try_aes_decrypt($1, $2, $3, $4, $5)",
     "what aes_encrypt encrypted, NULL if it did not"},
    {"current_catalog current_database current_schema current_user user session_user version", "", "", "", "names of the session", BindSession},
    {"getbit bit_get", "I i", "", "", "one bit of a whole number, 0 is the lowest", BindGetBit},
    {"width_bucket", "a a a l", "", "", "which of equal parts of a range a value lies in", BindWidthBucket},
    {"bitmap_bit_position", "l", "bigint", kBitmapBit, "the bit of a value inside its bitmap"},
    {"bitmap_bucket_number", "l", "bigint", kBitmapBucket, "the bitmap that a value belongs to"},
    {"bitmap_count", "x", "bigint", "spark_bitmap_count($1)", "how many bits of a bitmap are set"},
};

}  // namespace

std::span<const FunctionSpec> MiscFunctions() { return kMiscFunctions; }

}  // namespace flare::sql
