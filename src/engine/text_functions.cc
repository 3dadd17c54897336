// Functions over texts that check, mask or take them apart.
#include <algorithm>

#include "engine/aes.h"
#include "engine/case_mapping.h"
#include "engine/charset.h"
#include "engine/decimal_pattern.h"
#include "engine/function_lists.h"
#include "engine/number_model.h"
#include "engine/recent.h"
#include "engine/utf8.h"

namespace flare::engine {
namespace {

using Text = std::string_view;
constexpr auto kText = DUCKDB_TYPE_VARCHAR;
constexpr auto kBlob = DUCKDB_TYPE_BLOB;
constexpr auto kInteger = DUCKDB_TYPE_INTEGER;
constexpr auto kBoolean = DUCKDB_TYPE_BOOLEAN;

enum class CharacterKind { kUpper, kLower, kDigit, kOther };

/// Unicode's decimal digits outside ASCII: the zeros of their rows of ten, below U+10000.
constexpr uint32_t kZeros[] = {0x660,  0x6F0,  0x7C0,  0x966,  0x9E6,  0xA66,  0xAE6,  0xB66,  0xBE6,  0xC66,
                               0xCE6,  0xD66,  0xDE6,  0xE50,  0xED0,  0xF20,  0x1040, 0x1090, 0x17E0, 0x1810,
                               0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0,
                               0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10};

CharacterKind KindOf(uint32_t point, Text character) {
  if (point >= 'A' && point <= 'Z') return CharacterKind::kUpper;
  if (point >= 'a' && point <= 'z') return CharacterKind::kLower;
  if (point >= '0' && point <= '9') return CharacterKind::kDigit;
  if (point < 0x80 || point > 0xFFFF) return CharacterKind::kOther;
  bool digit = std::any_of(std::begin(kZeros), std::end(kZeros), [&](uint32_t zero) { return point >= zero && point < zero + 10; });
  if (digit) return CharacterKind::kDigit;
  if (LowerText(character) != character) return CharacterKind::kUpper;
  return UpperText(character) != character ? CharacterKind::kLower : CharacterKind::kOther;
}

/// Spark's mask: each character becomes that of its kind; an empty replacement keeps it. Java counts a
/// character outside the basic plane as two others.
std::optional<std::string> Mask(Text text, Text upper, Text lower, Text digit, Text other) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t begin = at;
    uint32_t point = NextCodePoint(text, &at);
    Text character = text.substr(begin, at - begin);
    Text with = other;
    switch (KindOf(point, character)) {
      case CharacterKind::kUpper: with = upper; break;
      case CharacterKind::kLower: with = lower; break;
      case CharacterKind::kDigit: with = digit; break;
      case CharacterKind::kOther: break;
    }
    out.append(with.empty() ? character : with);
    if (point > 0xFFFF && !with.empty()) out.append(with);
  }
  return out;
}

