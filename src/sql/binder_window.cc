#include <fmt/format.h>

#include "sql/binder_frame.h"
#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

using Kind = FrameBound::Kind;
using Unit = Window::Unit;

constexpr std::string_view kRunning = "BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
constexpr std::string_view kWhole = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING";

bool IsShift(const std::string& name) { return name == "lag" || name == "lead"; }
bool IsTime(const Type& type) { return type.is(TypeId::kTimestamp) || type.is(TypeId::kTimestampNtz); }
bool IsInterval(const Type& type) { return type.is(TypeId::kIntervalDayTime) || type.is(TypeId::kIntervalYearMonth); }

bool IsNegative(const Bound& value) { return value.is_literal && !value.literal.empty() && value.literal[0] == '-'; }

/// The frame that lag() and lead() have: the one row they look at.
std::string ShiftFrame(const Call& call) {
  std::string offset = call.args.size() > 1 ? call.args[1].literal : "1";
  if (call.name == "lag") offset = IsNegative(call.args.size() > 1 ? call.args[1] : Bound()) ? offset.substr(1) : offset == "0" ? offset : "-" + offset;
  return fmt::format("ROWS BETWEEN {0} FOLLOWING AND {0} FOLLOWING", offset);
}

}  // namespace

/// The definition behind a window's name; null when there is none.
const Window* Binder::FindWindow(const Window& window) {
  if (window.name.empty()) return &window;
  auto find = [this](const std::string& name) -> const Window* {
    if (frames_.back()->windows == nullptr) return nullptr;
    for (const NamedWindow& named : *frames_.back()->windows) {
      if (named.name == name) return &named.window;
    }
    return nullptr;
  };
  const Window* found = find(window.name);
  if (found != nullptr && !found->name.empty()) found = find(found->name);
  if (found != nullptr && found->name.empty()) return found;
  Report("MISSING_WINDOW_SPECIFICATION", fmt::format("there is no window {} in a WINDOW clause", QuoteNameParts({window.name})),
         window.begin);
  return nullptr;
}

/// Whether a window function may stand here.
bool Binder::CheckWindowPlace(const Expr& expr, const std::string& name) {
  Frame& frame = *frames_.back();
  if (expr.distinct) {
    Report("DISTINCT_WINDOW_FUNCTION_UNSUPPORTED", fmt::format("{}() OVER takes no DISTINCT", name), expr.begin);
  } else if (expr.filter) {
    Report("_LEGACY_ERROR_TEMP_1030", fmt::format("{}() OVER takes no FILTER", name), expr.begin,
           fmt::format("aggregate a CASE: {}(CASE WHEN ... THEN ... END)", name));
  } else if (frame.in_window) {
    Report("UNSUPPORTED_FEATURE.NESTED_WINDOW_FUNCTION",
           fmt::format("the window function {}() inside another window function is not supported", name), expr.begin,
           "compute the inner one in a subquery");
  } else if (frame.in_aggregate) {
    Report("_LEGACY_ERROR_TEMP_1031",
           fmt::format("the window function {}() stands inside an aggregate function", name), expr.begin,
           "compute the inner one in a subquery");
  } else if (frame.no_aggregates || frame.no_windows) {
    Report("_LEGACY_ERROR_TEMP_1034",
           fmt::format("the window function {}() can stand in the select list only", name), expr.begin,
           "compute it in a subquery, and name its result outside");
  } else if (frame.from.streaming) {
    Report("NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING",
           fmt::format("the window function {}() OVER on a stream would see the rows of one batch only", name), expr.begin);
  } else {
    return true;
  }
  return false;
}

