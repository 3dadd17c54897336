// What `flare query` prints of each kind of value: the same text as Spark's show().
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/app.h"

namespace flare::cli {
namespace {

std::string Printed(const std::string& sql, const std::string& format = "table") {
  ManualClock clock{WallTime(Millis(1770113700000))};
  std::string text;
  Host host;
  host.out = host.err = [&](std::string_view more) { text += more; };
  host.clock = &clock;
  host.environment = {{"HOME", "/nonexistent"}};
  EXPECT_EQ(RunApp({"query", "--format", format, sql}, host), 0) << text;
  return text;
}

TEST(Query, PrintsValuesAsSparkShowsThem) {
  EXPECT_EQ(Printed("SELECT named_struct('id', 1, 'name', 'a') AS s, array(1, 2) AS l, "
                    "map('k', 1.50) AS m, CAST('12' AS BINARY) AS b, CAST(NULL AS BINARY) AS n, "
                    "timestamp'2026-11-23 07:56:49.241' AS t, true AS yes, 1.0D AS d"),
            "+------+------+-----------+-------+----+-----------------------+----+---+\n"
            "|     s|     l|          m|      b|   n|                      t| yes|  d|\n"
            "+------+------+-----------+-------+----+-----------------------+----+---+\n"
            "|{1, a}|[1, 2]|{k -> 1.50}|[31 32]|NULL|2026-11-23 07:56:49.241|true|1.0|\n"
            "+------+------+-----------+-------+----+-----------------------+----+---+\n"
            "1 row\n");
}

TEST(Query, NamesMayRepeat) {
  EXPECT_EQ(Printed("SELECT 1 AS `a b`, 2 AS `a b`, CAST('' AS BINARY) AS c", "csv"),
            "a b,a b,c\n1,2,[]\n");
}

}  // namespace
}  // namespace flare::cli
