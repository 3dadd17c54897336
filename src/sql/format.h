#pragma once
#include <string>

#include "sql/ast.h"

namespace flare::sql {

/// Spark SQL that reads as the same tree again: names in backticks, operators in brackets, no comments or hints.
std::string Format(const Query& query);
std::string Format(const Expr& expr);

/// Whether two trees are the same, wherever in their texts they stand.
bool SameTree(const Query& a, const Query& b);
bool SameTree(const Expr& a, const Expr& b);

}  // namespace flare::sql
