#pragma once
// One value at a time out of a database with the runtime functions. Included by tests only.
#include "base/test_matchers.h"
#include "engine/database.h"

namespace flare::engine {

class SparkFunctionTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto database = Database::Open({.threads = 1});
    ASSERT_THAT(database, IsOk());
    database_ = database->release();
    connection_ = database_->Connect()->release();
  }
  static void TearDownTestSuite() {
    delete connection_;
    delete database_;
  }
  static Database& database() { return *database_; }
  static Connection& connection() { return *connection_; }
  /// The value of an expression as text, "NULL", or "error: ...".
  static std::string One(const std::string& expression) {
    auto result = connection_->Query("SELECT " + expression);
    if (!result.has_value()) return "error: " + result.error().ToText();
    return result->rows[0][0].value_or("NULL");
  }

 private:
  static inline Database* database_ = nullptr;
  static inline Connection* connection_ = nullptr;
};

}  // namespace flare::engine
