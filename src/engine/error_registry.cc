#include "engine/error_registry.h"

#include <charconv>

namespace flare::engine {
namespace {
constexpr std::string_view kTicket = "[flare-error ";
constexpr size_t kMostKept = 256;
}  // namespace

std::string ErrorRegistry::Keep(Error error) {
  std::lock_guard lock(mutex_);
  uint64_t id = next_id_++;
  std::string text = fmt::format("{}{}] {}", kTicket, id, error.message());
  // DuckDB takes the text as a C string.
  for (char& c : text) {
    if (c == '\0') c = ' ';
  }
  if (kept_.size() == kMostKept) kept_.pop_front();
  kept_.emplace_back(id, std::move(error));
  return text;
}

std::optional<Error> ErrorRegistry::Take(std::string_view text) {
  std::lock_guard lock(mutex_);
  for (size_t at = text.find(kTicket); at != text.npos; at = text.find(kTicket, at + 1)) {
    uint64_t id = 0;
    const char* end = text.data() + text.size();
    auto parsed = std::from_chars(text.data() + at + kTicket.size(), end, id);
    if (parsed.ec != std::errc() || parsed.ptr == end || *parsed.ptr != ']') continue;
    for (auto it = kept_.begin(); it != kept_.end(); ++it) {
      if (it->first != id) continue;
      Error error = std::move(it->second);
      kept_.erase(it);
      return error;
    }
  }
  return std::nullopt;
}

}  // namespace flare::engine
