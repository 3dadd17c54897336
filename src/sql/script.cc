#include "sql/script.h"

#include <fmt/format.h>

#include "sql/lexer.h"

namespace flare::sql {
namespace {

/// Reads the words in front of a query.
class StatementReader {
 public:
  StatementReader(std::string_view text, const TextPlace& place, Diagnostics* diagnostics)
      : text_(text), place_(place), diagnostics_(diagnostics) {
    LexError ignored;  // the query's parser reports it
    tokens_ = Tokenize(text, &ignored);
  }

  std::optional<Statement> Read() {
    if (AcceptWord("SET")) return ReadSet();
    if (AcceptWord("RESET")) {
      statement_.kind = Statement::Kind::kReset;
      statement_.name = Rest();
      return statement_;
    }
    if (IsWord("CREATE")) return ReadCreate();
    if (IsWord("DROP") && IsWord("VIEW", 1)) return ReadDrop();
    statement_.query = Peek().begin;
    return statement_;
  }

 private:
  const Token& Peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool IsWord(std::string_view keyword, size_t ahead = 0) const {
    const Token& token = Peek(ahead);
    return token.kind == TokenKind::kWord && token.text.size() == keyword.size() &&
           std::equal(keyword.begin(), keyword.end(), token.text.begin(), [](char a, char b) {
             return a == (b >= 'a' && b <= 'z' ? b - 'a' + 'A' : b);
           });
  }
  bool IsSymbol(std::string_view symbol) const {
    return Peek().kind == TokenKind::kSymbol && Peek().text == symbol;
  }
  bool AcceptWord(std::string_view keyword) {
    if (!IsWord(keyword)) return false;
    ++at_;
    return true;
  }
  bool Accept(std::string_view symbol) {
    if (!IsSymbol(symbol)) return false;
    ++at_;
    return true;
  }
  bool ReadName(std::string* name) {
    if (Peek().kind != TokenKind::kWord && Peek().kind != TokenKind::kQuotedName) return false;
    *name = Peek().text;
    ++at_;
    return true;
  }
  /// The text from here to the end, without blanks and a `;` behind it.
  std::string Rest() const {
    std::string_view rest = text_.substr(std::min(Peek().begin, text_.size()));
    while (!rest.empty() && (rest.back() == ';' || static_cast<unsigned char>(rest.back()) <= ' '))
      rest.remove_suffix(1);
    return std::string(rest);
  }
  std::optional<Statement> Refuse(std::string code, std::string message, std::string expected) {
    Diagnostic diagnostic;
    diagnostic.where = place_.At(text_, Peek().begin);
    diagnostic.code = std::move(code);
    diagnostic.message = std::move(message);
    diagnostic.expected = std::move(expected);
    diagnostics_->push_back(std::move(diagnostic));
    return std::nullopt;
  }

  std::optional<Statement> ReadSet() {
    if (IsWord("TIME") && IsWord("ZONE", 1)) {
      at_ += 2;
      statement_.kind = Statement::Kind::kSetTimeZone;
      bool is_text = Peek().kind == TokenKind::kString || IsWord("LOCAL");
      if (!is_text || Peek(1).kind != TokenKind::kEnd) {
        return Refuse("INVALID_SET_SYNTAX", "SET TIME ZONE needs a zone",
                      "SET TIME ZONE 'Europe/Berlin'");
      }
      statement_.value = Peek().text;
      return statement_;
    }
    statement_.kind = Statement::Kind::kSet;
    std::string text = Rest();
    size_t equals = text.find('=');
    auto trim = [](std::string_view part) {
      while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
      while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
      bool quoted = part.size() > 1 && part.front() == part.back() &&
                    std::string_view("`'\"").find(part[0]) != std::string_view::npos;
      return std::string(quoted ? part.substr(1, part.size() - 2) : part);
    };
    statement_.name = trim(std::string_view(text).substr(0, equals));
    if (equals != std::string::npos)
      statement_.value = trim(std::string_view(text).substr(equals + 1));
    return statement_;
  }

