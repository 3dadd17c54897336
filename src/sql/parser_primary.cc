#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "sql/names.h"
#include "sql/parser.h"

namespace flare::sql {
namespace {

constexpr std::string_view kNoArgumentFunctions[] = {"current_date", "current_timestamp", "current_time",
                                                     "current_user", "user", "session_user"};

/// Words that end an expression or start a clause, so that they cannot be a column without backticks.
constexpr std::string_view kClauseWords[] = {"from", "where", "union", "and",  "or",     "as",  "on",
                                             "in",   "between", "like", "is",  "select", "into"};

/// The same, but a column where what follows does not belong to the clause (`order` without BY).
constexpr std::string_view kSeldomColumns[] = {"group", "having", "order", "limit", "when", "then", "else", "end"};

}  // namespace

ExprPtr Parser::ParsePrimary() {
  const Token& token = Peek();
  switch (token.kind) {
    case TokenKind::kNumber: return ParseNumber(false);
    case TokenKind::kString: return ParseStringLiteral();
    case TokenKind::kQuotedName: return ParseNamePath();
    case TokenKind::kWord: return ParseWordPrimary();
    case TokenKind::kSymbol:
      if (token.text == "(") return ParseParenthesized();
      if (token.text == "*") return ParseStar({}, token.begin);
      if (token.text == "?" || token.text == ":") {
        Unsupported("PARAMETER_MARKER", "a parameter marker", token.begin);
        return nullptr;
      }
      break;
    default: break;
  }
  FailHere("an expression");
  return nullptr;
}

ExprPtr Parser::ParseWordPrimary() {
  size_t begin = Peek().begin;
  std::string word = LowerAscii(Peek().text);
  if (word == "null") {
    Take();
    return Finish(New(ExprKind::kLiteral, begin));
  }
  if ((word == "true" || word == "false") && !IsSymbol("(", 1) && !IsSymbol(".", 1)) {
    Take();
    ExprPtr expr = New(ExprKind::kLiteral, begin);
    expr->type = Type(TypeId::kBoolean);
    expr->text = word;
    return Finish(std::move(expr));
  }
  if (word == "case" && !IsSymbol("(", 1) && !IsSymbol(".", 1)) return ParseCase();
  if (word == "case" && IsSymbol("(", 1)) return ParseCase();
  if (word == "interval" && (Peek(1).kind == TokenKind::kString || Peek(1).kind == TokenKind::kNumber ||
                             ((IsSymbol("-", 1) || IsSymbol("+", 1)) && (Peek(2).kind == TokenKind::kNumber ||
                                                                         Peek(2).kind == TokenKind::kString)))) {
    return ParseInterval();
  }
  if (Peek(1).kind == TokenKind::kString && word != "as") {
    for (std::string_view typed : {"date", "timestamp", "timestamp_ltz", "timestamp_ntz", "x"}) {
      if (word == typed) return ParseTypedLiteral(word);
    }
  }
  if (word == "exists" && IsSymbol("(", 1) && IsQuery(2)) {
    Take();
    Take();
    return ParseSubquery("exists", begin);
  }
  for (std::string_view clause : kClauseWords) {
    if (word == clause && !(word == "like" && IsSymbol("(", 1))) {
      FailHere("an expression");
      return nullptr;
    }
  }
  bool clause_follows = IsWord("by", 1) || IsSymbol("(", 1) || Peek(1).kind == TokenKind::kNumber ||
                        Peek(1).kind == TokenKind::kString;
  for (std::string_view clause : kSeldomColumns) {
    if (word == clause && clause_follows) {
      FailHere("an expression");
      return nullptr;
    }
  }
  if (IsSymbol("(", 1)) {
    if (ExprPtr special = ParseSpecialCall(word)) return special;
    if (failed_) return nullptr;
    Take();
    return ParseCall(word, begin);
  }
  for (std::string_view name : kNoArgumentFunctions) {
    if (word == name && !IsSymbol(".", 1)) {
      Take();
      ExprPtr call = New(ExprKind::kCall, begin);
      call->text = word;
      call->quantifier = "bare";  // a column of that name goes first
      return Finish(std::move(call));
    }
  }
  return ParseNamePath();
}

/// `a.b.c`, `t.*`, or a call of a qualified name.
ExprPtr Parser::ParseNamePath() {
  size_t begin = Peek().begin;
  std::vector<std::string> parts = {Take().text};
  while (IsSymbol(".")) {
    if (IsSymbol("*", 1)) {
      Take();
      return ParseStar(std::move(parts), begin);
    }
    if (!IsName(1)) {
      Take();
      FailHere("a name after '.'");
      return nullptr;
    }
    Take();
    parts.push_back(Take().text);
  }
  if (IsSymbol("(")) return ParseCall(fmt::format("{}", fmt::join(parts, ".")), begin);
  ExprPtr expr = New(ExprKind::kName, begin);
  expr->parts = std::move(parts);
  return Finish(std::move(expr));
}

ExprPtr Parser::ParseStar(std::vector<std::string> parts, size_t begin) {
  Take();
  ExprPtr star = New(ExprKind::kStar, begin);
  star->parts = std::move(parts);
  if (IsWord("except") && IsSymbol("(", 1)) {
    Take();
    Take();
    do {
      ExprPtr name = New(ExprKind::kName, Peek().begin);
      do {
        if (!ExpectName(&name->parts.emplace_back(), "a column to leave out")) return nullptr;
      } while (AcceptSymbol("."));
      star->args.push_back(Finish(std::move(name)));
    } while (AcceptSymbol(","));
    if (!ExpectSymbol(")")) return nullptr;
  }
  return Finish(std::move(star));
}

ExprPtr Parser::ParseParenthesized() {
  size_t begin = Peek().begin;
  Take();
  if (IsQuery(0)) return ParseSubquery("scalar", begin);
  std::vector<ExprPtr> items;
  std::vector<std::string> names;
  bool named = false;
  do {
    items.push_back(ParseExpression());
    if (!items.back()) return nullptr;
    if (items.size() == 1 && items[0]->kind == ExprKind::kSubquery && items[0]->text == "scalar" && IsQueryTail()) {
      // ((SELECT ...) UNION ...): the brackets held the first part of the query
      items[0]->query = ParseQueryRest(NewQuery(Query::Kind::kNested, std::move(items[0]->query)));
      if (!items[0]->query) return nullptr;
    }
    names.emplace_back();
    if (AcceptWord("as")) {
      if (!ExpectName(&names.back(), "a field name")) return nullptr;
      named = true;
    }
  } while (AcceptSymbol(","));
  if (!ExpectSymbol(")")) return nullptr;
  if (items.size() == 1 && !named) return std::move(items[0]);
  ExprPtr row = New(ExprKind::kCall, begin);
  row->text = "struct";
  row->quantifier = "row";
  row->args = std::move(items);
  row->arg_names = std::move(names);
  return Finish(std::move(row));
}

/// A query up to its closing bracket.
ExprPtr Parser::ParseSubquery(std::string_view kind, size_t begin) {
  ExprPtr expr = New(ExprKind::kSubquery, begin);
  expr->text = kind;
  expr->query = ParseQuery();
  if (!expr->query || !ExpectSymbol(")")) return nullptr;
  return Finish(std::move(expr));
}

ExprPtr Parser::ParseCase() {
  ExprPtr expr = New(ExprKind::kCase, Peek().begin);
  Take();
  if (!IsWord("when")) {
    expr->has_operand = true;
    expr->args.push_back(ParseExpression());
    if (!expr->args.back()) return nullptr;
  }
  if (!IsWord("when")) {
    FailHere("WHEN");
    return nullptr;
  }
  while (AcceptWord("when")) {
    expr->args.push_back(ParseExpression());
    if (!expr->args.back() || !ExpectWord("then")) return nullptr;
    expr->args.push_back(ParseExpression());
    if (!expr->args.back()) return nullptr;
  }
  if (AcceptWord("else")) {
    expr->has_else = true;
    expr->args.push_back(ParseExpression());
    if (!expr->args.back()) return nullptr;
  }
  if (!ExpectWord("end")) return nullptr;
  return Finish(std::move(expr));
}

ExprPtr Parser::ParseCast(std::string_view kind) {
  ExprPtr expr = New(ExprKind::kCast, Peek().begin);
  expr->text = kind;
  Take();
  Take();
  expr->args.push_back(ParseExpression());
  if (!expr->args.back() || !ExpectWord("as") || !ParseType(&expr->type) || !ExpectSymbol(")")) return nullptr;
  return Finish(std::move(expr));
}

/// Calls whose arguments are parted by words. Null without failed() = it is an ordinary call.
ExprPtr Parser::ParseSpecialCall(const std::string& word) {
  size_t begin = Peek().begin;
  if (word == "cast" || word == "try_cast") return ParseCast(word);
  size_t start = at_;
  ExprPtr call = New(ExprKind::kCall, begin);
  call->text = word;
  if (word == "extract") {
    Take();
    Take();
    if (!IsName() || !IsWord("from", 1)) return at_ = start, nullptr;
    ExprPtr field = New(ExprKind::kLiteral, Peek().begin);
    field->type = Type(TypeId::kString);
    field->text = Take().text;
    Take();
    call->args.push_back(Finish(std::move(field)));
    call->quantifier = "from";
    call->args.push_back(ParseOperators(0));
    if (!call->args.back() || !ExpectSymbol(")")) return nullptr;
    return Finish(std::move(call));
  }
  if (word == "position" || word == "substr" || word == "substring" || word == "overlay") {
    Take();
    Take();
    ExprPtr first = ParseOperators(0);
    if (!first) return nullptr;
    std::vector<std::string_view> separators = {"from", "for"};
    if (word == "position") separators = {"in"};
    if (word == "overlay") separators = {"placing", "from", "for"};
    if (!IsWord(separators[0])) return at_ = start, nullptr;
    call->args.push_back(std::move(first));
    for (std::string_view separator : separators) {
      if (!AcceptWord(separator)) break;
      call->args.push_back(ParseOperators(0));
      if (!call->args.back()) return nullptr;
    }
    if (!ExpectSymbol(")")) return nullptr;
    if (word == "position") call->text = "locate";
    return Finish(std::move(call));
  }
  if (word == "trim") {
    Take();
    Take();
    if (IsWord("leading")) call->text = "ltrim";
    if (IsWord("trailing")) call->text = "rtrim";
    bool side = (IsWord("both") || IsWord("leading") || IsWord("trailing")) && !IsSymbol(")", 1) && !IsSymbol(",", 1);
    if (side) Take();
    ExprPtr characters;
    if (!(side && IsWord("from"))) {
      characters = ParseOperators(0);
      if (!characters) return nullptr;
    }
    if (!AcceptWord("from")) return at_ = start, nullptr;
    ExprPtr value = ParseOperators(0);
    if (!value || !ExpectSymbol(")")) return nullptr;
    if (characters) call->args.push_back(std::move(characters));
    call->args.push_back(std::move(value));
    call->quantifier = "from";
    return Finish(std::move(call));
  }
  return nullptr;
}

ExprPtr Parser::ParseCall(std::string name, size_t begin) {
  ExprPtr call = New(ExprKind::kCall, begin);
  call->text = std::move(name);
  Take();
  if (!ParseCallArguments(call.get()) || !ParseCallTail(call.get())) return nullptr;
  ReadTimeUnit(call.get());
  return Finish(std::move(call));
}

bool Parser::ParseCallArguments(Expr* call) {
  if (AcceptSymbol(")")) return true;
  if (AcceptWord("distinct")) {
    call->distinct = true;
  } else if (IsWord("all") && !IsSymbol(",", 1) && !IsSymbol(")", 1)) {
    Take();
  }
  do {
    if (!ParseArgument(call)) return false;
  } while (AcceptSymbol(","));
  return ParseNullTreatment(call) && ExpectSymbol(")");
}

bool Parser::ParseArgument(Expr* call) {
  if (IsName() && IsSymbol("=>", 1)) return ParseNamedArgument(call);
  call->args.push_back(ParseExpression());
  if (!call->args.back()) return false;
  call->arg_names.emplace_back();
  if (EqualIgnoreCase(call->text, "struct")) {
    if (AcceptWord("as")) return ExpectName(&call->arg_names.back(), "a field name");
    if (IsName()) call->arg_names.back() = Take().text;
  }
  return true;
}

bool Parser::ParseCallTail(Expr* call) {
  if (IsWord("within") && IsWord("group", 1)) {
    Take();
    Take();
    if (!ExpectSymbol("(") || !ExpectWord("order") || !ExpectWord("by")) return false;
    if (!ParseOrder(&call->within_group) || !ExpectSymbol(")")) return false;
  }
  if (IsWord("filter") && IsSymbol("(", 1)) {
    Take();
    Take();
    if (!ExpectWord("where")) return false;
    call->filter = ParseExpression();
    if (!call->filter || !ExpectSymbol(")")) return false;
  }
  if (!ParseNullTreatment(call)) return false;
  if (IsWord("over") && (IsSymbol("(", 1) || IsName(1))) return ParseOver(call);
  return true;
}

bool Parser::AtLambda() const {
  if (IsName() && IsSymbol("->", 1)) return true;
  if (!IsSymbol("(") || !IsName(1)) return false;
  size_t ahead = 2;
  while (IsSymbol(",", ahead) && IsName(ahead + 1)) ahead += 2;
  return IsSymbol(")", ahead) && IsSymbol("->", ahead + 1);
}

ExprPtr Parser::ParseLambda() {
  ExprPtr lambda = New(ExprKind::kLambda, Peek().begin);
  if (AcceptSymbol("(")) {
    do {
      lambda->names.push_back(Take().text);
    } while (AcceptSymbol(","));
    Take();
  } else {
    lambda->names.push_back(Take().text);
  }
  Take();
  lambda->args.push_back(ParseExpression());
  return Finish(std::move(lambda));
}

}  // namespace flare::sql
