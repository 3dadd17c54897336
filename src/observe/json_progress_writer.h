#pragma once
#include "observe/progress.h"
#include "observe/screen.h"

namespace flare::observe {

/// Writes Spark's StreamingQueryProgress JSON, one line a batch, and nothing else.
class JsonProgressWriter final : public RunObserver {
 public:
  explicit JsonProgressWriter(Write write) : write_(std::move(write)) {}

  void OnStart(const std::string&, const std::string&, const std::string&) override {}
  void OnPlanned(int64_t) override {}
  void OnReading(int64_t, int64_t) override {}
  void OnBatch(const BatchProgress& progress) override { write_(progress.ToJson() + "\n"); }
  void OnIdle() override {}
  void OnMessage(int, const std::string&) override {}
  void OnPreview(const std::string&, const std::vector<std::string>&,
                 const std::vector<std::vector<std::optional<std::string>>>&, bool) override {}
  void OnEnd(const std::string&) override {}

 private:
  Write write_;
};

}  // namespace flare::observe
