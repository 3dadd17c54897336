#pragma once
#include <memory>
#include <thread>
#include <vector>

#include "connector/source.h"
#include "observe/progress.h"

namespace flare::stream {

/// Tells the observer, ten times a second, how far a batch has been read, while the conducting thread waits
/// for the statement that reads it. Its thread ends before the destructor returns.
class ReadingMonitor {
 public:
  ReadingMonitor(observe::RunObserver& observer, int64_t batch_id,
                 const std::vector<std::unique_ptr<connector::Source>>& sources);

 private:
  std::jthread thread_;
};

}  // namespace flare::stream
