#include "base/diagnostic.h"

#include <gtest/gtest.h>

namespace flare {
namespace {

const std::vector<std::string> kCommands = {"run", "lint", "explain", "query"};

TEST(NearestName, TakesASwappedPairForOneMistake) {
  EXPECT_EQ(NearestName("lnit", kCommands), "lint");
  EXPECT_EQ(NearestName("urn", kCommands), "run");
  EXPECT_EQ(NearestName("exlpian", kCommands), "explain");
}

TEST(NearestName, CountsLettersPutInLeftOutAndChanged) {
  EXPECT_EQ(NearestName("lints", kCommands), "lint");
  EXPECT_EQ(NearestName("QURY", kCommands), "query");
  EXPECT_EQ(NearestName("explaim", kCommands), "explain");
}

TEST(NearestName, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(NearestName("tail", kCommands), "");
  EXPECT_EQ(NearestName("", kCommands), "");
  EXPECT_EQ(NearestName("run", {}), "");
}

TEST(NearestName, PrefersTheNearest) {
  EXPECT_EQ(NearestName("orders", {"order", "orders", "border"}), "orders");
  EXPECT_EQ(NearestName("odrers", {"odres", "orders"}), "odres");
}

}  // namespace
}  // namespace flare
