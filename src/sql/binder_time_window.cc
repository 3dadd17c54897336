#include <fmt/format.h>

#include <charconv>

#include "sql/binder_frame.h"
#include "sql/interval.h"
#include "sql/names.h"

// window() and session_window(): a column of structs beside the input's columns.
namespace flare::sql {
namespace {

constexpr std::string_view kStart = "start";
constexpr std::string_view kEnd = "end";

bool IsTimeWindow(const Expr& expr) {
  return expr.kind == ExprKind::kCall && (EqualIgnoreCase(expr.text, "window") || EqualIgnoreCase(expr.text, "session_window"));
}

/// The first such call in the expression and below.
const Expr* FindTimeWindow(const Expr& expr) {
  if (IsTimeWindow(expr)) return &expr;
  for (const ExprPtr& arg : expr.args) {
    if (const Expr* found = FindTimeWindow(*arg)) return found;
  }
  return nullptr;
}

/// A call's text without blanks and in lower case outside of quotes: equal windows are spelled equally enough.
std::string KeyOf(std::string_view text) {
  std::string key;
  char quote = 0;
  for (char c : text) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == ' ' || (c >= '\t' && c <= '\r')) {
      continue;
    } else if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c + 32);
    }
    key += c;
  }
  return key;
}

Type WindowType(const Type& time) {
  return Type::Struct({{std::string(kStart), time, true, ""}, {std::string(kEnd), time, true, ""}});
}

/// The struct of a window's time column: window(window, ...) goes by the last moment of the inner window.
bool IsWindowStruct(const Type& type) {
  return type.is(TypeId::kStruct) && type.fields().size() == 2 && type.fields()[0].name == kStart && type.fields()[1].name == kEnd;
}

std::string And(const std::string& where, const std::string& condition) {
  return where.empty() ? " WHERE " + condition : where + " AND " + condition;
}

}  // namespace

std::string Binder::FromMicros(const std::string& micros, const Type& type) const {
  std::string local = fmt::format("make_timestamp({})", micros);
  if (type.is(TypeId::kTimestampNtz)) return local;
  return utc() ? fmt::format("CAST({} AS TIMESTAMPTZ)", local) : fmt::format("spark_from_local({}, 'UTC')", local);
}

/// Microseconds of a duration argument: a constant text such as '5 minutes', or a whole number.
std::optional<int64_t> Binder::WindowDuration(const Expr& expr) {
  std::string_view name = "window()";
  if (expr.kind == ExprKind::kLiteral && expr.type.is(TypeId::kString)) {
    auto interval = ParseCalendarInterval(expr.text);
    if (!interval) {
      Report("CANNOT_PARSE_INTERVAL", fmt::format("'{}' is no duration", expr.text), expr.begin, "", "a text such as '10 minutes'");
      return std::nullopt;
    }
    auto micros = MicrosOfInterval(*interval);
    if (interval->months == 0 && micros) return micros;
    Report("INVALID_INTERVAL_FORMAT", fmt::format("'{}' is too long: {} takes days and smaller units", expr.text, name), expr.begin);
    return std::nullopt;
  }
  if (expr.kind == ExprKind::kLiteral && expr.type.is_integral()) {
    int64_t micros = 0;
    std::from_chars(expr.text.data(), expr.text.data() + expr.text.size(), micros);
    return micros;
  }
  Report("INVALID_PARAMETER_VALUE.WINDOW_DURATION", fmt::format("the durations of {} are constant texts such as '10 minutes'", name), expr.begin);
  return std::nullopt;
}

/// The time column of a window call as a TIMESTAMP or TIMESTAMP_NTZ.
std::optional<Bound> Binder::BindWindowTime(const Expr& call) {
  Bound time = BindExpr(*call.args[0]);
  if (time.bad) return std::nullopt;
  if (IsWindowStruct(time.type)) {
    Bound last = time;
    last.type = time.type.fields()[1].type;
    last.sql = FromMicros(fmt::format("(epoch_us({}.f1) - 1)", time.sql), last.type);
    return last;
  }
  if (!time.type.is(TypeId::kTimestampNtz)) time = Implicit(std::move(time), Type(TypeId::kTimestamp), LowerAscii(call.text), 0);
  if (time.bad) return std::nullopt;
  return time;
}

