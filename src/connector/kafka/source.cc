#include "connector/kafka/source.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connector/kafka/data_loss.h"

namespace flare::connector::kafka {
namespace {

/// A topic that was made a moment ago may not be known to every broker yet.
constexpr Millis kTopicPatience(200);

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "`" : ", `") + name + "`";
  return text;
}

std::string Listed(const Partitions& partitions) {
  std::string text;
  for (const auto& partition : partitions) text += (text.empty() ? "" : ", ") + ToText(partition);
  return text.empty() ? "none" : text;
}

}  // namespace

KafkaSource::KafkaSource(SourceOptions options, std::unique_ptr<Cluster> cluster, Clock* clock,
                         int64_t prefetch_budget_bytes, const ReadPolicy& policy)
    : options_(std::move(options)),
      cluster_(std::move(cluster)),
      clock_(clock),
      prefetch_budget_bytes_(prefetch_budget_bytes),
      policy_(policy),
      schema_(RecordSchema(options_.include_headers)),
      provider_(std::make_shared<RecordScanProvider>(schema_)) {
  policy_.fail_on_data_loss = options_.fail_on_data_loss;
  policy_.silence_before_failing = options_.poll_timeout;
}

Result<std::unique_ptr<KafkaSource>> KafkaSource::Make(SourceOptions options,
                                                       const ClientConfig& config, Clock* clock,
                                                       int64_t prefetch_budget_bytes,
                                                       const ReadPolicy& policy) {
  ASSIGN_OR_RETURN(auto cluster, Cluster::Make(config));
  return std::unique_ptr<KafkaSource>(new KafkaSource(std::move(options), std::move(cluster), clock,
                                                      prefetch_budget_bytes, policy));
}

std::string KafkaSource::description() const {
  return fmt::format("KafkaV2[{}]", options_.subscription.ToText());
}

Status KafkaSource::Bind(engine::Connection& connection, const std::string& unique_name) {
  RETURN_IF_ERROR(engine::RegisterTableFunction(connection, unique_name, provider_));
  relation_ = unique_name + "()";
  return Ok();
}

std::string KafkaSource::FormatInitial(const OffsetText& offset) const {
  return FormatInitialFile(offset);
}

Result<OffsetText> KafkaSource::ParseInitial(std::string_view bytes) const {
  return ParseInitialFile(bytes);
}

Status KafkaSource::SetInitial(const OffsetText& offset) {
  ASSIGN_OR_RETURN(initial_, ParseOffsets(offset));
  return Ok();
}

Result<Partitions> KafkaSource::DiscoverOrExplain() {
  std::vector<std::string> missing;
  ASSIGN_OR_RETURN(Partitions partitions, cluster_->Discover(options_.subscription, &missing));
  if (!missing.empty()) {
    std::ignore = Pause(kTopicPatience);
    missing.clear();
    ASSIGN_OR_RETURN(partitions, cluster_->Discover(options_.subscription, &missing));
  }
  if (!missing.empty()) return NoSuchTopic(missing);
  if (options_.subscription.kind == Subscription::kPartitions &&
      partitions != options_.subscription.partitions) {
    return NotFound(
        "not all partitions of the option `assign` exist at {}: asked for {}; there are {}",
        cluster_->client()->config().brokers, Listed(options_.subscription.partitions),
        Listed(partitions));
  }
  return partitions;
}

Error KafkaSource::NoSuchTopic(const std::vector<std::string>& missing) {
  std::string near;
  if (auto names = cluster_->TopicNames()) {
    for (const auto& topic : missing) {
      std::string name = NearestName(topic, *names);
      if (!name.empty()) near += fmt::format("; did you mean `{}`?", name);
    }
    std::erase_if(*names, [](const std::string& name) { return name.starts_with("__"); });
    if (near.empty() && !names->empty()) {
      bool more = names->size() > 10;
      if (more) names->resize(10);
      near = fmt::format("; topics there: {}{}", Joined(*names), more ? ", ..." : "");
    }
  }
  return NotFound("Kafka at {} has no topic {}{}", cluster_->client()->config().brokers,
                  Joined(missing), near);
}

