#include "sql/time_literal.h"

#include <gtest/gtest.h>

namespace flare::sql {
namespace {

std::string Instant(std::string_view text, std::string_view zone = "UTC") { return TimeLiteralText(Type(TypeId::kTimestamp), text, zone); }

TEST(TimeLiteral, PrintsTheValueAndNotTheText) {
  EXPECT_EQ(TimeLiteralText(Type(TypeId::kDate), "2024-1-5", "UTC"), "2024-01-05");
  EXPECT_EQ(TimeLiteralText(Type(TypeId::kDate), "2024", "UTC"), "2024-01-01");
  EXPECT_EQ(Instant("2024-01"), "2024-01-01 00:00:00");
  EXPECT_EQ(Instant("2024-01-15T1:2"), "2024-01-15 01:02:00");
  EXPECT_EQ(Instant("2024-01-15 10:00:00.1200"), "2024-01-15 10:00:00.12");
  EXPECT_EQ(Instant("2024-01-01 00:30:00+01:00"), "2023-12-31 23:30:00");
  EXPECT_EQ(TimeLiteralText(Type(TypeId::kTimestampNtz), "2024-01-15 10:00:00+02:00", "UTC"), "2024-01-15 10:00:00");
  EXPECT_EQ(TimeLiteralText(Type(TypeId::kDate), "12024-03-15", "UTC"), "+12024-03-15");
  EXPECT_EQ(TimeLiteralText(Type(TypeId::kDate), "-0044-03-15", "UTC"), "-0044-03-15");
}

TEST(TimeLiteral, LeavesWhatItCannotRead) {
  for (std::string_view text : {"bad", "", "2024-02-30", "2024-01-15 25:00:00", "2024-01-15 10:00:00 Europe/Berlin"}) {
    EXPECT_EQ(Instant(text), text);
  }
  EXPECT_EQ(Instant("2024-01-15 10:00:00Z", "Asia/Tokyo"), "2024-01-15 10:00:00Z");
}

}  // namespace
}  // namespace flare::sql
