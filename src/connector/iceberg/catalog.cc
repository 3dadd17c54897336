#include "connector/iceberg/catalog.h"

#include "lake/directory_catalog.h"

namespace flare::connector::iceberg {

Result<std::unique_ptr<lake::Table>> TableOf(const manifest::Address& address, const manifest::Resources& resources,
                                             io::FileSystem* files) {
  ASSIGN_OR_RETURN(std::string folder, resources.LocalPath(address));
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return std::unique_ptr<lake::Table>(new lake::DirectoryTable(files, std::move(folder)));
}

}  // namespace flare::connector::iceberg
