#include <fmt/format.h>

#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

const Type kText(TypeId::kString);

bool IsBinary(const Bound& value) { return value.type.is(TypeId::kBinary); }

Bound BindConcatCall(Call& call) {
  if (call.args.empty()) return ResultOf(call, kText, "''");
  bool array = false;
  bool binary = true;
  for (const Bound& arg : call.args) {
    array = array || arg.type.is(TypeId::kArray);
    binary = binary && IsBinary(arg);
  }
  if (array) {
    auto type = call.binder.Unify(&call.args, call.expr, "concat()", true);
    if (!type) return call.binder.Bad(call.expr);
    std::string lists;
    std::string nulls;
    for (const Bound& arg : call.args) {
      lists += (lists.empty() ? "" : ", ") + arg.sql;
      nulls += (nulls.empty() ? "" : " OR ") + arg.sql + " IS NULL";
    }
    return ResultOf(call, *type, fmt::format("(CASE WHEN {} THEN NULL ELSE list_concat({}) END)", nulls, lists));
  }
  std::string sql;
  bool nullable = false;
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (!binary) call.args[i] = call.binder.Implicit(std::move(call.args[i]), kText, call.name, i);
    if (call.args[i].bad) return call.binder.Bad(call.expr);
    nullable = nullable || call.args[i].nullable;
    sql += (i > 0 ? " || " : "") + call.args[i].sql;
  }
  Bound out = ResultOf(call, binary ? Type(TypeId::kBinary) : kText, "(" + sql + ")");
  out.nullable = nullable;
  return out;
}

Bound BindConcatWs(Call& call) {
  call.args[0] = call.binder.Implicit(std::move(call.args[0]), kText, call.name, 0);
  std::string lists;
  for (size_t i = 1; i < call.args.size(); ++i) {
    Bound& arg = call.args[i];
    if (arg.type.is(TypeId::kArray)) {
      arg = call.binder.Implicit(std::move(arg), Type::Array(kText), call.name, i);
      lists += fmt::format("{}coalesce({}, CAST([] AS VARCHAR[]))", i > 1 ? ", " : "", arg.sql);
    } else {
      arg = call.binder.Implicit(std::move(arg), kText, call.name, i);
      lists += fmt::format("{}[{}]", i > 1 ? ", " : "", arg.sql);
    }
    if (arg.bad) return arg;
  }
  if (call.args.size() == 1) return ResultOf(call, kText, fmt::format("(CASE WHEN {} IS NOT NULL THEN '' END)", call.args[0].sql));
  bool plain = lists.find("coalesce(") == std::string::npos;
  if (plain) return ResultOf(call, kText, ExpandTemplate("concat_ws($*)", call));
  return ResultOf(call, kText, fmt::format("array_to_string(list_filter(list_concat({}), lambda e: e IS NOT NULL), {})", lists,
                                           call.args[0].sql));
}

Bound BindLength(Call& call) {
  if (IsBinary(call.args[0])) return ResultOf(call, Type(TypeId::kInt), ExpandTemplate("CAST(octet_length($1) AS INTEGER)", call));
  call.args[0] = call.binder.Implicit(std::move(call.args[0]), kText, call.name, 0);
  if (call.args[0].bad) return call.args[0];
  Bound out = ResultOf(call, Type(TypeId::kInt), ExpandTemplate("CAST(length($1) AS INTEGER)", call));
  out.nullable = call.args[0].nullable;
  return out;
}

Bound BindByteLength(Call& call) {
  bool bits = call.name == "bit_length";
  if (!IsBinary(call.args[0])) call.args[0] = call.binder.Implicit(std::move(call.args[0]), kText, call.name, 0);
  if (call.args[0].bad) return call.args[0];
  const char* function = IsBinary(call.args[0]) ? "octet_length" : "strlen";
  return ResultOf(call, Type(TypeId::kInt), fmt::format("CAST({}({}){} AS INTEGER)", function, call.args[0].sql, bits ? " * 8" : ""));
}

Bound BindSubstring(Call& call) {
  bool binary = IsBinary(call.args[0]);
  if (!binary) call.args[0] = call.binder.Implicit(std::move(call.args[0]), kText, call.name, 0);
  if (call.args[0].bad) return call.args[0];
  const Bound& from = call.args[1];
  const Bound& count = call.args[2];
  bool plain = !binary && from.is_literal && count.is_literal && !from.literal.empty() && from.literal[0] != '-' &&
               from.literal != "0" && !count.literal.empty() && count.literal[0] != '-';
  std::string name = binary ? "spark_substring_binary" : plain ? "substring" : "spark_substring";
  Bound out = ResultOf(call, call.args[0].type, ExpandTemplate(name + "($1, $2, $3)", call));
  out.nullable = call.args[0].nullable || from.nullable || count.nullable;
  if (call.expr.quantifier == "from" || call.expr.arg_names.empty()) {
    out.pretty = fmt::format("substring({}, {}, {})", call.args[0].pretty, from.pretty, count.pretty);
  }
  return out;
}

