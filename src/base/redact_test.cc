#include "base/redact.h"

#include <gtest/gtest.h>

namespace flare {
namespace {

TEST(RedactTest, HidesWhatNamesASecretAndNothingElse) {
  for (const char* name : {"kafka.sasl.jaas.config", "kafka.ssl.key.password", "sasl_password", "authToken",
                           "client-secret", "kafka.ssl.keystore.key", "basic.auth.user.info",
                           "fs.azure.account.key.x", "api.key"}) {
    EXPECT_EQ(Shown(name, "hunter2"), "***") << name;
  }
  for (const char* name : {"startingOffsets", "kafka.security.protocol", "kafka.sasl.mechanism", "subscribe"}) {
    EXPECT_EQ(Shown(name, "x"), "x") << name;
  }
}

}  // namespace
}  // namespace flare
