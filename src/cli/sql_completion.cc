#include "cli/sql_completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "io/file_system.h"
#include "sql/functions.h"
#include "sql/lexer.h"
#include "sql/names.h"

namespace flare::cli {
namespace {

constexpr std::string_view kScheme = "dataos://";

constexpr std::string_view kKeywords[] = {
    "AGGREGATE", "ALL",           "AND",         "ANTI",         "ARRAY",        "AS",
    "ASC",       "BETWEEN",       "BY",          "CASE",         "CAST",         "CREATE",
    "CROSS",     "CUBE",          "CURRENT ROW", "DESC",         "DISTINCT",     "DROP VIEW",
    "ELSE",      "END",           "ESCAPE",      "EXCEPT",       "EXISTS",       "EXTEND",
    "EXTRACT",   "FALSE",         "FILTER",      "FOLLOWING",    "FROM",         "FULL",
    "GROUP BY",  "GROUPING SETS", "HAVING",      "ILIKE",        "IN",           "INNER",
    "INTERSECT", "INTERVAL",      "IS",          "JOIN",         "LATERAL VIEW", "LEFT",
    "LIKE",      "LIMIT",         "MAP",         "MINUS",        "NATURAL",      "NOT",
    "NULL",      "NULLS FIRST",   "NULLS LAST",  "OFFSET",       "ON",           "OR",
    "ORDER BY",  "OUTER",         "OVER",        "PARTITION BY", "PIVOT",        "PRECEDING",
    "REPLACE",   "RESET",         "RIGHT",       "RLIKE",        "ROLLUP",       "ROWS",
    "SELECT",    "SEMI",          "SET",         "STRUCT",       "TABLE",        "TABLESAMPLE",
    "TEMPORARY", "THEN",          "TIME ZONE",   "TRUE",         "UNBOUNDED",    "UNION",
    "UNPIVOT",   "USING",         "VALUES",      "VIEW",         "WHEN",         "WHERE",
    "WINDOW",    "WITH"};

bool IsWordByte(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0 || c == '_';
}

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         sql::EqualIgnoreCase(text.substr(0, prefix.size()), prefix);
}

/// Where the quoted name that is still open begins; npos when none is.
size_t OpenBacktick(std::string_view before, std::string_view line) {
  std::string text = std::string(before) + std::string(line);
  sql::LexError error;
  sql::Tokenize(text, &error);
  if (!error.unclosed || error.offset < before.size() || text[error.offset] != '`')
    return std::string_view::npos;
  return error.offset - before.size();
}

/// Whether the cursor stands in a text or a comment, where nothing can be completed.
bool InText(std::string_view before, std::string_view line) {
  std::string text = std::string(before) + std::string(line);
  sql::LexError error;
  sql::Tokenize(text, &error);
  return error.unclosed;
}

void Sort(std::vector<std::string>* names) {
  std::ranges::sort(*names, [](const std::string& a, const std::string& b) {
    std::string x = sql::LowerAscii(a), y = sql::LowerAscii(b);
    return x != y ? x < y : a < b;
  });
  names->erase(std::unique(names->begin(), names->end()), names->end());
}

/// Columns of the relation of that name, or of all where it is an alias.
void AddColumns(const std::vector<sql::Relation>& relations, std::string_view qualifier,
                std::string_view word, std::vector<std::string>* found) {
  bool known = std::ranges::any_of(relations, [&](const sql::Relation& relation) {
    return sql::EqualIgnoreCase(relation.name, qualifier);
  });
  for (const sql::Relation& relation : relations) {
    if (known && !sql::EqualIgnoreCase(relation.name, qualifier)) continue;
    for (const auto& field : relation.schema) {
      std::string name = sql::QuoteNameIfNeeded(field.name);
      if (StartsWith(name, word)) found->push_back(std::move(name));
    }
  }
}

/// Words of the language in the letters that the person uses.
void AddWords(std::string_view word, std::vector<std::string>* found) {
  bool lower = std::ranges::any_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
  for (std::string_view keyword : kKeywords) {
    if (StartsWith(keyword, word))
      found->push_back(lower ? sql::LowerAscii(keyword) : std::string(keyword));
  }
  auto add = [&](std::string_view name) {
    if (StartsWith(name, word))
      found->push_back(fmt::format("{}(", lower ? std::string(name) : sql::UpperAscii(name)));
  };
  for (const std::string& name : sql::FunctionNames()) {
    if (!name.starts_with("flare_")) add(name);
  }
  for (const auto& spec : sql::GeneratorFunctions()) add(spec.names);
}

}  // namespace

