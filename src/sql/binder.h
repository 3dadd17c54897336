#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sql/ast.h"
#include "sql/coercion.h"
#include "sql/compile.h"
#include "sql/parser.h"

namespace flare::sql {

struct StreamRefusal;

inline constexpr size_t kNoOffset = static_cast<size_t>(-1);

/// An expression after binding: its Spark type and spelling, and the DuckDB text that computes it.
struct Bound {
  Type type;
  bool nullable = true;
  bool bad = false;    ///< a mistake in it was reported already: say nothing more about it
  std::string sql;     ///< an atom or in parentheses
  std::string pretty;  ///< as Spark spells it in the name of an unaliased column
  std::string name;    ///< set for a column, a field or an alias: its name as written
  bool is_literal = false;
  std::string literal;        ///< the value when is_literal; "" with type void = NULL
  bool has_aggregate = false;
  size_t loose_column = kNoOffset;  ///< place of a column outside aggregates and GROUP BY
  std::string loose_name;
  int column_id = -1;                  ///< of a plain column: ScopeColumn's
  std::vector<std::string> qualifier;  ///< of a plain column: ScopeColumn's
  size_t begin = 0;
};

/// A column that expressions may name while a query is bound.
struct ScopeColumn {
  std::string name;
  Type type;
  bool nullable = true;
  std::string sql;                     ///< "t0.c3"
  std::vector<std::string> qualifier;  ///< the relation's alias or name; maybe none
  int id = 0;                          ///< columns of one number are one column, shown twice
  bool hidden = false;                 ///< the other half of a USING column: only `t.key` and `t.*` see it
};

/// What stands in FROM, bound.
struct BoundRelation {
  std::string sql;  ///< DuckDB text behind FROM; "" = one row without columns
  std::vector<ScopeColumn> columns;
  bool streaming = false;  ///< its rows arrive batch by batch
  bool is_join = false;    ///< the text needs brackets to stand on the right of a join
};

/// What a generator such as explode() yields: DuckDB lists of equal length that are unnested side by side,
/// and columns that are an element of a list or a field of one.
struct Generated {
  struct Column {
    std::string name;
    Type type;
    bool nullable = true;
    size_t list = 0;
    int field = -1;  ///< of the element; -1 = the element itself
  };
  std::vector<std::string> lists;
  std::vector<Column> columns;
};

class Binder;

/// One key of an aggregate's WITHIN GROUP (ORDER BY ...).
struct SortKey {
  Bound value;
  bool descending = false;
  bool nulls_first = true;
};

/// One call of a function while it is bound.
struct Call {
  Binder& binder;
  const Expr& expr;
  std::string name;  ///< lower case, as written
  std::vector<Bound> args;
  std::string filter;  ///< an aggregate's " FILTER (WHERE ...)"
  std::string over;    ///< a window function's " OVER (...)"

  /// What stands behind a DuckDB aggregate or window function; rows where `condition` does not hold are left out.
  std::string Tail(const std::string& condition = "") const;
  std::vector<SortKey> order;  ///< an aggregate's WITHIN GROUP (ORDER BY ...)
};

/// A variable of a lambda while its body is bound.
struct LambdaVariable {
  std::string name;
  Type type;
  bool nullable = true;
  std::string sql;
};

/// Binds one statement. Mistakes become diagnostics and a `bad` Bound, so that one pass finds them all.
/// Threads: one. Never throws.
class Binder {
 public:
  Binder(std::string_view text, const TextPlace& place, const Scope& scope, Diagnostics* diagnostics)
      : text_(text), place_(place), scope_(scope), diagnostics_(diagnostics) {}

  /// Binds a whole query; its text may be put in parentheses.
  std::optional<CompiledQuery> BindStatement(const Query& query);

  Bound BindExpr(const Expr& expr);
  /// The columns one item of a SELECT list yields (`*` and struct stars yield several).
  std::vector<Bound> BindItem(const SelectItem& item);

