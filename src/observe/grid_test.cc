#include "observe/grid.h"

#include <gtest/gtest.h>

namespace flare::observe {
namespace {

TEST(Grid, LooksAsSparksShow) {
  EXPECT_EQ(FormatGrid({"id", "name"}, {{"1", "ann"}, {"22", std::nullopt}}),
            "+---+----+\n"
            "| id|name|\n"
            "+---+----+\n"
            "|  1| ann|\n"
            "| 22|NULL|\n"
            "+---+----+\n");
}

TEST(Grid, CutsEscapesAndKeepsWideLettersInLine) {
  EXPECT_EQ(FormatGrid({"v"}, {{"a\nb\x01"}, {"注文"}, {"abcdefghijkl"}}, 10),
            "+----------+\n"
            "|         v|\n"
            "+----------+\n"
            "|  a\\nb\\x01|\n"
            "|      注文|\n"
            "|abcdefg...|\n"
            "+----------+\n");
}

TEST(Grid, UncutCellsStandLeft) {
  EXPECT_EQ(FormatGrid({"v"}, {{"abcd"}, {"x"}}, 0),
            "+----+\n|v   |\n+----+\n|abcd|\n|x   |\n+----+\n");
}

TEST(Grid, NoRowsAndNoColumnsAreFine) {
  EXPECT_EQ(FormatGrid({"id"}, {}), "+---+\n| id|\n+---+\n+---+\n");
  EXPECT_EQ(FormatGrid({}, {{}}), "+\n|\n+\n|\n+\n");
}

TEST(Grid, Footer) {
  EXPECT_EQ(GridFooter(20), "only showing top 20 rows");
  EXPECT_EQ(GridFooter(1), "only showing top 1 row");
}

}  // namespace
}  // namespace flare::observe