std::optional<bool> LuhnCheck(Text text) {
  if (text.empty()) return false;
  int sum = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[text.size() - 1 - i];
    if (c < '0' || c > '9') return false;
    int digit = (c - '0') * (i % 2 == 1 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 == 0;
}

std::optional<bool> IsValidUtf8(Text bytes) { return ValidUtf8Prefix(bytes) == bytes.size(); }

TextResultOf ValidateUtf8(Text bytes) {
  if (ValidUtf8Prefix(bytes) != bytes.size()) {
    return InvalidArgument("[INVALID_UTF8_STRING] Invalid UTF8 byte sequence found in string. SQLSTATE: 22029");
  }
  return std::optional(std::string(bytes));
}

/// lpad and rpad of binaries; an empty pad cuts only.
std::optional<std::string> PadBinary(Text bytes, int32_t length, Text pad, bool left) {
  auto size = static_cast<size_t>(std::max(length, 0));
  if (size <= bytes.size() || pad.empty()) return std::string(bytes.substr(0, size));
  std::string filling;
  filling.reserve(size);
  while (filling.size() < size - bytes.size()) filling.append(pad);
  filling.resize(size - bytes.size());
  return left ? filling.append(bytes) : std::string(bytes).append(filling);
}

struct Letter {
  bool part_of_word;
  bool digit;
};

Letter LetterOf(uint32_t point) {
  bool digit = point >= '0' && point <= '9';
  bool ascii = digit || (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z');
  // beyond ASCII: all but the marks and signs of Latin-1, general punctuation and symbols
  bool beyond = point >= 0xC0 && point != 0xD7 && point != 0xF7 && !(point >= 0x2000 && point <= 0x2BFF) &&
                !(point >= 0x3000 && point <= 0x303F);
  return {ascii || beyond || point == 0xAA || point == 0xB5 || point == 0xBA, digit};
}

/// Words of texts, as Java's word iterator finds them: letters and digits, with an apostrophe, point or
/// colon between letters and a point or comma between digits.
void AddWords(Text sentence, std::string* out) {
  auto peek = [&](size_t at) { return at < sentence.size() ? LetterOf(NextCodePoint(sentence, &at)) : Letter{false, false}; };
  bool any = false;
  for (size_t at = 0; at < sentence.size();) {
    size_t begin = at;
    if (!LetterOf(NextCodePoint(sentence, &at)).part_of_word) continue;
    bool last_digit = LetterOf(static_cast<uint8_t>(sentence[begin])).digit;
    while (at < sentence.size()) {
      size_t next = at;
      Letter letter = LetterOf(NextCodePoint(sentence, &next));
      char c = sentence[at];
      bool joins = false;
      if (!letter.part_of_word && next == at + 1) {
        Letter after = peek(next);
        joins = after.part_of_word && (last_digit ? after.digit && (c == '.' || c == ',' || c == '\'')
                                                  : !after.digit && (c == '\'' || c == '.' || c == ':'));
      }
      if (c == '_') joins = true;
      if (!letter.part_of_word && !joins) break;
      last_digit = letter.digit;
      at = next;
    }
    if (any) *out += '\x1F';
    any = true;
    out->append(sentence.substr(begin, at - begin));
  }
}

/// The words of each sentence, parted by U+001F. A sentence ends behind ! ? or . and blanks, unless a
/// lower-case letter follows the point.
std::vector<std::string> Sentences(Text text) {
  std::vector<std::string> sentences;
  size_t begin = 0;
  auto blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '.' && text[at] != '!' && text[at] != '?') continue;
    bool strong = false;
    for (; at < text.size() && Text(".!?").find(text[at]) != Text::npos; ++at) strong = strong || text[at] != '.';
    while (at < text.size() && Text("\"')]}").find(text[at]) != Text::npos) ++at;
    size_t after = at;
    while (after < text.size() && blank(text[after])) ++after;
    bool ends = after == text.size() || strong || (after > at && !(text[after] >= 'a' && text[after] <= 'z'));
    at = after - 1;
    if (!ends) continue;
    AddWords(text.substr(begin, after - begin), &sentences.emplace_back());
    begin = after;
  }
  if (begin < text.size()) AddWords(text.substr(begin), &sentences.emplace_back());
  return sentences;
}

void SentenceRows(ScalarCall& call) {
  StringReader texts(call.input(0));
  ListWriter lists(call.output());
  for (uint64_t row = 0; row < call.rows(); ++row) {
    if (texts.IsNull(row)) {
      lists.Begin(row, 0);
      lists.SetNull(row);
      continue;
    }
    std::vector<std::string> sentences = Sentences(texts.View(row));
    uint64_t at = lists.Begin(row, sentences.size());
    StringWriter writer(lists.child());
    for (const std::string& sentence : sentences) writer.SetCopy(at++, sentence);
  }
}

Result<const NumberModel*> ModelOf(Text format) {
  static thread_local Recent<NumberModel> models;
  return models.Get(format, NumberModel::Parse);
}

TextResultOf ToNumber(Text text, Text format) {
  ASSIGN_OR_RETURN(const NumberModel* model, ModelOf(format));
  auto number = model->Read(text);
  if (!number) {
    return InvalidArgument(
        "[INVALID_FORMAT.MISMATCH_INPUT] The format is invalid: '{}'. The input \"STRING\" '{}' does not match the format. "
        "SQLSTATE: 42601", format, text);
  }
  return number;
}

