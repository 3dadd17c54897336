#include "manifest/sql_text.h"

#include <algorithm>
#include <functional>
#include <string_view>

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

using Places = std::vector<std::pair<size_t, SourcePosition>>;

int Characters(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return !ContinuesCharacter(c); }));
}

/// Walks through a file once, forwards.
class Walker {
 public:
  explicit Walker(const SourceText& source) : source_(source) {}
  SourcePosition At(size_t offset) {
    for (; at_ < offset && at_ < source_.text().size(); ++at_) {
      char c = source_.text()[at_];
      if (c == '\n') {
        ++line_;
        column_ = 1;
      } else if (!ContinuesCharacter(c)) {
        ++column_;
      }
    }
    return {source_.file(), line_, column_};
  }

 private:
  const SourceText& source_;
  size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
};

/// Appends a line after its variables were replaced. `places` are those of the line as written, by offsets in it.
void AppendLine(SqlText* sql, const std::string& written, const std::string& line, const Places& places) {
  if (!sql->places.empty()) sql->text.value += '\n';
  size_t start = sql->text.value.size();
  sql->text.value += line;
  // Variables make the middle of a line differ: what stands behind them has its own place again.
  auto same = std::mismatch(written.begin(), written.end(), line.begin(), line.end());
  auto head = static_cast<size_t>(same.first - written.begin());
  size_t tail = 0;
  while (tail < std::min(written.size(), line.size()) - head &&
         written[written.size() - 1 - tail] == line[line.size() - 1 - tail])
    ++tail;
  size_t written_tail = written.size() - tail;
  size_t line_tail = line.size() - tail;
  SourcePosition where = places.front().second;
  size_t from = 0;
  auto add = [&](size_t offset, const SourcePosition& place) {
    if (!sql->places.empty() && sql->places.back().first == start + offset && offset > 0) sql->places.pop_back();
    sql->places.emplace_back(start + offset, place);
  };
  size_t i = 0;
  for (; i < places.size() && places[i].first <= std::min(head, written_tail); ++i) {
    add(places[i].first, places[i].second);
    from = places[i].first;
    where = places[i].second;
  }
  if (written == line) {
    for (; i < places.size(); ++i) add(places[i].first, places[i].second);
    return;
  }
  SourcePosition variable = where;
  variable.column += Characters(std::string_view(written).substr(from, head - from));
  for (size_t at = line.find('\n', head); at < line_tail; at = line.find('\n', at + 1)) add(at + 1, variable);
  for (; i < places.size() && places[i].first <= written_tail; ++i) {
    from = places[i].first;
    where = places[i].second;
  }
  where.column += Characters(std::string_view(written).substr(from, written_tail - from));
  if (tail > 0) add(line_tail, where);
  for (; i < places.size(); ++i) add(places[i].first + line.size() - written.size(), places[i].second);
}

}  // namespace

SqlText ReadSqlText(const Node& scalar, const SourceText& source,
                    const std::function<std::string(const std::string&)>& replace) {
  std::vector<size_t> offsets = Align(scalar, source.text());
  std::string text = Unfolded(scalar.written, offsets, source.text());
  SqlText sql;
  Walker walker(source);
  SourcePosition where = scalar.where;
  EachLine(text, [&](const std::string& line, size_t start) {
    size_t visible = start;
    while (visible < start + line.size() && offsets[visible] == kNowhere) ++visible;
    Places places;
    if (visible < start + line.size()) {
      where = walker.At(offsets[visible]);
      where.column = std::max(1, where.column - static_cast<int>(visible - start));
    } else if (!sql.places.empty()) {
      ++where.line;
    }
    places.emplace_back(0, where);
    SourcePosition expected = where;
    for (size_t i = start; i < start + line.size(); ++i) {
      if (ContinuesCharacter(text[i])) continue;
      if (offsets[i] != kNowhere) {
        SourcePosition there = walker.At(offsets[i]);
        bool moved = there.line != expected.line || there.column != expected.column;
        if (moved) places.emplace_back(i - start, there);
        expected = std::move(there);
      }
      ++expected.column;
    }
    AppendLine(&sql, line, replace(line), places);
  });
  sql.text.where = sql.places.front().second;
  return sql;
}

SqlText ReadSqlFile(const SourceText& source,
                    const std::function<std::string(const std::string&)>& replace) {
  SqlText sql;
  SourcePosition where{source.file(), 1, 1};
  EachLine(source.text(), [&](const std::string& line, size_t) {
    AppendLine(&sql, line, replace(line), {{0, where}});
    ++where.line;
  });
  sql.text.where = sql.places.front().second;
  return sql;
}

}  // namespace flare::manifest