  // What functions use.
  const Scope& scope() const { return scope_; }
  bool ansi() const { return scope_.ansi && !lenient_; }
  /// Reads what is bound from now on as with ANSI off: for the try_ functions.
  void set_lenient(bool lenient) { lenient_ = lenient; }
  bool utc() const { return scope_.time_zone == "UTC"; }
  CastMode mode() const { return ansi() ? CastMode::kAnsi : CastMode::kLegacy; }
  std::string Zone() const;
  Bound Cast(Bound value, const Type& to) const;
  Bound CastAs(Bound value, const Type& to, CastMode mode) const;
  /// Casts an argument where Spark would, else reports DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE.
  Bound Implicit(Bound value, const Type& to, std::string_view function, size_t index);
  /// Widens all to their common type; reports DATATYPE_MISMATCH.DATA_DIFF_TYPES when there is none.
  std::optional<Type> Unify(std::vector<Bound>* values, const Expr& expr, std::string_view what, bool strings);
  void Report(std::string code, std::string message, size_t offset, std::string hint = "", std::string expected = "",
              std::string found = "");
  Bound Bad(const Expr& expr) const;
  void AddFunction(RuntimeFunction function);
  /// DuckDB's name for the n-th variable of a lambda that is about to be bound.
  std::string VariableName(size_t n) const;
  /// How many variables of lambdas are in sight.
  size_t lambda_depth() const { return lambda_variables_.size(); }
  /// Binds the body of the lambda that is argument `index`, which names `least` or more of `variables` (their
  /// names are the lambda's). Sets that argument's spelling. An argument that is no lambda is a body without variables.
  Bound BindLambda(Call& call, size_t index, std::vector<LambdaVariable> variables, size_t least);
  /// The value of an expression without columns as text; nullopt for NULL, and with *constant set to false when it
  /// cannot be computed before the statement runs.
  std::optional<std::string> Constant(const Bound& value, bool* constant) const;
  bool NameEquals(std::string_view a, std::string_view b) const;
  /// Whether what is bound now is among a query's results: not in WHERE, GROUP BY, ON or an aggregate.
  /// DuckDB text of the keys, in order, of the grouping sets that the SELECT being bound has; null without them.
  const std::vector<std::string>* grouping_keys() const;
  bool is_result() const { return frames_.empty() || !(frames_.back()->no_aggregates || frames_.back()->in_aggregate); }
  /// Compares as `=`, `<`, ... with Spark's coercion. `op` is DuckDB's operator.
  Bound Compare(Bound left, Bound right, const std::string& op, const Expr& expr);
  std::string_view TextOf(const Expr& expr) const;
  Bound Arithmetic(const std::string& op, Bound left, Bound right, const Expr& expr);
  /// time + interval, or minus it. The time is a DATE, a TIMESTAMP or a TIMESTAMP_NTZ.
  Bound AddInterval(Bound time, const Bound& interval, bool minus);
  /// The instant's wall clock in the session zone, as a DuckDB TIMESTAMP.
  std::string Local(const Bound& timestamp) const;
  std::string FromLocal(const std::string& sql) const;
  /// The TIMESTAMP or TIMESTAMP_NTZ of microseconds since 1970.
  std::string FromMicros(const std::string& micros, const Type& type) const;