Result<OffsetText> KafkaSource::InitialOffset() {
  if (!initial_) {
    ASSIGN_OR_RETURN(Partitions partitions, DiscoverOrExplain());
    ASSIGN_OR_RETURN(initial_, Resolve(options_.starting, partitions));
  }
  return FormatOffsets(*initial_);
}

Result<Offsets> KafkaSource::Resolve(const PositionSpec& spec, const Partitions& partitions) {
  if ((spec.kind == PositionSpec::kOffsets || spec.kind == PositionSpec::kTimestamps) &&
      KeysOf(spec.offsets) != partitions) {
    return InvalidArgument(
        "option `{}` must name exactly the partitions that are read: it names {}; there are {}",
        spec.option, Listed(KeysOf(spec.offsets)), Listed(partitions));
  }
  Offsets asked;
  switch (spec.kind) {
    case PositionSpec::kEarliestOffset:
      return cluster_->ListOffsets(partitions, kEarliest);
    case PositionSpec::kLatestOffset:
      return cluster_->ListOffsets(partitions, kLatest);
    case PositionSpec::kTimestamps:
      return ResolveTimestamps(spec, spec.offsets);
    case PositionSpec::kTimestamp:
      for (const auto& partition : partitions) asked[partition] = spec.timestamp_ms;
      return ResolveTimestamps(spec, asked);
    case PositionSpec::kOffsets:
      break;
  }
  Offsets resolved = spec.offsets;
  for (const auto& [partition, offset] : spec.offsets) {
    if (offset < 0) asked[partition] = offset;
  }
  ASSIGN_OR_RETURN(Offsets found, cluster_->ListOffsets(asked));
  for (const auto& [partition, offset] : found) resolved[partition] = offset;
  return resolved;
}

Result<Offsets> KafkaSource::ResolveTimestamps(const PositionSpec& spec,
                                               const Offsets& timestamps) {
  ASSIGN_OR_RETURN(Offsets found, cluster_->ListOffsets(timestamps));
  Partitions beyond;
  for (const auto& [partition, offset] : found) {
    if (offset < 0) beyond.insert(partition);
  }
  if (beyond.empty()) return found;
  bool ending = &spec == &options_.ending;
  if (!ending && !options_.latest_when_no_timestamp) {
    return NotFound(
        "option `{}`: no record at or after that time in {}; to start there with what comes next, "
        "set "
        "`startingOffsetsByTimestampStrategy: latest`",
        spec.option, Listed(beyond));
  }
  ASSIGN_OR_RETURN(Offsets latest, cluster_->ListOffsets(beyond, kLatest));
  for (const auto& [partition, offset] : latest) found[partition] = offset;
  return found;
}

Status KafkaSource::FreezeEnd() {
  ASSIGN_OR_RETURN(Partitions partitions, cluster_->Discover(options_.subscription, nullptr));
  ASSIGN_OR_RETURN(frozen_ids_, cluster_->IdsOf(TopicsOf(partitions)));
  if (!options_.streaming) {
    ASSIGN_OR_RETURN(frozen_, Resolve(options_.ending, partitions));
  } else {
    ASSIGN_OR_RETURN(frozen_, cluster_->ListOffsets(partitions, kLatest));
  }
  return Ok();
}

/// The newest offsets, asked again while one lies before where we stand: a broker's glitch,
/// perhaps.
Result<Offsets> KafkaSource::EndNow(const Offsets* from, const Partitions& partitions) {
  for (int64_t attempt = 0;; ++attempt) {
    ASSIGN_OR_RETURN(Offsets latest, cluster_->ListOffsets(partitions, kLatest));
    bool backwards =
        from != nullptr && std::any_of(latest.begin(), latest.end(), [&](const auto& each) {
          auto known = from->find(each.first);
          return known != from->end() && each.second < known->second;
        });
    if (!backwards || attempt >= options_.retries) return latest;
    if (!Pause(options_.retry_interval)) {
      return Unavailable(
          "Kafka at {}: newest offsets lie before those that were read, and the run "
          "was stopped before they could be asked for again",
          cluster_->client()->config().brokers);
    }
  }
}

