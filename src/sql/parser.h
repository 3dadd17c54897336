#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sql/ast.h"
#include "sql/lexer.h"

namespace flare::sql {

/// A mistake with its place in the statement.
struct SqlError {
  std::string code;
  std::string message;
  size_t offset = 0;
  std::string hint;
};

/// Levels of nesting that a statement may have; deeper ones are refused, whatever the stack could bear.
constexpr int kMaxDepth = 300;

/// Recursive descent over Spark's SELECT grammar, with precedence climbing for operators. The first error
/// ends the reading: it is in error() and every Parse function returns null. Never throws.
class Parser {
 public:
  explicit Parser(std::string_view text);

  /// One statement, with an optional `;` behind it.
  QueryPtr ParseStatement();
  /// One expression, the whole text.
  ExprPtr ParseWholeExpression();
  /// One expression with an optional alias, the whole text.
  bool ParseWholeSelectItem(SelectItem* item);
  /// One type, the whole text.
  bool ParseWholeType(Type* type);
  /// `a INT, b STRING NOT NULL COMMENT 'x'`, the whole text.
  bool ParseWholeSchema(Schema* schema);

  bool failed() const { return failed_; }
  const SqlError& error() const { return error_; }
  /// Hints and clauses that were read but mean nothing here.
  const std::vector<SqlError>& notes() const { return notes_; }

 private:
  // parser.cc: tokens
  const Token& Peek(size_t ahead = 0) const;
  const Token& Take();
  size_t LastEnd() const;
  bool IsWord(std::string_view keyword, size_t ahead = 0) const;
  bool IsSymbol(std::string_view symbol, size_t ahead = 0) const;
  bool AcceptWord(std::string_view keyword);
  bool AcceptSymbol(std::string_view symbol);
  bool ExpectWord(std::string_view keyword);
  bool ExpectSymbol(std::string_view symbol);
  bool ExpectEnd();
  bool IsName(size_t ahead = 0) const;
  bool ExpectName(std::string* name, std::string_view what);
  void Fail(std::string code, std::string message, size_t offset, std::string hint = "");
  void FailHere(std::string_view expected);
  void Unsupported(std::string_view condition, std::string_view construct, size_t offset);
  bool Enter(size_t offset);
  ExprPtr New(ExprKind kind, size_t begin);
  ExprPtr Finish(ExprPtr expr);

  // parser_query.cc
  bool IsQuery(size_t ahead) const;
  bool IsQueryTail() const;
  QueryPtr NewQuery(Query::Kind kind, QueryPtr left = nullptr, QueryPtr right = nullptr);
  QueryPtr ParseQuery();
  QueryPtr ParseQueryRest(QueryPtr query);
  QueryPtr ParseSetOperations(QueryPtr left, bool intersect_only);
  QueryPtr ParseQueryPrimary();
  bool ParseWith(std::vector<CommonTable>* with);
  bool ParseNameList(std::vector<std::string>* names);
  bool ParseSelect(Select* select);
  bool ParseSelectItems(std::vector<SelectItem>* items);
  bool ParseSelectItem(SelectItem* item);
  bool ParseOrder(std::vector<SortItem>* items);
  bool ParseDirection(SortItem* item);
  bool ParseSort(Query* query);
  bool ParseTail(Query* query);
  void NoteHint(const Token& hint);

  // parser_group.cc
  bool ParseGroupBy(Select* select);
  bool AtGroupingSets() const;
  bool CheckGroupingSets(size_t left, size_t right);
  bool ParseGroupingSets(Select* select, std::vector<std::vector<size_t>>* sets);
  bool ParseGroupingSet(Select* select, std::vector<std::vector<size_t>>* parts);

  // parser_alias.cc
  bool IsAlias() const;
  bool EndsAlias(size_t ahead) const;

  // parser_from.cc
  FromPtr NewFrom(FromItem::Kind kind, FromPtr left = nullptr, FromPtr right = nullptr);
  FromPtr ParseFromList();
  bool IsJoin() const;
  FromPtr ParseRelation();
  FromPtr ParseJoin(FromPtr left);
  FromPtr ParseLateralView(FromPtr input);
  FromPtr ParseFromPrimary();
  FromPtr ParseFromBrackets();
  FromPtr ParseSampleAndAlias(FromPtr item);
  bool ParseTableAlias(FromItem* item);

