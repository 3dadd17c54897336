#include "terminal/history_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace flare::terminal {
namespace {

std::string Escaped(std::string_view entry) {
  std::string text;
  for (char c : entry) {
    if (c == '\n') {
      text += "\\n";
    } else if (c == '\\') {
      text += "\\\\";
    } else {
      text += c;
    }
  }
  return text;
}

std::string Unescaped(std::string_view line) {
  std::string text;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) {
      ++i;
      text += line[i] == 'n' ? '\n' : line[i];
    } else {
      text += line[i];
    }
  }
  return text;
}

}  // namespace

Result<std::vector<std::string>> HistoryFile::Load() const {
  std::error_code error;
  if (!std::filesystem::exists(path_, error)) return std::vector<std::string>();
  std::ifstream stream(path_, std::ios::binary);
  if (!stream) return Unavailable("the history {} cannot be read: {}", path_, std::strerror(errno));
  std::vector<std::string> entries;
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) entries.push_back(Unescaped(line));
  }
  if (entries.size() > kMost) entries.erase(entries.begin(), entries.end() - kMost);
  return entries;
}

Status HistoryFile::Append(const std::string& entry) const {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), error);
  int file = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return Unavailable("the history {} cannot be written: {}", path_, std::strerror(errno));
  std::string line = Escaped(entry) + "\n";
  bool whole = ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  int reason = errno;
  ::close(file);
  if (!whole)
    return Unavailable("the history {} cannot be written: {}", path_, std::strerror(reason));
  return Ok();
}

}  // namespace flare::terminal
