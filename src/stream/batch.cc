#include "stream/batch.h"

#include <algorithm>

#include "connector/offset_list.h"

namespace flare::stream {

std::string DescribeRange(const Batch& batch) {
  auto shortened = [](const Positions& positions) {
    std::string text = connector::JoinOffsets(positions);
    return text.size() <= 400 ? text : text.substr(0, 400) + "...";
  };
  return fmt::format("{} to {}", shortened(batch.start), shortened(batch.end));
}

std::vector<connector::OffsetRange> RangesOf(const Batch& batch) {
  std::vector<connector::OffsetRange> ranges;
  for (size_t i = 0; i < batch.end.size(); ++i) ranges.push_back({batch.start[i], batch.end[i].value_or("")});
  return ranges;
}

observe::BatchProgress DescribeBatch(const Batch& batch, const BatchResult& result,
                                     const std::vector<std::unique_ptr<connector::Source>>& sources) {
  observe::BatchProgress progress;
  progress.batch_id = batch.id;
  progress.replayed = batch.replay;
  progress.output_rows = result.written.rows;
  progress.output_bytes = result.written.bytes;
  progress.output_files = result.written.files;
  progress.replaced_text = result.replaced_text;
  for (size_t i = 0; i < sources.size(); ++i) {
    observe::SourceProgress source;
    source.description = sources[i]->description();
    source.start_offset = batch.start[i];
    source.end_offset = batch.end[i];
    source.latest_offset = sources[i]->newest();
    if (i < result.read.size()) {
      source.input_rows = result.read[i].records;
      source.input_bytes = result.read[i].bytes;
    }
    if (batch.end[i]) {
      connector::Lag lag = sources[i]->LagBehind(*batch.end[i]);
      source.metrics = std::move(lag.metrics);
      progress.lag_records += lag.records;
      if (lag.time) progress.lag_time = std::max(progress.lag_time.value_or(Millis(0)), *lag.time);
    }
    progress.sources.push_back(std::move(source));
  }
  return progress;
}

void SetRates(observe::BatchProgress& progress, std::optional<Millis> since_last_trigger, Millis took) {
  auto rows = static_cast<double>(progress.input_rows());
  if (since_last_trigger) {
    progress.input_rows_per_second = rows * 1000 / static_cast<double>(since_last_trigger->count());
  }
  progress.processed_rows_per_second = rows * 1000 / static_cast<double>(std::max<int64_t>(1, took.count()));
}

}  // namespace flare::stream
