#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sql/format.h"
#include "sql/formatter.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

std::string Name(const std::string& name) { return QuoteNameParts({name}); }

/// A function's name as it can stand before a bracket.
std::string FunctionName(const std::string& name) {
  bool plain = !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
               std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  return plain ? name : Name(name);
}

}  // namespace

std::string FormatNames(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : std::string(separator)) + Name(part);
  return text;
}

std::string Formatter::List(const std::vector<ExprPtr>& exprs, size_t from) {
  std::string text;
  for (size_t i = from; i < exprs.size(); ++i) text += (i > from ? ", " : "") + Expression(*exprs[i]);
  return text;
}

std::string Formatter::Sort(const std::vector<SortItem>& items) {
  std::string text;
  for (const SortItem& item : items) {
    text += fmt::format("{}{} {} NULLS {}", text.empty() ? "" : ", ", Expression(*item.expr), item.descending ? "DESC" : "ASC",
                        item.nulls_first ? "FIRST" : "LAST");
  }
  return text;
}

std::string Formatter::Literal(const Expr& expr) {
  if (expr.kind == ExprKind::kInterval) return expr.names[0];
  switch (expr.type.id()) {
    case TypeId::kVoid: return "NULL";
    case TypeId::kBoolean: return expr.text;
    case TypeId::kString: return QuoteSparkString(expr.text);
    case TypeId::kBinary: return fmt::format("X'{}'", expr.text);
    case TypeId::kDate:
    case TypeId::kTimestamp:
    case TypeId::kTimestampNtz:
      return fmt::format("{} {}", UpperAscii(expr.type.ToSimpleString()), QuoteSparkString(expr.text));
    default: break;
  }
  std::string_view suffix;
  if (expr.type.is(TypeId::kByte)) suffix = "Y";
  if (expr.type.is(TypeId::kShort)) suffix = "S";
  if (expr.type.is(TypeId::kLong)) suffix = "L";
  if (expr.type.is(TypeId::kFloat)) suffix = "F";
  if (expr.type.is(TypeId::kDouble)) suffix = "D";
  if (expr.type.is(TypeId::kDecimal)) suffix = "BD";
  return expr.text + std::string(suffix);
}

std::string Formatter::Bound(const FrameBound& bound) {
  using Kind = FrameBound::Kind;
  switch (bound.kind) {
    case Kind::kUnboundedPreceding: return "UNBOUNDED PRECEDING";
    case Kind::kUnboundedFollowing: return "UNBOUNDED FOLLOWING";
    case Kind::kCurrentRow: return "CURRENT ROW";
    case Kind::kPreceding: return Expression(*bound.offset) + " PRECEDING";
    case Kind::kFollowing: return Expression(*bound.offset) + " FOLLOWING";
  }
  return {};
}

std::string Formatter::Over(const Window& window) {
  if (!window.name.empty()) return Name(window.name);
  std::string text;
  if (!window.partition.empty()) text += " PARTITION BY " + List(window.partition);
  if (!window.order.empty()) text += " ORDER BY " + Sort(window.order);
  if (window.unit != Window::Unit::kNone) {
    text += fmt::format(" {} BETWEEN {} AND {}", window.unit == Window::Unit::kRows ? "ROWS" : "RANGE", Bound(window.lower),
                        Bound(window.upper));
  }
  return fmt::format("({})", text.empty() ? text : text.substr(1));
}

std::string Formatter::Call(const Expr& expr) {
  if (expr.quantifier == "bare") return expr.text;
  std::string inside = expr.distinct ? "DISTINCT " : "";
  if (expr.quantifier == "from" && EqualIgnoreCase(expr.text, "extract")) {
    inside = fmt::format("{} FROM {}", Name(expr.args[0]->text), Expression(*expr.args[1]));
    return fmt::format("extract({})", inside);
  }
  if (expr.quantifier == "from") {
    const char* side = expr.text == "ltrim" ? "LEADING" : expr.text == "rtrim" ? "TRAILING" : "BOTH";
    std::string characters = expr.args.size() > 1 ? Expression(*expr.args[0]) + " " : "";
    return fmt::format("trim({} {}FROM {})", side, characters, Expression(*expr.args.back()));
  }
  for (size_t i = 0; i < expr.args.size(); ++i) {
    bool unit = i == 0 && expr.quantifier == "unit";  // of timestampadd(MONTH, ...)
    inside += (i > 0 ? ", " : "") + (unit ? expr.args[i]->text : Expression(*expr.args[i]));
    if (i < expr.arg_names.size() && !expr.arg_names[i].empty()) inside += " AS " + Name(expr.arg_names[i]);
  }
  std::string text = fmt::format("{}({})", expr.quantifier == "row" ? "" : FunctionName(expr.text), inside);
  if (!expr.within_group.empty()) text += fmt::format(" WITHIN GROUP (ORDER BY {})", Sort(expr.within_group));
  if (expr.filter) text += fmt::format(" FILTER (WHERE {})", Expression(*expr.filter));
  if (expr.quantifier == "ignore nulls") text += " IGNORE NULLS";
  if (expr.over) text += " OVER " + Over(*expr.over);
  return text;
}