/// One end of a frame: DuckDB's text and Spark's. False when it was refused.
bool Binder::BindFrameBound(const FrameBound& bound, const Window& window, const Bound* order, FrameText* text) {
  switch (bound.kind) {
    case Kind::kUnboundedPreceding: text->sql = text->pretty = "UNBOUNDED PRECEDING"; return true;
    case Kind::kUnboundedFollowing: text->sql = text->pretty = "UNBOUNDED FOLLOWING"; return true;
    case Kind::kCurrentRow: text->sql = text->pretty = "CURRENT ROW"; return true;
    default: break;
  }
  Bound offset;
  {
    Frame nothing;  // no column is in sight
    FrameScope scope(this, &nothing);
    nothing.outer = nullptr;
    nothing.no_aggregates = true;
    offset = BindExpr(*bound.offset);
  }
  if (offset.bad) return false;
  bool preceding = bound.kind == Kind::kPreceding;
  text->pretty = fmt::format("{} {}", offset.pretty, preceding ? "PRECEDING" : "FOLLOWING");
  if (IsNegative(offset)) {
    if (preceding) text->pretty = fmt::format("(- {}) FOLLOWING", offset.pretty);
    preceding = !preceding;
    offset.sql = fmt::format("(-{})", offset.sql);
  }
  const char* side = preceding ? "PRECEDING" : "FOLLOWING";
  auto refuse = [&](const char* condition, std::string message) {
    Report(fmt::format("DATATYPE_MISMATCH.{}", condition), std::move(message), bound.offset->begin);
    return false;
  };
  if (window.unit == Unit::kRows) {
    if (!offset.type.is(TypeId::kInt)) {
      return refuse("SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE",
                    fmt::format("a ROWS frame counts with INT, but {} is {}", offset.pretty, UpperAscii(offset.type.ToSimpleString())));
    }
    text->sql = fmt::format("{} {}", offset.sql, side);
    return true;
  }
  if (order == nullptr) {
    if (window.order.empty()) return refuse("RANGE_FRAME_WITHOUT_ORDER", "a RANGE frame needs ORDER BY in its window");
    return refuse("RANGE_FRAME_MULTI_ORDER", "a RANGE frame with a value needs exactly one ORDER BY expression");
  }
  bool fits = order->type.is_numeric() ? offset.type.is_numeric() || offset.type.is(TypeId::kString)
              : order->type.is(TypeId::kDate) ? offset.type.is(TypeId::kInt) || IsInterval(offset.type)
              : IsTime(order->type) ? IsInterval(offset.type)
                                    : order->type == offset.type && IsInterval(offset.type);
  if (!fits) {
    return refuse("RANGE_FRAME_INVALID_TYPE", fmt::format("a RANGE over {} cannot be measured with {}", UpperAscii(order->type.ToSimpleString()),
                                                          UpperAscii(offset.type.ToSimpleString())));
  }
  if (order->type.is_numeric()) {
    offset = Cast(std::move(offset), order->type);
    if (order->type.is_integral()) offset.sql = fmt::format("CAST({} AS HUGEINT)", offset.sql);
    if (order->type.is(TypeId::kFloat)) offset.sql = fmt::format("CAST({} AS DOUBLE)", offset.sql);
  } else if (offset.type.is(TypeId::kInt)) {
    offset.sql = fmt::format("to_days({})", offset.sql);
  } else if (!order->type.is_interval()) {
    offset.sql = fmt::format("{}({})", offset.type.is(TypeId::kIntervalYearMonth) ? "to_months" : "to_microseconds", offset.sql);
  }
  text->months = offset.type.is(TypeId::kIntervalYearMonth);
  text->sql = fmt::format("{} {}", offset.sql, side);
  return true;
}

/// A frame as it is written; "" when it was refused. `order_sql` is changed where a RANGE measures other values.
bool Binder::BindFrame(const Window& window, const std::vector<Bound>& order, std::string* order_sql, FrameText* frame) {
  FrameText lower;
  FrameText upper;
  if (window.lower.kind == Kind::kUnboundedFollowing || window.upper.kind == Kind::kUnboundedPreceding) {
    Report("DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_INVALID_BOUND", "the frame ends before it begins", window.begin);
    return false;
  }
  const Bound* one = order.size() == 1 ? &order[0] : nullptr;
  bool unbounded = window.lower.kind == Kind::kUnboundedPreceding && window.upper.kind == Kind::kUnboundedFollowing;
  if (window.unit == Unit::kRange && order.empty() && !unbounded) {
    Report("DATATYPE_MISMATCH.RANGE_FRAME_WITHOUT_ORDER", "a RANGE frame needs ORDER BY in its window", window.begin);
    return false;
  }
  if (!BindFrameBound(window.lower, window, one, &lower) || !BindFrameBound(window.upper, window, one, &upper)) return false;
  bool late = lower.sql.ends_with("FOLLOWING") && (upper.sql.ends_with("PRECEDING") || upper.sql == "CURRENT ROW");
  bool early = upper.sql.ends_with("PRECEDING") && lower.sql == "CURRENT ROW";
  if (late || early) {
    Report("DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON", "the frame ends before it begins", window.begin);
    return false;
  }
  bool values = window.unit == Unit::kRange && (window.lower.offset || window.upper.offset);
  if (values && one != nullptr) {
    const Type& type = one->type;
    if (type.is_integral()) *order_sql = fmt::format("CAST({} AS HUGEINT)", one->sql);
    if (type.is(TypeId::kFloat)) *order_sql = fmt::format("CAST({} AS DOUBLE)", one->sql);
    if (type.is(TypeId::kDate)) *order_sql = fmt::format("CAST({} AS TIMESTAMP)", one->sql);
    // days of an interval are of 24 hours, months are those of the session's calendar
    if (type.is(TypeId::kTimestamp)) {
      *order_sql = lower.months || upper.months ? Local(*one) : fmt::format("timezone('UTC', {})", one->sql);
    }
  }
  const char* unit = window.unit == Unit::kRows ? "ROWS" : "RANGE";
  frame->sql = fmt::format("{} BETWEEN {} AND {}", unit, lower.sql, upper.sql);
  frame->pretty = fmt::format("{} BETWEEN {} AND {}", unit, lower.pretty, upper.pretty);
  return true;
}