TextResultOf TryToNumber(Text text, Text format) {
  ASSIGN_OR_RETURN(const NumberModel* model, ModelOf(format));
  return model->Read(text);
}

TextResultOf ToChar(Text plain, Text format) {
  ASSIGN_OR_RETURN(const NumberModel* model, ModelOf(format));
  return std::optional(model->Write(plain));
}

/// Plain decimal text, or what has none: NaN and the infinities.
TextResultOf FormatByPattern(Text plain, Text pattern) {
  static thread_local Recent<DecimalPattern> patterns;
  ASSIGN_OR_RETURN(const DecimalPattern* parsed, patterns.Get(pattern.empty() ? "#,##0" : pattern, DecimalPattern::Parse));
  return std::optional(parsed->Write(plain));
}

TextResultOf Encode(Text text, Text charset) {
  ASSIGN_OR_RETURN(std::string bytes, EncodeText(text, charset));
  return std::optional(std::move(bytes));
}

TextResultOf Decode(Text bytes, Text charset) {
  ASSIGN_OR_RETURN(std::string text, DecodeText(bytes, charset));
  return std::optional(std::move(text));
}

TextResultOf Encrypt(Text data, Text key, Text mode, Text padding, Text iv, Text aad) {
  ASSIGN_OR_RETURN(std::string bytes, AesEncrypt(data, key, {mode, padding}, iv, aad));
  return std::optional(std::move(bytes));
}

TextResultOf Decrypt(Text data, Text key, Text mode, Text padding, Text aad) {
  ASSIGN_OR_RETURN(std::string bytes, AesDecrypt(data, key, {mode, padding}, aad));
  return std::optional(std::move(bytes));
}

std::optional<std::string> TryDecrypt(Text data, Text key, Text mode, Text padding, Text aad) {
  auto bytes = AesDecrypt(data, key, {mode, padding}, aad);
  if (!bytes.has_value()) return std::nullopt;
  return std::move(*bytes);
}

}  // namespace

std::vector<ScalarFunction> TextFunctions() {
  return {
      {"spark_mask", {kText, kText, kText, kText, kText}, kText, RowWiseText<Text, Text, Text, Text, Text>(Mask)},
      {"spark_luhn_check", {kText}, kBoolean, RowWise<bool, Text>(LuhnCheck)},
      {"spark_is_valid_utf8", {kBlob}, kBoolean, RowWise<bool, Text>(IsValidUtf8)},
      {"spark_validate_utf8", {kBlob}, kText, Checked<Text, Text>(ValidateUtf8)},
      {"spark_pad_binary", {kBlob, kInteger, kBlob, kBoolean}, kBlob, RowWiseText<Text, int32_t, Text, bool>(PadBinary)},
      {"spark_sentences", {kText}, kStringList, SentenceRows},
      {"spark_to_number", {kText, kText}, kText, Checked<Text, Text, Text>(ToNumber)},
      {"spark_try_to_number", {kText, kText}, kText, Checked<Text, Text, Text>(TryToNumber)},
      {"spark_to_char", {kText, kText}, kText, Checked<Text, Text, Text>(ToChar)},
      {"spark_format_pattern", {kText, kText}, kText, Checked<Text, Text, Text>(FormatByPattern)},
      {"spark_encode", {kText, kText}, kBlob, Checked<Text, Text, Text>(Encode)},
      {"spark_decode", {kBlob, kText}, kText, Checked<Text, Text, Text>(Decode)},
      {"spark_aes_encrypt", {kBlob, kBlob, kText, kText, kBlob, kBlob}, kBlob,
       Checked<Text, Text, Text, Text, Text, Text, Text>(Encrypt)},
      {"spark_aes_decrypt", {kBlob, kBlob, kText, kText, kBlob}, kBlob, Checked<Text, Text, Text, Text, Text, Text>(Decrypt)},
      {"spark_try_aes_decrypt", {kBlob, kBlob, kText, kText, kBlob}, kBlob,
       RowWiseText<Text, Text, Text, Text, Text>(TryDecrypt)},
  };
}

}  // namespace flare::engine
