#include <fmt/format.h>

#include <algorithm>

#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

const Type kText(TypeId::kString);

/// Functions of bytes that also take text.
std::string BytesOf(const Bound& value) {
  return value.type.is(TypeId::kBinary) ? value.sql : fmt::format("encode({})", value.sql);
}

Bound BindUtf8(Call& call) {
  Bound& arg = call.args[0];
  if (!arg.type.is(TypeId::kBinary)) arg = call.binder.Implicit(std::move(arg), kText, call.name, 0);
  if (arg.bad) return arg;
  bool check = call.name == "is_valid_utf8";
  std::string sql;
  if (check) {
    sql = fmt::format("spark_is_valid_utf8({})", BytesOf(arg));
  } else if (call.name == "make_valid_utf8") {
    sql = arg.type.is(TypeId::kBinary) ? fmt::format("spark_decode_utf8({})", arg.sql) : arg.sql;
  } else if (call.name == "validate_utf8") {
    sql = fmt::format("spark_validate_utf8({})", BytesOf(arg));
  } else {
    sql = fmt::format("(CASE WHEN spark_is_valid_utf8({}) THEN {} END)", BytesOf(arg),
                      arg.type.is(TypeId::kBinary) ? fmt::format("spark_decode_utf8({})", arg.sql) : arg.sql);
  }
  return ResultOf(call, check ? Type(TypeId::kBoolean) : kText, sql);
}

/// mask(text, upper, lower, digit, other): replacements are constants of one character, NULL keeps.
Bound BindMask(Call& call) {
  std::string with;
  for (size_t i = 1; i < call.args.size(); ++i) {
    Bound& arg = call.args[i];
    if (arg.type.is(TypeId::kVoid)) {
      with += ", ''";
      continue;
    }
    if (!arg.type.is(TypeId::kString)) return WrongArgument(call, i, "STRING");
    if (arg.is_literal) {
      size_t characters = 0;
      for (char c : arg.literal) characters += (c & 0xC0) != 0x80 ? 1 : 0;
      if (characters != 1) {
        call.binder.Report("DATATYPE_MISMATCH.INPUT_SIZE_NOT_ONE",
                           fmt::format("argument {} of mask() must be one character, found '{}'", i + 1, arg.literal), arg.begin);
        return call.binder.Bad(call.expr);
      }
    }
    with += fmt::format(", coalesce({}, '')", arg.sql);
  }
  return ResultOf(call, kText, fmt::format("spark_mask({}{})", call.args[0].sql, with));
}

/// lpad and rpad: of a binary without a pad by zeros, and by a binary.
Bound BindPad(Call& call) {
  bool left = call.name == "lpad";
  Bound& value = call.args[0];
  bool binary = value.type.is(TypeId::kBinary) && (call.args.size() == 2 || call.args[2].type.is(TypeId::kBinary));
  std::string pad = binary ? "unhex('00')" : "' '";
  std::string pretty = binary ? "X'00'" : " ";
  if (call.args.size() == 3) {
    if (!binary) call.args[2] = call.binder.Implicit(std::move(call.args[2]), kText, call.name, 2);
    if (call.args[2].bad) return call.binder.Bad(call.expr);
    pad = call.args[2].sql;
    pretty = call.args[2].pretty;
  }
  std::string name = fmt::format("{}({}, {}, {})", call.name, value.pretty, call.args[1].pretty, pretty);
  if (!binary) value = call.binder.Implicit(std::move(value), kText, call.name, 0);
  if (value.bad) return call.binder.Bad(call.expr);
  const std::string& length = call.args[1].sql;
  Bound out = binary ? ResultOf(call, Type(TypeId::kBinary), fmt::format("spark_pad_binary({}, {}, {}, {})", value.sql, length, pad, left))
                     : ResultOf(call, kText, fmt::format("(CASE WHEN {2} = '' THEN left({0}, greatest({1}, 0)) ELSE {3}({0}, "
                                                         "greatest({1}, 0), {2}) END)", value.sql, length, pad, call.name));
  out.pretty = std::move(name);
  return out;
}

