#include "sql/sqlstate.h"

#include <gtest/gtest.h>

namespace flare::sql {
namespace {

TEST(SqlState, IsSparks) {
  EXPECT_EQ(SqlState("UNRESOLVED_COLUMN.WITH_SUGGESTION"), "42703");
  EXPECT_EQ(SqlState("TABLE_OR_VIEW_NOT_FOUND"), "42P01");
  EXPECT_EQ(SqlState("PARSE_SYNTAX_ERROR"), "42601");
  EXPECT_EQ(SqlState("DIVIDE_BY_ZERO"), "22012");
  EXPECT_EQ(SqlState("CAST_INVALID_INPUT"), "22018");
}

TEST(SqlState, IsEmptyForWhatSparkDoesNotKnow) {
  EXPECT_EQ(SqlState("bad-name"), "");
  EXPECT_EQ(SqlState(""), "");
  EXPECT_EQ(SqlState("UNRESOLVED"), "");
}

}  // namespace
}  // namespace flare::sql
