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

/// The character sets that are the same bytes as ours; null when it is another one.
bool IsUtf8(Call& call, size_t index) {
  auto charset = LiteralArgument(call, index, "the character set");
  if (!charset) return false;
  std::string name = LowerAscii(*charset);
  if (name == "utf-8" || name == "utf8" || name == "us-ascii") return true;
  call.binder.Report("UNSUPPORTED_FEATURE.CHARACTER_SET", fmt::format("the character set '{}' is not supported yet", *charset),
                     call.args[index].begin, "", "UTF-8");
  return false;
}

Bound BindEncode(Call& call) {
  if (!IsUtf8(call, 1)) return call.binder.Bad(call.expr);
  return ResultOf(call, Type(TypeId::kBinary), fmt::format("encode({})", call.args[0].sql));
}

/// decode(binary, charset), or decode(value, search, result, ..., default) as a CASE that knows NULL.
Bound BindDecode(Call& call) {
  if (call.args.size() == 2) {
    call.args[0] = call.binder.Implicit(std::move(call.args[0]), Type(TypeId::kBinary), call.name, 0);
    if (call.args[0].bad || !IsUtf8(call, 1)) return call.binder.Bad(call.expr);
    return ResultOf(call, Type(TypeId::kString), fmt::format("spark_decode_utf8({})", call.args[0].sql));
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
  auto format = LiteralArgument(call, 1, "the format");
  if (!format) return call.binder.Bad(call.expr);
  std::string name = LowerAscii(*format);
  std::string sql;
  if (name == "utf-8" || name == "utf8") sql = "encode($1)";
  if (name == "base64") sql = "spark_unbase64($1)";
  if (name == "hex") sql = "unhex(CASE WHEN length($1) % 2 = 1 THEN '0' || $1 ELSE $1 END)";
  if (sql.empty()) return WrongArgument(call, 1, "'hex', 'utf-8' or 'base64'");
  if (call.name == "try_to_binary") sql = "TRY(" + sql + ")";
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
    {"parse_url", "s s", "string", "spark_parse_url($1, $2)", "a part of a URL"},
    {"parse_url", "s s s", "string", "spark_parse_url($1, $2, $3)", "a parameter of a URL's query"},
};

}  // namespace

std::span<const FunctionSpec> EncodingFunctions() { return kEncodingFunctions; }

}  // namespace flare::sql
