#include <fmt/format.h>

#include <algorithm>

#include "sql/format.h"
#include "sql/names.h"
#include "sql/parser.h"

namespace flare::sql {
namespace {

using Sets = std::vector<std::vector<size_t>>;

/// So many sets nobody means; each is a pass over the groups.
constexpr size_t kMostGroupingSets = 4096;

/// Each set of the one with each of the other.
Sets Multiply(const Sets& left, const Sets& right) {
  Sets product;
  for (const auto& a : left) {
    for (const auto& b : right) {
      product.push_back(a);
      for (size_t key : b) {
        if (std::find(product.back().begin(), product.back().end(), key) == product.back().end()) product.back().push_back(key);
      }
    }
  }
  return product;
}

/// All parts, then without the last, and so on to none.
Sets Rollup(const Sets& parts) {
  Sets sets;
  for (size_t length = parts.size() + 1; length-- > 0;) {
    Sets joined = {{}};
    for (size_t i = 0; i < length; ++i) joined = Multiply(joined, {parts[i]});
    sets.push_back(joined[0]);
  }
  return sets;
}

/// With and without each part.
Sets Cube(const Sets& parts) {
  Sets sets = {{}};
  for (const auto& part : parts) sets = Multiply(sets, {part, {}});
  return sets;
}

}  // namespace

bool Parser::AtGroupingSets() const {
  return ((IsWord("rollup") || IsWord("cube")) && IsSymbol("(", 1)) || (IsWord("grouping") && IsWord("sets", 1));
}

bool Parser::ParseGroupBy(Select* select) {
  select->has_group_by = true;
  if (IsWord("all") && !IsSymbol(",", 1) && !IsSymbol(".", 1)) {
    Take();
    select->group_by_all = true;
    return true;
  }
  Sets sets = {{}};
  bool has_sets = false;
  do {
    if (AtGroupingSets()) {
      has_sets = true;
      Sets more;
      if (!ParseGroupingSets(select, &more) || !CheckGroupingSets(sets.size(), more.size())) return false;
      sets = Multiply(sets, more);
      continue;
    }
    ExprPtr expr = ParseExpression();
    if (!expr) return false;
    select->group_by.push_back(std::move(expr));
    sets = Multiply(sets, {{select->group_by.size() - 1}});
  } while (AcceptSymbol(","));
  bool with = IsWord("with") && (IsWord("rollup", 1) || IsWord("cube", 1));
  if (with) {
    Take();
    bool is_cube = EqualIgnoreCase(Take().text, "cube");
    Sets parts;
    for (size_t i = 0; i < select->group_by.size(); ++i) parts.push_back({i});
    if (is_cube && !CheckGroupingSets(1, parts.size() < 20 ? size_t{1} << parts.size() : kMostGroupingSets + 1)) return false;
    sets = is_cube ? Cube(parts) : Rollup(parts);
  } else if (AtGroupingSets()) {
    // `GROUP BY a, b GROUPING SETS (...)`: what stands before only names the keys.
    if (!ParseGroupingSets(select, &sets)) return false;
  } else if (!has_sets) {
    return true;
  }
  select->grouping_sets = std::move(sets);
  return true;
}

bool Parser::CheckGroupingSets(size_t left, size_t right) {
  if (left * right <= kMostGroupingSets) return true;
  Fail("GROUPING_SIZE_LIMIT_EXCEEDED", fmt::format("GROUP BY makes more than {} grouping sets", kMostGroupingSets), Peek().begin);
  return false;
}

/// ROLLUP (...), CUBE (...) or GROUPING SETS (...).
bool Parser::ParseGroupingSets(Select* select, Sets* sets) {
  ParserDepth depth(this);
  if (!Enter(Peek().begin)) return false;
  std::string word = UpperAscii(Take().text);
  bool listed = word == "GROUPING";
  if (listed) Take();
  if (!ExpectSymbol("(")) return false;
  Sets parts;
  do {
    if (listed && AtGroupingSets()) {
      Sets inner;
      if (!ParseGroupingSets(select, &inner)) return false;
      parts.insert(parts.end(), inner.begin(), inner.end());
    } else if (!ParseGroupingSet(select, &parts)) {
      return false;
    }
    size_t count = word == "CUBE" ? (parts.size() < 20 ? size_t{1} << parts.size() : kMostGroupingSets + 1) : parts.size();
    if (!CheckGroupingSets(1, count)) return false;
  } while (AcceptSymbol(","));
  if (!ExpectSymbol(")")) return false;
  *sets = word == "CUBE" ? Cube(parts) : word == "ROLLUP" ? Rollup(parts) : std::move(parts);
  return true;
}

/// One key, or several or none in brackets.
bool Parser::ParseGroupingSet(Select* select, Sets* parts) {
  std::vector<size_t>& part = parts->emplace_back();
  if (IsSymbol("(") && IsSymbol(")", 1)) {
    Take();
    Take();
    return true;
  }
  ExprPtr expr = ParseExpression();
  if (!expr) return false;
  auto add = [&](ExprPtr key) {
    size_t place = 0;
    while (place < select->group_by.size() && !SameTree(*select->group_by[place], *key)) ++place;
    if (place == select->group_by.size()) select->group_by.push_back(std::move(key));
    part.push_back(place);
  };
  if (expr->kind == ExprKind::kCall && expr->quantifier == "row") {
    for (ExprPtr& key : expr->args) add(std::move(key));
  } else {
    add(std::move(expr));
  }
  return true;
}

}  // namespace flare::sql