/// Sets what stands behind the function in DuckDB (call->over) and in Spark's name of the column; `out` takes over what the
/// window's expressions have of aggregates and loose columns.
bool Binder::BindOver(Call* call, bool aggregate, std::string* pretty, Bound* out) {
  const Window* window = FindWindow(*call->expr.over);
  if (window == nullptr) return false;
  std::string sql;
  std::string spark;
  bool bad = false;
  auto take = [&](const Expr& expr) {
    Bound bound = BindExpr(expr);
    Inherit(bound, out);
    bad = bad || bound.bad;
    if (!bound.bad && !IsOrderable(bound.type)) {
      Report("EXPRESSION_TYPE_IS_NOT_ORDERABLE",
             fmt::format("a window cannot be parted or sorted by {}, which is {}", bound.pretty, UpperAscii(bound.type.ToSimpleString())),
             expr.begin);
      bad = true;
    }
    return bound;
  };
  for (size_t i = 0; i < window->partition.size(); ++i) {
    Bound key = take(*window->partition[i]);
    sql += (i > 0 ? ", " : "PARTITION BY ") + key.sql;
    spark += (i > 0 ? ", " : "PARTITION BY ") + key.pretty;
  }
  std::vector<Bound> order;
  for (const SortItem& item : window->order) order.push_back(take(*item.expr));
  if (bad) return false;
  std::string name = call->name;
  bool shift = IsShift(name);
  FrameText frame;
  std::string order_sql = order.size() == 1 ? order[0].sql : "";
  if (window->unit != Unit::kNone) {
    if (!BindFrame(*window, order, &order_sql, &frame)) return false;
  } else {
    frame.pretty = order.empty() ? std::string(kWhole) : fmt::format("RANGE {}", kRunning);
    frame.sql = frame.pretty;
  }
  bool free_frame = aggregate || name == "nth_value";
  if (!aggregate && order.empty()) {
    Report("_LEGACY_ERROR_TEMP_1037", fmt::format("{}() needs ORDER BY in its window", name), window->begin);
    return false;
  }
  if (!free_frame) {
    std::string own = shift ? ShiftFrame(*call) : fmt::format("{} {}", name == "cume_dist" ? "RANGE" : "ROWS", kRunning);
    if (window->unit != Unit::kNone && frame.pretty != own) {
      Report(shift ? "_LEGACY_ERROR_TEMP_1035" : "_LEGACY_ERROR_TEMP_1036", fmt::format("{}() has the frame {} and takes no other, found {}", name, own, frame.pretty),
             window->begin);
      return false;
    }
    frame.pretty = own;
    frame.sql.clear();
  }
  for (size_t i = 0; i < order.size(); ++i) {
    const SortItem& item = window->order[i];
    std::string direction = fmt::format(" {} NULLS {}", item.descending ? "DESC" : "ASC", item.nulls_first ? "FIRST" : "LAST");
    std::string lead = i > 0 ? ", " : fmt::format("{}ORDER BY ", sql.empty() ? "" : " ");
    std::string spark_lead = i > 0 ? ", " : fmt::format("{}ORDER BY ", spark.empty() ? "" : " ");
    sql += lead + (order.size() == 1 ? order_sql : order[i].sql) + direction;
    spark += spark_lead + order[i].pretty + direction;
  }
  call->over = fmt::format(" OVER ({}{}{})", sql, sql.empty() || frame.sql.empty() ? "" : " ", frame.sql);
  *pretty = fmt::format(" OVER ({}{}{})", spark, spark.empty() ? "" : " ", frame.pretty);
  return true;
}

}  // namespace flare::sql