Bound BindOverlay(Call& call) {
  bool binary = call.args[0].type.is(TypeId::kBinary) && call.args[1].type.is(TypeId::kBinary);
  for (size_t i = 0; i < 2 && !binary; ++i) {
    call.args[i] = call.binder.Implicit(std::move(call.args[i]), kText, call.name, i);
    if (call.args[i].bad) return call.binder.Bad(call.expr);
  }
  const char* part = binary ? "spark_substring_binary" : "spark_substring";
  const char* length = binary ? "octet_length" : "length";
  return ResultOf(call, call.args[0].type,
                  ExpandTemplate(fmt::format("({0}($1, 1, CAST(greatest(CAST($3 AS BIGINT) - 1, 0) AS INTEGER)) || $2 || {0}($1, CAST(least(CAST($3 AS BIGINT) + (CASE "
                                             "WHEN $4 < 0 THEN {1}($2) ELSE $4 END), 2147483647) AS INTEGER), 2147483647))", part, length), call));
}

Bound BindReplaceCall(Call& call) {
  std::string sql = "spark_regexp_replace($1, $2, $3)";
  std::string position = "1";
  if (call.args.size() == 4) {
    const Bound& from = call.args[3];
    if (from.is_literal && (from.literal == "0" || from.literal.starts_with("-"))) {
      call.binder.Report("DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
                         fmt::format("the position of regexp_replace() must be at least 1, found {}", from.literal), from.begin);
      return call.binder.Bad(call.expr);
    }
    position = from.pretty;
    // what stands before the position is not seen by the pattern
    if (from.literal != "1") {
      sql = "(CASE WHEN length($1) < $4 THEN $1 ELSE substring($1, 1, $4 - 1) || spark_regexp_replace(substring($1, $4), $2, $3) END)";
    }
  }
  Bound out = ResultOf(call, kText, ExpandTemplate(sql, call));
  out.pretty = fmt::format("{}({}, {}, {}, {})", call.name, call.args[0].pretty, call.args[1].pretty, call.args[2].pretty, position);
  return out;
}

/// like(value, pattern, escape) and ilike.
Bound BindLikeCall(Call& call) {
  bool fold = call.name == "ilike";
  std::string escape = "\\";
  if (call.args.size() == 3) {
    auto text = LiteralArgument(call, 2, "the escape");
    if (!text) return call.binder.Bad(call.expr);
    size_t characters = 0;
    for (char c : *text) characters += (c & 0xC0) != 0x80 ? 1 : 0;
    if (characters != 1) return WrongArgument(call, 2, "one character");
    escape = *text;
  }
  const char* form = fold ? "spark_like(spark_lower({}), spark_lower({}), {})" : "spark_like({}, {}, {})";
  Bound out = ResultOf(call, Type(TypeId::kBoolean),
                       fmt::format(fmt::runtime(form), call.args[0].sql, call.args[1].sql, QuoteDuckDbString(escape)));
  out.pretty = fold ? fmt::format("ilike({}, {})", call.args[0].pretty, call.args[1].pretty)
                    : fmt::format("{} LIKE {}", call.args[0].pretty, call.args[1].pretty);
  if (escape != "\\") out.pretty = fold ? fmt::format("ilike({}, {}, {})", call.args[0].pretty, call.args[1].pretty, escape)
                                        : fmt::format("{} ESCAPE '{}'", out.pretty, escape);
  return out;
}

/// How many digits a number format has before and behind its point.
Type TypeOfFormat(std::string_view format) {
  int precision = 0;
  int scale = 0;
  bool behind = false;
  for (char c : format) {
    if (c == '.' || c == 'D' || c == 'd') behind = true;
    if (c != '0' && c != '9') continue;
    ++precision;
    if (behind) ++scale;
  }
  return Type::Decimal(std::min(precision, 38), std::min(scale, 38));
}

