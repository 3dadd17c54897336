// Regular expressions and LIKE.
#include <algorithm>

#include "engine/function_lists.h"
#include "engine/recent.h"
#include "engine/regex.h"
#include "engine/utf8.h"

namespace flare::engine {
namespace {

using Text = std::string_view;
constexpr auto kText = DUCKDB_TYPE_VARCHAR;

Result<const Regex*> RegexOf(Text pattern, Text function) {
  static thread_local Recent<Regex> regexes;
  return regexes.Get(pattern, [function](Text text) { return Regex::Compile(text, function); });
}

Result<std::optional<bool>> Rlike(Text text, Text pattern) {
  ASSIGN_OR_RETURN(const Regex* regex, RegexOf(pattern, "rlike"));
  ASSIGN_OR_RETURN(bool found, regex->Find(text, 0));
  return std::optional(found);
}

Status CheckGroup(const Regex& regex, int32_t group, Text function) {
  if (group >= 0 && static_cast<size_t>(group) <= regex.group_count()) return Ok();
  return InvalidArgument(
      "[INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX] The value of parameter(s) `idx` in `{}` is invalid: Expects group index "
      "between 0 and {}, but got {}. SQLSTATE: 22023", function, regex.group_count(), group);
}

void RegexpExtract(ScalarCall& call) {
  ForEachRow<Text, Text, Text, int32_t>(
      call, [](ScalarCall& c, StringWriter& writer, uint64_t row, Text text, Text pattern, int32_t group) {
        auto find = [&]() -> Result<Text> {
          ASSIGN_OR_RETURN(const Regex* regex, RegexOf(pattern, "regexp_extract"));
          ASSIGN_OR_RETURN(bool found, regex->Find(text, 0));
          if (!found) return Text();
          RETURN_IF_ERROR(CheckGroup(*regex, group, "regexp_extract"));
          auto range = regex->Group(static_cast<size_t>(group));
          return range ? text.substr(range->first, range->second - range->first) : Text();
        };
        auto slice = find();
        if (!slice.has_value()) {
          c.Fail(std::move(slice).error());
          return false;
        }
        // Short slices are stored in place; longer ones lie in the input's memory.
        writer.SetPointer(row, *slice);
        return true;
      });
}

Result<std::optional<int32_t>> RegexpCount(Text text, Text pattern) {
  ASSIGN_OR_RETURN(const Regex* regex, RegexOf(pattern, "regexp_count"));
  int32_t count = 0;
  for (size_t start = 0; start <= text.size(); start = regex->NextStart(text)) {
    ASSIGN_OR_RETURN(bool found, regex->Find(text, start));
    if (!found) break;
    ++count;
  }
  return std::optional(count);
}

/// Java counts UTF-16 units: a character outside the basic plane is two.
Result<std::optional<int32_t>> RegexpInstr(Text text, Text pattern) {
  ASSIGN_OR_RETURN(const Regex* regex, RegexOf(pattern, "regexp_instr"));
  ASSIGN_OR_RETURN(bool found, regex->Find(text, 0));
  if (!found) return std::optional(0);
  Text before = text.substr(0, regex->Group(0)->first);
  auto wide = std::count_if(before.begin(), before.end(), [](char c) { return static_cast<uint8_t>(c) >= 0xF0; });
  return std::optional(static_cast<int32_t>(CountCodePoints(before)) + static_cast<int32_t>(wide) + 1);
}

Result<std::vector<Text>> ExtractAll(Text text, Text pattern, int32_t group) {
  ASSIGN_OR_RETURN(const Regex* regex, RegexOf(pattern, "regexp_extract_all"));
  std::vector<Text> parts;
  for (size_t start = 0; start <= text.size(); start = regex->NextStart(text)) {
    ASSIGN_OR_RETURN(bool found, regex->Find(text, start));
    if (!found) break;
    RETURN_IF_ERROR(CheckGroup(*regex, group, "regexp_extract_all"));
    auto range = regex->Group(static_cast<size_t>(group));
    parts.push_back(range ? text.substr(range->first, range->second - range->first) : Text());
  }
  return parts;
}

void RegexpExtractAll(ScalarCall& call) {
  StringReader texts(call.input(0));
  StringReader patterns(call.input(1));
  ValueReader<int32_t> groups(call.input(2));
  ListWriter lists(call.output());
  for (uint64_t row = 0; row < call.rows(); ++row) {
    if (texts.IsNull(row) || patterns.IsNull(row) || groups.IsNull(row)) {
      lists.Begin(row, 0);
      lists.SetNull(row);
      continue;
    }
    auto parts = ExtractAll(texts.View(row), patterns.View(row), groups[row]);
    if (!parts.has_value()) return call.Fail(std::move(parts).error());
    uint64_t at = lists.Begin(row, parts->size());
    StringWriter writer(lists.child());
    for (Text part : *parts) writer.SetPointer(at++, part);
  }
}

/// A Java replacement: literal texts and groups.
struct Replacement {
  struct Part {
    std::string literal;
    std::optional<size_t> group;
  };
  std::vector<Part> parts;

