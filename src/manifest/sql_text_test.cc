#include "manifest/sql_text.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace flare::manifest {
namespace {

struct Read {
  SqlText sql;
  std::string value;  ///< as YAML gives it
  std::string raw;

  /// What stands in the file where the text has `word`.
  std::string FileAt(const std::string& word) const {
    size_t at = sql.text->find(word);
    if (at == std::string::npos) return "not in the text";
    auto behind = std::find_if(sql.places.begin(), sql.places.end(), [&](const auto& place) { return place.first > at; });
    const auto& [from, where] = *std::prev(behind);
    auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; };
    auto column = where.column - 1 + std::count_if(sql.text->begin() + static_cast<long>(from),
                                                   sql.text->begin() + static_cast<long>(at), is_start);
    Diagnostics ignored;
    auto source = SourceText::Make(raw, "f", &ignored);
    std::string_view text = source->Line(where.line);
    size_t byte = 0;
    for (; byte < text.size() && column > 0; --column) {
      do {
        ++byte;
      } while (byte < text.size() && !is_start(text[byte]));
    }
    return std::string(text.substr(byte, word.size()));
  }

  size_t Lines() const {
    return static_cast<size_t>(std::count_if(sql.places.begin(), sql.places.end(), [&](const auto& place) {
      return place.first == 0 || (*sql.text)[place.first - 1] == '\n';
    }));
  }
  /// The place of line `index` (from 0) of the text.
  SourcePosition Line(size_t index) const {
    size_t start = 0;
    for (size_t i = 0; i < index; ++i) start = sql.text->find('\n', start) + 1;
    for (const auto& [offset, where] : sql.places) {
      if (offset == start) return where;
    }
    return {};
  }
};