/// False when the run is to end.
bool KafkaSource::Pause(Millis time) {
  return clock_->WaitUntil(clock_->Now() + time, cluster_->client()->config().stop);
}

Result<Offsets> KafkaSource::WithNewPartitions(Offsets from, const Offsets& until) {
  Partitions added;
  for (const auto& [partition, end] : until) {
    if (!from.contains(partition)) added.insert(partition);
  }
  ASSIGN_OR_RETURN(Offsets earliest, cluster_->ListOffsets(added, kEarliest));
  from.merge(earliest);
  return from;
}

/// Which topics of the position were made anew since: their offsets count from the beginning again,
/// and everything about them is as for a topic that is seen for the first time. Errors: data loss.
Result<std::set<std::string>> KafkaSource::NoteTopics(const TopicIds& now, const Offsets& start) {
  std::set<std::string> topics = TopicsOf(start);
  if (frozen_) RETURN_IF_ERROR(CheckFrozenTopics(frozen_ids_, now, TopicsOf(*frozen_)));
  std::set<std::string> anew = MadeAnew(known_ids_, now, topics);
  if (!anew.empty()) {
    if (options_.fail_on_data_loss)
      return DataLoss(LostWithTopic(*anew.begin(), known_ids_, now, start));
    fetcher_.reset();  // it fetches on from where the old one ended
  }
  same_ = Proven(known_ids_, now);
  known_ids_.insert(now.begin(), now.end());
  planned_ = {now, anew};
  planned_now_ = true;
  return anew;
}

Result<std::optional<OffsetText>> KafkaSource::LatestOffset(const std::optional<OffsetText>& from,
                                                            const ReadLimit& limit) {
  at_newest_ = false;
  if (!options_.streaming && !frozen_) RETURN_IF_ERROR(FreezeEnd());
  Partitions partitions;
  if (from) {
    ASSIGN_OR_RETURN(partitions, cluster_->Discover(options_.subscription, nullptr));
  } else {
    ASSIGN_OR_RETURN(partitions, DiscoverOrExplain());
  }
  Offsets start;
  if (from) {
    ASSIGN_OR_RETURN(start, ParseOffsets(*from));
  } else {
    if (!initial_) {
      ASSIGN_OR_RETURN(initial_, Resolve(options_.starting, partitions));
    }
    start = *initial_;
  }
  // Before the offsets: what changes after this is seen when the batch has been read.
  ASSIGN_OR_RETURN(TopicIds ids, cluster_->IdsOf(TopicsOf(partitions)));
  ASSIGN_OR_RETURN(std::set<std::string> anew, NoteTopics(ids, start));
  start = Without(std::move(start), anew);
  ASSIGN_OR_RETURN(newest_, EndNow(&start, partitions));
  Offsets end = *newest_;
  if (frozen_) {
    RETURN_IF_ERROR(CheckFrozen(*frozen_, *newest_));
    end = *frozen_;
  }
  // Before the answer that there is nothing: partitions that are gone are a loss to tell of.
  if (options_.fail_on_data_loss) {
    ASSIGN_OR_RETURN(RangePlan plan, PlanBatch(start, end));
    std::ignore = plan;  // only its errors matter here; the batch plans again
  }
  if (newest_->empty()) newest_.reset();
  if (end.empty()) return std::optional<OffsetText>();
  if (CountBetween(start, end) > 0) {
    // The connection for records is made while the caller writes its log.
    RETURN_IF_ERROR(PrepareFetcher(end.size()));
    fetcher_->Connect(end);
  }
  if (!limit.all_available && limit.min_records && anew.empty() &&
      !gate_.Open(*limit.min_records, limit.max_delay, start, end, clock_->Now())) {
    return std::optional(FormatOffsets(start));
  }
  if (!limit.all_available && limit.max_records) {
    ASSIGN_OR_RETURN(Offsets begin, WithNewPartitions(start, end));
    end = LimitRate(*limit.max_records, begin, end);
  }
  at_newest_ = end == *newest_;
  return std::optional(FormatOffsets(end));
}

