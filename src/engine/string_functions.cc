// Strings by code points, where Spark's rules are not DuckDB's.
#include "engine/base64.h"
#include "engine/case_mapping.h"
#include "engine/format_text.h"
#include "engine/function_lists.h"
#include "engine/number_text.h"
#include "engine/utf8.h"

namespace flare::engine {
namespace {

using Text = std::string_view;
constexpr auto kText = DUCKDB_TYPE_VARCHAR;
constexpr auto kBlob = DUCKDB_TYPE_BLOB;
constexpr auto kInteger = DUCKDB_TYPE_INTEGER;

struct Range {
  int64_t begin;
  int64_t end;
};

/// Spark's substring: position 1 is the first, 0 too; negative ones count from the end and may begin
/// before the text, where nothing is.
Range SubstringRange(int64_t size, int64_t position, int64_t length) {
  int64_t begin = position > 0 ? position - 1 : position < 0 ? size + position : 0;
  int64_t end = std::min(begin + std::max<int64_t>(length, 0), size);
  begin = std::clamp<int64_t>(begin, 0, size);
  return {begin, std::max(begin, end)};
}

/// Slices are written by pointer into the input.
void Substring(ScalarCall& call) {
  ForEachRow<Text, Text, int32_t, int32_t>(
      call, [](ScalarCall&, StringWriter& writer, uint64_t row, Text text, int32_t position, int32_t length) {
        // Counting all characters is needed from the end only.
        int64_t size = position < 0 ? static_cast<int64_t>(CountCodePoints(text))
                                    : static_cast<int64_t>(text.size());
        Range range = SubstringRange(size, position, length);
        size_t begin = OffsetOfCodePoint(text, static_cast<size_t>(range.begin));
        Text rest = text.substr(begin);
        writer.SetPointer(row, rest.substr(0, OffsetOfCodePoint(rest, static_cast<size_t>(range.end - range.begin))));
        return true;
      });
}

void SubstringBinary(ScalarCall& call) {
  ForEachRow<Text, Text, int32_t, int32_t>(
      call, [](ScalarCall&, StringWriter& writer, uint64_t row, Text bytes, int32_t position, int32_t length) {
        Range range = SubstringRange(static_cast<int64_t>(bytes.size()), position, length);
        writer.SetPointer(row, bytes.substr(static_cast<size_t>(range.begin),
                                            static_cast<size_t>(range.end - range.begin)));
        return true;
      });
}

std::optional<int32_t> Levenshtein(Text left, Text right) {
  auto characters = [](Text text) {
    std::vector<uint32_t> points;
    for (size_t at = 0; at < text.size();) points.push_back(NextCodePoint(text, &at));
    return points;
  };
  std::vector<uint32_t> a = characters(left);
  std::vector<uint32_t> b = characters(right);
  std::vector<int32_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int32_t>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    int32_t diagonal = row[0];
    row[0] = static_cast<int32_t>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      int32_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

/// -1 when they are further apart than `threshold`.
std::optional<int32_t> LevenshteinWithin(Text left, Text right, int32_t threshold) {
  std::optional<int32_t> distance = Levenshtein(left, right);
  return *distance <= threshold ? distance : -1;
}

std::optional<std::string> Soundex(Text text) {
  // Codes of A to Z: '0' for vowels, '7' for H and W, which part nothing.
  constexpr Text kCodes = "01230127022455012623017202";
  auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
  if (text.empty()) return std::string();
  char first = upper(text[0]);
  if (first < 'A' || first > 'Z') return std::string(text);
  std::string result(1, first);
  char last = kCodes[first - 'A'];
  for (size_t i = 1; i < text.size() && result.size() < 4; ++i) {
    char c = upper(text[i]);
    if (c < 'A' || c > 'Z') {
      last = '0';
      continue;
    }
    char code = kCodes[c - 'A'];
    if (code == '7') continue;
    if (code != '0' && code != last) result += code;
    last = code;
  }
  return result.append(4 - result.size(), '0');
}

Error MalformedBase64(Text text) {
  return InvalidArgument(
      "[CONVERSION_INVALID_INPUT] The value '{}' (\"STRING\") cannot be converted to \"BINARY\" because it "
      "is malformed. Use `try_to_binary` to tolerate malformed input and return NULL instead.",
      text);
}

TextResultOf Unbase64(Text text) {
  auto bytes = Base64Decode(text);
  if (!bytes) return MalformedBase64(text);
  return bytes;
}

/// Refuses what the MIME decoder skips: other characters, a padding that does not end the text.
TextResultOf StrictUnbase64(Text text) {
  size_t symbols = 0;
  size_t padding = 0;
  bool good = true;
  for (char c : text) {
    bool symbol = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/';
    bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (symbol) ++symbols;
    if (c == '=') ++padding;
    good = good && (symbol ? padding == 0 : blank || c == '=');
  }
  good = good && (padding == 0 ? symbols % 4 != 1 : padding <= 2 && (symbols + padding) % 4 == 0);
  if (!good) return MalformedBase64(text);
  return Unbase64(text);
}

/// Spark's NumberConverter: 64 bits, unsigned for a positive target base.
TextResultOf Conv(Text text, int32_t from, int32_t to, bool ansi) {
  int32_t base = to < 0 ? -to : to;
  if (from < 2 || from > 36 || base < 2 || base > 36) return std::optional<std::string>();
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.empty()) return std::optional<std::string>();
  bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  uint64_t value = 0;
  for (char c : text) {
    int32_t digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'z' ? c - 'a' + 10
                    : c >= 'A' && c <= 'Z' ? c - 'A' + 10
                                           : 99;
    if (digit >= from) break;
    uint64_t larger = 0;
    if (__builtin_mul_overflow(value, static_cast<uint64_t>(from), &larger) ||
        __builtin_add_overflow(larger, static_cast<uint64_t>(digit), &larger)) {
      if (ansi) return InvalidArgument("[ARITHMETIC_OVERFLOW] Overflow in function conv(). SQLSTATE: 22003");
      value = ~uint64_t{0};
      break;
    }
    value = larger;
  }
  auto is_negative = [](uint64_t v) { return static_cast<int64_t>(v) < 0; };
  if (negative && to > 0) value = is_negative(value) ? ~uint64_t{0} : ~value + 1;
  if (to < 0 && is_negative(value)) {
    value = ~value + 1;
    negative = true;
  }
  std::string digits;
  do {
    digits += "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value % static_cast<uint64_t>(base)];
    value /= static_cast<uint64_t>(base);
  } while (value != 0);
  if (negative && to < 0) digits += '-';
  return std::optional(std::string(digits.rbegin(), digits.rend()));
}

std::function<void(ScalarCall&)> ConvOf(bool ansi) {
  return Checked<Text, Text, int32_t, int32_t>([ansi](Text text, int32_t from, int32_t to) { return Conv(text, from, to, ansi); });
}

void FormatString(ScalarCall& call) {
  StringReader formats(call.input(0));
  ValueReader<duckdb_list_entry> lists(call.input(1));
  StringReader elements(duckdb_list_vector_get_child(call.input(1)));
  StringWriter writer(call.output());
  for (uint64_t row = 0; row < call.rows(); ++row) {
    if (formats.IsNull(row) || lists.IsNull(row)) {
      writer.SetNull(row);
      continue;
    }
    std::vector<std::optional<Text>> arguments;
    for (uint64_t i = 0; i < lists[row].length; ++i) {
      uint64_t at = lists[row].offset + i;
      arguments.push_back(elements.IsNull(at) ? std::nullopt : std::optional(elements.View(at)));
    }
    auto text = FormatText(formats.View(row), arguments);
    if (!text.has_value()) return call.Fail(std::move(text).error());
    writer.SetCopy(row, *text);
  }
}

}  // namespace

std::vector<ScalarFunction> StringFunctions() {
  return {
      {"spark_substring", {kText, kInteger, kInteger}, kText, Substring},
      {"spark_substring_binary", {kBlob, kInteger, kInteger}, kBlob, SubstringBinary},
      {"spark_upper", {kText}, kText, RowWiseText<Text>([](Text text) { return std::optional(UpperText(text)); })},
      {"spark_lower", {kText}, kText, RowWiseText<Text>([](Text text) { return std::optional(LowerText(text)); })},
      {"spark_initcap", {kText}, kText,
       RowWiseText<Text>([](Text text) { return std::optional(InitialCapsText(text)); })},
      {"spark_levenshtein", {kText, kText}, kInteger, RowWise<int32_t, Text, Text>(Levenshtein)},
      {"spark_levenshtein", {kText, kText, kInteger}, kInteger, RowWise<int32_t, Text, Text, int32_t>(LevenshteinWithin)},
      {"spark_soundex", {kText}, kText, RowWiseText<Text>(Soundex)},
      {"spark_unbase64", {kText}, kBlob, Checked<Text, Text>(Unbase64)},
      {"spark_unbase64_strict", {kText}, kBlob, Checked<Text, Text>(StrictUnbase64)},
      {"spark_base32_encode", {kBlob}, kText,
       RowWiseText<Text>([](Text bytes) { return std::optional(Base32Encode(bytes)); })},
      {"spark_base32_decode", {kText}, kBlob, RowWiseText<Text>(Base32Decode)},
      {"spark_conv", {kText, kInteger, kInteger}, kText, ConvOf(false)},
      {"spark_conv_ansi", {kText, kInteger, kInteger}, kText, ConvOf(true)},
      {"spark_format_string", {kText, kStringList}, kText, FormatString},
      {"spark_format_number", {kText, kInteger}, kText, RowWiseText<Text, int32_t>(FormatNumber)},
  };
}

}  // namespace flare::engine
