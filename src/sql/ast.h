#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sql/types.h"

namespace flare::sql {

struct Expr;
struct SortItem;
struct Query;
struct Window;
using ExprPtr = std::unique_ptr<Expr>;
using QueryPtr = std::unique_ptr<Query>;
using WindowPtr = std::unique_ptr<Window>;

enum class ExprKind {
  kLiteral,    ///< type, text = canonical value; null has type void
  kInterval,   ///< text = months or microseconds, as its type is year-month or day-time; names[0] = Spark's spelling
  kName,       ///< parts: a.b.c as written, to be split into relation, column and fields by the binder
  kStar,       ///< parts before `.*` (maybe none); args = EXCEPT columns as names
  kCall,       ///< text = function; args; distinct; filter; over
  kUnary,      ///< text = operator: - + ~ NOT
  kBinary,     ///< text = operator, upper case
  kCast,       ///< type; text = cast, try_cast
  kCase,       ///< args = [operand?] then pairs [else?]; has_operand, has_else
  kIn,         ///< args[0] IN args[1..]; negated
  kBetween,    ///< args: value, low, high; negated
  kLike,       ///< text = LIKE, ILIKE, RLIKE; args: value, pattern...; quantifier any/all; escape; negated
  kIs,         ///< text = NULL, TRUE, FALSE, UNKNOWN; negated
  kIsDistinct, ///< args: left, right; negated = IS NOT DISTINCT FROM
  kIndex,      ///< args: container, key
  kField,      ///< args[0] . text
  kLambda,     ///< names -> args[0]
  kSubquery,   ///< query; text = scalar, exists, in; for in: args = the values before IN, negated
};

/// One expression of Spark SQL. Offsets are bytes into the statement's text.
struct Expr {
  ExprKind kind = ExprKind::kLiteral;
  size_t begin = 0;
  size_t end = 0;
  int depth = 1;  ///< levels of the tree below and with this node
  std::string text;
  std::vector<std::string> parts;
  std::vector<std::string> names;
  std::vector<ExprPtr> args;
  std::vector<std::string> arg_names;  ///< aliases inside struct(a AS x); empty or one for each argument
  Type type;
  std::string quantifier;  ///< LIKE ANY / ALL
  std::string escape;      ///< LIKE ... ESCAPE; empty = backslash
  bool negated = false;
  bool distinct = false;
  bool has_operand = false;
  bool has_else = false;
  ExprPtr filter;
  std::vector<SortItem> within_group;  ///< of an aggregate: WITHIN GROUP (ORDER BY ...)
  WindowPtr over;
  QueryPtr query;
};

/// An output column: expression and alias ("" = none; several only for generators).
struct SelectItem {
  ExprPtr expr;
  std::vector<std::string> aliases;
};

struct SortItem {
  ExprPtr expr;
  bool descending = false;
  bool nulls_first = true;
};

/// One end of a window's frame.
struct FrameBound {
  enum class Kind { kUnboundedPreceding, kPreceding, kCurrentRow, kFollowing, kUnboundedFollowing };
  Kind kind = Kind::kCurrentRow;
  ExprPtr offset;  ///< kPreceding, kFollowing
};

/// The rows that a window function sees: what stands behind OVER, or in a WINDOW clause.
struct Window {
  enum class Unit { kNone, kRows, kRange };
  size_t begin = 0;
  std::string name;  ///< of a window of the WINDOW clause; "" = all is written here
  std::vector<ExprPtr> partition;
  std::vector<SortItem> order;
  Unit unit = Unit::kNone;  ///< kNone = no frame is written
  FrameBound lower;
  FrameBound upper;
};

/// WINDOW name AS window
struct NamedWindow {
  std::string name;
  Window window;
};

/// How the sides of a join meet.
enum class JoinKind { kInner, kCross, kLeft, kRight, kFull, kLeftSemi, kLeftAnti };

struct FromItem;
using FromPtr = std::unique_ptr<FromItem>;

/// PIVOT (aggregates FOR columns IN (values)).
struct Pivot {
  std::vector<SelectItem> aggregates;
  std::vector<ExprPtr> columns;
  std::vector<SelectItem> values;
};

/// UNPIVOT [INCLUDE NULLS] (values FOR name IN (sets)).
struct Unpivot {
  struct Set {
    std::vector<ExprPtr> columns;
    std::string alias;  ///< "" = made of the columns' names
  };
  bool include_nulls = false;
  std::vector<std::string> values;
  std::string name;
  std::vector<Set> sets;
};

/// TABLESAMPLE (...).
struct Sample {
  ExprPtr rows;           ///< n ROWS
  std::string percent;    ///< x PERCENT, as written; of BUCKET x OUT OF y the share of one bucket
  std::string seed;       ///< REPEATABLE (seed); "" = none
};

/// What stands in FROM: a tree of relations.
struct FromItem {
  enum class Kind {
    kTable,        ///< name
    kSubquery,     ///< query
    kValues,       ///< rows: each a row in brackets or one value
    kFunction,     ///< call
    kJoin,         ///< left, right, join, on or using_columns or natural
    kLateralView,  ///< left, call, outer, alias, column_aliases
    kPivot,        ///< left, pivot
    kUnpivot,      ///< left, unpivot, alias
    kSample,       ///< left, sample
    kNested,       ///< (left) alias
  };
  Kind kind = Kind::kTable;
  size_t begin = 0;
  size_t end = 0;
  int depth = 1;                  ///< levels of the tree below and with this node
  std::vector<std::string> name;  ///< table
  QueryPtr query;                 ///< subquery
  std::vector<ExprPtr> rows;      ///< VALUES
  ExprPtr call;                   ///< table-valued function, generator
  FromPtr left;                   ///< join; the input of what takes one relation
  FromPtr right;                  ///< join
  JoinKind join = JoinKind::kInner;
  bool natural = false;
  bool lateral = false;           ///< sees the columns of what stands left of it
  bool outer = false;             ///< LATERAL VIEW OUTER
  ExprPtr on;
  std::vector<std::string> using_columns;
  Pivot pivot;
  Unpivot unpivot;
  Sample sample;
  std::string alias;
  std::vector<std::string> column_aliases;
};

struct Select {
  bool distinct = false;
  std::vector<SelectItem> items;
  FromPtr from;  ///< none = one row without columns
  ExprPtr where;
  bool has_group_by = false;
  bool group_by_all = false;
  std::vector<ExprPtr> group_by;
  /// GROUPING SETS, ROLLUP and CUBE, multiplied out: each set has places in group_by. Empty without them.
  std::vector<std::vector<size_t>> grouping_sets;
  ExprPtr having;
  std::vector<NamedWindow> windows;
};

struct CommonTable {
  std::string name;
  std::vector<std::string> column_aliases;
  QueryPtr query;
  size_t begin = 0;
};

enum class SetOperation { kUnion, kExcept, kIntersect };

/// One query: WITH, a body, and what is done to its rows at the end.
struct Query {
  enum class Kind {
    kSelect,    ///< select
    kRelation,  ///< from: VALUES, TABLE t, or FROM alone
    kSet,       ///< left, right, operation, all
    kNested,    ///< (left)
    kPipe,      ///< left |> pipe
  };
  /// What stands behind |>.
  enum class Pipe {
    kSelect,     ///< select: SELECT; EXTEND, DROP and WHERE are SELECTs with a star
    kAggregate,  ///< select: AGGREGATE; its group_by are places in its items
    kSet,        ///< select.items: SET alias = expression, one after the other
    kAs,         ///< alias
    kFrom,       ///< from: a JOIN, PIVOT, UNPIVOT or TABLESAMPLE whose `left` is an empty table, the input
    kTail,       ///< order_by, limit, offset
  };
  Kind kind = Kind::kSelect;
  size_t begin = 0;
  size_t end = 0;
  int depth = 1;  ///< levels of the tree below and with this node
  std::vector<CommonTable> with;
  Select select;
  FromPtr from;
  QueryPtr left;
  QueryPtr right;
  SetOperation operation = SetOperation::kUnion;
  bool all = false;
  Pipe pipe = Pipe::kSelect;
  std::string alias;
  std::vector<SortItem> order_by;
  bool order_by_all = false;  ///< ORDER BY ALL: order_by[0] has its direction
  bool has_sort = false;      ///< DISTRIBUTE BY or hints were read and dropped; order_by may be a SORT BY's
  bool local_sort = false;    ///< order_by was written as SORT BY or CLUSTER BY
  ExprPtr limit;
  ExprPtr offset;
};

}  // namespace flare::sql
