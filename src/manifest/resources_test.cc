#include "manifest/resources.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <type_traits>

#include "base/test_matchers.h"
#include "manifest/loader.h"

namespace flare::manifest {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
static_assert(!Printable<Secret>, "a secret must not print");
static_assert(!fmt::is_formattable<Secret>::value, "a secret must not be formatted");

class ResourcesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "manifest-resources-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.parent_path().string();
  }
  Resources LoadAll(const std::vector<std::string>& folders) {
    return Resources::Load(folders, "/warehouse", variables_, &diagnostics_);
  }
  std::string Reported() const {
    std::string text;
    for (const auto& diagnostic : diagnostics_) text += ToText(diagnostic) + "\n";
    return text;
  }

  fs::path folder_;
  Diagnostics diagnostics_;
  std::map<std::string, std::string> variables_ = {{"PASSWORD", "hunter2"}};
};

constexpr const char* kNewForm = R"(name: shopkafka
version: v2alpha
type: depot
depot:
  type: kafka
  kafka:
    brokers: [a:9092, b:9092]
    schemaRegistryUrl: http://registry
    params: {kafka.client.id: me}
    kafka.fetch.min.bytes: 1
  secrets:
    - name: shopkafka-rw
      keys: [shopkafka-rw]
---
name: shopkafka-rw
version: v1
type: instance-secret
instance-secret:
  type: key-value-properties
  acl: rw
  data: {username: alice, password: "${PASSWORD}"}
  files: {ca_file: ca.pem}
)";

TEST_F(ResourcesTest, ReadsTheNewFormOfADepotWithItsSecret) {
  Resources resources = LoadAll({Write("a/kafka.yaml", kNewForm)});
  EXPECT_EQ(Reported(), "");
  const Depot* depot = resources.FindDepot("shopkafka");
  ASSERT_NE(depot, nullptr);
  EXPECT_EQ(depot->type, "KAFKA");
  EXPECT_EQ(*depot->spec.at("brokers"), "a:9092,b:9092");
  EXPECT_EQ(*depot->spec.at("schemaRegistryUrl"), "http://registry");
  EXPECT_EQ(*depot->parameters.at("kafka.client.id"), "me");
  EXPECT_EQ(*depot->parameters.at("kafka.fetch.min.bytes"), "1");
  EXPECT_EQ(depot->read_secret.at("password").Reveal(), "hunter2");
  EXPECT_EQ(depot->write_secret.at("username").Reveal(), "alice");
  EXPECT_EQ(depot->read_secret.at("ca_file").Reveal(), (folder_ / "a" / "ca.pem").string());
}

