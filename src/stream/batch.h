#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connector/sink.h"
#include "connector/source.h"
#include "observe/progress.h"

namespace flare::stream {

/// Where each source stands; nullopt = at its stored initial offset.
using Positions = std::vector<std::optional<connector::OffsetText>>;

/// One batch from its planning to its commit. Logged ones keep their range whatever happens.
struct Batch {
  int64_t id = 0;
  Positions start, end;
  int64_t watermark_ms = 0;
  int64_t timestamp_ms = 0;
  bool logged = false;
  bool replay = false;  ///< logged by an earlier run
  bool foreign = false; ///< logged by another engine
  bool asked = false;   ///< the sinks were asked whether they have it
  std::vector<bool> wanted;  ///< one an output: false = the target has this batch already
};

/// The batch's range for error texts: "{...} to {...}", shortened.
std::string DescribeRange(const Batch& batch);
/// What each source is told to read.
std::vector<connector::OffsetRange> RangesOf(const Batch& batch);

/// What came of running a batch.
struct BatchResult {
  std::vector<connector::ReadStats> read;  ///< one a source; empty when nothing had to be read
  connector::WriteStats written;           ///< all outputs together
  int64_t replaced_text = 0;               ///< strings with U+FFFD in them, source and steps together
};

/// The progress entry of a batch, apart from ids and times.
observe::BatchProgress DescribeBatch(const Batch& batch, const BatchResult& result,
                                     const std::vector<std::unique_ptr<connector::Source>>& sources);

/// Fills in the rates by Spark's rules: input over the time between trigger starts (0 at the first one),
/// processed over the trigger's own time, at least 1 ms.
void SetRates(observe::BatchProgress& progress, std::optional<Millis> since_last_trigger, Millis took);

}  // namespace flare::stream
