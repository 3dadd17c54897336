#pragma once
#include <string>
#include <vector>

#include "sql/ast.h"

namespace flare::sql {

/// Writes trees as text; behind format.h. Levels are bounded by the parser that made the tree.
class Formatter {
 public:
  // format_expression.cc
  std::string Expression(const Expr& expr);
  std::string List(const std::vector<ExprPtr>& exprs, size_t from = 0);
  std::string Sort(const std::vector<SortItem>& items);
  std::string Over(const Window& window);

  // format_query.cc
  std::string Statement(const Query& query);
  std::string Relation(const FromItem& item);

 private:
  std::string Literal(const Expr& expr);
  std::string Call(const Expr& expr);
  std::string Case(const Expr& expr);
  std::string Like(const Expr& expr);
  std::string Bound(const FrameBound& bound);

  std::string Body(const Query& query);
  std::string SelectText(const Select& select);
  std::string GroupText(const Select& select);
  std::string Items(const std::vector<SelectItem>& items, size_t from = 0);
  std::string Pipe(const Query& query);
  std::string Tail(const Query& query);
  std::string Join(const FromItem& item);
  std::string PivotText(const FromItem& item);
  std::string UnpivotText(const FromItem& item);
  std::string SampleText(const FromItem& item);
};

/// `a`.`b`
std::string FormatNames(const std::vector<std::string>& parts, std::string_view separator);

}  // namespace flare::sql
