#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sql/functions.h"
#include "sql/let.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

std::string Distinct(const Call& call) { return call.expr.distinct ? "DISTINCT " : ""; }

std::string IsKnown(const Bound& value) { return fmt::format("{} IS NOT NULL", value.sql); }

bool IsInterval(const Type& type) { return type.is(TypeId::kIntervalYearMonth) || type.is(TypeId::kIntervalDayTime); }

Bound BindCount(Call& call) {
  if (call.args.empty()) {
    call.binder.Report("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "count() takes at least 1 argument", call.expr.begin);
    return call.binder.Bad(call.expr);
  }
  Bound out;
  if (call.args.size() == 1) {
    out = ResultOf(call, Type(TypeId::kLong), ExpandTemplate("count($d$1)$f", call));
  } else {
    std::string known;
    for (const Bound& arg : call.args) known += (known.empty() ? "" : " AND ") + IsKnown(arg);
    out = ResultOf(call, Type(TypeId::kLong), fmt::format("count({}CASE WHEN {} THEN {} END){}", Distinct(call), known,
                                                          ExpandTemplate("row($*)", call), call.Tail()));
  }
  out.nullable = false;
  return out;
}

Bound BindSum(Call& call) {
  Bound& arg = call.args[0];
  if (arg.type.is(TypeId::kString) || arg.type.is(TypeId::kVoid)) arg = call.binder.Cast(std::move(arg), Type(TypeId::kDouble));
  bool is_try = call.name == "try_sum";
  bool lenient = !call.binder.ansi() || is_try;
  std::string sum = ExpandTemplate("sum($d$1)$f", call);
  if (IsInterval(arg.type)) {
    // no interval overflows silently, whatever the mode
    const Type& type = arg.type;
    return ResultOf(call, type, fmt::format("{}({} AS {})", is_try ? "TRY_CAST" : "CAST", sum, type.ToDuckDb()));
  }
  if (arg.type.is_integral()) {
    if (is_try) return ResultOf(call, Type(TypeId::kLong), fmt::format("TRY_CAST({} AS BIGINT)", sum));
    return ResultOf(call, Type(TypeId::kLong), lenient ? WrapInteger(sum, TypeId::kLong, true) : fmt::format("CAST({} AS BIGINT)", sum));
  }
  if (arg.type.is(TypeId::kDecimal)) {
    Type type = Type::Decimal(std::min(38, arg.type.precision() + 10), arg.type.scale());
    // DuckDB's sum may have more than 38 digits: only reading it from text notices
    if (type.precision() == 38) sum = fmt::format("CAST({} AS VARCHAR)", sum);
    return ResultOf(call, type, fmt::format("{}({} AS {})", lenient ? "TRY_CAST" : "CAST", sum, type.ToDuckDb()));
  }
  if (!arg.type.is_numeric()) return WrongArgument(call, 0, "a number or an interval");
  return ResultOf(call, Type(TypeId::kDouble), ExpandTemplate("sum($dCAST($1 AS DOUBLE))$f", call));
}

/// The mean of whole numbers, rounded half away from zero.
std::string RoundedMean(const std::string& sum, const std::string& count) {
  return fmt::format("((2 * abs({0}) + {1}) // nullif(2 * {1}, 0)) * sign({0})", sum, count);
}

Bound BindAvg(Call& call) {
  Bound& arg = call.args[0];
  if (arg.type.is(TypeId::kString) || arg.type.is(TypeId::kVoid)) arg = call.binder.Cast(std::move(arg), Type(TypeId::kDouble));
  bool is_try = call.name == "try_avg";
  bool lenient = !call.binder.ansi() || is_try;
  std::string sum = ExpandTemplate("sum($d$1)$f", call);
  std::string count = ExpandTemplate("count($d$1)$f", call);
  Bound out;
  if (IsInterval(arg.type)) {
    Type type(arg.type.id());
    Let let(call.binder);
    std::string total = let.Name(fmt::format("CAST({}({} AS {}) AS HUGEINT)", is_try ? "TRY_CAST" : "CAST", sum, type.ToDuckDb()));
    std::string rows = let.Name(fmt::format("CAST({} AS HUGEINT)", count));
    out = ResultOf(call, type, fmt::format("CAST({} AS {})", let.In(RoundedMean(total, rows)), type.ToDuckDb()));
  } else if (arg.type.is(TypeId::kDecimal)) {
    Type type = Type::Decimal(std::min(38, arg.type.precision() + 4), std::min(38, arg.type.scale() + 4));
    out = ResultOf(call, type,
                   fmt::format("{}(spark_decimal_divide(CAST({} AS VARCHAR), CAST({} AS VARCHAR), {}) AS {})", lenient ? "TRY_CAST" : "CAST",
                               sum, count, type.scale(), type.ToDuckDb()));
  } else if (!arg.type.is_numeric()) {
    return WrongArgument(call, 0, "a number or an interval");
  } else {
    out = ResultOf(call, Type(TypeId::kDouble), ExpandTemplate("avg($dCAST($1 AS DOUBLE))$f", call));
  }
  return out;
}

bool CheckOrder(Call& call, size_t index) {
  const Bound& arg = call.args[index];
  if (IsOrderable(arg.type)) return true;
  call.binder.Report("DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
                     fmt::format("{}() cannot order {}", call.name, UpperAscii(arg.type.ToSimpleString())), arg.begin);
  return false;
}

Bound BindMinMax(Call& call) {
  const Bound& arg = call.args[0];
  if (!CheckOrder(call, 0)) return call.binder.Bad(call.expr);
  if (!arg.type.is_nested()) return ResultOf(call, arg.type, ExpandTemplate(call.name + "($1)$f", call));
  return ResultOf(call, arg.type, fmt::format("arg_{}({}, {}){}", call.name, arg.sql, OrderKeySql(arg.sql, arg.type), call.Tail()));
}

/// first, last, any_value; with a constant true, or IGNORE NULLS, the NULLs are passed over.
Bound BindFirst(Call& call) {
  bool ignore = call.expr.quantifier == "ignore nulls";
  if (call.args.size() == 2) {
    auto flag = LiteralArgument(call, 1, "ignoreNulls");
    if (!flag) return call.binder.Bad(call.expr);
    ignore = *flag == "true";
  }
  const Bound& arg = call.args[0];
  const char* function = call.name.starts_with("last") ? "last" : "first";
  // DuckDB takes IGNORE NULLS in windows only, and FILTER outside of them only
  bool windowed = !call.over.empty();
  Bound out = ResultOf(call, arg.type, fmt::format("{}({}{}){}", function, arg.sql, ignore && windowed ? " IGNORE NULLS" : "",
                                                   call.Tail(ignore && !windowed ? IsKnown(arg) : "")));
  out.pretty = fmt::format("{}({})", call.name, arg.pretty);
  return out;
}

Bound BindCollect(Call& call) {
  bool set = call.name == "collect_set";
  const Bound& arg = call.args[0];
  if (set && !IsOrderable(arg.type)) return WrongArgument(call, 0, "a value that can be compared");
  Type type = Type::Array(arg.type, false);
  std::string list = fmt::format("coalesce(list({}{}){}, CAST([] AS {}))", set ? "DISTINCT " : Distinct(call), arg.sql, call.Tail(IsKnown(arg)),
                                 type.ToDuckDb());
  if (set) {
    // the order in which Scala's hash set would yield them
    Let let(call.binder);
    std::string all = let.Name(list);
    list = let.In(fmt::format("list_transform(list_sort(list_transform({0}, lambda e: struct_pack(p := spark_scala_set_place(e, len({0})), "
                              "e := e)), 'ASC', 'NULLS FIRST'), lambda e: e.e)", all));
  }
  Bound out = ResultOf(call, type, list);
  out.nullable = false;
  out.pretty = fmt::format("{}({}{})", set ? "collect_set" : "collect_list", Distinct(call), arg.pretty);
  return out;
}

Bound BindExtremeBy(Call& call) {
  if (!CheckOrder(call, 1)) return call.binder.Bad(call.expr);
  const char* function = call.name == "max_by" ? "arg_max_null" : "arg_min_null";
  return ResultOf(call, call.args[0].type, fmt::format("{}({}, {}){}", function, call.args[0].sql,
                                                       OrderKeySql(call.args[1].sql, call.args[1].type), call.Tail()));
}

Bound BindBits(Call& call) {
  return ResultOf(call, call.args[0].type, ExpandTemplate(call.name + "($1)$f", call));
}

/// listagg and string_agg: texts or binaries joined, in the order of WITHIN GROUP.
Bound BindListAgg(Call& call) {
  Bound& value = call.args[0];
  bool binary = value.type.is(TypeId::kBinary);
  if (!binary) value = call.binder.Implicit(std::move(value), Type(TypeId::kString), call.name, 0);
  std::string separator = "''";
  std::string separator_name = "NULL";
  if (call.args.size() == 2) {
    separator_name = call.args[1].pretty;
    Bound text = call.binder.Implicit(call.args[1], value.type, call.name, 1);
    if (text.bad) return call.binder.Bad(call.expr);
    separator = fmt::format("coalesce({}, {})", text.sql, binary ? "CAST('' AS BLOB)" : "''");
  }
  if (value.bad) return call.binder.Bad(call.expr);
  std::string order;
  for (const SortKey& key : call.order) {
    if (call.expr.distinct && key.value.sql != value.sql) {
      call.binder.Report("INVALID_WITHIN_GROUP_EXPRESSION.MISMATCH_WITH_DISTINCT_INPUT",
                         fmt::format("{}(DISTINCT ...) can be ordered by its own argument only", call.name), key.value.begin);
      return call.binder.Bad(call.expr);
    }
    order += fmt::format("{}{} {} NULLS {}", order.empty() ? " ORDER BY " : ", ", OrderKeySql(key.value.sql, key.value.type),
                         key.descending ? "DESC" : "ASC", key.nulls_first ? "FIRST" : "LAST");
  }
  std::string sql = binary ? fmt::format("unhex(string_agg({}hex({}), hex({}){}){})", Distinct(call), value.sql, separator, order, call.Tail())
                           : fmt::format("string_agg({}{}, {}{}){}", Distinct(call), value.sql, separator, order, call.Tail());
  Bound out = ResultOf(call, value.type, sql);
  out.pretty = fmt::format("{}({}{}, {})", call.name, Distinct(call), value.pretty, separator_name);
  if (!call.order.empty()) {
    out.pretty += " WITHIN GROUP (ORDER BY ";
    for (size_t i = 0; i < call.order.size(); ++i) {
      const SortKey& key = call.order[i];
      out.pretty += fmt::format("{}{} {} NULLS {}", i > 0 ? ", " : "", key.value.pretty, key.descending ? "DESC" : "ASC",
                                key.nulls_first ? "FIRST" : "LAST");
    }
    out.pretty += ")";
  }
  return out;
}

Bound BindBitmap(Call& call) {
  if (call.name == "bitmap_construct_agg") {
    return ResultOf(call, Type(TypeId::kBinary),
                    ExpandTemplate("spark_bitmap_construct_agg(CASE WHEN $1 < 0 OR $1 >= 32768 THEN CAST(error('[INVALID_BITMAP_POSITION] The "
                                   "0-indexed bitmap position is out of bounds.') AS BIGINT) ELSE $1 END)$f", call));
  }
  return ResultOf(call, Type(TypeId::kBinary), ExpandTemplate("spark_bitmap_or_agg($1)$f", call));
}

/// grouping and grouping_id: which keys the row's grouping set leaves out.
Bound BindGrouping(Call& call) {
  const std::vector<std::string>* keys = call.binder.grouping_keys();
  if (keys == nullptr) {
    call.binder.Report("UNSUPPORTED_GROUPING_EXPRESSION",
                       fmt::format("{}() stands only beside GROUPING SETS, ROLLUP or CUBE", call.name), call.expr.begin);
    return call.binder.Bad(call.expr);
  }
  std::vector<std::string> asked;
  for (const Bound& arg : call.args) asked.push_back(arg.sql);
  bool is_id = call.name == "grouping_id";
  if (is_id && asked.empty()) asked = *keys;
  bool known = is_id ? asked == *keys : std::ranges::find(*keys, asked[0]) != keys->end();
  if (!known) {
    call.binder.Report(is_id ? "GROUPING_ID_COLUMN_MISMATCH" : "GROUPING_COLUMN_MISMATCH",
                       fmt::format("the arguments of {}() are not the keys of GROUP BY", call.name), call.expr.begin);
    return call.binder.Bad(call.expr);
  }
  std::string bits = fmt::format("GROUPING({})", fmt::join(asked, ", "));
  return ResultOf(call, Type(is_id ? TypeId::kLong : TypeId::kByte), is_id ? bits : fmt::format("CAST({} AS TINYINT)", bits));
}

const FunctionSpec kAggregateFunctions[] = {
    {"grouping", "a", "", "", "1 where the row's grouping set leaves the key out, else 0", BindGrouping},
    {"grouping_id", "a*", "", "", "the bits of grouping() of all keys, the first one highest", BindGrouping},
    {"count", "a*", "", "", "rows in which no argument is NULL", BindCount},
    {"count_if", "b", "bigint", "CAST(coalesce(count($dCASE WHEN $1 THEN true END)$f, 0) AS BIGINT)", "rows in which the argument is true"},
    {"sum try_sum", "a", "", "", "sum", BindSum},
    {"avg mean try_avg", "a", "", "", "mean", BindAvg},
    {"min max", "a", "", "", "the smallest or largest value", BindMinMax},
    {"first first_value last last_value any_value", "a", "", "", "a value of the group", BindFirst},
    {"first first_value last last_value any_value", "a b", "", "", "a value of the group, passing over NULLs", BindFirst},
    {"collect_list array_agg collect_set", "a", "", "", "the values as an array", BindCollect},
    {"max_by min_by", "a a", "", "", "the value beside the largest or smallest other", BindExtremeBy},
    {"approx_count_distinct", "a", "bigint", "count(DISTINCT $1)$f", "how many different values; exact here"},
    {"approx_count_distinct", "a d", "bigint", "count(DISTINCT $1)$f", "how many different values; exact here, whatever deviation is allowed"},
    {"bool_and every", "b", "boolean", "bool_and($1)$f", "whether all are true"},
    {"bool_or any some", "b", "boolean", "bool_or($1)$f", "whether one is true"},
    {"bit_and bit_or bit_xor", "I", "", "", "all values combined bit by bit", BindBits},
    {"schema_of_variant_agg", "a", "", "", "the type that holds all variants", BindSchemaOfVariantAgg},
    {"string_agg listagg", "a", "", "", "the texts joined", BindListAgg},
    {"string_agg listagg", "a a", "", "", "the texts joined, with a separator", BindListAgg},
    {"bitmap_construct_agg", "l", "", "", "a bitmap with the bits at these positions set", BindBitmap},
    {"bitmap_or_agg", "x", "", "", "bitmaps combined by OR", BindBitmap},
};

}  // namespace

std::span<const FunctionSpec> AggregateFunctions() { return kAggregateFunctions; }

}  // namespace flare::sql