/// Fetches from where everything ends: what comes there is both the news and the next range's
/// beginning. Where a limit holds records back, it is not news that decides, and asking does.
bool KafkaSource::WaitForData(Millis at_most, std::stop_token stop) {
  if (!at_newest_ || !PrepareFetcher(newest_->size())) return false;
  return static_cast<bool>(fetcher_->WaitBeyond(*newest_, at_most, stop));
}

Result<RangePlan> KafkaSource::PlanBatch(const Offsets& from, const Offsets& until) {
  Partitions added;
  for (const auto& [partition, end] : until) {
    if (!from.contains(partition)) added.insert(partition);
  }
  ASSIGN_OR_RETURN(Offsets earliest, cluster_->ListOffsets(added, kEarliest));
  RangePlan plan = PlanRanges(from, until, earliest, same_);
  if (options_.fail_on_data_loss && !plan.lost.empty()) return DataLoss(plan.lost.front());
  return plan;
}

Result<bool> KafkaSource::SameOffset(const OffsetText& a, const OffsetText& b) const {
  ASSIGN_OR_RETURN(Offsets left, ParseOffsets(a));
  ASSIGN_OR_RETURN(Offsets right, ParseOffsets(b));
  // The same numbers in a topic that was made anew are another position.
  return left == right && planned_.anew.empty();
}

std::string KafkaSource::Incarnation() const {
  return FormatIncarnation(planned_);
}

Status KafkaSource::RestoreIncarnation(std::string_view recorded) {
  ASSIGN_OR_RETURN(planned_, ParseIncarnation(recorded));
  known_ids_ = planned_.ids;
  return Ok();
}

std::optional<OffsetText> KafkaSource::newest() const {
  if (!newest_) return std::nullopt;
  return FormatOffsets(*newest_);
}

Lag KafkaSource::LagBehind(const OffsetText& position) const {
  Lag lag;
  auto offsets = ParseOffsets(position);
  if (!offsets || !newest_ || newest_->empty()) return lag;
  int64_t least = INT64_MAX, most = 0;
  for (const auto& [partition, end] : *newest_) {
    auto at = offsets->find(partition);
    int64_t behind = std::max<int64_t>(0, end - (at == offsets->end() ? 0 : at->second));
    lag.records += behind;
    least = std::min(least, behind);
    most = std::max(most, behind);
  }
  double average = static_cast<double>(lag.records) / static_cast<double>(newest_->size());
  lag.metrics["avgOffsetsBehindLatest"] = nlohmann::json(average).dump();
  lag.metrics["maxOffsetsBehindLatest"] = std::to_string(most);
  lag.metrics["minOffsetsBehindLatest"] = std::to_string(least);
  if (newest_record_ms_ > 0) {  // 0 and -1: the producer set none
    lag.time = std::max(Millis(0), clock_->Now().time_since_epoch() - Millis(newest_record_ms_));
  }
  return lag;
}

Status KafkaSource::PrepareFetcher(size_t partitions) {
  // Made for twice as many partitions at most: each one's share of the budget is set when it is
  // made.
  if (fetcher_ != nullptr && partitions <= fetcher_->capacity() * 2) return Ok();
  fetcher_.reset();
  ASSIGN_OR_RETURN(fetcher_,
                   Fetcher::Make(cluster_.get(), prefetch_budget_bytes_, partitions, policy_));
  return Ok();
}

