#pragma once
#include <cstdint>
#include <string>

namespace flare::bed {

/// Makes the events that tests and benchmarks put into topics: JSON of about 185 bytes, a function
/// of (seed, id) alone, so that what a topic holds can be computed without reading it.
class EventGenerator {
 public:
  explicit EventGenerator(uint64_t seed) : seed_(seed) {}

  /// The event of one id. The strings are overwritten by the next call.
  struct Event {
    std::string key;           ///< its user, as "user-000042"
    std::string value;         ///< the JSON text
    int64_t amount_cents = 0;  ///< `amount` of the JSON, in hundredths
    int64_t timestamp_ms = 0;  ///< the record's time, one millisecond an id
  };
  const Event& Make(int64_t id);

 private:
  uint64_t seed_;
  Event event_;
};

}  // namespace flare::bed
