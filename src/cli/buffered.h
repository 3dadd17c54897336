#pragma once
#include <string>
#include <string_view>

#include "observe/screen.h"

namespace flare::cli {

/// Gathers small writes into larger ones.
class Buffered {
 public:
  explicit Buffered(observe::Write write) : write_(std::move(write)) {}
  void Add(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() >= kFlushBytes) Flush();
  }
  void Flush() {
    write_(buffer_);
    buffer_.clear();
  }

 private:
  static constexpr size_t kFlushBytes = size_t{64} << 10;
  observe::Write write_;
  std::string buffer_;
};

}  // namespace flare::cli
