#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/diagnostic.h"

#include "sql/names.h"
#include "sql/parser.h"

namespace flare::sql {
namespace {

struct TypeWord {
  std::string_view word;
  TypeId id;
};

constexpr TypeWord kTypeWords[] = {
    {"boolean", TypeId::kBoolean},     {"tinyint", TypeId::kByte},
    {"byte", TypeId::kByte},           {"smallint", TypeId::kShort},
    {"short", TypeId::kShort},         {"int", TypeId::kInt},
    {"integer", TypeId::kInt},         {"bigint", TypeId::kLong},
    {"long", TypeId::kLong},           {"float", TypeId::kFloat},
    {"real", TypeId::kFloat},          {"double", TypeId::kDouble},
    {"string", TypeId::kString},       {"binary", TypeId::kBinary},
    {"date", TypeId::kDate},           {"timestamp", TypeId::kTimestamp},
    {"timestamp_ltz", TypeId::kTimestamp}, {"timestamp_ntz", TypeId::kTimestampNtz},
    {"void", TypeId::kVoid},           {"variant", TypeId::kVariant},
};

std::optional<int> ToSmallInt(std::string_view text) {
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<IntervalField> FieldOf(std::string_view word) {
  static constexpr std::string_view kWords[] = {"year", "month", "day", "hour", "minute", "second"};
  for (int i = 0; i < 6; ++i) {
    if (kWords[i] == word) return static_cast<IntervalField>(i);
  }
  return std::nullopt;
}

}  // namespace

/// One `>`, also the first half of `>>`.
bool Parser::AcceptClosingAngle() {
  if (angles_ > 0) {
    --angles_;
    return true;
  }
  if (AcceptSymbol(">")) return true;
  if (AcceptSymbol(">>")) {
    angles_ = 1;
    return true;
  }
  if (AcceptSymbol(">>>")) {
    angles_ = 2;
    return true;
  }
  FailHere("'>'");
  return false;
}

bool Parser::ParseType(Type* type) {
  ParserDepth level(this);
  if (!Enter(Peek().begin)) return false;
  if (Peek().kind != TokenKind::kWord) {
    FailHere("a data type");
    return false;
  }
  size_t begin = Peek().begin;
  std::string word = LowerAscii(Take().text);
  if (word == "array") {
    Type element;
    if (!ExpectSymbol("<") || !ParseType(&element) || !AcceptClosingAngle()) return false;
    *type = Type::Array(std::move(element));
    return true;
  }
  if (word == "map") {
    Type key;
    Type value;
    if (!ExpectSymbol("<") || !ParseType(&key) || !ExpectSymbol(",") || !ParseType(&value)) return false;
    if (!AcceptClosingAngle()) return false;
    *type = Type::Map(std::move(key), std::move(value));
    return true;
  }
  if (word == "struct") {
    std::vector<StructField> fields;
    if (AcceptSymbol("<>")) {
      *type = Type::Struct({});
      return true;
    }
    if (!ExpectSymbol("<")) return false;
    if (!IsSymbol(">") && !ParseFields(&fields, true)) return false;
    if (!AcceptClosingAngle()) return false;
    *type = Type::Struct(std::move(fields));
    return true;
  }
  if (word == "decimal" || word == "dec" || word == "numeric") {
    int precision = 10;
    int scale = 0;
    if (AcceptSymbol("(")) {
      auto number = ToSmallInt(Peek().text);
      if (!number) return FailHere("a precision"), false;
      precision = *number;
      Take();
      if (AcceptSymbol(",")) {
        number = ToSmallInt(Peek().text);
        if (!number) return FailHere("a scale"), false;
        scale = *number;
        Take();
      }
      if (!ExpectSymbol(")")) return false;
    }
    if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
      Fail("DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
           fmt::format("DECIMAL({},{}) does not exist: precision is 1 to 38, scale 0 to the precision", precision, scale),
           begin);
      return false;
    }
    *type = Type::Decimal(precision, scale);
    return true;
  }
  if (word == "char" || word == "character" || word == "varchar") {
    if (!ExpectSymbol("(")) return false;
    if (!ToSmallInt(Peek().text)) return FailHere("a length"), false;
    Take();
    *type = Type(TypeId::kString);
    return ExpectSymbol(")");
  }
  if (word == "interval") {
    auto first = FieldOf(LowerAscii(Peek().text));
    if (Peek().kind != TokenKind::kWord || !first) {
      *type = Type(TypeId::kIntervalCalendar);
      return true;
    }
    Take();
    auto last = first;
    if (AcceptWord("to")) {
      last = FieldOf(LowerAscii(Take().text));
      bool fits = last && *first < *last && (*first == IntervalField::kYear) == (*last == IntervalField::kMonth);
      if (!fits) {
        Fail("PARSE_SYNTAX_ERROR", "there is no interval type with these fields: YEAR TO MONTH, or DAY, HOUR, MINUTE "
             "to a smaller one down to SECOND", begin);
        return false;
      }
    }
    *type = Type::Interval(*first, *last);
    return true;
  }
  for (const TypeWord& known : kTypeWords) {
    if (known.word == word) {
      *type = Type(known.id);
      if (known.id == TypeId::kString && AcceptWord("collate")) Take();
      return true;
    }
  }
  std::vector<std::string> candidates = {"array", "map", "struct", "decimal", "varchar", "char"};
  for (const TypeWord& known : kTypeWords) candidates.emplace_back(known.word);
  Fail("UNSUPPORTED_DATATYPE", fmt::format("unknown data type {}", UpperAscii(word)), begin,
       NearestName(word, candidates));
  return false;
}

/// `name type`, in a struct `name: type` or `name type`, with NOT NULL and COMMENT.
bool Parser::ParseFields(std::vector<StructField>* fields, bool in_struct) {
  do {
    StructField field;
    if (!ExpectName(&field.name, "a field name")) return false;
    if (in_struct) AcceptSymbol(":");
    if (!ParseType(&field.type)) return false;
    while (true) {
      if (IsWord("not") && IsWord("null", 1)) {
        Take();
        Take();
        field.nullable = false;
      } else if (IsWord("comment") && Peek(1).kind == TokenKind::kString) {
        Take();
        field.comment = Take().text;
      } else {
        break;
      }
    }
    fields->push_back(std::move(field));
  } while (angles_ == 0 && AcceptSymbol(","));
  return true;
}

}  // namespace flare::sql