 private:
  struct Output {
    std::vector<Bound> columns;
    std::vector<std::string> names;
    std::vector<bool> aliased;
  };
  /// A bound query: DuckDB text that yields c0, c1, ...; the columns' own sql is not set.
  struct QueryText {
    std::string sql;
    std::vector<ScopeColumn> columns;
    bool streaming = false;
  };
  struct Frame {
    BoundRelation from;
    Frame* outer = nullptr;             ///< of a subquery: the query around it, whose columns it may name
    Bound taken;                        ///< columns that subqueries took from here: loose ones, names for the spelling
    Output* aliases = nullptr;          ///< columns of the SELECT list bound so far
    bool aliases_first = false;         ///< ORDER BY and HAVING see them before the sources
    std::set<std::string> group;        ///< DuckDB text of the GROUP BY expressions
    std::optional<std::vector<std::string>> grouping_keys;  ///< the same in order, when there are grouping sets
    bool grouped = false;
    bool in_aggregate = false;
    bool in_window = false;
    bool no_aggregates = false;         ///< WHERE, GROUP BY
    bool no_windows = false;            ///< HAVING, ORDER BY
    const std::vector<NamedWindow>* windows = nullptr;
    std::vector<std::vector<size_t>> generated;  ///< columns of `from` that the n-th generator yields
    size_t next_generated = 0;
    bool ordinals = false;              ///< numbers as items are places in `from`: the keys of |> AGGREGATE
    ScopeColumn window;                 ///< of window() or session_window(); no sql = none
    std::string window_key;             ///< that call's text
  };
  struct CommonText {
    std::string name;       ///< as SQL says it
    std::string reference;  ///< what stands in FROM: "q0", or a query in brackets
    QueryText query;
  };
  /// Makes `frame` the innermost for as long as it lives.
  class FrameScope;

  // binder_query.cc
  std::optional<QueryText> BindQuery(const Query& query);
  std::optional<QueryText> BindBody(const Query& query);
  bool BindWith(const Query& query);
  BoundRelation AsRelation(QueryText query);

  // binder_pipe.cc
  std::optional<BoundRelation> BindInput(const Query& query);
  std::optional<QueryText> BindPipe(const Query& query);
  std::optional<BoundRelation> BindPipeRelation(const Query& query);
  std::optional<QueryText> BindPipeSet(const Query& query, BoundRelation from);
  bool CheckPipeAggregates(const Query& query);
  std::vector<Bound> BindPosition(const SelectItem& item, size_t position);

  // binder_select.cc
  std::optional<QueryText> BindSelect(const Select& select, const Query& tail, BoundRelation from);
  void BindSelectList(const Select& select, Frame* frame, Output* output);
  QueryText Render(const Output& output, const Frame& frame, std::string_view select);
  void RefuseOnStream(const Select& select, const Query& query, const Frame& frame);
  void Refuse(const StreamRefusal& refusal, size_t offset);
  Bound BindCondition(const Expr& expr, std::string_view clause);

  // binder_group.cc
  void BindGroupBy(const Select& select, Frame* frame, std::vector<std::string>* keys);
  const SelectItem* FindAliased(const Select& select, const Expr& expr);
  void CheckGrouping(const Frame& frame, const Output& output);

  // binder_order.cc
  std::string BindOrderBy(const Query& query, Frame* frame, Output* output, bool distinct);
  std::string BindSortKey(const SortItem& item, Frame* frame, Output* output, bool distinct);
  std::string BindLimit(const Query& query);
  std::string BindCount(const Expr& expr, std::string_view clause);

  // binder_from.cc
  std::optional<BoundRelation> BindFrom(const FromItem& item);
  std::optional<BoundRelation> BindOver(const FromItem& item, BoundRelation input);
  std::optional<BoundRelation> BindTable(const FromItem& item);
  std::optional<BoundRelation> BindDerived(const FromItem& item);
  std::optional<BoundRelation> BindValues(const FromItem& item);
  std::optional<BoundRelation> BindTableFunction(const FromItem& item);
  std::optional<BoundRelation> BindRange(const FromItem& item);
  std::optional<BoundRelation> BindSample(const FromItem& item, BoundRelation input);
  bool ApplyAlias(const FromItem& item, BoundRelation* relation);
  std::string NewSource();
  const Relation* FindRelation(const std::vector<std::string>& name) const;