TEST_F(ResourcesTest, ReadsTheOldFormOfADepot) {
  Resources resources = LoadAll({Write("a.yaml", R"(name: shop
version: v1
type: depot
depot:
  type: KAFKA
  spec: {brokers: "a:9092,b:9092"}
  connectionSecret:
    - {acl: r, type: key-value-properties, data: {username: reader}}
    - {acl: rw, data: {username: writer, password: x}}
)")});
  EXPECT_EQ(Reported(), "");
  const Depot* depot = resources.FindDepot("shop");
  ASSERT_NE(depot, nullptr);
  EXPECT_EQ(*depot->spec.at("brokers"), "a:9092,b:9092");
  EXPECT_EQ(depot->read_secret.at("username").Reveal(), "reader");
  EXPECT_EQ(depot->write_secret.at("username").Reveal(), "writer");
}

TEST_F(ResourcesTest, DecodesBase64AndChoosesKeys) {
  Resources resources = LoadAll({Write("a.yaml", R"(name: shop
type: depot
depot:
  type: KAFKA
  kafka: {brokers: a:9092}
  secret:
    - {name: s, keys: [password]}
---
name: s
type: secret
secret:
  encoding: base64
  data: {password: aHVudGVyMg==, other: eA==}
)")});
  EXPECT_EQ(Reported(), "");
  const Depot* depot = resources.FindDepot("shop");
  ASSERT_NE(depot, nullptr);
  EXPECT_EQ(depot->write_secret.at("password").Reveal(), "hunter2");
  EXPECT_EQ(depot->write_secret.count("other"), 0u);
}

TEST_F(ResourcesTest, FirstFolderWinsAndLakehouseIsBuiltIn) {
  std::string first =
      Write("one/a.yaml", "name: d\ntype: depot\ndepot: {type: FILE, spec: {path: data}}\n");
  std::string second =
      Write("two/a.yaml", "name: d\ntype: depot\ndepot: {type: FILE, spec: {path: /other}}\n");
  Resources resources = LoadAll({first, "/nowhere/at/all", second});
  EXPECT_EQ(Reported(), "");
  EXPECT_THAT(resources.DepotNames(), ElementsAre("d", "lakehouse"));
  EXPECT_EQ(*resources.LocalPath(*resources.Resolve({"dataos://d:c/t?acl=rw", {}})),
            first + "/data/c/t");
  EXPECT_EQ(*resources.FindDepot("lakehouse")->spec.at("format"), "ICEBERG");
}

TEST_F(ResourcesTest, OwnLakehouseWins) {
  Resources resources = LoadAll({Write("a.yaml",
                                       "name: lakehouse\ntype: depot\ndepot: {type: FILE, spec: "
                                       "{path: 'file:///mine', relativePath: in}}\n")});
  EXPECT_EQ(*resources.LocalPath(*resources.Resolve({"dataos://lakehouse:none/t", {}})),
            "/mine/in/t");
}

TEST_F(ResourcesTest, ResolvesAddresses) {
  Resources resources = LoadAll({Write("a.yaml", kNewForm)});
  auto topic = resources.Resolve({"dataos://shopkafka:default/orders?acl=rw", {}});
  ASSERT_THAT(topic, IsOk());
  EXPECT_EQ(topic->depot->name, "shopkafka");
  EXPECT_EQ(topic->collection, "");
  EXPECT_EQ(topic->dataset, "orders");
  EXPECT_TRUE(topic->writable);
  EXPECT_THAT(resources.LocalPath(*topic), IsError(Code::kUnsupported));
  auto path = resources.Resolve({"/tmp/x", {}});
  EXPECT_EQ(path->depot, nullptr);
  EXPECT_EQ(*resources.LocalPath(*path), "/tmp/x");
  EXPECT_THAT(resources.Resolve({"dataos://lakehose:a/b", {}}),
              HasMessage(HasSubstr("did you mean lakehouse?")));
  EXPECT_THAT(resources.Resolve({"dataos://nothing:a/b", {}}), IsError(Code::kNotFound));
}

TEST_F(ResourcesTest, NeverShowsASecret) {
  variables_["WORSE"] = "hunter2";
  LoadAll({Write("a.yaml", R"(name: s
type: secret
secret:
  acl: hunter2
  encoding: hunter2
  data: [hunter2]
---
name: t
type: instance-secret
instance-secret:
  encoding: base64
  data: {a: "hunter2!", b: {c: hunter2}, d: "${WORSE}!"}
  files: hunter2
  stringData: {e: "${hunter2 }", f: &hunter2 x}
---
name: d
type: depot
depot:
  type: KAFKA
  spec: {brokers: a}
  connectionSecret:
    - {acl: rw, data: hunter2}
    - hunter2
)")});
  EXPECT_GE(diagnostics_.size(), 7u);
  EXPECT_THAT(Reported(), testing::Not(HasSubstr("hunter2")));
}

TEST_F(ResourcesTest, ManifestsOwnResourcesOverride) {
  Resources resources = LoadAll({});
  LoadedManifest loaded = LoadText(
      "name: lakehouse\ntype: depot\ndepot: {type: FILE, spec: {path: /own}}\n", "m.yaml", {});
  resources.Override(loaded.resources);
  EXPECT_EQ(*resources.FindDepot("lakehouse")->spec.at("path"), "/own");
}

TEST_F(ResourcesTest, ReadsComputes) {
  Resources resources = LoadAll(
      {Write("a.yaml",
             "name: big\ntype: compute\ncompute:\n  engine: spark\n  conf: {a: 1, b: [x, y]}\n")});
  const Compute* compute = resources.FindCompute("big");
  ASSERT_NE(compute, nullptr);
  EXPECT_EQ(compute->settings.at("engine"), "spark");
  EXPECT_EQ(compute->settings.at("conf.a"), "1");
  EXPECT_EQ(compute->settings.at("conf.b"), "x,y");
}

}  // namespace
}  // namespace flare::manifest