Bound BindLeftRight(Call& call) {
  bool left = call.name == "left";
  if (IsBinary(call.args[0])) {
    return ResultOf(call, Type(TypeId::kBinary),
                    ExpandTemplate(left ? "spark_substring_binary($1, 1, greatest($2, 0))"
                                        : "(CASE WHEN $2 <= 0 THEN unhex('') ELSE spark_substring_binary($1, -$2, $2) END)", call));
  }
  call.args[0] = call.binder.Implicit(std::move(call.args[0]), kText, call.name, 0);
  if (call.args[0].bad) return call.args[0];
  return ResultOf(call, kText, ExpandTemplate(left ? "left($1, greatest($2, 0))" : "right($1, greatest($2, 0))", call));
}

/// trim, ltrim, rtrim, btrim: only blanks, unless told which characters.
Bound BindTrim(Call& call) {
  bool two = call.args.size() == 2;
  bool words = call.expr.quantifier == "from";
  size_t value = two && call.name != "btrim" ? 1 : 0;
  std::string function = call.name == "btrim" ? "trim" : call.name;
  std::string characters = two ? call.args[1 - value].sql : "' '";
  Bound out = ResultOf(call, kText, fmt::format("{}({}, {})", function, call.args[value].sql, characters));
  out.nullable = call.args[value].nullable || (two && call.args[1 - value].nullable);
  if (two && call.name != "btrim") {
    const char* side = call.name == "ltrim" ? "LEADING" : call.name == "rtrim" ? "TRAILING" : "BOTH";
    out.pretty = fmt::format("TRIM({} {} FROM {})", side, call.args[0].pretty, call.args[1].pretty);
  } else if (!two && words) {
    out.pretty = fmt::format("{}({})", call.name, call.args[0].pretty);
  }
  return out;
}

/// Characters that mean something in a regular expression.
bool IsPlainPattern(const Bound& pattern) {
  return pattern.is_literal && !pattern.literal.empty() &&
         pattern.literal.find_first_of("\\^$.|?*+()[]{}") == std::string::npos;
}

Bound BindSplit(Call& call) {
  const Bound& limit = call.args[2];
  bool all = limit.is_literal && (limit.literal == "-1" || limit.literal == "0");
  bool plain = all && IsPlainPattern(call.args[1]);
  return ResultOf(call, Type::Array(kText, false), ExpandTemplate(plain ? "string_split($1, $2)" : "spark_split($1, $2, $3)", call));
}

Bound BindFormatString(Call& call) {
  call.args[0] = call.binder.Implicit(std::move(call.args[0]), kText, call.name, 0);
  std::string list;
  for (size_t i = 1; i < call.args.size(); ++i) {
    list += (i > 1 ? ", " : "") + call.binder.CastAs(call.args[i], kText, CastMode::kLegacy).sql;
  }
  return ResultOf(call, kText, fmt::format("spark_format_string({}, CAST([{}] AS VARCHAR[]))", call.args[0].sql, list));
}

Bound BindElt(Call& call) {
  call.args[0] = call.binder.Implicit(std::move(call.args[0]), Type(TypeId::kInt), call.name, 0);
  std::string cases;
  for (size_t i = 1; i < call.args.size(); ++i) {
    call.args[i] = call.binder.Implicit(std::move(call.args[i]), kText, call.name, i);
    if (call.args[i].bad) return call.args[i];
    cases += fmt::format(" WHEN {} THEN {}", i, call.args[i].sql);
  }
  std::string otherwise = call.binder.ansi() ? " ELSE error('[INVALID_ARRAY_INDEX] The index of elt() is out of bounds.')" : "";
  return ResultOf(call, kText, fmt::format("(CASE {}{}{} END)", call.args[0].sql, cases, otherwise));
}

constexpr std::string_view kSubstringIndex =
    "(CASE WHEN $3 = 0 OR $2 = '' THEN '' WHEN $3 > 0 THEN array_to_string(list_slice(string_split($1, $2), 1, $3), $2) "
    "ELSE array_to_string(list_slice(string_split($1, $2), greatest(len(string_split($1, $2)) + $3 + 1, 1), "
    "len(string_split($1, $2))), $2) END)";

