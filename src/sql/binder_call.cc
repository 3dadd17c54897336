#include <fmt/format.h>

#include <algorithm>

#include "sql/binder_frame.h"
#include "sql/functions.h"
#include "sql/names.h"
#include "sql/parameters.h"

namespace flare::sql {
namespace {

std::optional<Type> TypeOfLetter(char letter) {
  switch (letter) {
    case 's': return Type(TypeId::kString);
    case 'i': return Type(TypeId::kInt);
    case 'l': return Type(TypeId::kLong);
    case 'd': return Type(TypeId::kDouble);
    case 'b': return Type(TypeId::kBoolean);
    case 'x': return Type(TypeId::kBinary);
    case 'D': return Type(TypeId::kDate);
    case 'T': return Type(TypeId::kTimestamp);
    case 'Z': return Type(TypeId::kTimestampNtz);
    default: return std::nullopt;
  }
}

std::string_view KindOfLetter(char letter) {
  switch (letter) {
    case 'n': return "a number";
    case 'N': return "a number or an interval";
    case 'I': return "a whole number";
    case 'A': return "an array";
    case 'M': return "a map";
    case 'S': return "a struct";
    default: return "a value";
  }
}

/// True when the argument fits a letter that stands for a kind of types; text becomes a number first.
bool FitsKind(const Binder& binder, char letter, Bound* arg) {
  switch (letter) {
    case 'N':
      if (arg->type.is_ansi_interval()) return true;
      [[fallthrough]];
    case 'n':
      if (arg->type.is(TypeId::kString) || arg->type.is(TypeId::kVoid)) *arg = binder.Cast(std::move(*arg), Type(TypeId::kDouble));
      return arg->type.is_numeric();
    case 'I':
      if (arg->type.is(TypeId::kString)) *arg = binder.Cast(std::move(*arg), Type(TypeId::kLong));
      if (arg->type.is(TypeId::kVoid)) *arg = binder.Cast(std::move(*arg), Type(TypeId::kInt));
      return arg->type.is_integral();
    case 'A':
      if (arg->type.is(TypeId::kVoid)) *arg = binder.Cast(std::move(*arg), Type::Array(Type()));
      return arg->type.is(TypeId::kArray);
    case 'M':
      if (arg->type.is(TypeId::kVoid)) *arg = binder.Cast(std::move(*arg), Type::Map(Type(), Type()));
      return arg->type.is(TypeId::kMap);
    case 'S': return arg->type.is(TypeId::kStruct);
    default: return true;
  }
}

Type ResultType(std::string_view result, const Call& call) {
  if (result.substr(0, 2) == "=e") return call.args[static_cast<size_t>(result[2] - '1')].type.element();
  if (result[0] == '=') return call.args[static_cast<size_t>(result[1] - '1')].type;
  auto type = ParseTypeDdl(result);
  return type.has_value() ? *type : Type();
}

Bound DefaultValue(const Parameter& parameter) {
  Bound value;
  value.is_literal = true;
  value.nullable = false;
  bool text = parameter.default_text[0] == '\'';
  if (parameter.default_text == "NULL") {
    value.pretty = value.sql = "NULL";
    value.nullable = true;
    return value;
  }
  value.type = TypeOfLetter(parameter.letter).value_or(Type(TypeId::kString));
  value.literal = text ? parameter.default_text.substr(1, parameter.default_text.size() - 2) : parameter.default_text;
  value.pretty = value.literal;
  value.sql = text ? QuoteDuckDbString(value.literal) : parameter.default_text;
  if (value.type.is(TypeId::kBinary)) value.sql = fmt::format("encode({})", value.sql);
  return value;
}

/// int(x), string(x), ...: casts in the form of a call.
std::optional<Type> CastFunction(const std::string& name) {
  static constexpr std::string_view kCasts[] = {"boolean", "tinyint", "smallint", "int", "bigint", "float", "double",
                                                "decimal", "string", "binary", "date", "timestamp"};
  if (std::find(std::begin(kCasts), std::end(kCasts), name) == std::end(kCasts)) return std::nullopt;
  auto type = ParseTypeDdl(name);
  return type.has_value() ? std::optional(*type) : std::nullopt;
}

struct Refused {
  std::string_view name;
  std::string_view condition;
  std::string_view what;
};

constexpr Refused kRefused[] = {
    {"rand", "NONDETERMINISTIC", "rand would give other values when a batch is replayed"},
    {"random", "NONDETERMINISTIC", "random would give other values when a batch is replayed"},
    {"randn", "NONDETERMINISTIC", "randn would give other values when a batch is replayed"},
    {"uuid", "NONDETERMINISTIC", "uuid would give other values when a batch is replayed"},
    {"shuffle", "NONDETERMINISTIC", "shuffle() would give another order when a batch is replayed"},
    {"monotonically_increasing_id", "NONDETERMINISTIC", "monotonically_increasing_id() would give other values on a replay"},
    {"window", "TIME_WINDOW", "window() can stand in the select list and in GROUP BY only"},
    {"session_window", "TIME_WINDOW", "session_window() can stand in the select list and in GROUP BY only"},
    {"hll_sketch_agg", "SKETCH", "HyperLogLog sketches (hll_...) are not supported; use approx_count_distinct()"},
    {"hll_union_agg", "SKETCH", "HyperLogLog sketches (hll_...) are not supported; use approx_count_distinct()"},
    {"hll_union", "SKETCH", "HyperLogLog sketches (hll_...) are not supported; use approx_count_distinct()"},
    {"hll_sketch_estimate", "SKETCH", "HyperLogLog sketches (hll_...) are not supported; use approx_count_distinct()"},
    {"count_min_sketch", "SKETCH", "count_min_sketch() is not supported; use approx_percentile() or count(DISTINCT ...)"},
    {"from_avro", "FUNCTION", "from_avro() is not supported yet"},
};

bool TakesOrder(std::string_view name) {
  static constexpr std::string_view kNames[] = {"listagg", "string_agg", "mode", "percentile_cont", "percentile_disc"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

std::string ExpectedCounts(const std::vector<const FunctionSpec*>& specs) {
  std::vector<std::string> counts;
  for (const FunctionSpec* spec : specs) {
    Parameters parameters = ReadParameters(spec->params);
    std::string count = parameters.variadic                              ? fmt::format("at least {}", parameters.least)
                        : parameters.least == parameters.list.size() ? fmt::format("{}", parameters.least)
                                                                     : fmt::format("{} to {}", parameters.least, parameters.list.size());
    if (std::find(counts.begin(), counts.end(), count) == counts.end()) counts.push_back(count);
  }
  std::string text;
  for (const std::string& count : counts) text += (text.empty() ? "" : " or ") + count;
  return text;
}

}  // namespace

std::string PrettyCall(const Call& call, std::string_view name) {
  std::string text = fmt::format("{}({}", name, call.expr.distinct ? "DISTINCT " : "");
  for (size_t i = 0; i < call.args.size(); ++i) text += (i > 0 ? ", " : "") + call.args[i].pretty;
  return text + ")";
}

Bound Binder::BindCall(const Expr& expr) {
  Call call{*this, expr, LowerAscii(expr.text), {}, "", "", {}};
  if (expr.quantifier == "bare" && !frames_.empty()) {
    // a column of that name goes before the function without parentheses
    size_t used = 0;
    std::vector<const ScopeColumn*> columns = FindColumns(*frames_.back(), {expr.text}, &used);
    if (!columns.empty()) return ColumnOf(*columns[0], columns[0]->name, expr.begin);
  }
  if (auto window = TimeWindowOf(expr)) return *std::move(window);
  const std::vector<const FunctionSpec*>* specs = FindFunction(call.name);
  bool aggregate = specs != nullptr && IsAggregateFunction(*specs->front());
  if (IsGenerator(expr)) {
    Report("UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS",
           fmt::format("{}() can only stand alone as an item of the select list, or in FROM", call.name), expr.begin);
    return Bad(expr);
  }
  if (specs == nullptr && !CastFunction(call.name)) {
    for (const Refused& refused : kRefused) {
      if (refused.name != call.name) continue;
      Report(fmt::format("UNSUPPORTED_FEATURE.{}", refused.condition), std::string(refused.what), expr.begin);
      return Bad(expr);
    }
    std::string near = NearestName(call.name, FunctionNames());
    Report("UNRESOLVED_ROUTINE", fmt::format("there is no function {}", QuoteNameParts({expr.text})), expr.begin,
           near.empty() ? "" : fmt::format("did you mean {}?", near));
    return Bad(expr);
  }
  Frame* frame = frames_.empty() ? nullptr : frames_.back();
  bool outer_aggregate = frame != nullptr && frame->in_aggregate;
  bool windowed = expr.over != nullptr && frame != nullptr;
  if (windowed) {
    if (!CheckWindowPlace(expr, call.name)) return Bad(expr);
    if (!aggregate && (specs == nullptr || !IsWindowFunction(*specs->front()))) {
      Report("UNSUPPORTED_EXPR_FOR_WINDOW", fmt::format("{}() is no window or aggregate function", call.name), expr.begin);
      return Bad(expr);
    }
    static constexpr std::string_view kNotOverWindows[] = {"skewness", "kurtosis", "histogram_numeric",
                                                           "bitmap_construct_agg", "bitmap_or_agg"};
    if (aggregate && std::ranges::find(kNotOverWindows, call.name) != std::end(kNotOverWindows)) {
      Report("UNSUPPORTED_FEATURE.WINDOW_FUNCTION", fmt::format("{}() OVER is not supported", call.name), expr.begin);
      return Bad(expr);
    }
  } else if (expr.over) {
    Report("UNSUPPORTED_EXPR_FOR_WINDOW", fmt::format("{}() OVER cannot stand here", call.name), expr.begin);
    return Bad(expr);
  } else if (specs != nullptr && IsWindowFunction(*specs->front())) {
    Report("WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE", fmt::format("the window function {}() needs an OVER clause", call.name), expr.begin);
    return Bad(expr);
  }
  bool no_window = false;
  Restored<bool> in_window(windowed ? &frame->in_window : &no_window, windowed);
  if (aggregate && frame != nullptr && !windowed) {
    if (outer_aggregate) {
      Report("NESTED_AGGREGATE_FUNCTION", fmt::format("{}() stands inside another aggregate function", call.name), expr.begin);
      return Bad(expr);
    }
    if (frame->no_aggregates) {
      Report("INVALID_WHERE_CONDITION", fmt::format("the aggregate function {}() cannot stand in WHERE or GROUP BY", call.name),
             expr.begin, "put a condition on aggregates into HAVING");
      return Bad(expr);
    }
    frame->in_aggregate = true;
  }
  for (const ExprPtr& arg : expr.args) {
    if (aggregate && arg->kind == ExprKind::kStar && call.name == "count" && arg->parts.empty() && !expr.distinct) {
      Expr one;
      one.type = Type(TypeId::kInt);
      one.text = "1";
      one.begin = arg->begin;
      call.args.push_back(BindLiteral(one));
    } else if (arg->kind == ExprKind::kStar && call.name == "count" && arg->parts.size() == 1 && expr.args.size() == 1) {
      Report("INVALID_USAGE_OF_STAR_OR_REGEX", "count() takes no star of one relation", arg->begin, "write count(*), or name the columns");
      call.args.push_back(Bad(*arg));
    } else if (arg->kind == ExprKind::kLambda) {
      // the function binds it, when it knows the types of the variables
      Bound& lambda = call.args.emplace_back();
      lambda.begin = arg->begin;
    } else if (arg->kind == ExprKind::kStar) {
      for (Bound& column : BindStar(*arg)) call.args.push_back(std::move(column));
    } else {
      call.args.push_back(BindExpr(*arg));
    }
  }
  for (const SortItem& item : expr.within_group) {
    Bound key = BindExpr(*item.expr);
    if (key.bad) call.args.push_back(key);
    call.order.push_back({std::move(key), item.descending, item.nulls_first});
  }
  std::string filter_pretty;
  if (expr.filter && aggregate) {
    Bound condition = BindCondition(*expr.filter, "FILTER (WHERE ...)");
    filter_pretty = fmt::format(" FILTER (WHERE {})", condition.pretty);
    if (condition.bad) call.args.push_back(std::move(condition));
    else call.filter = condition.sql;
  }
  if (aggregate && !pivot_filter_.empty()) call.filter += (call.filter.empty() ? "" : " AND ") + pivot_filter_;
  if (!call.filter.empty()) call.filter = fmt::format(" FILTER (WHERE {})", call.filter);
  if (aggregate && frame != nullptr) frame->in_aggregate = outer_aggregate;
  if (!expr.within_group.empty() && !TakesOrder(call.name)) {
    Report("INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX",
           fmt::format("{}() takes no WITHIN GROUP; listagg(), mode(), percentile_cont() and percentile_disc() do", call.name), expr.begin);
    return Bad(expr);
  }
  if ((expr.filter || expr.distinct) && !aggregate) {
    Report("INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX",
           fmt::format("{}() is no aggregate function and takes neither DISTINCT nor FILTER", call.name), expr.begin);
    return Bad(expr);
  }
  bool bad = std::any_of(call.args.begin(), call.args.end(), [](const Bound& arg) { return arg.bad; });
  if (bad) return Bad(expr);
  if (specs == nullptr) {
    Type type = *CastFunction(call.name);
    if (call.args.size() != 1) {
      Report("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", fmt::format("{}() takes 1 argument, found {}", call.name, call.args.size()), expr.begin);
      return Bad(expr);
    }
    if (!CanCast(call.args[0].type, type, ansi())) return WrongArgument(call, 0, "castable to " + UpperAscii(call.name));
    Bound value = Cast(std::move(call.args[0]), type);
    value.is_literal = false;
    return value;
  }
  const FunctionSpec* chosen = nullptr;
  Parameters parameters;
  for (const FunctionSpec* spec : *specs) {
    parameters = ReadParameters(spec->params);
    bool fits = call.args.size() >= parameters.least && (parameters.variadic || call.args.size() <= parameters.list.size());
    if (fits) {
      chosen = spec;
      break;
    }
  }
  if (chosen == nullptr) {
    Report("WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
           fmt::format("{}() takes {} arguments, found {}", call.name, ExpectedCounts(*specs), call.args.size()), expr.begin);
    return Bad(expr);
  }
  for (size_t i = call.args.size(); i < parameters.list.size() && parameters.list[i].has_default; ++i) {
    call.args.push_back(DefaultValue(parameters.list[i]));
  }
  std::string pretty = PrettyCall(call, chosen->pretty.empty() ? std::string_view(call.name) : chosen->pretty);
  for (size_t i = 0; i < call.args.size(); ++i) {
    char letter = parameters.list[std::min(i, parameters.list.size() - 1)].letter;
    if (letter != 'F' && i < expr.args.size() && expr.args[i]->kind == ExprKind::kLambda) {
      Report("INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION",
             fmt::format("argument {} of {}() is a value, not a lambda", i + 1, call.name), expr.args[i]->begin);
      bad = true;
    } else if (auto type = TypeOfLetter(letter)) {
      call.args[i] = Implicit(std::move(call.args[i]), *type, call.name, i);
      bad = bad || call.args[i].bad;
    } else if (!FitsKind(*this, letter, &call.args[i])) {
      WrongArgument(call, i, KindOfLetter(letter));
      bad = true;
    }
  }
  if (bad) return Bad(expr);
  Bound window;
  std::string window_pretty;
  if (windowed) {
    if (!BindOver(&call, aggregate, &window_pretty, &window)) return Bad(expr);
  }
  Bound out = chosen->bind != nullptr ? chosen->bind(call)
                                      : ResultOf(call, ResultType(chosen->result, call), ExpandTemplate(chosen->sql, call));
  if (out.bad) return Bad(expr);
  if (out.pretty.empty()) out.pretty = std::move(pretty);
  out.name.clear();
  if (!aggregate && !windowed) return out;
  out.pretty += filter_pretty;
  out.is_literal = false;
  if (windowed) {
    out.pretty += window_pretty;
    Inherit(window, &out);
    return out;
  }
  out.has_aggregate = true;
  out.loose_column = kNoOffset;
  return out;
}

}  // namespace flare::sql
