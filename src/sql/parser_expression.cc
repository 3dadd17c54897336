#include <fmt/format.h>

#include "sql/names.h"
#include "sql/parser.h"

namespace flare::sql {
namespace {

/// Operators of one level bind tighter than those of the levels before it.
constexpr int kLevels = 7;
constexpr std::string_view kOperators[kLevels][8] = {
    {"<=>", "==", "=", "<>", "!=", "<=", ">=", "<"},  // and ">", added below
    {"|"},
    {"^"},
    {"&"},
    {"<<", ">>>", ">>"},
    {"+", "-", "||"},
    {"*", "/", "%"},
};

}  // namespace

ExprPtr Parser::ParseExpression() {
  ParserDepth level(this);
  if (!Enter(Peek().begin)) return nullptr;
  if (AtLambda()) return ParseLambda();
  return ParseOr();
}

/// Chains of AND and OR are built as balanced trees: a thousand conditions are ten levels deep.
ExprPtr Parser::Combine(std::vector<ExprPtr>* terms, size_t low, size_t high, std::string_view op) {
  if (low == high) return std::move((*terms)[low]);
  size_t middle = low + (high - low) / 2;
  ExprPtr left = Combine(terms, low, middle, op);
  return Binary(std::string(op), std::move(left), Combine(terms, middle + 1, high, op));
}

ExprPtr Parser::ParseOr() {
  std::vector<ExprPtr> terms;
  do {
    terms.push_back(ParseAnd());
    if (!terms.back()) return nullptr;
  } while (AcceptWord("or"));
  return Combine(&terms, 0, terms.size() - 1, "OR");
}

ExprPtr Parser::ParseAnd() {
  std::vector<ExprPtr> terms;
  do {
    terms.push_back(ParseNot());
    if (!terms.back()) return nullptr;
  } while (AcceptWord("and"));
  return Combine(&terms, 0, terms.size() - 1, "AND");
}

ExprPtr Parser::ParseNot() {
  size_t begin = Peek().begin;
  bool bang = IsSymbol("!");
  if (!bang && !IsWord("not")) return ParsePredicate();
  ParserDepth level(this);
  if (!Enter(begin)) return nullptr;
  Take();
  ExprPtr expr = New(ExprKind::kUnary, begin);
  expr->text = "NOT";
  ExprPtr operand = ParseNot();
  if (operand && operand->kind == ExprKind::kSubquery && operand->text == "in" && !operand->negated) {
    operand->negated = true;  // the same as NOT IN, which is more than the negation of IN
    operand->begin = begin;
    return operand;
  }
  expr->args.push_back(std::move(operand));
  return Finish(std::move(expr));
}

ExprPtr Parser::ParsePredicate() {
  ExprPtr value = ParseOperators(0);
  while (value) {
    bool negated = (IsWord("not") || IsSymbol("!")) &&
                   (IsWord("between", 1) || IsWord("in", 1) || IsWord("like", 1) || IsWord("ilike", 1) ||
                    IsWord("rlike", 1) || IsWord("regexp", 1));
    bool follows = negated || IsWord("between") || IsWord("in") || IsWord("like") || IsWord("ilike") ||
                   IsWord("rlike") || IsWord("regexp") || IsWord("is");
    if (!follows) return value;
    if (negated) Take();
    value = ParsePredicateTail(std::move(value), negated);
  }
  return nullptr;
}

ExprPtr Parser::ParsePredicateTail(ExprPtr value, bool negated) {
  size_t begin = value->begin;
  if (AcceptWord("between")) {
    ExprPtr expr = New(ExprKind::kBetween, begin);
    expr->negated = negated;
    expr->args.push_back(std::move(value));
    expr->args.push_back(ParseOperators(0));
    if (!expr->args.back() || !ExpectWord("and")) return nullptr;
    expr->args.push_back(ParseOperators(0));
    return Finish(std::move(expr));
  }
  if (IsWord("in")) return ParseIn(std::move(value), negated);
  if (!AcceptWord("is")) return ParseLike(std::move(value), negated);
  bool is_not = AcceptWord("not");
  if (AcceptWord("distinct")) {
    if (!ExpectWord("from")) return nullptr;
    ExprPtr expr = New(ExprKind::kIsDistinct, begin);
    expr->negated = is_not;
    expr->args.push_back(std::move(value));
    expr->args.push_back(ParseOperators(0));
    return Finish(std::move(expr));
  }
  ExprPtr expr = New(ExprKind::kIs, begin);
  expr->negated = is_not;
  expr->args.push_back(std::move(value));
  for (std::string_view word : {"NULL", "TRUE", "FALSE", "UNKNOWN"}) {
    if (AcceptWord(word)) {
      expr->text = word == "UNKNOWN" ? "NULL" : word;
      return Finish(std::move(expr));
    }
  }
  FailHere("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM");
  return nullptr;
}

ExprPtr Parser::ParseIn(ExprPtr value, bool negated) {
  size_t begin = value->begin;
  Take();
  if (!ExpectSymbol("(")) return nullptr;
  if (IsQuery(0)) {
    ExprPtr subquery = New(ExprKind::kSubquery, begin);
    subquery->text = "in";
    subquery->negated = negated;
    subquery->args.push_back(std::move(value));
    subquery->query = ParseQuery();
    if (!subquery->query || !ExpectSymbol(")")) return nullptr;
    return Finish(std::move(subquery));
  }
  ExprPtr expr = New(ExprKind::kIn, begin);
  expr->negated = negated;
  expr->args.push_back(std::move(value));
  do {
    expr->args.push_back(ParseExpression());
    if (!expr->args.back()) return nullptr;
  } while (AcceptSymbol(","));
  if (!ExpectSymbol(")")) return nullptr;
  return Finish(std::move(expr));
}

ExprPtr Parser::ParseLike(ExprPtr value, bool negated) {
  ExprPtr expr = New(ExprKind::kLike, value->begin);
  expr->negated = negated;
  expr->args.push_back(std::move(value));
  expr->text = UpperAscii(Take().text);
  if (expr->text == "REGEXP") expr->text = "RLIKE";
  bool any = IsWord("any") || IsWord("some");
  if (expr->text != "RLIKE" && (any || IsWord("all")) && IsSymbol("(", 1)) {
    Take();
    Take();
    expr->quantifier = any ? "ANY" : "ALL";
    do {
      expr->args.push_back(ParseOperators(0));
      if (!expr->args.back()) return nullptr;
    } while (AcceptSymbol(","));
    if (!ExpectSymbol(")")) return nullptr;
    return Finish(std::move(expr));
  }
  expr->args.push_back(ParseOperators(0));
  if (!expr->args.back()) return nullptr;
  if (expr->text != "RLIKE" && IsWord("escape") && !EndsAlias(1)) {
    Take();
    const Token& token = Peek();
    if (token.kind != TokenKind::kString || token.text.size() != 1) {
      FailHere("one character in quotes as the escape");
      return nullptr;
    }
    expr->escape = Take().text;
  }
  return Finish(std::move(expr));
}

ExprPtr Parser::Binary(std::string op, ExprPtr left, ExprPtr right) {
  if (!left || !right) return nullptr;
  ExprPtr expr = New(ExprKind::kBinary, left->begin);
  if (op == "==") op = "=";
  if (op == "!=") op = "<>";
  expr->text = std::move(op);
  expr->args.push_back(std::move(left));
  expr->args.push_back(std::move(right));
  return Finish(std::move(expr));
}

ExprPtr Parser::ParseOperators(int level) {
  if (level == kLevels) return ParseUnary();
  ExprPtr left = ParseOperators(level + 1);
  while (left) {
    std::string op;
    for (std::string_view candidate : kOperators[level]) {
      if (!candidate.empty() && IsSymbol(candidate)) op = candidate;
    }
    if (level == 0 && IsSymbol(">")) op = ">";
    if (level == kLevels - 1 && IsWord("div")) op = "DIV";
    if (op.empty()) return left;
    Take();
    left = Binary(std::move(op), std::move(left), ParseOperators(level + 1));
  }
  return nullptr;
}

ExprPtr Parser::ParseUnary() {
  size_t begin = Peek().begin;
  if (IsSymbol("-") && Peek(1).kind == TokenKind::kNumber && Peek(1).begin == Peek().end) {
    // -2147483648 is an INT: the sign belongs to the number, unless something binds tighter than it.
    if (!IsSymbol("[", 2) && !IsSymbol("::", 2)) {
      Take();
      return ParseNumber(true);
    }
  }
  for (std::string_view op : {"-", "+", "~"}) {
    if (!IsSymbol(op)) continue;
    ParserDepth level(this);
    if (!Enter(begin)) return nullptr;
    Take();
    ExprPtr expr = New(ExprKind::kUnary, begin);
    expr->text = op;
    expr->args.push_back(ParseUnary());
    return Finish(std::move(expr));
  }
  return ParsePostfix();
}

ExprPtr Parser::ParsePostfix() {
  // every way to nest passes here: brackets, calls, CASE, indexes
  ParserDepth level(this);
  if (!Enter(Peek().begin)) return nullptr;
  ExprPtr expr = ParsePrimary();
  while (expr) {
    size_t begin = expr->begin;
    if (AcceptSymbol("[")) {
      ExprPtr index = New(ExprKind::kIndex, begin);
      index->args.push_back(std::move(expr));
      index->args.push_back(ParseOperators(0));
      if (!index->args.back() || !ExpectSymbol("]")) return nullptr;
      expr = Finish(std::move(index));
    } else if (IsSymbol(".") && IsName(1)) {
      Take();
      ExprPtr field = New(ExprKind::kField, begin);
      field->text = Take().text;
      field->args.push_back(std::move(expr));
      expr = Finish(std::move(field));
    } else if (AcceptSymbol("::")) {
      ExprPtr cast = New(ExprKind::kCast, begin);
      cast->text = "cast";
      cast->args.push_back(std::move(expr));
      if (!ParseType(&cast->type)) return nullptr;
      expr = Finish(std::move(cast));
    } else {
      return expr;
    }
  }
  return nullptr;
}

}  // namespace flare::sql
