#include "manifest/sql_text.h"

#include <algorithm>

#include "manifest/raw_characters.h"

namespace flare::manifest {
namespace {

constexpr size_t kNowhere = std::string::npos;

/// Offsets in the file of each byte of a scalar's value; kNowhere for blanks.
std::vector<size_t> Align(const Node& scalar, const std::string& raw) {
  std::vector<size_t> offsets(scalar.written.size(), kNowhere);
  RawCharacters characters(raw, scalar.offset);
  for (size_t i = 0; i < offsets.size(); ++i) {
    if (IsBlank(scalar.written[i])) continue;
    offsets[i] = characters.Next();
    while (i + 1 < offsets.size() && ContinuesCharacter(scalar.written[i + 1])) {
      offsets[i + 1] = offsets[i];
      ++i;
    }
  }
  return offsets;
}

/// Whether a blank at each byte may become a line break without changing what the SQL means.
class SqlBlanks {
 public:
  /// Takes the next character; true = it lies outside literals and comments.
  bool Take(char c, char next) {
    if (skip_) {
      skip_ = false;
      return false;
    }
    if (comment_ == '-') {
      if (c == '\n') comment_ = '\0';
      return false;
    }
    if (comment_ == '*') {
      if (c == '*' && next == '/') comment_ = '\0', skip_ = true;
      return false;
    }
    if (quote_ != '\0') {
      if (c == '\\' && quote_ != '`') skip_ = true;
      if (c == quote_) quote_ = '\0';
      return false;
    }
    if (c == '\'' || c == '"' || c == '`') quote_ = c;
    if (c == '-' && next == '-') comment_ = '-';
    if (c == '/' && next == '*') comment_ = '*', skip_ = true;
    return quote_ == '\0' && comment_ == '\0';
  }

 private:
  char quote_ = '\0', comment_ = '\0';
  bool skip_ = false;
};

/// The value with the file's line breaks where YAML made blanks of them.
std::string Unfolded(const std::string& value, const std::vector<size_t>& offsets,
                     const std::string& raw) {
  std::string text = value;
  SqlBlanks blanks;
  size_t before = kNowhere;  // file offset of the last visible character
  for (size_t i = 0; i < text.size(); ++i) {
    bool free = blanks.Take(text[i], i + 1 < text.size() ? text[i + 1] : '\0');
    if (offsets[i] != kNowhere) before = offsets[i];
    if (text[i] != ' ' || !free || before == kNowhere || (i > 0 && IsBlank(text[i - 1]))) continue;
    size_t after = i;
    bool has_break = false;
    for (; after < text.size() && offsets[after] == kNowhere; ++after)
      has_break |= text[after] == '\n';
    if (has_break || after == text.size()) continue;
    auto begin = raw.begin() + static_cast<std::ptrdiff_t>(std::min(before, raw.size()));
    auto end = raw.begin() + static_cast<std::ptrdiff_t>(std::min(offsets[after], raw.size()));
    if (begin < end && std::find(begin, end, '\n') != end) text[i] = '\n';
  }
  return text;
}

/// Splits a text at its line breaks and gives each line to `take(line, start)`.
template <class Take>
void EachLine(const std::string& text, Take take) {
  for (size_t start = 0;;) {
    size_t end = std::min(text.find('\n', start), text.size());
    take(text.substr(start, end - start), start);
    if (end == text.size()) return;
    start = end + 1;
  }
}

void AppendLine(SqlText* sql, const std::string& line, const SourcePosition& where) {
  if (!sql->lines.empty()) sql->text.value += '\n';
  sql->text.value += line;
  auto breaks = std::count(line.begin(), line.end(), '\n');  // a variable may bring some
  sql->lines.insert(sql->lines.end(), static_cast<size_t>(breaks) + 1, where);
}

}  // namespace

SqlText ReadSqlText(const Node& scalar, const SourceText& source,
                    const std::function<std::string(const std::string&)>& replace) {
  std::vector<size_t> offsets = Align(scalar, source.text());
  std::string text = Unfolded(scalar.written, offsets, source.text());
  SqlText sql;
  SourcePosition where = scalar.where;
  EachLine(text, [&](const std::string& line, size_t start) {
    size_t visible = start;
    while (visible < start + line.size() && offsets[visible] == kNowhere) ++visible;
    if (visible < start + line.size()) {
      where = source.At(offsets[visible]);
      where.column = std::max(1, where.column - static_cast<int>(visible - start));
    } else if (!sql.lines.empty()) {
      ++where.line;
    }
    AppendLine(&sql, replace(line), where);
  });
  sql.text.where = sql.lines.front();
  return sql;
}

SqlText ReadSqlFile(const SourceText& source,
                    const std::function<std::string(const std::string&)>& replace) {
  SqlText sql;
  EachLine(source.text(), [&](const std::string& line, size_t start) {
    AppendLine(&sql, replace(line), source.At(start));
  });
  sql.text.where = sql.lines.front();
  return sql;
}

}  // namespace flare::manifest