Read ReadValue(const std::string& yaml, const std::map<std::string, std::string>& variables = {}) {
  Diagnostics diagnostics;
  auto source = SourceText::Make(yaml, "f", &diagnostics);
  YamlFile file = ParseYaml(*source, &diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  const Node* node = file.documents.at(0)->Find("sql");
  auto replace = [&](const std::string& line) {
    std::string text = line;
    for (const auto& [name, value] : variables) {
      if (size_t at = text.find(name); at != std::string::npos)
        text.replace(at, name.size(), value);
    }
    return text;
  };
  return {ReadSqlText(*node, *source, replace), node->written, yaml};
}

TEST(SqlText, LiteralBlock) {
  Read read = ReadValue("a: 1\nsql: |\n    SELECT *,\n\n      b AS c\n    FROM t\nz: 2\n");
  EXPECT_EQ(*read.sql.text, "SELECT *,\n\n  b AS c\nFROM t\n");
  EXPECT_EQ(read.sql.text.where.line, 3);
  EXPECT_EQ(read.sql.text.where.column, 5);
  ASSERT_EQ(read.Lines(), 5u);
  EXPECT_EQ(read.Line(1).line, 4);
  EXPECT_EQ(read.Line(2).line, 5);
  EXPECT_EQ(read.Line(2).column, 5);
  EXPECT_EQ(read.FileAt("b AS"), "b AS");
  EXPECT_EQ(read.FileAt("FROM"), "FROM");
}

TEST(SqlText, LiteralBlockWithIndicatorsAndLeadingBlankLine) {
  Read read = ReadValue("sql: |2-  # a comment | > \"\n\n    SELECT 1\n  FROM t\n");
  EXPECT_EQ(*read.sql.text, read.value);
  EXPECT_EQ(read.FileAt("SELECT"), "SELECT");
  EXPECT_EQ(read.FileAt("FROM"), "FROM");
}

TEST(SqlText, FoldedBlockKeepsTheLinesOfTheFile) {
  Read read = ReadValue("sql: >\n  SELECT a,\n  b\n\n  FROM t\n  WHERE x = 1\n");
  EXPECT_EQ(read.value, "SELECT a, b\nFROM t WHERE x = 1\n");
  EXPECT_EQ(*read.sql.text, "SELECT a,\nb\nFROM t\nWHERE x = 1\n");
  for (auto word : {"SELECT", "b", "FROM", "WHERE"}) EXPECT_EQ(read.FileAt(word), word);
}

TEST(SqlText, FoldsInsideLiteralsAndCommentsStayBlanks) {
  Read read = ReadValue("sql: >-\n  SELECT 'one\n  two' AS a, -- rest is\n  comment\n");
  EXPECT_EQ(*read.sql.text, read.value);
  EXPECT_EQ(read.value, "SELECT 'one two' AS a, -- rest is comment");
}

TEST(SqlText, PlainScalarOverSeveralLines) {
  Read read = ReadValue("sql: SELECT a\n  FROM t\n  WHERE b\nz: 1\n");
  EXPECT_EQ(*read.sql.text, "SELECT a\nFROM t\nWHERE b");
  for (auto word : {"SELECT", "FROM", "WHERE"}) EXPECT_EQ(read.FileAt(word), word);
  EXPECT_EQ(read.sql.text.where.column, 6);
}

TEST(SqlText, SingleQuoted) {
  Read read = ReadValue("sql: 'SELECT ''x'' AS a\n\n  FROM t'\n");
  EXPECT_EQ(*read.sql.text, "SELECT 'x' AS a\nFROM t");
  EXPECT_EQ(read.sql.text.where.column, 7);
  EXPECT_EQ(read.FileAt("FROM"), "FROM");
}

TEST(SqlText, DoubleQuotedWithEscapes) {
  Read read = ReadValue("sql: \"SELECT \\\"x\\\",\\n  a\\u0020\\x41\n  FROM t \\\n    WHERE é\"\n");
  EXPECT_EQ(*read.sql.text, "SELECT \"x\",\n  a A\nFROM t\nWHERE é");
  EXPECT_EQ(read.FileAt("FROM"), "FROM");
  EXPECT_EQ(read.FileAt("WHERE"), "WHERE");
  EXPECT_EQ(read.Line(1).line, 1);
}

TEST(SqlText, AnchorsAndTagsStandBeforeTheText) {
  Read read = ReadValue("sql: &query !!str |\n  SELECT 1\nz: *query\n");
  EXPECT_EQ(*read.sql.text, "SELECT 1\n");
  EXPECT_EQ(read.FileAt("SELECT"), "SELECT");
}

TEST(SqlText, VariablesMayBringLines) {
  Read read = ReadValue("sql: |\n  SELECT\n  $COLUMNS\n  FROM t\n", {{"$COLUMNS", "a,\nb"}});
  EXPECT_EQ(*read.sql.text, "SELECT\na,\nb\nFROM t\n");
  ASSERT_EQ(read.Lines(), 5u);
  EXPECT_EQ(read.Line(1).line, 3);
  EXPECT_EQ(read.Line(2).line, 3);
  EXPECT_EQ(read.FileAt("FROM"), "FROM");
}

TEST(SqlText, CrlfFile) {
  Read read = ReadValue("sql: |\r\n  SELECT 1\r\n  FROM t\r\n");
  EXPECT_EQ(*read.sql.text, "SELECT 1\nFROM t\n");
  EXPECT_EQ(read.FileAt("FROM"), "FROM");
}

TEST(SqlText, WhatIsShorterInTheTextMovesNothing) {
  Read read = ReadValue("sql: 'SELECT ''x'', ''é'' AS \"ä\", bad FROM t'\n");
  for (auto word : {"AS", "bad", "FROM"}) EXPECT_EQ(read.FileAt(word), word);
  read = ReadValue("sql: \"SELECT \\\"x\\\", \\x41, bad\\n FROM t\"\n");
  for (auto word : {"bad", "FROM"}) EXPECT_EQ(read.FileAt(word), word);
}

TEST(SqlText, FoldsInsideLiteralsKeepThePlaceBehindThem) {
  Read read = ReadValue("sql: >-\n  SELECT 'one\n  two', bad\n  FROM t\n");
  for (auto word : {"two", "bad", "FROM"}) EXPECT_EQ(read.FileAt(word), word);
}

TEST(SqlText, VariablesMoveNothingBehindThem) {
  Read read = ReadValue("sql: |\n  SELECT $COLUMNS, bad\n  FROM $T WHERE x\n", {{"$COLUMNS", "a_long_name, b"}, {"$T", "t"}});
  EXPECT_EQ(*read.sql.text, "SELECT a_long_name, b, bad\nFROM t WHERE x\n");
  for (auto word : {"SELECT", "bad", "FROM", "WHERE"}) EXPECT_EQ(read.FileAt(word), word);
}

TEST(SqlText, EmptyText) {
  Read read = ReadValue("sql: ''\n");
  EXPECT_EQ(*read.sql.text, "");
  EXPECT_EQ(read.Lines(), 1u);
}

}  // namespace
}  // namespace flare::manifest
