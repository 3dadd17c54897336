#include "cli/sql_completion.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/random.h"

namespace flare::cli {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

class Completed : public ::testing::Test {
 protected:
  Completed() : lake_(fs::temp_directory_path() / ("flare-completion-" + NewUuid())) {
    fs::create_directories(lake_ / "sales" / "orders" / "metadata");
    fs::create_directories(lake_ / "sales" / "returns" / "metadata");
    Diagnostics none;
    resources_ = manifest::Resources::Load({}, lake_.string(), {}, &none);
    sql::Type whole(sql::TypeId::kInt);
    relations_ = {{"orders", "", {{"order_id", whole, true, ""}, {"Total Sum", whole, true, ""}}},
                  {"other", "", {{"order_place", whole, true, ""}}}};
  }
  ~Completed() override {
    std::error_code ignored;
    fs::remove_all(lake_, ignored);
  }
  std::vector<std::string> At(std::string_view line, std::string_view before = "") const {
    return SqlCompletion(resources_, {"\\d", "\\q"}).At(before, line, relations_).candidates;
  }

  fs::path lake_;
  manifest::Resources resources_;
  std::vector<sql::Relation> relations_;
};

TEST_F(Completed, WordsInTheLettersOfThePerson) {
  EXPECT_THAT(At("SEL"), ElementsAre("SELECT"));
  EXPECT_THAT(At("sele"), ElementsAre("select"));
  EXPECT_THAT(At("SELECT get_js"), ElementsAre("get_json_object("));
  EXPECT_THAT(At("SELECT explode_"), ElementsAre("explode_outer("));
}

TEST_F(Completed, RelationsAndColumns) {
  EXPECT_THAT(At("SELECT order_"), ElementsAre("order_id", "order_place"));
  EXPECT_THAT(At("SELECT * FROM order"), Contains("orders"));
  EXPECT_THAT(At("SELECT orders."), ElementsAre("`Total Sum`", "order_id"));
  EXPECT_THAT(At("SELECT alias.order_"), ElementsAre("order_id", "order_place"));
}

TEST_F(Completed, AddressesInBackticks) {
  EXPECT_THAT(At("SELECT * FROM `da"), ElementsAre("`dataos://lakehouse:"));
  EXPECT_THAT(At("SELECT * FROM `dataos://lakehouse:s"), ElementsAre("`dataos://lakehouse:sales/"));
  EXPECT_THAT(
      At("SELECT * FROM `dataos://lakehouse:sales/"),
      ElementsAre("`dataos://lakehouse:sales/orders`", "`dataos://lakehouse:sales/returns`"));
  EXPECT_THAT(At("SELECT * FROM `dataos://lakehouse:../"), IsEmpty());
  EXPECT_THAT(At("SELECT * FROM `dataos://nowhere:s"), IsEmpty());
}

TEST_F(Completed, NothingInTextsAndComments) {
  EXPECT_THAT(At("SELECT 'sel"), IsEmpty());
  EXPECT_THAT(At("sel", "SELECT 'open\n"), IsEmpty());
  EXPECT_THAT(At("SELECT /* sel"), IsEmpty());
}

TEST_F(Completed, CommandsOfTheShellStandFirst) {
  EXPECT_THAT(At("\\"), ElementsAre("\\d", "\\q"));
  EXPECT_THAT(At("\\q", "SELECT 1,\n"), ::testing::Not(Contains("\\q")));
}

}  // namespace
}  // namespace flare::cli