/// The input with a column w of windows: one row for each window that a row's time lies in.
std::optional<Type> Binder::AddWindow(const Expr& call, const std::string& where, const std::string& columns, BoundRelation* from) {
  if (call.args.size() < 2 || call.args.size() > 4) {
    Report("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", fmt::format("window() takes 2 to 4 arguments, found {}", call.args.size()), call.begin);
    return std::nullopt;
  }
  auto time = BindWindowTime(call);
  std::optional<int64_t> part[3];  // duration, slide, start
  for (size_t i = 1; i < call.args.size(); ++i) {
    part[i - 1] = WindowDuration(*call.args[i]);
    if (!part[i - 1]) return std::nullopt;
  }
  if (!time) return std::nullopt;
  int64_t length = *part[0];
  int64_t slide = part[1].value_or(length);
  int64_t start = part[2].value_or(0);
  constexpr int64_t kMostWindows = 1'000'000;
  if (length <= 0 || slide <= 0 || slide > length || start >= slide || -start >= slide || length / slide > kMostWindows) {
    Report("DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION",
           "a window's length is positive, its slide positive and no longer than it, its start shorter than the slide", call.begin);
    return std::nullopt;
  }
  std::string micros = fmt::format("epoch_us({})", time->sql);
  std::string first = fmt::format("m - ((m - {0}) % {1} + {1}) % {1}", start, slide);
  int64_t count = (length + slide - 1) / slide;
  std::string starts = count == 1 ? first : fmt::format("{} - unnest(range(0, {}, {}))", first, count * slide, slide);
  std::string source = from->sql.empty() ? "" : " FROM " + from->sql;
  from->sql = fmt::format("(SELECT *, struct_pack(f0 := {}, f1 := {}) AS w FROM (SELECT *, {} AS b FROM (SELECT {}{} AS m{}{})) WHERE m < b + {})",
                          FromMicros("b", time->type), FromMicros(fmt::format("b + {}", length), time->type), starts, columns, micros,
                          source, And(where, time->sql + " IS NOT NULL"), length);
  return WindowType(time->type);
}

/// The input with a column w of sessions: rows of equal keys whose times lie no further apart than the gap.
std::optional<Type> Binder::AddSession(const Expr& call, const Select& select, const std::string& where, const std::string& columns,
                                       BoundRelation* from) {
  if (call.args.size() != 2) {
    Report("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", fmt::format("session_window() takes 2 arguments, found {}", call.args.size()), call.begin);
    return std::nullopt;
  }
  auto time = BindWindowTime(call);
  Bound gap = BindExpr(*call.args[1]);
  if (!time || gap.bad) return std::nullopt;
  if (gap.is_literal && !WindowDuration(*call.args[1])) return std::nullopt;
  if (!gap.type.is(TypeId::kIntervalCalendar)) gap = CastAs(std::move(gap), Type(TypeId::kIntervalCalendar), CastMode::kTry);
  std::string keys;
  std::string partition;
  size_t count = 0;
  for (const ExprPtr& expr : select.group_by) {
    const Expr* key = GroupExpression(select, *expr);
    if (key == nullptr || FindTimeWindow(*key) != nullptr) continue;
    Bound bound = BindExpr(*key);
    if (bound.bad) return std::nullopt;
    keys += fmt::format("{} AS k{}, ", bound.sql, count);
    partition += fmt::format("{}k{}", count == 0 ? "PARTITION BY " : ", ", count);
    ++count;
  }
  std::string source = from->sql.empty() ? "" : " FROM " + from->sql;
  std::string rows = fmt::format("SELECT {}{}{} AS b, {} AS e{}{}", columns, keys, time->sql, AddInterval(*time, gap, false).sql, source,
                                 And(where, time->sql + " IS NOT NULL"));
  std::string is_grouped = select.has_group_by ? "true" : "false";
  std::string starts = fmt::format("SELECT *, CASE WHEN {} AND b <= max(e) OVER ({} ORDER BY b ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) "
                                   "THEN 0 ELSE 1 END AS s FROM ({}) WHERE e > b", is_grouped, partition, rows);
  std::string numbered = fmt::format("SELECT *, sum(s) OVER ({} ORDER BY b ROWS UNBOUNDED PRECEDING) AS n FROM ({})", partition, starts);
  std::string session = partition.empty() ? "PARTITION BY n" : partition + ", n";
  from->sql = fmt::format("(SELECT *, struct_pack(f0 := min(b) OVER ({0}), f1 := max(e) OVER ({0})) AS w FROM ({1}))", session, numbered);
  return WindowType(time->type);
}

