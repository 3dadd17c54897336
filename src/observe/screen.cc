#include "observe/screen.h"

#include <algorithm>

#include "observe/units.h"

namespace flare::observe {
namespace {
constexpr std::string_view kWipeLine = "\r\x1b[K";
constexpr size_t kShortestSecret = 4;
}  // namespace

void Screen::Print(std::string_view text) {
  std::lock_guard lock(mutex_);
  std::string bytes;
  if (!status_.empty()) bytes += kWipeLine;
  bytes += Masked(text);
  if (bytes.empty() || bytes.back() != '\n') bytes += '\n';
  bytes += status_;
  write_(bytes);
}

void Screen::SetStatus(std::string_view text) {
  if (!options_.terminal) return;
  std::lock_guard lock(mutex_);
  // One column stays free: writing the last one makes some terminals wrap.
  std::string line(CutToWidth(Masked(text), options_.width - 1));
  if (line == status_) return;
  status_ = std::move(line);
  write_(std::string(kWipeLine) + status_);
}

void Screen::ClearStatus() {
  std::lock_guard lock(mutex_);
  if (status_.empty()) return;
  status_.clear();
  write_(kWipeLine);
}

void Screen::Hide(const std::string& secret) {
  if (secret.size() < kShortestSecret) return;
  std::lock_guard lock(mutex_);
  secrets_.push_back(secret);
  std::sort(secrets_.begin(), secrets_.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string Screen::Masked(std::string_view text) const {
  std::string masked(text);
  for (const auto& secret : secrets_) {
    for (size_t at = masked.find(secret); at != std::string::npos;
         at = masked.find(secret, at + 3)) {
      masked.replace(at, secret.size(), "***");
    }
  }
  return masked;
}

}  // namespace flare::observe