Bound BindToNumber(Call& call) {
  if (IsNullLiteral(call.args[1])) return ResultOf(call, Type::Decimal(38, 18), "CAST(NULL AS DECIMAL(38,18))");
  auto format = LiteralArgument(call, 1, "the format");
  if (!format) return call.binder.Bad(call.expr);
  Type type = TypeOfFormat(*format);
  if (type.precision() == 0 || std::count_if(format->begin(), format->end(), [](char c) { return c == '0' || c == '9'; }) > 38) {
    call.binder.Report("INVALID_FORMAT.WRONG_NUM_DIGIT",
                       fmt::format("the number format '{}' needs 1 to 38 digits (0 or 9)", *format), call.args[1].begin);
    return call.binder.Bad(call.expr);
  }
  Bound out = ResultOf(call, type, fmt::format("CAST(spark_{}({}, {}) AS {})", call.name, call.args[0].sql, call.args[1].sql, type.ToDuckDb()));
  out.nullable = true;
  return out;
}

Bound BindBytesToChar(Call& call) {
  auto format = LiteralArgument(call, 1, "the format");
  if (!format) return call.binder.Bad(call.expr);
  std::string name = LowerAscii(*format);
  bool own = call.name == "to_varchar";
  const Bound& bytes = call.args[0];
  if (name == "utf-8") {
    Bound out = ResultOf(call, kText, fmt::format("spark_decode({}, 'UTF-8')", bytes.sql));
    out.pretty = fmt::format("{}({}, {})", own ? call.name : "decode", bytes.pretty, call.args[1].pretty);
    return out;
  }
  if (name != "base64" && name != "hex") return WrongArgument(call, 1, "'base64', 'hex' or 'utf-8'");
  Bound out = ResultOf(call, kText, fmt::format("{}({})", name, bytes.sql));
  out.pretty = fmt::format("{}({})", own ? call.name : name, bytes.pretty);
  return out;
}

/// to_char and to_varchar: numbers by a format model, times by a pattern, binaries by an encoding.
Bound BindToChar(Call& call) {
  Bound& value = call.args[0];
  if (value.type.is(TypeId::kBinary)) return BindBytesToChar(call);
  if (value.type.is(TypeId::kDate) || value.type.is(TypeId::kTimestamp) || value.type.is(TypeId::kTimestampNtz)) {
    std::string pretty = fmt::format("date_format({}, {})", value.pretty, call.args[1].pretty);
    if (value.type.is(TypeId::kDate)) value = call.binder.Cast(std::move(value), Type(TypeId::kTimestamp));
    bool zoned = value.type.is(TypeId::kTimestamp);
    Bound out = ResultOf(call, kText, ExpandTemplate(zoned ? "spark_date_format($1, $2, $z)" : "spark_date_format_ntz($1, $2)", call));
    out.pretty = std::move(pretty);
    return out;
  }
  auto format = LiteralArgument(call, 1, "the format");
  if (!format) return call.binder.Bad(call.expr);
  std::string pretty = fmt::format("to_char({}, {})", value.pretty, call.args[1].pretty);
  if (value.type.is(TypeId::kString) || value.type.is(TypeId::kVoid)) value = call.binder.Cast(std::move(value), Type::Decimal(38, 18));
  if (value.type.is_integral()) value = call.binder.Cast(std::move(value), DecimalForIntegral(value.type.id()));
  if (value.type.is(TypeId::kFloat)) value = call.binder.Cast(std::move(value), Type::Decimal(14, 7));
  if (value.type.is(TypeId::kDouble)) value = call.binder.Cast(std::move(value), Type::Decimal(30, 15));
  if (!value.type.is(TypeId::kDecimal)) return WrongArgument(call, 0, "a number, a time or a binary");
  Bound out = ResultOf(call, kText, ExpandTemplate("spark_to_char(CAST($1 AS VARCHAR), $2)", call));
  out.pretty = std::move(pretty);
  return out;
}

