#include "connector/iceberg/catalog.h"

#include <algorithm>
#include <filesystem>

#include "lake/directory_catalog.h"

namespace flare::connector::iceberg {
namespace {

constexpr const char* kUrlForms = "jdbc:sqlite:/folder/catalog.db";

manifest::Text Setting(const manifest::Depot& depot, const char* key) {
  auto found = depot.spec.find(key);
  return found == depot.spec.end() ? manifest::Text{} : found->second;
}

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

Diagnostic Mistake(const manifest::Text& text, std::string code, std::string message, std::string expected) {
  return {Severity::kError, text.where, std::move(code), std::move(message), text.value, std::move(expected), ""};
}

/// A URL as it may be printed: without what may hold a password.
manifest::Text Shown(manifest::Text url) {
  url.value = url.value.substr(0, url.value.find_first_of("?;"));
  size_t user = url.value.find("//");
  size_t host = url.value.rfind('@');
  if (host == std::string::npos) return url;
  user = user == std::string::npos || user > host ? 0 : user + 2;
  url.value.replace(user, host - user, "***");
  return url;
}

/// `jdbc:sqlite:PATH` as Java has it, `sqlite:///PATH` as PyIceberg has it: there a fourth slash begins an
/// absolute path. Error: what is wrong, for a sentence that names the key.
Result<std::string> DatabasePath(const std::string& url) {
  constexpr std::string_view kJava = "jdbc:sqlite:", kPython = "sqlite:///";
  std::string path;
  if (url.starts_with(kJava)) {
    path = url.substr(kJava.size());
    if (path.starts_with("file:")) {
      ASSIGN_OR_RETURN(path, lake::LocalPathOf(path));
    }
  } else if (url.starts_with(kPython)) {
    path = url.substr(kPython.size());
  } else {
    return Unsupported("flare shares catalogs in SQLite files only");
  }
  if (path.empty() || path.starts_with(":")) return InvalidArgument("it names no file");
  if (path.find('?') != std::string::npos) return InvalidArgument("parameters behind the file's name are not supported");
  return path;
}

std::string Absolute(const std::string& path) {
  std::error_code error;
  auto absolute = std::filesystem::absolute(path, error).lexically_normal().string();
  while (absolute.size() > 1 && absolute.back() == '/') absolute.pop_back();
  return error ? path : absolute;
}

}  // namespace

std::optional<Catalog> CatalogOf(const manifest::Depot& depot, Diagnostics* diagnostics) {
  manifest::Text url = Setting(depot, "metastoreUrl");
  manifest::Text type = Setting(depot, "icebergCatalogType");
  if (type->empty()) type = Setting(depot, "metastoreType");
  std::string kind = Upper(type.value);
  bool is_sql = kind == "JDBC" || kind == "SQL";
  auto report = [&](Diagnostic mistake) {
    diagnostics->push_back(std::move(mistake));
    return std::nullopt;
  };
  if (!kind.empty() && !is_sql && kind != "HADOOP") {
    return report(Mistake(type, "unsupported-catalog",
                          fmt::format("depot {} keeps its tables in a catalog that flare does not speak to", depot.name),
                          "HADOOP (each table's own folder, the default) or JDBC (a SQLite file)"));
  }
  if (!is_sql) {
    if (url->empty()) return Catalog{};
    return report(Mistake(Shown(url), "bad-catalog",
                          fmt::format("depot {} has a `metastoreUrl`, but no catalog that uses it", depot.name),
                          fmt::format("`icebergCatalogType: JDBC` with metastoreUrl: {}", kUrlForms)));
  }
  if (url->empty()) {
    return report(Mistake(type, "bad-catalog", fmt::format("depot {} does not say where its catalog is", depot.name),
                          fmt::format("metastoreUrl: {}", kUrlForms)));
  }
  Result<std::string> path = DatabasePath(url.value);
  if (!path) {
    return report(Mistake(Shown(url), path.error().code() == Code::kUnsupported ? "unsupported-catalog" : "bad-catalog",
                          fmt::format("`metastoreUrl` of depot {}: {}", depot.name, path.error().message()), kUrlForms));
  }
  std::filesystem::path folder = Setting(depot, "path").value;
  return Catalog{Absolute((folder / *path).string()), depot.source.empty() ? depot.name : depot.source};
}

Result<lake::SqlTableName> NameIn(const Catalog& catalog, const manifest::Address& address) {
  lake::SqlTableName name{catalog.database, catalog.name, address.collection, address.dataset};
  if (auto slash = name.table.rfind('/'); slash != std::string::npos) {
    name.space += (name.space.empty() ? "" : "/") + name.table.substr(0, slash);
    name.table.erase(0, slash + 1);
  }
  if (name.space.empty() || name.table.empty()) {
    return InvalidArgument("{} names no table of the catalog {}: an address there is dataos://{}:<namespace>/<table>",
                           address.text, catalog.name, address.depot->name);
  }
  if (name.space.find('.') != std::string::npos) {
    return InvalidArgument("the namespace of {} has a '.' in its name, which separates the levels of a namespace in a "
                           "SQL catalog; write a/b for a namespace b in a", address.text);
  }
  std::replace(name.space.begin(), name.space.end(), '/', '.');
  return name;
}

Result<std::unique_ptr<lake::Table>> TableOf(const manifest::Address& address, const manifest::Resources& resources,
                                             io::FileSystem* files) {
  ASSIGN_OR_RETURN(std::string folder, resources.LocalPath(address));
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  Catalog catalog;
  if (address.depot != nullptr) {
    Diagnostics mistakes;
    auto found = CatalogOf(*address.depot, &mistakes);
    if (!found) return InvalidArgument("{} (found '{}', expected {})", mistakes[0].message, mistakes[0].found, mistakes[0].expected);
    catalog = std::move(*found);
  }
  if (catalog.database.empty()) return std::unique_ptr<lake::Table>(new lake::DirectoryTable(files, std::move(folder)));
  ASSIGN_OR_RETURN(lake::SqlTableName name, NameIn(catalog, address));
  return std::unique_ptr<lake::Table>(new lake::SqlTable(files, std::move(name), Absolute(folder)));
}

}  // namespace flare::connector::iceberg
