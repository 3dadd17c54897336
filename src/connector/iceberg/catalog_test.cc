// Which catalog a depot names, and which table an address means there.
#include "connector/iceberg/catalog.h"

#include <filesystem>

#include "base/random.h"
#include "base/test_matchers.h"
#include "connector/iceberg/connector.h"

namespace flare::connector::iceberg {
namespace {

using ::testing::HasSubstr;

class CatalogTest : public ::testing::Test {
 protected:
  void TearDown() override { std::ignore = io::LocalFileSystem().RemoveTree(folder_); }

  /// Loads a FILE depot `d` on /wh with these further keys in its spec.
  const manifest::Depot& Depot(const std::string& spec, const std::string& more = "") {
    auto& files = io::LocalFileSystem();
    EXPECT_THAT(files.CreateDirectories(folder_), IsOk());
    EXPECT_THAT(files.Replace(folder_ + "/d.yaml",
                              fmt::format("name: d\ntype: depot\ndepot:\n  type: FILE\n{}  spec:\n    path: /wh\n{}", more, spec)),
                IsOk());
    Diagnostics mistakes;
    resources_ = manifest::Resources::Load({folder_}, "", {}, &mistakes);
    for (const auto& mistake : mistakes) ADD_FAILURE() << ToText(mistake);
    return *resources_.FindDepot("d");
  }
  /// What is reported about a depot with these keys.
  Diagnostic MistakeIn(const std::string& spec) {
    Diagnostics mistakes;
    EXPECT_FALSE(CatalogOf(Depot(spec), &mistakes).has_value()) << spec;
    EXPECT_EQ(mistakes.size(), 1u) << spec;
    return mistakes.empty() ? Diagnostic{} : mistakes[0];
  }
  std::string PlaceOf(const std::string& address) {
    auto table = TableOf(*resources_.Resolve({address, {}}), resources_, &io::LocalFileSystem());
    return table ? (*table)->place() : table.error().message();
  }

