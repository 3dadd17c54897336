#include "manifest/file_text.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "manifest/source_text.h"

namespace flare::manifest {

Result<std::string> ReadTextFile(const std::string& path) {
  std::error_code error;
  auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found)
    return NotFound("there is no file {}", path);
  if (std::filesystem::is_directory(status)) {
    return InvalidArgument("{} is a folder, not a file", path);
  }
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return PermissionDenied("{} cannot be read: {}", path, std::strerror(errno));
  std::string bytes;
  char buffer[16384];
  while (stream.read(buffer, sizeof buffer) || stream.gcount() > 0) {
    bytes.append(buffer, static_cast<size_t>(stream.gcount()));
    if (bytes.size() > SourceText::kMaxBytes) {
      return InvalidArgument("{} is larger than {} bytes, too large for a manifest", path,
                             SourceText::kMaxBytes);
    }
  }
  if (stream.bad()) return PermissionDenied("{} cannot be read: {}", path, std::strerror(errno));
  return bytes;
}

std::string BesideFile(std::string_view path, std::string_view file) {
  std::filesystem::path relative(path);
  if (relative.is_absolute()) return relative.string();
  auto folder = std::filesystem::path(file).parent_path();
  return folder.empty() ? relative.string() : (folder / relative).lexically_normal().string();
}

std::vector<std::string> YamlFilesIn(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    auto extension = at->path().extension();
    std::error_code ignored;
    if ((extension == ".yaml" || extension == ".yml") && !at->is_directory(ignored))
      files.push_back(at->path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace flare::manifest
