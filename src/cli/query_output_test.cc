#include "cli/query_output.h"

#include <gtest/gtest.h>

namespace flare::cli {
namespace {

sql::Schema TwoColumns() {
  return {{"id", sql::Type(sql::TypeId::kLong), true, ""},
          {"na,me", sql::Type(sql::TypeId::kString), true, ""}};
}

using Make = std::unique_ptr<RowPrinter> (*)(const sql::Schema&, observe::Write);

std::string Printed(Make make, std::vector<RowPrinter::Row> rows) {
  std::string text;
  auto printer = make(TwoColumns(), [&](std::string_view part) { text += part; });
  for (auto& row : rows) printer->Add(std::move(row));
  printer->Finish();
  return text;
}

TEST(RowPrinter, Table) {
  EXPECT_EQ(Printed(MakeTablePrinter, {{"1", "ann"}}),
            "+---+-----+\n| id|na,me|\n+---+-----+\n|  1|  ann|\n+---+-----+\n1 row\n");
  std::vector<RowPrinter::Row> many(1001, RowPrinter::Row{"7", std::nullopt});
  std::string text = Printed(MakeTablePrinter, many);
  EXPECT_TRUE(text.ends_with("only showing top 1000 rows\n1,001 rows\n"))
      << text.substr(text.size() - 60);
}

TEST(RowPrinter, CsvQuotesWhatNeedsItAndTellsNullFromEmpty) {
  EXPECT_EQ(
      Printed(MakeCsvPrinter, {{"1", "a\"b"}, {std::nullopt, ""}, {"2", "x\ny"}}),
      "id,\"na,me\"\n1,\"a\"\"b\"\n,\"\"\n2,\"x\ny\"\n");
}

}  // namespace
}  // namespace flare::cli
