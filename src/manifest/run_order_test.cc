#include "base/test_matchers.h"
#include "manifest/loader.h"

namespace flare::manifest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Workflow Make(const std::vector<std::pair<std::string, std::vector<std::string>>>& jobs) {
  Workflow workflow;
  for (const auto& [name, dependencies] : jobs) {
    Job job;
    job.name.value = name;
    for (const auto& dependency : dependencies) job.dependencies.push_back({dependency, {}});
    workflow.jobs.push_back(std::move(job));
  }
  return workflow;
}

TEST(RunOrder, KeepsTheWrittenOrderWhereItIsFree) {
  EXPECT_THAT(*RunOrder(Make({})), ElementsAre());
  EXPECT_THAT(*RunOrder(Make({{"a", {}}, {"b", {}}, {"c", {}}})), ElementsAre(0, 1, 2));
}

TEST(RunOrder, PutsDependenciesFirst) {
  EXPECT_THAT(*RunOrder(Make({{"c", {"a", "b"}}, {"b", {"a"}}, {"a", {}}, {"d", {}}})),
              ElementsAre(2, 1, 0, 3));
}

TEST(RunOrder, NamesACycle) {
  EXPECT_THAT(RunOrder(Make({{"x", {}}, {"a", {"b"}}, {"b", {"a", "x"}}})),
              HasMessage(HasSubstr("a -> b -> a")));
  EXPECT_THAT(RunOrder(Make({{"a", {"a"}}})), HasMessage(HasSubstr("a -> a")));
  EXPECT_THAT(RunOrder(Make({{"d", {"a"}}, {"a", {"a"}}})), HasMessage(HasSubstr("a -> a")));
}

TEST(RunOrder, NamesAMissingJob) {
  EXPECT_THAT(RunOrder(Make({{"a", {"gone"}}})), IsError(Code::kNotFound));
}

}  // namespace
}  // namespace flare::manifest
