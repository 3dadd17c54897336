#include <fmt/format.h>

#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

/// What makes rows differ: their number in the batch, whose order is that of its sources.
constexpr std::string_view kRow = "row_number() OVER ()";

/// A given seed, or the batch's logged time and the place of the call, so that two calls differ.
std::string SeedOf(const Call& call, size_t index) {
  if (index < call.args.size() && !IsNullLiteral(call.args[index])) return fmt::format("CAST({} AS BIGINT)", call.args[index].sql);
  if (index < call.args.size()) return "CAST(0 AS BIGINT)";
  return fmt::format("coalesce(epoch_us(CAST(getvariable('flare_batch_timestamp') AS TIMESTAMPTZ)) * 1000 + {}, CAST({} AS BIGINT))", call.expr.begin % 1000,
                     call.expr.begin);
}

/// Rows are counted where results are made, and nowhere else.
bool CheckPlace(Call& call) {
  if (call.binder.is_result()) return true;
  call.binder.Report("INVALID_NON_DETERMINISTIC_EXPRESSIONS", fmt::format("{}() can only stand in the select list", call.name), call.expr.begin,
                     "name it in a subquery and use the name here");
  return false;
}

bool CheckSeed(Call& call, size_t index) {
  if (!CheckPlace(call)) return false;
  if (index >= call.args.size()) return true;
  Bound& seed = call.args[index];
  if (!seed.is_literal && !seed.type.is(TypeId::kVoid)) {
    call.binder.Report("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT", fmt::format("the seed of {}() must be a constant, found {}", call.name, seed.pretty),
                       seed.begin);
    return false;
  }
  seed = call.binder.Implicit(std::move(seed), Type(TypeId::kLong), call.name, index);
  return !seed.bad;
}

Bound BindRandom(Call& call) {
  if (!CheckSeed(call, 0)) return call.binder.Bad(call.expr);
  bool uuid = call.name == "uuid";
  std::string function = uuid ? "uuid" : call.name == "randn" ? "randn" : "rand";
  Bound out = ResultOf(call, Type(uuid ? TypeId::kString : TypeId::kDouble), fmt::format("spark_{}({}, {})", function, SeedOf(call, 0), kRow));
  out.nullable = false;
  if (uuid) out.pretty = "uuid()";
  return out;
}

Bound BindRandomText(Call& call) {
  if (!CheckSeed(call, 1)) return call.binder.Bad(call.expr);
  if (!call.args[0].is_literal) {
    LiteralArgument(call, 0, "the length");
    return call.binder.Bad(call.expr);
  }
  Bound out = ResultOf(call, Type(TypeId::kString), fmt::format("spark_randstr({}, {}, {})", SeedOf(call, 1), kRow, call.args[0].sql));
  out.nullable = false;
  if (call.args.size() == 1) out.pretty = fmt::format("randstr({})", call.args[0].pretty);
  return out;
}

/// uniform(min, max): of the wider type of both bounds.
Bound BindUniform(Call& call) {
  if (!CheckSeed(call, 2)) return call.binder.Bad(call.expr);
  for (size_t i = 0; i < 2; ++i) {
    if (!call.args[i].type.is_numeric()) return WrongArgument(call, i, "a number");
  }
  Type type = *TightestCommonType(call.args[0].type, call.args[1].type);
  std::string low = call.binder.Cast(call.args[0], Type(TypeId::kDouble)).sql;
  std::string high = call.binder.Cast(call.args[1], Type(TypeId::kDouble)).sql;
  std::string value = fmt::format("({0} + spark_rand({2}, {3}) * ({1} - {0}))", low, high, SeedOf(call, 2), kRow);
  Bound out = ResultOf(call, type, fmt::format("CAST({} AS {})", type.is_integral() ? "trunc(" + value + ")" : value, type.ToDuckDb()));
  return out;
}

Bound BindRowId(Call& call) {
  if (!CheckPlace(call)) return call.binder.Bad(call.expr);
  Bound out = ResultOf(call, Type(TypeId::kLong), fmt::format("({} - 1)", kRow));
  out.nullable = false;
  return out;
}

/// What depends on how Spark lays rows out, or on Java.
Bound BindRefused(Call& call) {
  bool java = call.name == "java_method" || call.name == "reflect" || call.name == "try_reflect";
  bool partition = call.name == "spark_partition_id";
  call.binder.Report(fmt::format("UNSUPPORTED_FEATURE.{}", java ? "JAVA_METHOD" : partition ? "PARTITION_ID" : "INPUT_FILE"),
                     fmt::format("{}() has no meaning here: {}", call.name,
                                 java        ? "it calls Java, and there is none"
                                 : partition ? "there are no partitions of work"
                                             : "rows do not come from the files of one scan"),
                     call.expr.begin);
  return call.binder.Bad(call.expr);
}

const FunctionSpec kRandomFunctions[] = {
    {"rand random", "", "", "", "a random number from 0 to 1, the same when a batch is replayed", BindRandom},
    {"rand random", "a", "", "", "a random number from 0 to 1 by a seed", BindRandom},
    {"randn uuid", "", "", "", "a normally distributed number, or a UUID, the same when a batch is replayed", BindRandom},
    {"randn uuid", "a", "", "", "a normally distributed number, or a UUID, by a seed", BindRandom},
    {"randstr", "i", "", "", "random letters and digits, the same when a batch is replayed", BindRandomText},
    {"randstr", "i a", "", "", "random letters and digits by a seed", BindRandomText},
    {"uniform", "a a", "", "", "a random number between two others, the same when a batch is replayed", BindUniform},
    {"uniform", "a a a", "", "", "a random number between two others by a seed", BindUniform},
    {"monotonically_increasing_id", "", "", "", "the number of a row in its batch, from 0", BindRowId},
    {"spark_partition_id input_file_name input_file_block_start input_file_block_length", "", "", "", "refused: how rows lie in Spark",
     BindRefused},
    {"java_method reflect try_reflect", "a*", "", "", "refused: calls of Java", BindRefused},
};

}  // namespace

std::span<const FunctionSpec> RandomFunctions() { return kRandomFunctions; }

}  // namespace flare::sql