Status KafkaSource::BeginBatch(const OffsetRange& range, std::stop_token stop) {
  Offsets from;
  if (range.start) {
    ASSIGN_OR_RETURN(from, ParseOffsets(*range.start));
  } else if (initial_) {
    from = *initial_;
  }
  ASSIGN_OR_RETURN(Offsets until, ParseOffsets(range.end));
  batch_.reset();
  provider_->SetBatch(nullptr);
  lost_in_plan_.clear();
  ASSIGN_OR_RETURN(std::set<std::string> gone, GoneSincePlanned(from, until));
  for (const auto& topic : planned_.anew) {
    if (gone.contains(topic)) continue;
    lost_in_plan_.push_back(LostWithTopic(topic, known_ids_, planned_.ids, from) +
                            "; the new one is read from its beginning");
  }
  from = Without(Without(std::move(from), gone), planned_.anew);
  until = Without(std::move(until), gone);
  ASSIGN_OR_RETURN(RangePlan plan, PlanBatch(from, until));
  lost_in_plan_.insert(lost_in_plan_.end(), plan.lost.begin(), plan.lost.end());
  if (!plan.ranges.empty()) RETURN_IF_ERROR(PrepareFetcher(until.size()));
  batch_ = std::make_shared<BatchRead>(fetcher_.get(), std::move(plan.ranges), std::move(stop));
  provider_->SetBatch(batch_);
  return Ok();
}

/// Topics that were made anew between the planning of a batch and its reading (a replay, or another
/// try): what the batch was to read of them is gone. Errors: data loss.
Result<std::set<std::string>> KafkaSource::GoneSincePlanned(const Offsets& from,
                                                            const Offsets& until) {
  if (std::exchange(planned_now_, false)) return std::set<std::string>();
  std::set<std::string> topics = TopicsOf(until);
  ASSIGN_OR_RETURN(TopicIds now, cluster_->IdsOf(topics));
  std::set<std::string> gone = MadeAnew(planned_.ids, now, topics);
  if (!gone.empty()) fetcher_.reset();
  for (const auto& topic : gone) {
    lost_in_plan_.push_back(LostWithTopic(topic, planned_.ids, now, from));
    if (options_.fail_on_data_loss) return DataLoss(lost_in_plan_.back());
  }
  same_ = Proven(planned_.ids, now);
  planned_.ids.insert(now.begin(), now.end());
  known_ids_.insert(now.begin(), now.end());
  return gone;
}

/// The same ids before a batch was planned and after it was read: all of its records are of the
/// same topics.
Status KafkaSource::CheckReadTopics(const BatchRead& batch) {
  Offsets read;
  for (const auto& range : batch.ranges()) read[range.partition] = range.begin;
  std::set<std::string> topics = TopicsOf(read);
  ASSIGN_OR_RETURN(TopicIds now, cluster_->IdsOf(topics));
  std::set<std::string> anew = MadeAnew(planned_.ids, now, topics);
  if (anew.empty()) return Ok();
  fetcher_.reset();
  std::string loss = LostWithTopic(*anew.begin(), planned_.ids, now, read);
  if (options_.fail_on_data_loss) return DataLoss(loss);
  // Some of the records may be the new topic's: nothing of this reading is kept.
  return Unavailable("{}; it happened while a batch was read, which is therefore read again", loss);
}

int64_t KafkaSource::records_read() const {
  return batch_ == nullptr ? 0 : batch_->records_read();
}

Result<ReadStats> KafkaSource::EndBatch() {
  auto batch = std::exchange(batch_, nullptr);
  provider_->SetBatch(nullptr);
  if (batch == nullptr) return Internal("a Kafka batch ended that never began");
  ASSIGN_OR_RETURN(ReadStats stats, batch->Total());
  RETURN_IF_ERROR(CheckReadTopics(*batch));
  stats.lost.insert(stats.lost.begin(), lost_in_plan_.begin(), lost_in_plan_.end());
  newest_record_ms_ = std::max(newest_record_ms_, batch->newest_ms());
  return stats;
}

Status KafkaSource::Acknowledge(const OffsetText&) {
  // Nothing for the brokers: positions live in the checkpoint alone.
  known_ids_ = planned_.ids;
  planned_.anew.clear();
  return Ok();
}

void KafkaSource::Close() {
  batch_.reset();
  provider_->SetBatch(nullptr);
  fetcher_.reset();
  cluster_.reset();
}

}  // namespace flare::connector::kafka