/// What an item of GROUP BY stands for: a position or an alias of the SELECT list, or itself.
const Expr* Binder::GroupExpression(const Select& select, const Expr& expr) {
  size_t position = 0;
  if (ToOrdinal(expr, &position)) return position == 0 || position > select.items.size() ? nullptr : select.items[position - 1].expr.get();
  const SelectItem* aliased = FindAliased(select, expr);
  return aliased != nullptr ? aliased->expr.get() : &expr;
}

/// Puts the window call of a SELECT, if there is one, beside the input's columns.
bool Binder::BindTimeWindow(const Select& select, std::string* where, Frame* frame) {
  const Expr* call = nullptr;
  std::string key;
  bool failed = false;
  auto look = [&](const Expr& expr) {
    const Expr* found = FindTimeWindow(expr);
    if (found == nullptr) return;
    std::string text = KeyOf(TextOf(*found));
    if (call != nullptr && text != key) {
      Report("UNSUPPORTED_FEATURE.MULTIPLE_TIME_WINDOWS", "a SELECT can hold one window() or session_window() only", found->begin);
      failed = true;
    }
    call = found;
    key = std::move(text);
  };
  for (const SelectItem& item : select.items) look(*item.expr);
  for (const ExprPtr& expr : select.group_by) look(*expr);
  if (call == nullptr || failed) return !failed;
  std::string columns;
  for (size_t i = 0; i < frame->from.columns.size(); ++i) columns += fmt::format("{} AS {}, ", frame->from.columns[i].sql, DuckDbColumnName(i));
  BoundRelation wrapped = frame->from;
  bool session = EqualIgnoreCase(call->text, "session_window");
  frame->no_aggregates = true;
  auto type = session ? AddSession(*call, select, *where, columns, &wrapped) : AddWindow(*call, *where, columns, &wrapped);
  frame->no_aggregates = false;
  if (!type) return false;
  where->clear();
  std::string source = NewSource();
  wrapped.sql += " AS " + source;
  wrapped.is_join = false;
  for (size_t i = 0; i < wrapped.columns.size(); ++i) wrapped.columns[i].sql = fmt::format("{}.{}", source, DuckDbColumnName(i));
  frame->from = std::move(wrapped);
  frame->window_key = std::move(key);
  frame->window = ScopeColumn{session ? "session_window" : "window", *type, false, source + ".w", {}, next_id_++, false};
  return true;
}

/// The window column that a call or a plain `window` means.
std::optional<Bound> Binder::TimeWindowOf(const Expr& expr) {
  if (frames_.empty() || frames_.back()->window.sql.empty()) return std::nullopt;
  const ScopeColumn& window = frames_.back()->window;
  bool same = expr.kind == ExprKind::kName ? NameEquals(expr.parts[0], window.name)
                                           : IsTimeWindow(expr) && KeyOf(TextOf(expr)) == frames_.back()->window_key;
  if (!same) return std::nullopt;
  Bound bound = ColumnOf(window, window.name, expr.begin);
  if (expr.kind == ExprKind::kCall) bound.name.clear();
  return bound;
}

}  // namespace flare::sql
