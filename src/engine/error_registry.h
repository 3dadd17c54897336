#pragma once
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace flare::engine {

/// Carries our Errors through DuckDB, whose callbacks can only report text: the text holds a ticket,
/// and whoever ran the statement redeems it. Owned by a Database. Threads: safe from any.
class ErrorRegistry {
 public:
  /// Keeps `error` and returns the text to report to DuckDB: the ticket, then the message for people.
  std::string Keep(Error error);
  /// The Error whose ticket is in DuckDB's text; nullopt when there is none. Redeems it.
  std::optional<Error> Take(std::string_view text);

 private:
  std::mutex mutex_;
  uint64_t next_id_ = 1;
  /// Errors that nobody asked for (a second thread's) are dropped, oldest first.
  std::deque<std::pair<uint64_t, Error>> kept_;
};

}  // namespace flare::engine
