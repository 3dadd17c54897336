#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connector/kafka/client_config.h"
#include "connector/kafka/cluster.h"
#include "connector/kafka/options.h"
#include "connector/kafka/rate_limit.h"
#include "connector/kafka/scan.h"
#include "connector/source.h"

namespace flare::connector::kafka {

/// A Kafka input: Spark's offsets and rules over librdkafka. Threads: as Source.
class KafkaSource final : public Source {
 public:
  /// Connects at the first question, not here.
  static Result<std::unique_ptr<KafkaSource>> Make(SourceOptions options,
                                                   const ClientConfig& config, Clock* clock,
                                                   int64_t prefetch_budget_bytes,
                                                   const ReadPolicy& policy);

  std::string description() const override;
  const sql::Schema& schema() const override { return schema_; }
  Status Bind(engine::Connection& connection, const std::string& unique_name) override;
  std::string relation() const override { return relation_; }

  Result<OffsetText> InitialOffset() override;
  std::string FormatInitial(const OffsetText& offset) const override;
  Result<OffsetText> ParseInitial(std::string_view bytes) const override;
  Status SetInitial(const OffsetText& offset) override;

  Status FreezeEnd() override;
  Result<std::optional<OffsetText>> LatestOffset(const std::optional<OffsetText>& from,
                                                 const ReadLimit& limit) override;
  Result<bool> SameOffset(const OffsetText& a, const OffsetText& b) const override;
  std::optional<OffsetText> newest() const override;
  Lag LagBehind(const OffsetText& position) const override;
  std::string Incarnation() const override;
  Status RestoreIncarnation(std::string_view recorded) override;
  bool WaitForData(Millis at_most, std::stop_token stop) override;

  Status BeginBatch(const OffsetRange& range, std::stop_token stop) override;
  int64_t records_read() const override;
  Result<ReadStats> EndBatch() override;
  Status Acknowledge(const OffsetText& offset) override;
  void Close() override;

  /// What DuckDB reads; for tests that drive a scan by hand.
  const std::shared_ptr<RecordScanProvider>& provider() const { return provider_; }

 private:
  KafkaSource(SourceOptions options, std::unique_ptr<Cluster> cluster, Clock* clock,
              int64_t prefetch_budget_bytes, const ReadPolicy& policy);

  Result<Partitions> DiscoverOrExplain();
  Error NoSuchTopic(const std::vector<std::string>& missing);
  Result<Offsets> Resolve(const PositionSpec& spec, const Partitions& partitions);
  Result<Offsets> ResolveTimestamps(const PositionSpec& spec, const Offsets& timestamps);
  Result<Offsets> EndNow(const Offsets* from, const Partitions& partitions);
  Result<Offsets> WithNewPartitions(Offsets from, const Offsets& until);
  Result<RangePlan> PlanBatch(const Offsets& from, const Offsets& until);
  Result<std::set<std::string>> NoteTopics(const TopicIds& now, const Offsets& start);
  Result<std::set<std::string>> GoneSincePlanned(const Offsets& from, const Offsets& until);
  Status CheckReadTopics(const BatchRead& batch);
  bool Pause(Millis time);
  Status PrepareFetcher(size_t partitions);

  SourceOptions options_;
  std::unique_ptr<Cluster> cluster_;
  Clock* clock_;
  int64_t prefetch_budget_bytes_;
  ReadPolicy policy_;
  sql::Schema schema_;
  std::shared_ptr<RecordScanProvider> provider_;
  std::string relation_;

  std::optional<Offsets> initial_;
  std::optional<Offsets> frozen_;
  TopicIds frozen_ids_;
  TopicIds known_ids_;          ///< of the topics that the position counts in
  std::set<std::string> same_;  ///< topics that were proven to be those of the position
  kafka::Incarnation planned_;  ///< of the batch that was planned last
  bool planned_now_ = false;    ///< a moment ago, and nothing was read since
  std::optional<Offsets> newest_;
  bool at_newest_ = false;  ///< the last LatestOffset answered newest_, held back by no limit
  BatchGate gate_;
  std::unique_ptr<Fetcher> fetcher_;
  std::shared_ptr<BatchRead> batch_;
  std::vector<std::string> lost_in_plan_;
  int64_t newest_record_ms_ = -1;
};

}  // namespace flare::connector::kafka
