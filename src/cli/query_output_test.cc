#include "cli/query_output.h"

#include <gtest/gtest.h>

namespace flare::cli {
namespace {

sql::Schema TwoColumns() {
  return {{"id", sql::Type(sql::TypeId::kLong), true, ""},
          {"na,me", sql::Type(sql::TypeId::kString), true, ""}};
}

std::string Printed(QueryArguments::Format format, std::vector<RowPrinter::Row> rows) {
  std::string text;
  auto printer = MakeRowPrinter(format, TwoColumns(), [&](std::string_view part) { text += part; });
  for (auto& row : rows) printer->Add(std::move(row));
  printer->Finish();
  return text;
}

TEST(RowPrinter, Table) {
  EXPECT_EQ(Printed(QueryArguments::Format::kTable, {{"1", "ann"}}),
            "+---+-----+\n| id|na,me|\n+---+-----+\n|  1|  ann|\n+---+-----+\n1 row\n");
  std::vector<RowPrinter::Row> many(1001, RowPrinter::Row{"7", std::nullopt});
  std::string text = Printed(QueryArguments::Format::kTable, many);
  EXPECT_TRUE(text.ends_with("only showing top 1000 rows\n1,001 rows\n"))
      << text.substr(text.size() - 60);
}

TEST(RowPrinter, CsvQuotesWhatNeedsItAndTellsNullFromEmpty) {
  EXPECT_EQ(
      Printed(QueryArguments::Format::kCsv, {{"1", "a\"b"}, {std::nullopt, ""}, {"2", "x\ny"}}),
      "id,\"na,me\"\n1,\"a\"\"b\"\n,\"\"\n2,\"x\ny\"\n");
}

TEST(RowPrinter, JsonLines) {
  EXPECT_EQ(Printed(QueryArguments::Format::kJson, {{"1", "12"}, {"NaN", std::nullopt}}),
            "{\"id\":1,\"na,me\":\"12\"}\n{\"id\":\"NaN\",\"na,me\":null}\n");
}

}  // namespace
}  // namespace flare::cli
