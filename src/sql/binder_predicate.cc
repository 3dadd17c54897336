#include <fmt/format.h>

#include <algorithm>

#include "sql/binder.h"
#include "sql/names.h"

namespace flare::sql {

Bound Binder::Compare(Bound left, Bound right, const std::string& op, const Expr& expr) {
  Bound out;
  Inherit(left, &out);
  Inherit(right, &out);
  if (out.bad) return Bad(expr);
  bool null_safe = op == "IS NOT DISTINCT FROM";
  bool equality = null_safe || op == "=" || op == "<>";
  out.pretty = fmt::format("({} {} {})", left.pretty, null_safe ? "<=>" : op == "<>" ? "=" : op, right.pretty);
  if (op == "<>") out.pretty = fmt::format("(NOT {})", out.pretty);
  out.type = Type(TypeId::kBoolean);
  out.nullable = !null_safe && (left.nullable || right.nullable);
  std::optional<Type> type;
  if (equality && !ansi() && left.type.is(TypeId::kBoolean) && right.type.is_numeric()) {
    type = right.type;
  } else if (equality && !ansi() && right.type.is(TypeId::kBoolean) && left.type.is_numeric()) {
    type = left.type;
  } else {
    type = ComparisonType(left.type, right.type, ansi());
  }
  bool comparable = type && !type->is(TypeId::kMap) && !type->is(TypeId::kVariant) && !type->is(TypeId::kIntervalCalendar);
  if (!type || !(equality ? comparable : IsOrderable(*type))) {
    Report(type ? "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE" : "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
           fmt::format("cannot compare {} with {} by {}", UpperAscii(left.type.ToSimpleString()),
                       UpperAscii(right.type.ToSimpleString()), null_safe ? "<=>" : op),
           expr.begin);
    return Bad(expr);
  }
  if (type->is(TypeId::kVoid)) type = Type(TypeId::kInt);
  out.sql = fmt::format("({} {} {})", Cast(std::move(left), *type).sql, op, Cast(std::move(right), *type).sql);
  return out;
}

Bound Binder::BindIn(const Expr& expr) {
  std::vector<Bound> values;
  for (const ExprPtr& arg : expr.args) values.push_back(BindExpr(*arg));
  Bound out;
  for (const Bound& value : values) {
    Inherit(value, &out);
    out.nullable = out.nullable || value.nullable;
  }
  if (out.bad) return Bad(expr);
  std::optional<Type> type = values[0].type;
  std::string list;
  for (size_t i = 1; i < values.size(); ++i) {
    auto wider = CommonType(*type, values[i].type, true, ansi());
    if (!wider || wider->is(TypeId::kMap)) {
      Report("DATATYPE_MISMATCH.DATA_DIFF_TYPES",
             fmt::format("IN needs values of one type, found {} and {}", UpperAscii(type->ToSimpleString()),
                         UpperAscii(values[i].type.ToSimpleString())),
             values[i].begin);
      return Bad(expr);
    }
    type = wider;
    list += (i > 1 ? ", " : "") + values[i].pretty;
  }
  out.pretty = fmt::format("({} IN ({}))", values[0].pretty, list);
  if (type->is(TypeId::kVoid)) type = Type(TypeId::kInt);
  std::string sql;
  for (size_t i = 1; i < values.size(); ++i) sql += (i > 1 ? ", " : "") + Cast(values[i], *type).sql;
  out.sql = fmt::format("({} IN ({}))", Cast(values[0], *type).sql, sql);
  out.type = Type(TypeId::kBoolean);
  if (expr.negated) {
    out.sql = fmt::format("(NOT {})", out.sql);
    out.pretty = fmt::format("(NOT {})", out.pretty);
  }
  return out;
}

Bound Binder::BindBetween(const Expr& expr) {
  Bound value = BindExpr(*expr.args[0]);
  Bound low = BindExpr(*expr.args[1]);
  Bound high = BindExpr(*expr.args[2]);
  if (value.bad || low.bad || high.bad) return Bad(expr);
  std::string pretty = fmt::format("between({}, {}, {})", value.pretty, low.pretty, high.pretty);
  Bound from = Compare(value, std::move(low), ">=", expr);
  Bound to = Compare(std::move(value), std::move(high), "<=", expr);
  if (from.bad || to.bad) return Bad(expr);
  Bound out = from;
  Inherit(to, &out);
  out.nullable = from.nullable || to.nullable;
  out.sql = fmt::format("({} AND {})", from.sql, to.sql);
  out.pretty = std::move(pretty);
  if (expr.negated) {
    out.sql = fmt::format("(NOT {})", out.sql);
    out.pretty = fmt::format("(NOT {})", out.pretty);
  }
  return out;
}

namespace {

/// A pattern without escapes that DuckDB's LIKE reads as Spark's does.
bool IsPlainLike(const Bound& pattern) {
  return pattern.is_literal && pattern.type.is(TypeId::kString) && pattern.literal.find('\\') == std::string::npos;
}

}  // namespace

Bound Binder::BindLike(const Expr& expr) {
  std::vector<Bound> args;
  Bound out;
  for (size_t i = 0; i < expr.args.size(); ++i) {
    args.push_back(Implicit(BindExpr(*expr.args[i]), Type(TypeId::kString), LowerAscii(expr.text), i));
    Inherit(args.back(), &out);
  }
  if (out.bad) return Bad(expr);
  out.type = Type(TypeId::kBoolean);
  bool plain_escape = expr.escape.empty() || expr.escape == "\\";
  for (size_t i = 1; i < args.size(); ++i) {
    std::string one;
    if (expr.text == "RLIKE") {
      one = fmt::format("spark_rlike({}, {})", args[0].sql, args[i].sql);
    } else if (plain_escape && IsPlainLike(args[i])) {
      one = fmt::format("({} {} {})", args[0].sql, expr.text, args[i].sql);
    } else {
      bool fold = expr.text == "ILIKE";
      std::string value = fold ? fmt::format("spark_lower({})", args[0].sql) : args[0].sql;
      std::string pattern = fold ? fmt::format("spark_lower({})", args[i].sql) : args[i].sql;
      one = fmt::format("spark_like({}, {}, {})", value, pattern, QuoteDuckDbString(plain_escape ? "\\" : expr.escape));
    }
    if (expr.negated && !expr.quantifier.empty()) one = fmt::format("(NOT {})", one);
    out.sql += (i > 1 ? (expr.quantifier == "ANY" ? " OR " : " AND ") : "") + one;
    out.pretty += (i > 1 ? ", " : "") + args[i].pretty;
  }
  out.sql = "(" + out.sql + ")";
  if (!expr.quantifier.empty()) {
    // Spark names constant patterns nowhere, and writes others as a chain of comparisons
    bool constants = std::all_of(args.begin() + 1, args.end(), [](const Bound& arg) { return arg.is_literal; });
    const char* name = expr.quantifier == "ANY" ? "any" : "all";
    const char* value = expr.text == "ILIKE" ? "lower({})" : "{}";
    if (constants) {
      out.pretty = fmt::format("{}like{}({})", expr.negated ? "not" : "", name, fmt::format(fmt::runtime(value), args[0].pretty));
    } else {
      out.pretty.clear();
      for (size_t i = 1; i < args.size(); ++i) {
        std::string one = fmt::format(fmt::runtime(expr.text == "ILIKE" ? "ilike({}, {})" : "{} LIKE {}"), args[0].pretty, args[i].pretty);
        if (expr.negated) one = fmt::format("(NOT {})", one);
        out.pretty = i == 1 ? one : fmt::format("({} {} {})", out.pretty, expr.quantifier == "ANY" ? "OR" : "AND", one);
      }
    }
    return out;
  }
  out.pretty = expr.text == "LIKE" ? fmt::format("{} LIKE {}", args[0].pretty, out.pretty)
                                   : fmt::format("{}({}, {})", expr.text == "RLIKE" ? "RLIKE" : "ilike", args[0].pretty, out.pretty);
  if (expr.text == "LIKE" && !plain_escape) out.pretty += fmt::format(" ESCAPE '{}'", expr.escape);
  if (expr.negated) {
    out.sql = fmt::format("(NOT {})", out.sql);
    out.pretty = fmt::format("(NOT {})", out.pretty);
  }
  return out;
}

Bound Binder::BindIs(const Expr& expr) {
  Bound value = BindExpr(*expr.args[0]);
  if (value.bad) return Bad(expr);
  Bound out;
  Inherit(value, &out);
  out.type = Type(TypeId::kBoolean);
  out.nullable = false;
  if (expr.text == "NULL") {
    out.sql = fmt::format("({} IS {}NULL)", value.sql, expr.negated ? "NOT " : "");
    out.pretty = fmt::format("({} IS {}NULL)", value.pretty, expr.negated ? "NOT " : "");
    return out;
  }
  if (value.type.is(TypeId::kVoid)) value = Cast(std::move(value), Type(TypeId::kBoolean));
  if (!value.type.is(TypeId::kBoolean)) {
    Report("DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
           fmt::format("IS {} needs a BOOLEAN, but {} is {}", expr.text, value.pretty, UpperAscii(value.type.ToSimpleString())),
           expr.begin);
    return Bad(expr);
  }
  out.sql = fmt::format("({} IS {}DISTINCT FROM {})", value.sql, expr.negated ? "" : "NOT ", LowerAscii(expr.text));
  out.pretty = fmt::format("({} <=> {})", value.pretty, LowerAscii(expr.text));
  if (expr.negated) out.pretty = fmt::format("(NOT {})", out.pretty);
  return out;
}

Bound Binder::BindIsDistinct(const Expr& expr) {
  Bound left = BindExpr(*expr.args[0]);
  Bound right = BindExpr(*expr.args[1]);
  Bound out = Compare(std::move(left), std::move(right), "IS NOT DISTINCT FROM", expr);
  if (out.bad) return Bad(expr);
  if (!expr.negated) {
    out.sql = fmt::format("(NOT {})", out.sql);
    out.pretty = fmt::format("(NOT {})", out.pretty);
  }
  return out;
}

}  // namespace flare::sql
