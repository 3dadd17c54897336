#pragma once
// The statements that Spark answered, for tests that need many real ones. Included by tests only.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace flare::sql {

/// Where they are kept, seen from the source or from the folder in which the test runs.
inline std::filesystem::path RecordedFolder() {
  const std::filesystem::path inside = std::filesystem::path("tests") / "sql" / "data";
  std::filesystem::path root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  if (std::filesystem::exists(root / inside)) return root / inside;
  for (root = std::filesystem::current_path(); root != root.root_path(); root = root.parent_path()) {
    if (std::filesystem::exists(root / inside)) break;
  }
  return root / inside;
}

inline std::vector<std::string> RecordedStatements() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(RecordedFolder())) {
    if (entry.path().extension() == ".jsonl") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> statements;
  for (const auto& path : paths) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      statements.push_back(nlohmann::json::parse(line).at("sql").get<std::string>());
    }
  }
  return statements;
}

}  // namespace flare::sql