  static Result<Replacement> Parse(Text text, const Regex& regex);
  void Append(Text subject, const Regex& regex, std::string* out) const;
};

Result<Replacement> Replacement::Parse(Text text, const Regex& regex) {
  Replacement parsed;
  std::string literal;
  auto add_group = [&](size_t group) {
    parsed.parts.push_back({std::move(literal), group});
    literal.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      literal += text[++i];
    } else if (text[i] != '$') {
      literal += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '{') {
      size_t end = text.find('}', i);
      std::string name(text.substr(i + 2, end == text.npos ? 0 : end - i - 2));
      auto group = regex.GroupNumber(name);
      if (!group) return InvalidArgument("replacement '{}': no group is named '{}'", text, name);
      add_group(*group);
      i = end;
    } else {
      size_t digits = i + 1;
      size_t group = 0;
      // Java takes more digits while there is such a group.
      for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
        size_t longer = group * 10 + static_cast<size_t>(text[digits] - '0');
        if (digits > i + 1 && longer > regex.group_count()) break;
        group = longer;
      }
      if (digits == i + 1) {
        return InvalidArgument("replacement '{}': '$' needs a group behind it; write '\\$' for the sign", text);
      }
      if (group > regex.group_count()) {
        return InvalidArgument("replacement '{}': no group {}; the pattern has {}", text, group,
                               regex.group_count());
      }
      add_group(group);
      i = digits - 1;
    }
  }
  parsed.parts.push_back({std::move(literal), std::nullopt});
  return parsed;
}

void Replacement::Append(Text subject, const Regex& regex, std::string* out) const {
  for (const Part& part : parts) {
    out->append(part.literal);
    if (!part.group) continue;
    if (auto range = regex.Group(*part.group)) {
      out->append(subject.substr(range->first, range->second - range->first));
    }
  }
}

TextResultOf RegexpReplace(Text text, Text pattern, Text replacement) {
  ASSIGN_OR_RETURN(const Regex* regex, RegexOf(pattern, "regexp_replace"));
  ASSIGN_OR_RETURN(bool found, regex->Find(text, 0));
  if (!found) return std::optional(std::string(text));
  ASSIGN_OR_RETURN(Replacement parsed, Replacement::Parse(replacement, *regex));
  std::string out;
  size_t copied = 0;
  while (found) {
    auto whole = *regex->Group(0);
    out.append(text.substr(copied, whole.first - copied));
    parsed.Append(text, *regex, &out);
    copied = whole.second;
    size_t next = regex->NextStart(text);
    if (next > text.size()) break;
    ASSIGN_OR_RETURN(found, regex->Find(text, next));
  }
  out.append(text.substr(copied));
  return std::optional(std::move(out));
}

