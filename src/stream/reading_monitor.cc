#include "stream/reading_monitor.h"

#include "base/clock.h"

namespace flare::stream {

ReadingMonitor::ReadingMonitor(observe::RunObserver& observer, int64_t batch_id,
                               const std::vector<std::unique_ptr<connector::Source>>& sources)
    : thread_([&observer, batch_id, &sources](std::stop_token stop) {
        // The machine's clock, not the job's: this only paces what a person sees.
        Clock& clock = SystemClock();
        while (clock.WaitUntil(clock.Now() + Millis(100), stop)) {
          int64_t records = 0;
          for (const auto& source : sources) records += source->records_read();
          if (records > 0) observer.OnReading(batch_id, records);
        }
      }) {}

}  // namespace flare::stream
