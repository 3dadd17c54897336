#include "sql/binder_frame.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/names.h"

namespace flare::sql {
namespace {

/// Text beyond this is refused: an alias that is inlined again and again doubles it each time.
constexpr size_t kMaxSqlBytes = size_t{1} << 20;

/// `a`, or `(a).b`: a field of it is named after the field.
bool IsColumnPath(const Expr& expr) {
  return expr.kind == ExprKind::kName || (expr.kind == ExprKind::kField && IsColumnPath(*expr.args[0]));
}

}  // namespace

void Inherit(const Bound& from, Bound* to) {
  to->has_aggregate = to->has_aggregate || from.has_aggregate;
  to->bad = to->bad || from.bad;
  if (to->loose_column == kNoOffset) {
    to->loose_column = from.loose_column;
    to->loose_name = from.loose_name;
  }
}

std::string Binder::Zone() const { return QuoteDuckDbString(scope_.time_zone); }

std::string_view Binder::TextOf(const Expr& expr) const {
  if (expr.begin >= text_.size()) return {};
  return text_.substr(expr.begin, expr.end > expr.begin ? expr.end - expr.begin : 0);
}

void Binder::Report(std::string code, std::string message, size_t offset, std::string hint, std::string expected,
                    std::string found) {
  ++errors_;
  Diagnostic diagnostic;
  diagnostic.where = place_.At(text_, offset == kNoOffset ? 0 : offset);
  diagnostic.code = std::move(code);
  diagnostic.message = std::move(message);
  diagnostic.hint = std::move(hint);
  diagnostic.expected = std::move(expected);
  diagnostic.found = std::move(found);
  diagnostics_->push_back(std::move(diagnostic));
}

Bound Binder::Bad(const Expr& expr) const {
  Bound bad;
  bad.bad = true;
  bad.sql = "NULL";
  bad.pretty = std::string(TextOf(expr));
  bad.begin = expr.begin;
  return bad;
}

void Binder::AddFunction(RuntimeFunction function) {
  std::string name = function.duckdb_name;
  functions_.emplace(std::move(name), std::move(function));
}

std::optional<std::string> Binder::Constant(const Bound& value, bool* constant) const {
  if (value.is_literal) return value.type.is(TypeId::kVoid) ? std::nullopt : std::optional(value.literal);
  bool open = value.bad || value.has_aggregate || value.loose_column != kNoOffset || !scope_.fold;
  if (!open) {
    std::vector<RuntimeFunction> functions;
    for (const auto& [name, function] : functions_) functions.push_back(function);
    // a column that GROUP BY names is not loose: DuckDB does not know it and says so
    auto text = scope_.fold(value.sql, functions);
    if (text.has_value()) return *std::move(text);
  }
  *constant = false;
  return std::nullopt;
}

Bound Binder::CastAs(Bound value, const Type& to, CastMode cast_mode) const {
  if (value.type == to && !value.type.is(TypeId::kVoid)) return value;
  bool widening = value.type.is_numeric() && to.is_numeric() && TightestCommonType(value.type, to) == to;
  value.nullable = value.nullable || !(widening || to.is(TypeId::kString));
  value.sql = CastSql(value.sql, value.type, to, cast_mode, scope_.time_zone);
  value.type = to;
  return value;
}

Bound Binder::Cast(Bound value, const Type& to) const { return CastAs(std::move(value), to, mode()); }

Bound Binder::Implicit(Bound value, const Type& to, std::string_view function, size_t index) {
  if (value.bad || value.type == to) return value;
  if (CanImplicitlyCast(value.type, to)) return Cast(std::move(value), to);
  Report("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
         fmt::format("argument {} of {}() must be {}, but {} is {}", index + 1, function, UpperAscii(to.ToSimpleString()),
                     value.pretty, UpperAscii(value.type.ToSimpleString())),
         value.begin);
  value.bad = true;
  return value;
}

std::optional<Type> Binder::Unify(std::vector<Bound>* values, const Expr& expr, std::string_view what, bool strings) {
  std::optional<Type> type;
  for (const Bound& value : *values) {
    if (value.bad) return std::nullopt;
    if (!type) {
      type = value.type;
      continue;
    }
    auto wider = CommonType(*type, value.type, strings, ansi());
    if (!wider) {
      Report("DATATYPE_MISMATCH.DATA_DIFF_TYPES",
             fmt::format("{} needs values of one type, found {} and {}", what, UpperAscii(type->ToSimpleString()),
                         UpperAscii(value.type.ToSimpleString())),
             value.begin == kNoOffset ? expr.begin : value.begin);
      return std::nullopt;
    }
    type = wider;
  }
  if (!type) type = Type();
  for (Bound& value : *values) value = Cast(std::move(value), *type);
  return type;
}

std::string Binder::Local(const Bound& timestamp) const {
  if (timestamp.type.is(TypeId::kTimestampNtz)) return timestamp.sql;
  if (utc()) return fmt::format("CAST({} AS TIMESTAMP)", timestamp.sql);
  return fmt::format("spark_to_local({}, {})", timestamp.sql, Zone());
}

std::string Binder::FromLocal(const std::string& sql) const {
  if (utc()) return fmt::format("CAST({} AS TIMESTAMPTZ)", sql);
  return fmt::format("spark_from_local({}, {})", sql, Zone());
}

bool Binder::CheckSize(const Expr& expr, const Bound& bound) {
  if (bound.sql.size() <= kMaxSqlBytes) return true;
  Report("FAILED_TO_PARSE_TOO_COMPLEX", "the expression grows too large when it is translated", expr.begin);
  return false;
}

Bound Binder::BindExpr(const Expr& expr) {
  Bound bound;
  switch (expr.kind) {
    case ExprKind::kLiteral:
    case ExprKind::kInterval: bound = BindLiteral(expr); break;
    case ExprKind::kName: bound = BindName(expr); break;
    case ExprKind::kCall: bound = BindCall(expr); break;
    case ExprKind::kUnary: bound = BindUnary(expr); break;
    case ExprKind::kBinary: bound = BindBinary(expr); break;
    case ExprKind::kCast: bound = BindCast(expr); break;
    case ExprKind::kCase: bound = BindCase(expr); break;
    case ExprKind::kIn: bound = BindIn(expr); break;
    case ExprKind::kBetween: bound = BindBetween(expr); break;
    case ExprKind::kLike: bound = BindLike(expr); break;
    case ExprKind::kIs: bound = BindIs(expr); break;
    case ExprKind::kIsDistinct: bound = BindIsDistinct(expr); break;
    case ExprKind::kIndex: bound = BindIndex(expr); break;
    case ExprKind::kField:
      bound = BindField(BindExpr(*expr.args[0]), expr.text, expr.begin);
      if (!IsColumnPath(*expr.args[0])) bound.name.clear();  // named by its spelling, unlike the field of a column
      break;
    case ExprKind::kStar:
      Report("INVALID_USAGE_OF_STAR_OR_REGEX", "* can only stand alone in the select list or in count(*)", expr.begin);
      return Bad(expr);
    case ExprKind::kLambda:
      Report("UNSUPPORTED_EXPR_FOR_OPERATOR", "a lambda (x -> ...) can only be an argument of a function such as transform()", expr.begin);
      return Bad(expr);
    case ExprKind::kSubquery: bound = BindSubquery(expr); break;
  }
  if (bound.bad || !CheckSize(expr, bound)) return Bad(expr);
  bound.begin = expr.begin;
  if (!frames_.empty() && frames_.back()->group.contains(bound.sql)) bound.loose_column = kNoOffset;
  return bound;
}

std::vector<Bound> Binder::BindItem(const SelectItem& item) {
  if (item.expr->kind == ExprKind::kStar) {
    if (!item.aliases.empty()) {
      Report("INVALID_USAGE_OF_STAR_OR_REGEX", "* cannot be given an alias", item.expr->begin);
      return {};
    }
    return BindStar(*item.expr);
  }
  if (IsGenerator(*item.expr)) {
    std::vector<Bound> columns = InlineGenerator(*item.expr);
    if (!item.aliases.empty() && !columns.empty() && item.aliases.size() != columns.size()) {
      Report("UDTF_ALIAS_NUMBER_MISMATCH", fmt::format("{}() yields {} columns, but {} aliases are given", item.expr->text,
             columns.size(), item.aliases.size()), item.expr->begin);
      return {};
    }
    for (size_t i = 0; i < item.aliases.size() && i < columns.size(); ++i) columns[i].name = item.aliases[i];
    return columns;
  }
  size_t position = 0;
  if (frames_.back()->ordinals && ToOrdinal(*item.expr, &position)) return BindPosition(item, position);
  if (item.aliases.size() > 1) {
    Report("MULTI_ALIAS_WITHOUT_GENERATOR", "several aliases are for a generator such as posexplode()", item.expr->begin);
    return {Bad(*item.expr)};
  }
  Bound bound = BindExpr(*item.expr);
  // Spark names CAST(a AS STRING) after a.
  if (item.expr->kind == ExprKind::kCast && bound.name.empty() && item.expr->args[0]->kind == ExprKind::kName) {
    bound.name = item.expr->args[0]->parts.back();
  }
  return {std::move(bound)};
}

}  // namespace flare::sql