/// An empty pattern parts the characters; the last one of `limit` takes the rest.
std::vector<Text> SplitCharacters(Text text, int32_t limit) {
  std::vector<Text> parts;
  while (!text.empty()) {
    bool last = limit > 0 && parts.size() + 1 == static_cast<size_t>(limit);
    size_t size = last ? text.size() : std::min(CodePointBytes(text[0]), text.size());
    parts.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return parts;
}

Result<std::vector<Text>> Split(Text text, Text pattern, int32_t limit) {
  if (pattern.empty() && !text.empty()) return SplitCharacters(text, limit);
  ASSIGN_OR_RETURN(const Regex* regex, RegexOf(pattern, "split"));
  std::vector<Text> parts;
  size_t begin = 0;
  size_t start = 0;
  while (start <= text.size() && (limit <= 0 || parts.size() + 1 < static_cast<size_t>(limit))) {
    ASSIGN_OR_RETURN(bool found, regex->Find(text, start));
    if (!found) break;
    auto whole = *regex->Group(0);
    start = regex->NextStart(text);
    // Nothing stands before an empty match at the front.
    if (whole.second == 0) continue;
    parts.push_back(text.substr(begin, whole.first - begin));
    begin = whole.second;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

void SplitRows(ScalarCall& call) {
  StringReader texts(call.input(0));
  StringReader patterns(call.input(1));
  ValueReader<int32_t> limits(call.input(2));
  ListWriter lists(call.output());
  for (uint64_t row = 0; row < call.rows(); ++row) {
    if (texts.IsNull(row) || patterns.IsNull(row) || limits.IsNull(row)) {
      lists.Begin(row, 0);
      lists.SetNull(row);
      continue;
    }
    auto parts = Split(texts.View(row), patterns.View(row), limits[row]);
    if (!parts.has_value()) return call.Fail(std::move(parts).error());
    uint64_t at = lists.Begin(row, parts->size());
    StringWriter writer(lists.child());
    for (Text part : *parts) writer.SetPointer(at++, part);
  }
}

/// A LIKE pattern as characters, _ and %.
struct LikePattern {
  struct Token {
    enum { kCharacter, kOne, kAny } kind;
    std::string character;
  };
  std::vector<Token> tokens;

  static Result<LikePattern> Parse(Text pattern, Text escape);
  bool Matches(Text text) const;
};

Result<LikePattern> LikePattern::Parse(Text pattern, Text escape) {
  LikePattern parsed;
  for (size_t i = 0; i < pattern.size();) {
    size_t size = std::min(CodePointBytes(pattern[i]), pattern.size() - i);
    Text character = pattern.substr(i, size);
    i += size;
    if (character == escape && !escape.empty()) {
      if (i == pattern.size()) {
        return InvalidArgument(
            "[INVALID_FORMAT.ESC_AT_THE_END] The format is invalid: '{}'. The escape character is not "
            "allowed to end with. SQLSTATE: 42601", pattern);
      }
      size = std::min(CodePointBytes(pattern[i]), pattern.size() - i);
      Text next = pattern.substr(i, size);
      if (next != "_" && next != "%" && next != escape) {
        return InvalidArgument(
            "[INVALID_FORMAT.ESC_IN_THE_MIDDLE] The format is invalid: '{}'. The escape character is not "
            "allowed to precede '{}'. SQLSTATE: 42601", pattern, next);
      }
      parsed.tokens.push_back({Token::kCharacter, std::string(next)});
      i += size;
    } else if (character == "_") {
      parsed.tokens.push_back({Token::kOne, ""});
    } else if (character == "%") {
      if (parsed.tokens.empty() || parsed.tokens.back().kind != Token::kAny) {
        parsed.tokens.push_back({Token::kAny, ""});
      }
    } else {
      parsed.tokens.push_back({Token::kCharacter, std::string(character)});
    }
  }
  return parsed;
}

bool LikePattern::Matches(Text text) const {
  size_t at = 0;
  size_t token = 0;
  std::optional<size_t> any_token;
  size_t any_at = 0;
  while (at < text.size()) {
    bool matched = false;
    if (token < tokens.size()) {
      const Token& now = tokens[token];
      if (now.kind == Token::kAny) {
        any_token = token++;
        any_at = at;
        continue;
      }
      if (now.kind == Token::kOne) {
        at += CodePointBytes(text[at]);
        ++token;
        matched = true;
      } else if (text.substr(at).starts_with(now.character)) {
        at += now.character.size();
        ++token;
        matched = true;
      }
    }
    if (matched) continue;
    if (!any_token) return false;
    // The last % takes one character more.
    any_at += CodePointBytes(text[any_at]);
    at = any_at;
    token = *any_token + 1;
  }
  while (token < tokens.size() && tokens[token].kind == Token::kAny) ++token;
  return token == tokens.size();
}

Result<std::optional<bool>> Like(Text text, Text pattern, Text escape) {
  static thread_local Recent<LikePattern> patterns;
  std::string key = fmt::format("{}\x01{}", escape, pattern);
  ASSIGN_OR_RETURN(const LikePattern* parsed,
                   patterns.Get(key, [&](Text) { return LikePattern::Parse(pattern, escape); }));
  return std::optional(parsed->Matches(text));
}

}  // namespace

std::vector<ScalarFunction> RegexFunctions() {
  return {
      {"spark_rlike", {kText, kText}, DUCKDB_TYPE_BOOLEAN, Checked<bool, Text, Text>(Rlike)},
      {"spark_regexp_extract", {kText, kText, DUCKDB_TYPE_INTEGER}, kText, RegexpExtract},
      {"spark_regexp_extract_all", {kText, kText, DUCKDB_TYPE_INTEGER}, kStringList, RegexpExtractAll},
      {"spark_regexp_count", {kText, kText}, DUCKDB_TYPE_INTEGER, Checked<int32_t, Text, Text>(RegexpCount)},
      {"spark_regexp_instr", {kText, kText}, DUCKDB_TYPE_INTEGER, Checked<int32_t, Text, Text>(RegexpInstr)},
      {"spark_regexp_replace", {kText, kText, kText}, kText, Checked<Text, Text, Text, Text>(RegexpReplace)},
      {"spark_split", {kText, kText, DUCKDB_TYPE_INTEGER}, kStringList, SplitRows},
      {"spark_like", {kText, kText, kText}, DUCKDB_TYPE_BOOLEAN, Checked<bool, Text, Text, Text>(Like)},
  };
}

}  // namespace flare::engine
