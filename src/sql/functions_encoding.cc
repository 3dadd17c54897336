#include <fmt/format.h>

#include "sql/functions.h"
#include "sql/names.h"

namespace flare::sql {
namespace {

Bound BindHex(Call& call) {
  Bound& arg = call.args[0];
  if (arg.type.is(TypeId::kString) || arg.type.is(TypeId::kBinary)) {
    return ResultOf(call, Type(TypeId::kString), fmt::format("hex({})", arg.sql));
  }
  arg = call.binder.Implicit(std::move(arg), Type(TypeId::kLong), call.name, 0);
  if (arg.bad) return arg;
  return ResultOf(call, Type(TypeId::kString), fmt::format("hex({})", arg.sql));
}

Bound BindEncode(Call& call) {
  bool utf8 = call.args[1].is_literal && LowerAscii(call.args[1].literal) == "utf-8";
  return ResultOf(call, Type(TypeId::kBinary), ExpandTemplate(utf8 ? "encode($1)" : "spark_encode($1, $2)", call));
}

/// decode(binary, charset), or decode(value, search, result, ..., default) as a CASE that knows NULL.
Bound BindDecode(Call& call) {
  if (call.args.size() == 2) {
    call.args[0] = call.binder.Implicit(std::move(call.args[0]), Type(TypeId::kBinary), call.name, 0);
    call.args[1] = call.binder.Implicit(std::move(call.args[1]), Type(TypeId::kString), call.name, 1);
    if (call.args[0].bad || call.args[1].bad) return call.binder.Bad(call.expr);
    return ResultOf(call, Type(TypeId::kString), ExpandTemplate("spark_decode($1, $2)", call));
  }
  std::vector<Bound> results;
  std::vector<std::string> conditions;
  size_t i = 1;
  for (; i + 1 < call.args.size(); i += 2) {
    Bound same = call.binder.Compare(call.args[0], call.args[i], "IS NOT DISTINCT FROM", call.expr);
    if (same.bad) return same;
    conditions.push_back(same.sql);
    results.push_back(call.args[i + 1]);
  }
  bool otherwise = i < call.args.size();
  if (otherwise) results.push_back(call.args[i]);
  auto type = call.binder.Unify(&results, call.expr, "decode()", true);
  if (!type) return call.binder.Bad(call.expr);
  std::string sql = "(CASE";
  for (size_t j = 0; j < conditions.size(); ++j) sql += fmt::format(" WHEN {} THEN {}", conditions[j], results[j].sql);
  if (otherwise) sql += " ELSE " + results.back().sql;
  return ResultOf(call, *type, sql + " END)");
}

Bound BindToBinary(Call& call) {
  bool is_try = call.name == "try_to_binary";
  if (IsNullLiteral(call.args[1])) return ResultOf(call, Type(TypeId::kBinary), "CAST(NULL AS BLOB)");
  auto format = LiteralArgument(call, 1, "the format");
  if (!format) return call.binder.Bad(call.expr);
  std::string name = LowerAscii(*format);
  std::string sql;
  if (name == "utf-8" || name == "utf8") sql = "encode($1)";
  if (name == "base64") sql = "spark_unbase64_strict($1)";
  if (name == "hex") sql = "unhex(CASE WHEN length($1) % 2 = 1 THEN '0' || $1 ELSE $1 END)";
  if (sql.empty() && is_try) return ResultOf(call, Type(TypeId::kBinary), "CAST(NULL AS BLOB)");
  if (sql.empty()) return WrongArgument(call, 1, "'hex', 'utf-8' or 'base64'");
  if (is_try) sql = "TRY(" + sql + ")";
  return ResultOf(call, Type(TypeId::kBinary), ExpandTemplate(sql, call));
}

const FunctionSpec kEncodingFunctions[] = {
    {"base64", "x", "string", "base64($1)", "base64 text of a binary"},
    {"unbase64", "s", "binary", "spark_unbase64($1)", "the binary of a base64 text"},
    {"hex", "a", "", "", "hexadecimal text of a number, text or binary", BindHex},
    {"unhex", "s", "binary", "TRY(unhex(CASE WHEN length($1) % 2 = 1 THEN '0' || $1 ELSE $1 END))",
     "the binary of a hexadecimal text"},
    {"encode", "s s", "", "", "bytes of a text in a character set", BindEncode},
    {"decode", "a a a*", "", "", "text of bytes in a character set; or a lookup of values", BindDecode},
    {"to_binary try_to_binary", "s s='hex'", "", "", "binary of a text by a format", BindToBinary},
    {"flare_base32_encode", "x", "string", "spark_base32_encode($1)", "base32 text of a binary (of the step function encode)"},
    {"flare_base32_decode", "s", "binary", "spark_base32_decode($1)", "the binary of a base32 text (of the step function decode)"},
    {"md5", "x", "string", "md5($1)", "MD5 digest as hexadecimal text"},
    {"sha1 sha", "x", "string", "sha1($1)", "SHA-1 digest as hexadecimal text"},
    {"sha2", "x i", "string", "spark_sha2($1, $2)", "SHA-2 digest of 224, 256, 384 or 512 bits as hexadecimal text"},
    {"crc32", "x", "bigint", "spark_crc32($1)", "CRC-32 checksum"},
    {"url_encode", "s", "string", "spark_url_encode($1)", "text as it stands in a URL"},
    {"url_decode", "s", "string", "spark_url_decode($1)", "text of a URL's part"},
    {"try_url_decode", "s", "string", "TRY(spark_url_decode($1))", "text of a URL's part, NULL if malformed"},
    {"try_parse_url", "s s", "string", "spark_parse_url($1, $2)", "a part of a URL, NULL if it is none"},
    {"try_parse_url", "s s s", "string", "spark_parse_url($1, $2, $3)", "a parameter of a URL's query, NULL if it is none"},
    {"parse_url", "s s", "string", "spark_parse_url$a($1, $2)", "a part of a URL"},
    {"parse_url", "s s s", "string", "spark_parse_url$a($1, $2, $3)", "a parameter of a URL's query"},
};

}  // namespace

std::span<const FunctionSpec> EncodingFunctions() { return kEncodingFunctions; }

}  // namespace flare::sql