  std::string folder_ = (std::filesystem::temp_directory_path() / ("flare_catalog_" + NewUuid())).string();
  manifest::Resources resources_;
};

TEST_F(CatalogTest, WithoutATypeEachTableHasItsFolder) {
  for (const char* spec : {"    format: ICEBERG\n", "    icebergCatalogType: Hadoop\n"}) {
    Diagnostics mistakes;
    auto catalog = CatalogOf(Depot(spec), &mistakes);
    ASSERT_TRUE(catalog.has_value());
    EXPECT_EQ(catalog->database, "");
    EXPECT_EQ(PlaceOf("dataos://d:shop/orders"), "/wh/shop/orders");
  }
}

TEST_F(CatalogTest, UrlsOfJavaAndOfPython) {
  const std::pair<const char*, const char*> urls[] = {
      {"jdbc:sqlite:/x/catalog.db", "/x/catalog.db"}, {"jdbc:sqlite:catalog.db", "/wh/catalog.db"},
      {"jdbc:sqlite:file:/x/catalog.db", "/x/catalog.db"}, {"sqlite:////x/catalog.db", "/x/catalog.db"},
      {"sqlite:///in/../catalog.db", "/wh/catalog.db"}};
  for (const auto& [url, path] : urls) {
    for (const char* type : {"JDBC", "jdbc", "Sql"}) {
      Diagnostics mistakes;
      auto catalog = CatalogOf(Depot(fmt::format("    icebergCatalogType: {}\n    metastoreUrl: {}\n", type, url)), &mistakes);
      ASSERT_TRUE(catalog.has_value()) << url;
      EXPECT_EQ(catalog->database, path);
      EXPECT_EQ(catalog->name, "d");
    }
  }
}

TEST_F(CatalogTest, TheSourceOfTheDepotNamesTheCatalog) {
  Depot("    icebergCatalogType: JDBC\n    metastoreUrl: jdbc:sqlite:c.db\n", "  source: lake\n");
  EXPECT_EQ(PlaceOf("dataos://d:shop/orders"), "the catalog lake of /wh/c.db, as shop.orders");
  EXPECT_EQ(PlaceOf("dataos://d:shop/eu/orders"), "the catalog lake of /wh/c.db, as shop.eu.orders");
  EXPECT_EQ(PlaceOf("dataos://d:none/shop/orders"), "the catalog lake of /wh/c.db, as shop.orders");
  EXPECT_THAT(PlaceOf("dataos://d:none/orders"), HasSubstr("names no table of the catalog lake"));
  EXPECT_THAT(PlaceOf("dataos://d:shop/e.u/orders"), HasSubstr("has a '.' in its name"));
  auto table = TableOf(*resources_.Resolve({"dataos://d:shop/eu/orders", {}}), resources_, &io::LocalFileSystem());
  EXPECT_EQ((*table)->NewLocation(), "file:///wh/shop/eu/orders");
}

TEST_F(CatalogTest, WhatCannotBeUsedIsRefusedAtItsPlace) {
  Diagnostic hive = MistakeIn("    icebergCatalogType: HIVE\n    metastoreUrl: thrift://host:9083\n");
  EXPECT_EQ(hive.code, "unsupported-catalog");
  EXPECT_EQ(hive.where.line, 7);
  EXPECT_EQ(hive.found, "HIVE");
  EXPECT_EQ(MistakeIn("    metastoreType: rest\n").code, "unsupported-catalog");
  EXPECT_EQ(MistakeIn("    icebergCatalogType: JDBC\n").code, "bad-catalog");
  EXPECT_EQ(MistakeIn("    metastoreUrl: jdbc:sqlite:/x/c.db\n").code, "bad-catalog");
  for (const char* url : {"'jdbc:sqlite:'", "'jdbc:sqlite::memory:'", "sqlite:///", "jdbc:sqlite:/x/c.db?mode=ro"}) {
    EXPECT_EQ(MistakeIn(fmt::format("    icebergCatalogType: JDBC\n    metastoreUrl: {}\n", url)).code, "bad-catalog") << url;
  }
  EXPECT_THAT(PlaceOf("dataos://d:shop/orders"), HasSubstr("parameters behind the file's name"));
}

TEST_F(CatalogTest, APasswordInAUrlIsNotShown) {
  for (const char* url : {"postgresql://me:hunter2@host/db", "jdbc:postgresql://host/db?user=me&password=hunter2"}) {
    Diagnostic mistake = MistakeIn(fmt::format("    icebergCatalogType: JDBC\n    metastoreUrl: {}\n", url));
    EXPECT_EQ(mistake.code, "unsupported-catalog");
    EXPECT_EQ(ToText(mistake).find("hunter2"), std::string::npos);
    EXPECT_THAT(mistake.found, HasSubstr("host"));
  }
}

TEST_F(CatalogTest, AnOutputSaysWhichCatalogHoldsItsTable) {
  auto check = [&](const std::string& address) {
    manifest::Output output;
    output.name = {"final", {}};
    output.dataset = {address, {}};
    Diagnostics diagnostics;
    MakeIcebergConnector().check_output(output, *resources_.Resolve(output.dataset), &diagnostics);
    return diagnostics;
  };
  Depot("    icebergCatalogType: JDBC\n    metastoreUrl: jdbc:sqlite:c.db\n");
  auto notes = check("dataos://d:shop/orders?acl=rw");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].severity, Severity::kNote);
  EXPECT_EQ(notes[0].message, "output final is the table shop.orders of the catalog d in /wh/c.db");
  EXPECT_TRUE(HasErrors(check("dataos://d:none/orders?acl=rw")));
  Depot("    icebergCatalogType: NESSIE\n");
  EXPECT_TRUE(HasErrors(check("dataos://d:shop/orders?acl=rw")));
  Depot("");
  EXPECT_TRUE(check("dataos://d:shop/orders?acl=rw").empty());
}

}  // namespace
}  // namespace flare::connector::iceberg
