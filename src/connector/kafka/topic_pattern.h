#pragma once
#include <memory>
#include <string_view>

#include "base/result.h"

namespace flare::connector::kafka {

/// A Java regular expression that must match a whole topic name. Threads: one at a time.
class TopicPattern {
 public:
  /// Errors: InvalidArgument with the place and the reason.
  static Result<TopicPattern> Compile(std::string_view pattern);
  bool Matches(std::string_view topic) const;

 private:
  explicit TopicPattern(std::shared_ptr<void> code) : code_(std::move(code)) {}
  std::shared_ptr<void> code_;
};

}  // namespace flare::connector::kafka
