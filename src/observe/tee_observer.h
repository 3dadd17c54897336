#pragma once
#include <vector>

#include "observe/progress.h"

namespace flare::observe {

/// Tells several observers, in order. They are the caller's and outlive it.
class TeeObserver final : public RunObserver {
 public:
  explicit TeeObserver(std::vector<RunObserver*> observers) : observers_(std::move(observers)) {}

  void OnStart(const std::string& query_id, const std::string& run_id,
               const std::string& what) override {
    for (auto* observer : observers_) observer->OnStart(query_id, run_id, what);
  }
  void OnPlanned(int64_t records) override {
    for (auto* observer : observers_) observer->OnPlanned(records);
  }
  void OnReading(int64_t batch_id, int64_t records) override {
    for (auto* observer : observers_) observer->OnReading(batch_id, records);
  }
  void OnBatch(const BatchProgress& progress) override {
    for (auto* observer : observers_) observer->OnBatch(progress);
  }
  void OnIdle() override {
    for (auto* observer : observers_) observer->OnIdle();
  }
  void OnMessage(int severity, const std::string& text) override {
    for (auto* observer : observers_) observer->OnMessage(severity, text);
  }
  void OnPreview(const std::string& step, const std::vector<std::string>& names,
                 const std::vector<std::vector<std::optional<std::string>>>& rows,
                 bool more) override {
    for (auto* observer : observers_) observer->OnPreview(step, names, rows, more);
  }
  void OnEnd(const std::string& reason) override {
    for (auto* observer : observers_) observer->OnEnd(reason);
  }

 private:
  std::vector<RunObserver*> observers_;
};

}  // namespace flare::observe