  // parser_pivot.cc
  bool IsPivot() const;
  FromPtr ParsePivots(FromPtr input);
  FromPtr ParsePivot(FromPtr input);
  FromPtr ParseUnpivot(FromPtr input);
  FromPtr ParseSample(FromPtr input);
  bool ParseBucket(Sample* sample);

  // parser_pipe.cc
  QueryPtr ParsePipe(QueryPtr input);
  bool ParsePipeSelect(Query* query);
  bool ParsePipeSet(Query* query);
  bool ParsePipeDrop(SelectItem* everything);
  SelectItem Everything();
  bool ParsePipeAggregate(Query* query);

  // parser_expression.cc
  ExprPtr ParseExpression();
  ExprPtr ParseOr();
  ExprPtr ParseAnd();
  ExprPtr ParseNot();
  ExprPtr ParsePredicate();
  ExprPtr ParsePredicateTail(ExprPtr value, bool negated);
  ExprPtr ParseLike(ExprPtr value, bool negated);
  ExprPtr ParseIn(ExprPtr value, bool negated);
  ExprPtr ParseOperators(int level);
  ExprPtr ParseUnary();
  ExprPtr ParsePostfix();
  ExprPtr Combine(std::vector<ExprPtr>* terms, size_t low, size_t high, std::string_view op);
  ExprPtr Binary(std::string op, ExprPtr left, ExprPtr right);

  // parser_primary.cc
  ExprPtr ParsePrimary();
  ExprPtr ParseWordPrimary();
  ExprPtr ParseParenthesized();
  ExprPtr ParseSubquery(std::string_view kind, size_t begin);
  ExprPtr ParseCase();
  ExprPtr ParseCast(std::string_view kind);
  ExprPtr ParseSpecialCall(const std::string& word);
  ExprPtr ParseCall(std::string name, size_t begin);
  bool ParseCallArguments(Expr* call);
  bool ParseCallTail(Expr* call);
  bool ParseArgument(Expr* call);
  bool ParseNamedArgument(Expr* call);  // parser_named.cc
  ExprPtr ParseNamePath();
  ExprPtr ParseStar(std::vector<std::string> parts, size_t begin);
  bool AtLambda() const;
  ExprPtr ParseLambda();

  // parser_window.cc
  bool ParseNullTreatment(Expr* call);
  bool ParseOver(Expr* call);
  bool ParseWindowClause(std::vector<NamedWindow>* windows);
  bool CheckReference(const NamedWindow& named, const std::vector<NamedWindow>& windows);
  bool ParseWindow(Window* window);
  bool ParseFrame(Window* window);
  bool ParseFrameBound(FrameBound* bound);

  // parser_literal.cc
  ExprPtr ParseNumber(bool negative);
  ExprPtr ParseStringLiteral();
  ExprPtr ParseTypedLiteral(const std::string& word);
  ExprPtr ParseInterval();
  static void ReadTimeUnit(Expr* call);
  bool ParseIntervalRange(std::string text, const std::string& first, size_t begin, Expr* expr);
  bool SetInterval(const std::string& text, const std::vector<std::string>& units, Expr* expr);

  // parser_type.cc
  bool ParseType(Type* type);
  bool ParseFields(std::vector<StructField>* fields, bool in_struct);
  bool AcceptClosingAngle();

  std::string_view text_;
  LexError lex_error_;  // before tokens_, whose making writes to it
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  int angles_ = 0;  ///< closing angles left of a `>>` that was split
  bool failed_ = false;
  SqlError error_;
  std::vector<SqlError> notes_;
  friend class ParserDepth;
};

/// Counts one level of recursion for as long as it lives.
class ParserDepth {
 public:
  explicit ParserDepth(Parser* parser) : parser_(parser) { ++parser_->depth_; }
  ~ParserDepth() { --parser_->depth_; }
  ParserDepth(const ParserDepth&) = delete;
  ParserDepth& operator=(const ParserDepth&) = delete;

 private:
  Parser* parser_;
};

}  // namespace flare::sql
