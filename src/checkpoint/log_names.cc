#include "checkpoint/log_names.h"

#include <charconv>

namespace flare::checkpoint {
namespace {

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (dash ? text[i] != '-' : !hex) return false;
  }
  return true;
}

}  // namespace

std::optional<int64_t> ParseBatchId(std::string_view name) {
  if (name.starts_with('+')) {
    name.remove_prefix(1);
    if (name.starts_with('-')) return std::nullopt;
  }
  int64_t id = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return id;
}

bool IsLeftoverTemporary(std::string_view name) {
  if (!name.starts_with('.') || !name.ends_with(".tmp")) return false;
  name = name.substr(1, name.size() - 5);
  size_t dot = name.find('.');
  if (dot == std::string_view::npos) return false;
  std::string_view owner = name.substr(0, dot);
  std::string_view unique = name.substr(dot + 1);
  unique = unique.substr(0, unique.find(".TID"));
  return (owner == "metadata" || ParseBatchId(owner).has_value()) && IsUuid(unique);
}

std::string_view ChecksumOwner(std::string_view name) {
  if (name.size() < 6 || !name.starts_with('.') || !name.ends_with(".crc")) return "";
  return name.substr(1, name.size() - 5);
}

std::string ChecksumName(std::string_view owner) { return std::string(".").append(owner).append(".crc"); }

}  // namespace flare::checkpoint
