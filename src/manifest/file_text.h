#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace flare::manifest {

/// The bytes of a file. Errors: NotFound, PermissionDenied, InvalidArgument (a folder, or too big
/// for a manifest); each says what to do.
Result<std::string> ReadTextFile(const std::string& path);
/// `path` as meant from within `file`: relative ones start in that file's folder.
std::string BesideFile(std::string_view path, std::string_view file);
/// Paths of the YAML files of a folder, sorted by name; empty when there is no such folder.
std::vector<std::string> YamlFilesIn(const std::string& folder);

}  // namespace flare::manifest
