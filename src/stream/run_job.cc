#include "stream/run_job.h"

#include <algorithm>

#include "stream/conductor.h"

namespace flare::stream {
namespace {

/// Hears nothing, for runs without an observer.
class NoObserver final : public observe::RunObserver {
 public:
  void OnStart(const std::string&, const std::string&, const std::string&) override {}
  void OnPlanned(int64_t) override {}
  void OnReading(int64_t, int64_t) override {}
  void OnBatch(const observe::BatchProgress&) override {}
  void OnIdle() override {}
  void OnMessage(int, const std::string&) override {}
  void OnPreview(const std::string&, const std::vector<std::string>&,
                 const std::vector<std::vector<std::optional<std::string>>>&, bool) override {}
  void OnEnd(const std::string&) override {}
};

bool IsStreaming(const plan::PlannedSource& source) { return source.streaming; }

Status CheckPlan(const plan::JobPlan& plan) {
  const std::string& name = plan.job.name.value;
  if (plan.sources.empty()) return Unsupported("job {} reads nothing; it needs an input", name);
  if (plan.outputs.empty()) return Unsupported("job {} writes nothing; it needs an output", name);
  auto streaming = static_cast<size_t>(std::count_if(plan.sources.begin(), plan.sources.end(), IsStreaming));
  if (streaming > 0 && streaming < plan.sources.size()) {
    return Unsupported("job {} has inputs with and without isStream: true; flare cannot run both kinds in one job yet",
                       name);
  }
  if (streaming > 0 && plan.checkpoint_directory.empty()) {
    return InvalidArgument("job {} has no checkpointLocation, without which a stream cannot be written exactly once",
                           name);
  }
  return Ok();
}

}  // namespace

Result<RunSummary> RunJob(const plan::JobPlan& plan, const RunOptions& given) {
  RunOptions options = given;
  if (options.clock == nullptr) options.clock = &SystemClock();
  if (options.files == nullptr) options.files = &io::LocalFileSystem();
  NoObserver nobody;
  observe::RunObserver& observer = options.observer != nullptr ? *options.observer : nobody;

  RETURN_IF_ERROR(CheckPlan(plan));
  // A bounded read goes to the end as it is now: an unfinished batch first, then all the rest in one.
  bool bounded_read = std::none_of(plan.sources.begin(), plan.sources.end(), IsStreaming);
  Trigger trigger{Trigger::kAvailableNow};
  if (!bounded_read) {
    ASSIGN_OR_RETURN(trigger, TriggerOf(plan.job.streaming));
  }

  std::stop_source ending;
  std::stop_callback on_finish(options.finish_batch, [&] { ending.request_stop(); });
  std::stop_callback on_stop(options.stop_now, [&] { ending.request_stop(); });
  options.environment.stop = ending.get_token();
  Conductor conductor(plan, options, observer, trigger, bounded_read, ending.get_token());
  return conductor.Run();
}

}  // namespace flare::stream