std::string Formatter::Case(const Expr& expr) {
  size_t at = 0;
  std::string text = "CASE";
  if (expr.has_operand) text += " " + Expression(*expr.args[at++]);
  size_t end = expr.args.size() - (expr.has_else ? 1 : 0);
  for (; at + 1 < end; at += 2) {
    text += fmt::format(" WHEN {} THEN {}", Expression(*expr.args[at]), Expression(*expr.args[at + 1]));
  }
  if (expr.has_else) text += " ELSE " + Expression(*expr.args.back());
  return text + " END";
}

std::string Formatter::Like(const Expr& expr) {
  std::string text = fmt::format("({} {}{} ", Expression(*expr.args[0]), expr.negated ? "NOT " : "", expr.text);
  if (expr.quantifier.empty()) {
    text += Expression(*expr.args[1]);
  } else {
    text += fmt::format("{} ({})", UpperAscii(expr.quantifier), List(expr.args, 1));
  }
  if (!expr.escape.empty()) text += " ESCAPE " + QuoteSparkString(expr.escape);
  return text + ")";
}

std::string Formatter::Expression(const Expr& expr) {
  auto arg = [&](size_t i) { return Expression(*expr.args[i]); };
  const char* negated = expr.negated ? "NOT " : "";
  switch (expr.kind) {
    case ExprKind::kLiteral:
    case ExprKind::kInterval: return Literal(expr);
    case ExprKind::kName: return FormatNames(expr.parts, ".");
    case ExprKind::kStar: {
      std::string text = expr.parts.empty() ? "*" : FormatNames(expr.parts, ".") + ".*";
      return expr.args.empty() ? text : fmt::format("{} EXCEPT ({})", text, List(expr.args));
    }
    case ExprKind::kCall: return Call(expr);
    case ExprKind::kUnary: return fmt::format("({} ({}))", expr.text, arg(0));
    case ExprKind::kBinary: return fmt::format("({} {} {})", arg(0), expr.text, arg(1));
    case ExprKind::kCast: return fmt::format("{}({} AS {})", expr.text, arg(0), expr.type.ToDdl());
    case ExprKind::kCase: return Case(expr);
    case ExprKind::kIn: return fmt::format("({} {}IN ({}))", arg(0), negated, List(expr.args, 1));
    case ExprKind::kBetween: return fmt::format("({} {}BETWEEN {} AND {})", arg(0), negated, arg(1), arg(2));
    case ExprKind::kLike: return Like(expr);
    case ExprKind::kIs: return fmt::format("({} IS {}{})", arg(0), negated, expr.text);
    case ExprKind::kIsDistinct: return fmt::format("({} IS {}DISTINCT FROM {})", arg(0), negated, arg(1));
    case ExprKind::kIndex: return fmt::format("({})[{}]", arg(0), arg(1));
    case ExprKind::kField: return fmt::format("({}).{}", arg(0), Name(expr.text));
    case ExprKind::kLambda: return fmt::format("({}) -> {}", FormatNames(expr.names, ", "), arg(0));
    case ExprKind::kSubquery: {
      std::string query = Statement(*expr.query);
      if (expr.text == "exists") return fmt::format("EXISTS ({})", query);
      if (expr.text != "in") return fmt::format("({})", query);
      std::string values = expr.args.size() == 1 ? arg(0) : fmt::format("({})", List(expr.args));
      return fmt::format("({} {}IN ({}))", values, negated, query);
    }
  }
  return {};
}

std::string Format(const Expr& expr) { return Formatter().Expression(expr); }

}  // namespace flare::sql