terminal::Completion SqlCompletion::At(std::string_view before, std::string_view line,
                                       const std::vector<sql::Relation>& relations) const {
  terminal::Completion completion;
  if (before.empty() && line.starts_with('\\')) {
    for (const std::string& command : commands_) {
      if (command.starts_with(line)) completion.candidates.push_back(command);
    }
    return completion;
  }
  size_t quote = OpenBacktick(before, line);
  if (quote != std::string_view::npos) {
    completion.begin = quote;
    completion.candidates = Addresses(line.substr(quote + 1));
    return completion;
  }
  if (InText(before, line)) return completion;
  size_t begin = line.size();
  while (begin > 0 && IsWordByte(line[begin - 1])) --begin;
  std::string_view word = line.substr(begin);
  completion.begin = begin;
  if (begin > 0 && line[begin - 1] == '.') {
    size_t from = begin - 1;
    while (from > 0 && IsWordByte(line[from - 1])) --from;
    AddColumns(relations, line.substr(from, begin - 1 - from), word, &completion.candidates);
  } else if (!word.empty()) {
    AddWords(word, &completion.candidates);
    for (const sql::Relation& relation : relations) {
      if (relation.name.find('/') == std::string::npos && StartsWith(relation.name, word))
        completion.candidates.push_back(sql::QuoteNameIfNeeded(relation.name));
    }
    AddColumns(relations, "", word, &completion.candidates);
  }
  Sort(&completion.candidates);
  return completion;
}

std::vector<std::string> SqlCompletion::Addresses(std::string_view typed) const {
  std::vector<std::string> found;
  size_t colon = typed.find(':', std::min(kScheme.size(), typed.size()));
  if (!StartsWith(typed, kScheme) || colon == std::string_view::npos) {
    for (const std::string& depot : resources_.DepotNames()) {
      std::string address = fmt::format("{}{}:", kScheme, depot);
      bool readable = resources_.FindDepot(depot)->type == "FILE";
      if (readable && StartsWith(address, typed)) found.push_back("`" + address);
    }
    return found;
  }
  std::string depot(typed.substr(kScheme.size(), colon - kScheme.size()));
  std::string start = fmt::format("`{}", typed.substr(0, colon + 1));
  for (const std::string& path : TablesBelow(depot, typed.substr(colon + 1)))
    found.push_back(start + path);
  Sort(&found);
  return found;
}

/// Folders of the depot that go on from `path`; a table ends with its backtick, another folder with
/// a slash.
std::vector<std::string> SqlCompletion::TablesBelow(const std::string& depot,
                                                    std::string_view path) const {
  std::vector<std::string> found;
  const manifest::Depot* known = resources_.FindDepot(depot);
  if (known == nullptr) return found;
  manifest::Address address;
  address.depot = known;
  auto folder = resources_.LocalPath(address);
  if (!folder) return found;
  size_t slash = path.rfind('/');
  std::string above(slash == std::string_view::npos ? "" : path.substr(0, slash + 1));
  std::string_view name = path.substr(above.size());
  if (above.find("..") != std::string::npos) return found;
  auto& files = io::LocalFileSystem();
  std::string place = io::JoinPath(*folder, above);
  auto entries = files.List(place);
  if (!entries) return found;
  for (const auto& entry : *entries) {
    if (!entry.is_directory || entry.name.starts_with('.') || !StartsWith(entry.name, name))
      continue;
    auto is_table = files.Exists(io::JoinPath(io::JoinPath(place, entry.name), "metadata"));
    bool table = !above.empty() && is_table && *is_table;
    found.push_back(above + entry.name + (table ? "`" : "/"));
  }
  return found;
}

}  // namespace flare::cli
