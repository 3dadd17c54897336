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
  size_t begin = 0;
};

/// A relation in FROM while its query is bound.
struct BoundSource {
  std::string alias;                ///< what qualifies its columns
  std::vector<std::string> qualifier;  ///< for `a.b.c.*`: the name as written
  std::string duckdb;               ///< "t0"
  Schema schema;
};

class Binder;

/// One call of a function while it is bound.
struct Call {
  Binder& binder;
  const Expr& expr;
  std::string name;  ///< lower case, as written
  std::vector<Bound> args;
  std::string filter;  ///< an aggregate's " FILTER (WHERE ...)"
};

/// Binds one statement. Mistakes become diagnostics and a `bad` Bound, so that one pass finds them all.
/// Threads: one. Never throws.
class Binder {
 public:
  Binder(std::string_view text, const TextPlace& place, const Scope& scope, Diagnostics* diagnostics)
      : text_(text), place_(place), scope_(scope), diagnostics_(diagnostics) {}

  /// Binds a whole query; its text may be put in parentheses.
  std::optional<CompiledQuery> BindStatement(const Query& query);

  /// Makes the columns of `source` known to BindExpr. For step functions, which have no FROM.
  void OpenSource(BoundSource source);
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
  bool NameEquals(std::string_view a, std::string_view b) const;
  /// Compares as `=`, `<`, ... with Spark's coercion. `op` is DuckDB's operator.
  Bound Compare(Bound left, Bound right, const std::string& op, const Expr& expr);
  std::string_view TextOf(const Expr& expr) const;
  Bound Arithmetic(const std::string& op, Bound left, Bound right, const Expr& expr);
  /// The instant's wall clock in the session zone, as a DuckDB TIMESTAMP.
  std::string Local(const Bound& timestamp) const;
  std::string FromLocal(const std::string& sql) const;

 private:
  struct Output {
    std::vector<Bound> columns;
    std::vector<std::string> names;
    std::vector<bool> aliased;
  };
  struct QueryText {
    std::string sql;
    Schema schema;
  };
  struct Frame {
    std::vector<BoundSource> sources;
    Output* aliases = nullptr;          ///< columns of the SELECT list bound so far
    bool aliases_first = false;         ///< ORDER BY and HAVING see them before the sources
    std::set<std::string> group;        ///< DuckDB text of the GROUP BY expressions
    bool grouped = false;
    bool in_aggregate = false;
    bool no_aggregates = false;         ///< WHERE, GROUP BY
  };

  // binder_query.cc
  std::optional<QueryText> BindQuery(const Query& query);
  bool BindFrom(const Select& select, Frame* frame, std::string* sql);
  bool BindFromItem(const FromItem& item, Frame* frame, std::string* sql);
  bool ApplyColumnAliases(const FromItem& item, Schema* schema);
  void BindSelectList(const Select& select, Frame* frame, Output* output);
  void BindGroupBy(const Select& select, Frame* frame, std::vector<std::string>* keys);
  std::string BindOrderBy(const Query& query, Frame* frame, Output* output, bool distinct);
  std::string BindLimit(const Query& query);
  void RefuseOnStream(const Query& query, const Frame& frame);
  void CheckGrouping(const Frame& frame, const Output& output);
  Bound BindCondition(const Expr& expr, std::string_view clause);
  const Relation* FindRelation(const std::vector<std::string>& name) const;

  // binder_name.cc
  Bound BindName(const Expr& expr);
  bool ResolveColumn(const Expr& expr, Bound* bound, size_t* used);
  Bound BindField(Bound base, const std::string& field, size_t offset);
  std::vector<Bound> BindStar(const Expr& expr);
  std::vector<Bound> StarOfStruct(const Expr& expr);
  Bound ColumnOf(const BoundSource& source, size_t index, const std::string& written, size_t offset);
  void ReportUnresolved(const Expr& expr);
  Bound BindIndex(const Expr& expr);

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
  Bound DatetimeArithmetic(const std::string& op, Bound left, Bound right, const Expr& expr);
  Bound DecimalArithmetic(const std::string& op, Bound left, Bound right);
  Bound IntegerArithmetic(const std::string& op, Bound left, Bound right, const Type& type);

  // binder_generator.cc
  bool IsGenerator(const Expr& expr) const;
  std::vector<Bound> BindGenerator(const Expr& expr);

  // binder_predicate.cc
  Bound BindIn(const Expr& expr);
  Bound BindBetween(const Expr& expr);
  Bound BindLike(const Expr& expr);
  Bound BindIs(const Expr& expr);
  Bound BindIsDistinct(const Expr& expr);

  // binder_call.cc
  Bound BindCall(const Expr& expr);

  std::string_view text_;
  const TextPlace& place_;
  const Scope& scope_;
  Diagnostics* diagnostics_;
  std::vector<Frame*> frames_;
  Frame base_frame_;
  std::vector<std::pair<std::string, QueryText>> common_tables_;
  std::vector<std::string> reads_;
  std::map<std::string, RuntimeFunction> functions_;
  int next_source_ = 0;
  int generators_ = 0;  ///< in the SELECT list being bound
  int errors_ = 0;
  bool lenient_ = false;
};

/// Copies what a result takes over from its arguments: aggregates, loose columns, badness.
void Inherit(const Bound& from, Bound* to);

}  // namespace flare::sql
