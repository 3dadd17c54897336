#include "lake/table.h"

namespace flare::lake {

Result<std::string> MetadataFolderOf(const TableMetadata& metadata) {
  ASSIGN_OR_RETURN(std::string location, LocalPathOf(metadata.location()));
  return location + "/metadata";
}

Result<std::string> LocalPathOf(const std::string& uri) {
  std::string path = uri;
  if (uri.starts_with("file://")) {
    path = uri.substr(7);
    if (path.starts_with("localhost/")) path = path.substr(9);
  } else if (uri.starts_with("file:")) {
    path = uri.substr(5);
  }
  if (!path.starts_with("/")) return Unsupported("'{}' is not on the local disk", uri);
  return path;
}

std::string UriOf(const std::string& path) { return "file://" + path; }

}  // namespace flare::lake
