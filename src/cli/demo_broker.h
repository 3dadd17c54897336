#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace flare::cli {

/// Events made by one run of the demo.
struct DemoRun {
  int64_t rows = 0;
  WallTime time{};
};

/// A Kafka broker inside this process (librdkafka's mock), on a free port of the loopback
/// interface, gone with the object. Keeps about 5 MB a partition. Threads: one caller at a time.
class DemoBroker {
 public:
  static Result<std::unique_ptr<DemoBroker>> Start();
  virtual ~DemoBroker() = default;

  /// "127.0.0.1:41234".
  virtual const std::string& address() const = 0;
  /// Fills `topic` with the events of all runs, in order: offsets are the same each time.
  /// Errors: ResourceExhausted when the broker would have to drop the first ones.
  virtual Status Fill(const std::string& topic, const std::vector<DemoRun>& runs) = 0;
};

}  // namespace flare::cli