  std::optional<Statement> ReadCreate() {
    ++at_;
    statement_.kind = Statement::Kind::kCreateView;
    if (AcceptWord("OR")) {
      if (!AcceptWord("REPLACE"))
        return Refuse("PARSE_SYNTAX_ERROR", "REPLACE is missing",
                      "CREATE OR REPLACE TEMPORARY VIEW");
      statement_.may_replace = true;
    }
    bool temporary = AcceptWord("TEMPORARY") || AcceptWord("TEMP");
    if (!temporary || !AcceptWord("VIEW")) {
      return Refuse("UNSUPPORTED_FEATURE",
                    "only temporary views can be made here, for as long as the session lasts",
                    "CREATE OR REPLACE TEMPORARY VIEW name AS SELECT ...");
    }
    if (!ReadName(&statement_.name))
      return Refuse("PARSE_SYNTAX_ERROR", "the view's name is missing",
                    "CREATE TEMPORARY VIEW name AS SELECT ...");
    if (IsSymbol("(") && !ReadColumns()) return std::nullopt;
    if (!AcceptWord("AS"))
      return Refuse("PARSE_SYNTAX_ERROR", "AS is missing before the view's query",
                    "CREATE TEMPORARY VIEW name AS SELECT ...");
    statement_.query = Peek().begin;
    return statement_;
  }

  bool ReadColumns() {
    ++at_;
    do {
      std::string name;
      if (!ReadName(&name)) {
        Refuse("PARSE_SYNTAX_ERROR", "a column's name is missing",
               "CREATE TEMPORARY VIEW name (column, ...) AS SELECT ...");
        return false;
      }
      statement_.columns.push_back(std::move(name));
    } while (Accept(","));
    if (Accept(")")) return true;
    Refuse("PARSE_SYNTAX_ERROR", "the list of columns is not closed", ")");
    return false;
  }

  std::optional<Statement> ReadDrop() {
    at_ += 2;
    statement_.kind = Statement::Kind::kDropView;
    if (AcceptWord("IF")) {
      if (!AcceptWord("EXISTS"))
        return Refuse("PARSE_SYNTAX_ERROR", "EXISTS is missing", "DROP VIEW IF EXISTS name");
      statement_.if_exists = true;
    }
    if (!ReadName(&statement_.name))
      return Refuse("PARSE_SYNTAX_ERROR", "the view's name is missing", "DROP VIEW name");
    return statement_;
  }

  std::string_view text_;
  const TextPlace& place_;
  Diagnostics* diagnostics_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  Statement statement_;
};

}  // namespace

std::vector<ScriptPart> SplitScript(std::string_view text) {
  std::vector<ScriptPart> parts;
  size_t begin = 0;
  while (begin < text.size()) {
    LexError error;
    std::vector<Token> tokens = Tokenize(text.substr(begin), &error);
    size_t from = begin;
    bool any = false;
    for (const Token& token : tokens) {
      if (token.kind == TokenKind::kEnd) continue;
      bool ends = token.kind == TokenKind::kSymbol && token.text == ";";
      if (!ends) {
        any = true;
        continue;
      }
      if (any) parts.push_back({from, begin + token.begin});
      from = begin + token.end;
      any = false;
    }
    if (error.code.empty()) {
      if (any) parts.push_back({from, text.size()});
      break;
    }
    size_t next = text.find(';', begin + error.offset);
    parts.push_back({from, std::min(next, text.size())});
    begin = next == std::string_view::npos ? text.size() : next + 1;
  }
  return parts;
}

bool EndsStatement(std::string_view text) {
  LexError error;
  std::vector<Token> tokens = Tokenize(text, &error);
  if (error.unclosed) return false;
  if (!error.code.empty()) {  // the statement's own run says what is wrong with it
    size_t last = text.find_last_not_of(" \t\r\n");
    return last != std::string_view::npos && text[last] == ';';
  }
  return tokens.size() > 1 && tokens[tokens.size() - 2].kind == TokenKind::kSymbol && tokens[tokens.size() - 2].text == ";";
}

std::optional<Statement> ReadStatement(std::string_view text, const TextPlace& place,
                                       Diagnostics* diagnostics) {
  return StatementReader(text, place, diagnostics).Read();
}

}  // namespace flare::sql
