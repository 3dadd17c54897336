#include "engine/csv_format.h"

#include <algorithm>

namespace flare::engine {
namespace {

bool IsBlank(char c) { return static_cast<uint8_t>(c) <= ' '; }

/// A separator as options write it: \t, \\, or the text itself.
Result<std::string> ReadSeparator(const std::string& text) {
  std::string separator;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      separator += text[i];
      continue;
    }
    if (i + 1 == text.size()) {
      if (text.size() == 1) return InvalidArgument("[INVALID_DELIMITER_VALUE.SINGLE_BACKSLASH] a single backslash is no separator");
      separator += '\\';
      break;
    }
    char next = text[++i];
    constexpr std::string_view kLetters = "trbfn";
    constexpr std::string_view kMeant = "\t\r\b\f\n";
    size_t letter = kLetters.find(next);
    if (letter != kLetters.npos) {
      separator += kMeant[letter];
    } else if (next == '\\' || next == '"' || next == '\'') {
      separator += next;
    } else if (text.substr(i) == "u0000") {
      separator += '\0';
      break;
    } else {
      return InvalidArgument("[INVALID_DELIMITER_VALUE.UNSUPPORTED_SPECIAL_CHARACTER] unknown separator '{}'", text);
    }
  }
  if (separator.empty()) return InvalidArgument("[INVALID_DELIMITER_VALUE.EMPTY_STRING] the separator is empty");
  return separator;
}

Status ReadChar(const JsonOptions& options, const std::string& name, char* value) {
  auto text = options.Text(name);
  if (!text) return Ok();
  if (text->size() > 1) return InvalidArgument("the CSV option {} must be one character, found '{}'", name, *text);
  *value = text->empty() ? '\0' : (*text)[0];
  return Ok();
}

void TrimRight(std::string* value) {
  while (!value->empty() && IsBlank(value->back())) value->pop_back();
}

}  // namespace

Result<CsvFormat> CsvFormat::Make(const JsonOptions& options, bool writing) {
  CsvFormat format;
  auto separator = options.Text("sep");
  if (!separator) separator = options.Text("delimiter");
  if (separator) {
    ASSIGN_OR_RETURN(format.separator, ReadSeparator(*separator));
  }
  RETURN_IF_ERROR(ReadChar(options, "quote", &format.quote));
  RETURN_IF_ERROR(ReadChar(options, "escape", &format.escape));
  RETURN_IF_ERROR(ReadChar(options, "comment", &format.comment));
  format.trim_left = format.trim_right = writing;
  RETURN_IF_ERROR(options.Flag("ignoreleadingwhitespace", &format.trim_left));
  RETURN_IF_ERROR(options.Flag("ignoretrailingwhitespace", &format.trim_right));
  format.null_value = options.Text("nullvalue").value_or("");
  format.empty_value = options.Text("emptyvalue").value_or(writing ? "\"\"" : "");
  auto handling = options.Text("unescapedquotehandling");
  if (handling && *handling != "STOP_AT_DELIMITER") {
    return Unsupported("the CSV option unescapedQuoteHandling = {} is not known here; STOP_AT_DELIMITER is", *handling);
  }
  return format;
}

/// A value in quotes that ends before a separator or the end; false when there is more behind it.
bool CsvFormat::TakeQuoted(std::string_view line, size_t* at, std::string* value) const {
  size_t i = *at + 1;
  for (; i < line.size() && (line[i] != quote); ++i) {
    bool escapes = line[i] == escape && i + 1 < line.size() && (line[i + 1] == quote || line[i + 1] == escape);
    if (escapes && escape != quote) ++i;
    value->push_back(line[i]);
  }
  while (escape == quote && i + 1 < line.size() && line[i + 1] == quote) {
    value->push_back(quote);
    for (i += 2; i < line.size() && line[i] != quote; ++i) value->push_back(line[i]);
  }
  if (i >= line.size()) return false;
  for (++i; i < line.size() && IsBlank(line[i]) && line.compare(i, separator.size(), separator) != 0;) ++i;
  if (i < line.size() && line.compare(i, separator.size(), separator) != 0) return false;
  *at = i;
  return true;
}

std::optional<std::vector<std::string>> CsvFormat::Split(std::string_view line) const {
  if (line.empty() || (comment != '\0' && line[0] == comment)) return std::nullopt;
  std::vector<std::string> values;
  for (size_t at = 0;; at += separator.size()) {
    while (trim_left && at < line.size() && IsBlank(line[at]) && line.compare(at, separator.size(), separator) != 0) ++at;
    std::string value;
    bool quoted = quote != '\0' && at < line.size() && line[at] == quote;
    if (quoted && TakeQuoted(line, &at, &value)) {
      values.push_back(value.empty() ? empty_value : std::move(value));
    } else {
      size_t from = quoted ? at + 1 : at;
      // a quote that does not close before a separator is a character like others
      size_t close = quoted ? line.find(quote, from) : from;
      size_t end = line.find(separator, quoted ? std::min(close, line.size()) : from);
      end = std::min(end, line.size());
      value = std::string(line.substr(at, end - at));
      if (trim_right) TrimRight(&value);
      values.push_back(value.empty() ? null_value : std::move(value));
      at = end;
    }
    if (at >= line.size()) return values;
  }
}

void CsvFormat::Append(std::string_view text, bool quote_all, bool escape_quotes, std::string* line) const {
  if (trim_left) text.remove_prefix(static_cast<size_t>(
      std::find_if_not(text.begin(), text.end(), IsBlank) - text.begin()));
  while (trim_right && !text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  bool has_quote = quote != '\0' && text.find(quote) != text.npos;
  bool quoted = quote != '\0' && (quote_all || text.find(separator) != text.npos || text.find_first_of("\r\n") != text.npos ||
                                  (escape_quotes && has_quote));
  if (!quoted) {
    line->append(text);
    return;
  }
  line->push_back(quote);
  for (char c : text) {
    if (c == quote || (c == escape && has_quote)) line->push_back(escape);
    line->push_back(c);
  }
  line->push_back(quote);
}

}  // namespace flare::engine
