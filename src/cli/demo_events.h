#pragma once
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace flare::cli {

/// One sample order. Made from its number alone, so that a later run can fill a broker with the
/// same again.
struct DemoEvent {
  int partition = 0;
  std::string key;
  std::string value;  ///< JSON, about 180 bytes
};

inline constexpr int kDemoPartitions = 4;

/// Order `number` (from 0), placed at `time`.
DemoEvent MakeDemoEvent(int64_t number, WallTime time);

}  // namespace flare::cli
