#include "sql/parser.h"

#include <fmt/format.h>

#include "sql/names.h"

namespace flare::sql {

// The tokens come last: an error of the lexer is written into a member that stands behind them.
Parser::Parser(std::string_view text) : text_(text) { tokens_ = Tokenize(text, &lex_error_); }

const Token& Parser::Peek(size_t ahead) const {
  size_t index = at_ + ahead;
  return index < tokens_.size() ? tokens_[index] : tokens_.back();
}

const Token& Parser::Take() {
  const Token& token = Peek();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

size_t Parser::LastEnd() const { return at_ == 0 ? 0 : tokens_[at_ - 1].end; }

bool Parser::IsWord(std::string_view keyword, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kWord && EqualIgnoreCase(token.text, keyword);
}

bool Parser::IsSymbol(std::string_view symbol, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kSymbol && token.text == symbol;
}

bool Parser::AcceptWord(std::string_view keyword) {
  if (!IsWord(keyword)) return false;
  Take();
  return true;
}

bool Parser::AcceptSymbol(std::string_view symbol) {
  if (!IsSymbol(symbol)) return false;
  Take();
  return true;
}

bool Parser::ExpectWord(std::string_view keyword) {
  if (AcceptWord(keyword)) return true;
  FailHere(UpperAscii(keyword));
  return false;
}

bool Parser::ExpectSymbol(std::string_view symbol) {
  if (AcceptSymbol(symbol)) return true;
  FailHere(fmt::format("'{}'", symbol));
  return false;
}

bool Parser::ExpectEnd() {
  if (failed_) return false;
  if (Peek().kind == TokenKind::kEnd && lex_error_.code.empty()) return true;
  FailHere("the end of the text");
  return false;
}

bool Parser::IsName(size_t ahead) const {
  TokenKind kind = Peek(ahead).kind;
  return kind == TokenKind::kWord || kind == TokenKind::kQuotedName;
}

bool Parser::ExpectName(std::string* name, std::string_view what) {
  if (!IsName()) {
    FailHere(what);
    return false;
  }
  *name = Take().text;
  return true;
}

void Parser::Fail(std::string code, std::string message, size_t offset, std::string hint) {
  if (failed_) return;
  failed_ = true;
  error_ = {std::move(code), std::move(message), offset, std::move(hint)};
}

void Parser::FailHere(std::string_view expected) {
  const Token& token = Peek();
  // The tokens stop where the lexer met something it cannot read: that is the cause, not the end of the text.
  if (token.kind == TokenKind::kEnd && !lex_error_.code.empty()) {
    return Fail(lex_error_.code, lex_error_.message, lex_error_.offset);
  }
  std::string found = token.kind == TokenKind::kEnd
                          ? "the end of the statement"
                          : fmt::format("'{}'", text_.substr(token.begin, std::min<size_t>(token.end - token.begin, 40)));
  Fail("PARSE_SYNTAX_ERROR", fmt::format("syntax error at or near {}: expected {}", found, expected), token.begin);
}

void Parser::Unsupported(std::string_view condition, std::string_view construct, size_t offset) {
  Fail(fmt::format("UNSUPPORTED_FEATURE.{}", condition), fmt::format("{} is not supported yet", construct), offset);
}

bool Parser::Enter(size_t offset) {
  if (depth_ <= 2 * kMaxDepth) return true;  // an expression in brackets counts twice
  Fail("FAILED_TO_PARSE_TOO_COMPLEX", fmt::format("the statement is nested deeper than {} levels", kMaxDepth), offset);
  return false;
}

ExprPtr Parser::New(ExprKind kind, size_t begin) {
  auto expr = std::make_unique<Expr>();
  expr->kind = kind;
  expr->begin = begin;
  return expr;
}

/// Closes a node: its end, and its depth, which long chains of operators deepen without recursion.
ExprPtr Parser::Finish(ExprPtr expr) {
  if (failed_ || !expr) return nullptr;
  expr->end = LastEnd();
  for (const ExprPtr& arg : expr->args) {
    if (!arg) return nullptr;
    expr->depth = std::max(expr->depth, arg->depth + 1);
  }
  if (expr->depth <= kMaxDepth) return expr;
  Fail("FAILED_TO_PARSE_TOO_COMPLEX", fmt::format("the expression is nested deeper than {} levels", kMaxDepth),
       expr->begin);
  return nullptr;
}

QueryPtr Parser::ParseStatement() {
  if (Peek().kind == TokenKind::kEnd && lex_error_.code.empty()) {
    Fail("PARSE_EMPTY_STATEMENT", "the statement is empty", 0);
    return nullptr;
  }
  QueryPtr query = ParseQuery();
  if (!query) return nullptr;
  while (AcceptSymbol(";")) {
  }
  return ExpectEnd() ? std::move(query) : nullptr;
}

ExprPtr Parser::ParseWholeExpression() {
  ExprPtr expr = ParseExpression();
  return expr && ExpectEnd() ? std::move(expr) : nullptr;
}

bool Parser::ParseWholeSelectItem(SelectItem* item) { return ParseSelectItem(item) && ExpectEnd(); }

bool Parser::ParseWholeType(Type* type) { return ParseType(type) && ExpectEnd(); }

bool Parser::ParseWholeSchema(Schema* schema) { return ParseFields(schema, false) && ExpectEnd(); }

}  // namespace flare::sql