const FunctionSpec kStringFunctions[] = {
    {"concat", "a*", "", "", "joins texts, binaries or arrays; NULL if any is", BindConcatCall},
    {"concat_ws", "a a*", "", "", "joins texts and arrays of texts with a separator, leaving out NULLs", BindConcatWs},
    {"length len char_length character_length", "a", "", "", "characters of a text, bytes of a binary", BindLength},
    {"octet_length bit_length", "a", "", "", "bytes or bits of a text or binary", BindByteLength},
    {"upper ucase", "s", "string", "spark_upper($1)", "upper case"},
    {"lower lcase", "s", "string", "spark_lower($1)", "lower case"},
    {"substring substr", "a i i=2147483647", "", "", "part of a text from a position, 1 is the first", BindSubstring},
    {"left right", "a i", "", "", "the first or last characters of a text, or bytes of a binary", BindLeftRight},
    {"trim", "s", "", "", "without blanks on both sides", BindTrim},
    {"trim", "s s", "", "", "without some characters on both sides", BindTrim},
    {"ltrim rtrim", "s", "", "", "without blanks on one side", BindTrim},
    {"ltrim rtrim", "s s", "", "", "without some characters on one side", BindTrim},
    {"btrim", "s", "", "", "without blanks on both sides", BindTrim},
    {"btrim", "s s", "", "", "without some characters on both sides", BindTrim},
    {"repeat", "s i", "string", "repeat($1, greatest($2, 0))", "a text several times"},
    {"space", "i", "string", "repeat(' ', greatest($1, 0))", "blanks"},
    {"replace", "s s s=''", "string", "replace($1, $2, $3)", "every occurrence of a text replaced"},
    {"translate", "s s s", "string", "translate($1, $2, $3)", "characters exchanged one by one"},
    {"instr", "s s", "int", "CAST(instr($1, $2) AS INTEGER)", "position of a text in another, 0 if absent"},
    {"locate position charindex", "s s", "int", "CAST(instr($2, $1) AS INTEGER)", "position of the first text in the second",
     [](Call& call) {
       Bound out = ResultOf(call, Type(TypeId::kInt), ExpandTemplate("CAST(instr($2, $1) AS INTEGER)", call));
       out.pretty = fmt::format("{}({}, {}, 1)", call.name, call.args[0].pretty, call.args[1].pretty);
       return out;
     }},
    {"locate position charindex", "s s i", "int",
     "(CASE WHEN $3 IS NULL THEN 0 WHEN $3 >= 1 AND $1 = '' THEN 1 WHEN $3 < 1 OR instr(substring($2, $3), $1) = 0 THEN 0 ELSE CAST(instr(substring($2, $3), $1) "
     "+ $3 - 1 AS INTEGER) END)",
     "position of the first text in the second, from a position on"},
    {"split", "s s i=-1", "", "", "parts between matches of a regular expression", BindSplit},
    {"split_part", "s s i", "string",
     "(CASE WHEN $3 = 0 THEN error('[INVALID_INDEX_OF_ZERO] The index 0 is invalid. An index shall be either < 0 or > 0.') "
     "WHEN $2 = '' THEN CASE WHEN $3 IN (1, -1) THEN $1 ELSE '' END ELSE split_part($1, $2, $3) END)",
     "one part between separators, negative from the end"},
    {"substring_index", "s s i", "string", kSubstringIndex, "what stands before the n-th separator, or behind it from the end"},
    {"regexp_extract", "s s i=1", "string", "spark_regexp_extract($1, $2, $3)", "a group of the first match"},
    {"rlike regexp regexp_like", "s s", "boolean", "spark_rlike($1, $2)", "whether a regular expression matches somewhere",
     [](Call& call) {
       Bound out = ResultOf(call, Type(TypeId::kBoolean), ExpandTemplate("spark_rlike($1, $2)", call));
       out.pretty = fmt::format("{}({}, {})", UpperAscii(call.name), call.args[0].pretty, call.args[1].pretty);
       return out;
     }},
    {"regexp_substr", "s s", "string",
     "nullif(spark_regexp_extract($1, $2, 0), '')", "the first match, NULL without one"},
    {"initcap", "s", "string", "spark_initcap($1)", "the first letter of each word in upper case"},
    {"reverse", "a", "", "", "backwards: a text or an array",
     [](Call& call) {
       if (call.args[0].type.is(TypeId::kArray)) return ResultOf(call, call.args[0].type, ExpandTemplate("list_reverse($1)", call));
       call.args[0] = call.binder.Implicit(std::move(call.args[0]), kText, call.name, 0);
       return call.args[0].bad ? call.args[0] : ResultOf(call, kText, ExpandTemplate("reverse($1)", call));
     }},
    {"startswith", "s s", "boolean", "starts_with($1, $2)", "whether a text begins with another"},
    {"endswith", "s s", "boolean", "ends_with($1, $2)", "whether a text ends with another"},
    {"contains", "s s", "boolean", "contains($1, $2)", "whether a text holds another"},
    {"ascii", "s", "int", "CAST(ascii($1) AS INTEGER)", "code of the first character"},
    {"chr char", "l", "string", "(CASE WHEN $1 < 0 THEN '' ELSE chr(CAST($1 & 255 AS INTEGER)) END)", "the character of a code"},
    {"format_string printf", "a a*", "", "", "text by a format as %s and %d", BindFormatString},
    {"elt", "a a*", "", "", "the n-th of the values", BindElt},
    {"levenshtein", "s s", "int", "spark_levenshtein($1, $2)", "edit distance of two texts"},
    {"levenshtein", "s s i", "int", "spark_levenshtein($1, $2, $3)", "edit distance of two texts, -1 beyond a threshold"},
    {"soundex", "s", "string", "spark_soundex($1)", "soundex code"},
    {"find_in_set", "s s", "int",
     "CAST(CASE WHEN contains($1, ',') THEN 0 ELSE coalesce(list_position(string_split($2, ','), $1), 0) END AS INTEGER)",
     "position of a text in a list parted by commas"},
};

}  // namespace

std::span<const FunctionSpec> StringFunctions() { return kStringFunctions; }

}  // namespace flare::sql
