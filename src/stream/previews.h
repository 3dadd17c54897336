#pragma once
#include <stop_token>
#include <vector>

#include "observe/progress.h"
#include "stream/pipeline.h"

namespace flare::stream {

/// Shows the first rows of each step in a batch (showPreviewLines). A step's rows are asked for with a LIMIT
/// over the batch's own range, so that only the beginning of the range is read a second time; where a step
/// lets so few rows through that this takes long, the preview gives up rather than read everything twice.
/// A preview never fails a batch. Threads: the one that conducts the job.
class Previews {
 public:
  static constexpr Millis kPatience{1000};  ///< for each step

  Previews(const plan::JobPlan& plan, Pipeline& pipeline, observe::RunObserver& observer, std::stop_token stop)
      : plan_(plan), pipeline_(pipeline), observer_(observer), stop_(std::move(stop)) {}

  void FromStream(const std::vector<connector::OffsetRange>& ranges);
  void FromMemory();

 private:
  void Show(size_t view);
  void ShowWithin(Millis patience, size_t view, const std::vector<connector::OffsetRange>& ranges);

  const plan::JobPlan& plan_;
  Pipeline& pipeline_;
  observe::RunObserver& observer_;
  std::stop_token stop_;
};

}  // namespace flare::stream