  // binder_join.cc
  std::optional<BoundRelation> BindJoin(const FromItem& item, BoundRelation left);
  std::optional<BoundRelation> BindLateralFunction(const FromItem& item, BoundRelation left, bool outer);
  std::optional<BoundRelation> BindLateralJoin(const FromItem& item, BoundRelation left);
  bool JoinByColumns(const FromItem& item, const BoundRelation& left, const BoundRelation& right, BoundRelation* joined,
                     std::string* on);
  bool CheckStreamingJoin(const FromItem& item, const BoundRelation& left, const BoundRelation& right);
  std::string BindJoinCondition(const Expr& on, const BoundRelation& both);
  std::optional<std::string> BindOuterCondition(const Expr& on, BoundRelation* left, BoundRelation* right);

  // binder_set.cc
  std::optional<QueryText> BindSetOperation(const Query& query);
  std::optional<Type> WidenForSet(const Type& left, const Type& right) const;
  bool WidenSides(const Query& query, QueryText* left, QueryText* right);

  // binder_subquery.cc
  Bound BindSubquery(const Expr& expr);
  void NoteFilters(const Expr& condition);
  Bound BindInSubquery(const Expr& expr, std::vector<Bound> values, QueryText query, Bound out);

  std::optional<Bound> SpecialTime(const Bound& value, const Type& to) const;

  // binder_time_window.cc
  bool BindTimeWindow(const Select& select, std::string* where, Frame* frame);
  std::optional<Type> AddWindow(const Expr& call, const std::string& where, const std::string& columns, BoundRelation* from);
  std::optional<Type> AddSession(const Expr& call, const Select& select, const std::string& where, const std::string& columns,
                                 BoundRelation* from);
  std::optional<Bound> BindWindowTime(const Expr& call);
  std::optional<int64_t> WindowDuration(const Expr& expr);
  std::optional<Bound> TimeWindowOf(const Expr& expr);
  const Expr* GroupExpression(const Select& select, const Expr& expr);

  // binder_pivot.cc
  std::optional<BoundRelation> BindPivot(const FromItem& item, BoundRelation input);
  std::optional<std::string> BindPivotValue(const std::vector<Bound>& columns, const SelectItem& value, std::string* name);
  std::optional<BoundRelation> BindUnpivot(const FromItem& item, BoundRelation input);

  // binder_name.cc
  Bound BindName(const Expr& expr);
  bool ResolveColumn(const Expr& expr, Bound* bound, size_t* used);
  bool ResolveOuter(const Expr& expr, Bound* bound, size_t* used);
  bool ResolveAlias(const Expr& expr, Bound* bound);
  void ReportAmbiguous(const Expr& expr, const std::vector<const ScopeColumn*>& found, Bound* bound);
  std::vector<const ScopeColumn*> FindColumns(const Frame& frame, const std::vector<std::string>& parts, size_t* used) const;
  Bound BindField(Bound base, const std::string& field, size_t offset);
  Bound ColumnOf(const ScopeColumn& column, const std::string& written, size_t offset);
  void ReportUnresolved(const Expr& expr);
  Bound BindIndex(const Expr& expr);

  // binder_star.cc
  std::vector<Bound> BindStar(const Expr& expr);
  std::vector<Bound> StarOfStruct(const Expr& expr);
  std::vector<Bound> LeaveOut(std::vector<Bound> columns, const Expr& name);
  Bound WithoutField(Bound base, const Expr& name, size_t at);
  bool IsQualified(const ScopeColumn& column, const std::vector<std::string>& parts) const;

  // binder_expression.cc
  Bound BindLiteral(const Expr& expr);
  Bound BindUnary(const Expr& expr);
  Bound BindBinary(const Expr& expr);
  Bound BindLogical(const Expr& expr, Bound left, Bound right);
  Bound BindConcat(const Expr& expr, Bound left, Bound right);
  Bound BindBits(const Expr& expr, Bound left, Bound right);
  Bound BindCast(const Expr& expr);
  Bound BindCase(const Expr& expr);
  bool CheckSize(const Expr& expr, const Bound& bound);

  // binder_arithmetic.cc
  Bound DecimalArithmetic(const std::string& op, Bound left, Bound right);
  Bound IntegerArithmetic(const std::string& op, Bound left, Bound right, const Type& type);

