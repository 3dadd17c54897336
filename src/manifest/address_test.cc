#include "base/test_matchers.h"
#include "manifest/resources.h"

namespace flare::manifest {
namespace {

struct Expected {
  const char* text;
  const char* depot;
  const char* collection;
  const char* dataset;
  bool writable;
};

class Addresses : public testing::TestWithParam<Expected> {};

TEST_P(Addresses, AreReadIntoTheirParts) {
  const Expected& expected = GetParam();
  auto parts = ParseAddress(expected.text);
  ASSERT_THAT(parts, IsOk());
  EXPECT_EQ(parts->depot, expected.depot);
  EXPECT_EQ(parts->collection, expected.collection);
  EXPECT_EQ(parts->dataset, expected.dataset);
  EXPECT_EQ(parts->writable, expected.writable);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, Addresses,
    testing::Values(
        Expected{"dataos://lakehouse:stream/orders?acl=rw", "lakehouse", "stream", "orders", true},
        Expected{"dataos://lakehouse:stream/orders?acl=r", "lakehouse", "stream", "orders", false},
        Expected{"dataos://lakehouse:stream/orders", "lakehouse", "stream", "orders", false},
        Expected{"dataos://kafka:none/if-raw.test", "kafka", "none", "if-raw.test", false},
        Expected{"dataos://lake-house:sys01/a/b/c_chkpt/", "lake-house", "sys01", "a/b/c_chkpt",
                 false},
        Expected{"dataos://lakehouse:retail?acl=rw", "lakehouse", "retail", "", true},
        Expected{"dataos://lakehouse:retail/?acl=rw", "lakehouse", "retail", "", true},
        Expected{"dataos://lakehouse", "lakehouse", "", "", false},
        Expected{"dataos://lakehouse/a/b", "lakehouse", "", "a/b", false},
        Expected{"dataos://lake:a/b?acl=rw&version=2", "lake", "a", "b", true},
        Expected{"/tmp/checkpoints/a", "", "", "/tmp/checkpoints/a", true},
        Expected{"relative/path", "", "", "relative/path", true},
        Expected{"file:///data/a b", "", "", "/data/a b", true},
        Expected{"file:/data/a", "", "", "/data/a", true}));

TEST(ParseAddress, RefusesTheRest) {
  for (auto text : {"", "dataos://", "dataos:///a/b", "dataos:////a", "dataos://a:/b",
                    "dataos://a:b-c/d", "dataos://a:b//c", "dataos://a:b/../c",
                    "dataos://a:b/c?acl=x", "dataos://a:b/c?rw", "dataos://9a:b/c", "dataos:a:b/c",
                    "s3://bucket/a", "file://relative", "dataos://a:b/c d", "dataos://a b:c/d"}) {
    EXPECT_THAT(ParseAddress(text), IsError(Code::kInvalidArgument)) << text;
  }
}

}  // namespace
}  // namespace flare::manifest
