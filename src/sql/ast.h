#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sql/types.h"

namespace flare::sql {

struct Expr;
struct Query;
using ExprPtr = std::unique_ptr<Expr>;
using QueryPtr = std::unique_ptr<Query>;

enum class ExprKind {
  kLiteral,    ///< type, text = canonical value; null has type void
  kInterval,   ///< text = DuckDB's; names[0] = Spark's; type year-month or day-time; quantifier "days" = whole days
  kName,       ///< parts: a.b.c as written, to be split into relation, column and fields by the binder
  kStar,       ///< parts before `.*` (maybe none); names = EXCEPT columns
  kCall,       ///< text = function; args; distinct; filter
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
  kRow,        ///< (a, b)
  kSubquery,   ///< query; text = scalar, exists; for IN: args[0] too
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

/// What stands in FROM.
struct FromItem {
  enum class Kind { kTable, kSubquery };
  Kind kind = Kind::kTable;
  size_t begin = 0;
  size_t end = 0;
  std::vector<std::string> name;  ///< table
  QueryPtr query;                 ///< subquery
  std::string alias;
  std::vector<std::string> column_aliases;
};

struct Select {
  bool distinct = false;
  std::vector<SelectItem> items;
  std::vector<FromItem> from;  ///< none = one row without columns
  ExprPtr where;
  bool has_group_by = false;
  bool group_by_all = false;
  std::vector<ExprPtr> group_by;
  ExprPtr having;
};

struct CommonTable {
  std::string name;
  std::vector<std::string> column_aliases;
  QueryPtr query;
  size_t begin = 0;
};

struct Query {
  size_t begin = 0;
  size_t end = 0;
  std::vector<CommonTable> with;
  Select select;
  std::vector<SortItem> order_by;
  bool has_sort = false;  ///< SORT BY, DISTRIBUTE BY, CLUSTER BY or hints were read and dropped
  ExprPtr limit;
  ExprPtr offset;
};

}  // namespace flare::sql