  // binder_datetime.cc
  Bound DatetimeArithmetic(const std::string& op, Bound left, Bound right, const Expr& expr);
  Bound IntervalArithmetic(const std::string& op, Bound left, Bound right, const Expr& expr);
  Bound ScaleInterval(const std::string& op, const Bound& interval, Bound number, const Expr& expr);
  Bound SubtractTimes(Bound left, Bound right, const Expr& expr);
  Bound RefuseArithmetic(const std::string& op, const Bound& left, const Bound& right, const Expr& expr);

  // binder_generator.cc
  bool IsGenerator(const Expr& expr) const;
  /// A generator, or one that stands in FROM only.
  bool IsTableGenerator(const Expr& expr) const;
  bool HasAggregate(const Expr& expr) const;
  std::optional<Generated> BindGenerator(const Expr& expr, bool outer);
  std::optional<Generated> GenerateStack(const Expr& expr, std::vector<Bound> args);
  std::optional<Generated> GenerateVariant(const Expr& expr, Bound base);
  std::optional<Generated> GenerateTuple(const Expr& expr, std::vector<Bound> args);
  std::optional<Generated> GenerateElements(const Expr& expr, Bound base);
  std::vector<Bound> InlineGenerator(const Expr& expr);
  bool BindGenerators(const Select& select, std::string* where, Frame* frame);
  BoundRelation Wrap(const BoundRelation& relation, const Generated& generated, const std::string& tail);

  // binder_predicate.cc
  Bound BindIn(const Expr& expr);
  Bound BindBetween(const Expr& expr);
  Bound BindLike(const Expr& expr);
  Bound BindIs(const Expr& expr);
  Bound BindIsDistinct(const Expr& expr);

  // binder_lambda.cc
  bool FindLambdaVariable(const Expr& expr, Bound* bound) const;

  // binder_call.cc
  Bound BindCall(const Expr& expr);

  // binder_window.cc
  struct FrameText {
    std::string sql;
    std::string pretty;
    bool months = false;  ///< measured in months
  };
  const Window* FindWindow(const Window& window);
  bool CheckWindowPlace(const Expr& expr, const std::string& name);
  bool BindFrameBound(const FrameBound& bound, const Window& window, const Bound* order, FrameText* text);
  bool BindFrame(const Window& window, const std::vector<Bound>& order, std::string* order_sql, FrameText* frame);
  bool BindOver(Call* call, bool aggregate, std::string* pretty, Bound* out);

  std::string_view text_;
  const TextPlace& place_;
  const Scope& scope_;
  Diagnostics* diagnostics_;
  std::vector<Frame*> frames_;
  Frame* outer_ = nullptr;                    ///< what subqueries being bound are correlated with
  const BoundRelation* lateral_ = nullptr;    ///< what stands left of the relation being bound
  size_t outer_uses_ = 0;                     ///< columns taken from an outer query so far
  std::vector<CommonText> common_tables_;     ///< those in sight, innermost last
  std::vector<std::string> common_sql_;       ///< "q0 AS (...)" of the statement
  std::set<const Expr*> filters_;             ///< IN subqueries that decide alone whether a row stays
  std::string pivot_filter_;                  ///< condition of the pivot column being bound
  std::vector<int>* touched_ = nullptr;       ///< collects the ids of the columns that are named
  int next_id_ = 0;
  bool ordinals_ = false;  ///< for the next frame: Frame::ordinals
  std::vector<std::string> reads_;
  std::map<std::string, RuntimeFunction> functions_;
  std::vector<LambdaVariable> lambda_variables_;  ///< those in sight, innermost last
  int next_source_ = 0;
  int errors_ = 0;
  bool lenient_ = false;
};

/// Copies what a result takes over from its arguments: aggregates, loose columns, badness.
void Inherit(const Bound& from, Bound* to);

}  // namespace flare::sql