Bound BindCollation(Call& call) {
  Bound out = ResultOf(call, kText, "'SYSTEM.BUILTIN.UTF8_BINARY'");
  out.nullable = false;
  out.loose_column = kNoOffset;
  return out;
}

/// Only the order of bytes is kept by the tables that are written.
Bound BindCollate(Call& call) {
  auto name = LiteralArgument(call, 1, "the collation");
  if (!name) return call.binder.Bad(call.expr);
  std::string upper = UpperAscii(*name);
  if (upper != "UTF8_BINARY" && upper != "SYSTEM.BUILTIN.UTF8_BINARY") {
    call.binder.Report("UNSUPPORTED_FEATURE.COLLATION", fmt::format("the collation {} is not supported", *name), call.args[1].begin,
                       "compare lower() of both sides to ignore case", "UTF8_BINARY");
    return call.binder.Bad(call.expr);
  }
  return ResultOf(call, kText, call.args[0].sql);
}

constexpr std::string_view kSentences =
    "list_transform(spark_sentences($1), lambda e: CASE WHEN e = '' THEN CAST([] AS VARCHAR[]) ELSE string_split(e, chr(31)) END)";

const FunctionSpec kTextFunctions[] = {
    {"lpad rpad", "a i", "", "", "filled with blanks on the left or right, or cut, to a length; binaries with zeros", BindPad},
    {"lpad rpad", "a i a", "", "", "filled on the left or right, or cut, to a length", BindPad},
    {"overlay", "a a i i=-1", "", "", "a text or binary put over another from a position", BindOverlay},
    {"mask", "s a='X' a='x' a='n' a=NULL", "", "", "letters and digits exchanged: upper case, lower case, digits, others", BindMask},
    {"luhn_check", "s", "boolean", "spark_luhn_check($1)", "whether a text of digits passes the Luhn check"},
    {"is_valid_utf8 make_valid_utf8 validate_utf8 try_validate_utf8", "a", "", "", "checks or repairs UTF-8", BindUtf8},
    {"quote", "s", "string", "('''' || replace($1, '''', '\\''') || '''')", "a text in single quotes, quotes in it escaped"},
    {"sentences", "s s='' s=''", "array<array<string>>", kSentences, "the words of each sentence"},
    {"regexp_extract_all", "s s i=1", "array<string>", "spark_regexp_extract_all($1, $2, $3)", "a group of every match"},
    {"regexp_count", "s s", "int", "spark_regexp_count($1, $2)", "how often a regular expression matches"},
    {"regexp_instr", "s s i=0", "int", "(CASE WHEN $3 IS NOT NULL THEN spark_regexp_instr($1, $2) END)", "position of the first match, 0 without one"},
    {"regexp_replace", "s s s", "", "", "every match replaced", BindReplaceCall},
    {"regexp_replace", "s s s i", "", "", "every match from a position on replaced", BindReplaceCall},
    {"like ilike", "s s", "", "", "whether a LIKE pattern matches; ilike ignores case", BindLikeCall},
    {"like ilike", "s s s", "", "", "whether a LIKE pattern with an escape character matches", BindLikeCall},
    {"to_number try_to_number", "s s", "", "", "a decimal of a text by a number format", BindToNumber},
    {"to_char to_varchar", "a s", "", "", "text of a number by a format, of a time by a pattern, of a binary by an encoding", BindToChar},
    {"collation", "s", "", "", "the name of a text's collation", BindCollation},
    {"collate", "s s", "", "", "a text in a collation; only UTF8_BINARY", BindCollate},
};

}  // namespace

std::span<const FunctionSpec> TextFunctions() { return kTextFunctions; }

}  // namespace flare::sql
