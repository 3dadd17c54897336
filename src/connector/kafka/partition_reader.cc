#include "connector/kafka/partition_reader.h"

#include <algorithm>
#include <array>

#include "base/clock.h"

namespace flare::connector::kafka {
namespace {

/// Records taken from librdkafka in one call at most: its cost is then spread thin.
constexpr size_t kMaxPop = 2048;
/// How long the log may seem to end below a range's end before the cluster is asked.
constexpr int64_t kPauseAfterEnd = 100;

/// Between a question that no broker answered and the next one.
constexpr int64_t kPauseAfterNoAnswer = 200;

/// Waits for brokers are real ones, whatever clock the job runs by.
int64_t NowMs() {
  return SystemClock().Monotonic().count();
}

}  // namespace

PartitionReader::PartitionReader(TopicPartition partition, Client* fetching, Client* asking,
                                 Bell* bell, ReadPolicy policy)
    : partition_(std::move(partition)),
      fetching_(fetching),
      asking_(asking),
      bell_(bell),
      policy_(policy),
      topic_(fetching->Topic(partition_.topic)) {}

PartitionReader::~PartitionReader() {
  DropKept();
  StopFetching();
}

void PartitionReader::DropKept() {
  for (size_t i = kept_head_; i < kept_.size(); ++i) rd_kafka_message_destroy(kept_[i]);
  kept_.clear();
  kept_head_ = 0;
}

/// What lies in the queue holds its partition, which holds the queue and its broker's thread. While
/// the topic exists librdkafka clears that knot itself; of a topic that was deleted it would stay,
/// and the client could never be closed.
void PartitionReader::Drain() {
  std::array<rd_kafka_message_t*, 64> messages;
  for (ssize_t count = 1; queue_ != nullptr && count > 0;) {
    count = rd_kafka_consume_batch_queue(queue_.get(), 0, messages.data(), messages.size());
    for (ssize_t i = 0; i < count; ++i) rd_kafka_message_destroy(messages[static_cast<size_t>(i)]);
  }
}

void PartitionReader::StopFetching() {
  if (!fetching_now_) return;
  if (queue_ != nullptr) rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
  rd_kafka_consume_stop(topic_, partition_.partition);
  Drain();
  queue_.reset();
  fetching_now_ = false;
}

Status PartitionReader::Fetch(int64_t offset) {
  DropKept();
  StopFetching();
  next_ = offset;
  if (rd_kafka_consume_start(topic_, partition_.partition, offset) != 0) {
    return fetching_->ToError(rd_kafka_last_error(), fmt::format("reading {}", ToText(partition_)));
  }
  fetching_now_ = true;
  queue_.reset(rd_kafka_queue_get_partition(fetching_->handle(), partition_.topic.c_str(),
                                            partition_.partition));
  if (queue_ != nullptr) rd_kafka_queue_cb_event_enable(queue_.get(), &OnArrival, bell_);
  return Ok();
}

void PartitionReader::OnArrival(rd_kafka_t*, void* bell) {
  static_cast<Bell*>(bell)->Ring();
}

bool PartitionReader::HasNext() {
  while (fetching_now_) {
    if (kept_head_ == kept_.size()) {
      kept_.resize(1);
      kept_head_ = 0;
      ssize_t count = rd_kafka_consume_batch(topic_, partition_.partition, 0, kept_.data(), 1);
      kept_.resize(count > 0 ? 1 : 0);
      if (kept_.empty()) return false;
    }
    rd_kafka_message_t* message = kept_[kept_head_];
    bool record = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (record && message->offset >= next_) return true;
    ++kept_head_;
    bool broken = !record && (!OnEvent(*message) || must_ask_);
    rd_kafka_message_destroy(message);
    if (broken) {
      DropKept();
      StopFetching();
    }
  }
  return false;
}

Status PartitionReader::Start(int64_t begin, int64_t end) {
  bool stands_here = fetching_now_ && next_ >= begin && begin == end_;
  end_ = end;
  done_ = false;
  lost_.clear();
  must_ask_ = false;
  earliest_query_.reset();
  latest_query_.reset();
  silent_since_ms_ = NowMs();
  ask_at_ms_ = silent_since_ms_ + policy_.silence_before_asking.count();
  if (!stands_here) RETURN_IF_ERROR(Fetch(begin));
  if (next_ >= end_) done_ = true;
  return Ok();
}

void PartitionReader::SeenUpTo(int64_t offset) {
  next_ = std::max(next_, offset);
  if (next_ >= end_) done_ = true;
}

size_t PartitionReader::PopCount(const TakeLimit& limit, size_t taken) const {
  size_t by_bytes = std::max<size_t>(1, limit.bytes / average_bytes_);
  return std::min({limit.rows - taken, by_bytes, kMaxPop});
}

Status PartitionReader::Take(const TakeLimit& limit, std::vector<rd_kafka_message_t*>* records) {
  size_t before = records->size(), bytes = 0;
  auto take = [&](rd_kafka_message_t* message) {
    bytes += message->len + message->key_len;
    records->push_back(message);
    SeenUpTo(message->offset + 1);
  };
  while (!done_ && records->size() - before < limit.rows && bytes < limit.bytes) {
    if (kept_head_ == kept_.size()) {
      kept_.resize(PopCount(limit, records->size() - before));
      kept_head_ = 0;
      bool wait = records->size() == before && limit.wait_ms > 0;
      // A call that waits does so for a full batch; so wait for one record, and take the others as
      // they are.
      ssize_t count =
          rd_kafka_consume_batch(topic_, partition_.partition, 0, kept_.data(), kept_.size());
      if (count == 0 && wait) {
        count =
            rd_kafka_consume_batch(topic_, partition_.partition, limit.wait_ms, kept_.data(), 1);
      }
      kept_.resize(count > 0 ? static_cast<size_t>(count) : 0);
      if (kept_.empty()) break;
    }
    while (kept_head_ < kept_.size() && !done_ && records->size() - before < limit.rows &&
           bytes < limit.bytes) {
      rd_kafka_message_t* message = kept_[kept_head_];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->offset >= end_) {
        SeenUpTo(end_);  // kept for the next range
        break;
      }
      ++kept_head_;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->offset >= next_) {
        take(message);
        continue;
      }
      Status status = message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? Ok() : OnEvent(*message);
      rd_kafka_message_destroy(message);
      RETURN_IF_ERROR(status);
    }
  }
  size_t taken = records->size() - before;
  if (taken > 0) {
    average_bytes_ = std::max<size_t>(1, bytes / taken);
    silent_since_ms_ = NowMs();
    ask_at_ms_ = silent_since_ms_ + policy_.silence_before_asking.count();
    return Ok();
  }
  return done_ ? Ok() : OnSilence();
}

Status PartitionReader::OnEvent(const rd_kafka_message_t& message) {
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      SeenUpTo(message.offset);
      // Below the range's end the log has ended too early, unless this was said before the range
      // began.
      if (!done_) ask_at_ms_ = std::min(ask_at_ms_, NowMs() + kPauseAfterEnd);
      return Ok();
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      must_ask_ = true;
      return Ok();
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return PermissionDenied("Kafka at {} does not allow reading topic {}",
                              fetching_->config().brokers, partition_.topic);
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR__UNDERFLOW:
      return Corruption("partition {} cannot be read after offset {}: {}", ToText(partition_),
                        next_, rd_kafka_message_errstr(&message));
    default:
      return Ok();  // librdkafka tries again by itself; silence is what is watched
  }
}

Status PartitionReader::OnSilence() {
  if (earliest_query_ || latest_query_) return ReadAnswers();
  int64_t now = NowMs();
  if (must_ask_ || now >= ask_at_ms_) {
    Ask();
  } else if (now - silent_since_ms_ >= policy_.silence_before_failing.count()) {
    return Timeout(
        "partition {}: no record came for {} s, although offsets {} to {} should be there",
        ToText(partition_), policy_.silence_before_failing.count() / 1000, next_, end_);
  }
  return Ok();
}

void PartitionReader::Ask() {
  earliest_.reset();
  latest_.reset();
  asked_at_ms_ = NowMs();
  earliest_query_.emplace(asking_, Offsets{{partition_, kEarliest}});
  latest_query_.emplace(asking_, Offsets{{partition_, kLatest}});
}

Status PartitionReader::ReadAnswers() {
  auto read = [&](std::optional<OffsetQuery>& query, std::optional<Offsets>& answer) -> Status {
    if (!query) return Ok();
    auto polled = query->Poll(1);
    if (!polled) return Ok();
    query.reset();
    ASSIGN_OR_RETURN(answer, std::move(*polled));
    return Ok();
  };
  for (auto status : {read(earliest_query_, earliest_), read(latest_query_, latest_)}) {
    if (!status) return OnNoAnswer(std::move(status).error());
  }
  if (earliest_query_ || latest_query_) {
    // Nothing comes, nobody answers, and the run is to end: the batch is for the next start.
    const ClientConfig& config = asking_->config();
    bool leave = config.stop.stop_requested() &&
                 NowMs() - asked_at_ms_ >= config.patience_after_stop.count();
    return leave ? Status(asking_->Unreachable(Millis(NowMs() - silent_since_ms_))) : Ok();
  }
  ask_at_ms_ = NowMs() + policy_.silence_before_asking.count();
  auto offset_in = [&](const Offsets& answer) -> std::optional<int64_t> {
    auto found = answer.find(partition_);
    return found == answer.end() ? std::nullopt : std::optional(found->second);
  };
  auto earliest = offset_in(*earliest_), latest = offset_in(*latest_);
  if (!earliest || !latest) {
    auto there = asking_->Existing({partition_});
    if (!there) return OnNoAnswer(std::move(there).error());
    if (!there->empty())
      return OnNoAnswer(Unavailable("Kafka at {}: partition {} has no leader that answers",
                                    asking_->config().brokers, ToText(partition_)));
  }
  return Decide(earliest, latest);
}

/// The broker that was asked may have gone away, and another one may lead by now. Whoever fetches
/// finds that out by itself, so records may come meanwhile.
Status PartitionReader::OnNoAnswer(Error error) {
  earliest_query_.reset();
  latest_query_.reset();
  Millis silence(NowMs() - silent_since_ms_);
  bool patient = silence < policy_.silence_before_asking + asking_->config().patience &&
                 !asking_->config().stop.stop_requested();
  if (error.code() != Code::kUnavailable || !patient) return error;
  asking_->BeginRefresh();
  ask_at_ms_ = NowMs() + kPauseAfterNoAnswer;
  return Ok();
}

Status PartitionReader::Decide(std::optional<int64_t> earliest, std::optional<int64_t> latest) {
  bool fetch_again = std::exchange(must_ask_, false);
  if (!earliest || !latest) {
    RETURN_IF_ERROR(Lose(fmt::format("partition {} is gone while offsets {} to {} were to be read",
                                     ToText(partition_), next_, end_)));
    done_ = true;
    next_ = end_;
    return Ok();
  }
  if (*latest < end_) {
    RETURN_IF_ERROR(Lose(EndsEarly(partition_, next_, end_, *latest)));
    StopFetching();  // what follows here later has nothing to do with this range
    end_ = *latest;
    if (next_ >= end_) done_ = true;
    return done_ ? Ok() : Fetch(std::max(next_, *earliest));
  }
  if (*earliest > next_) {
    RETURN_IF_ERROR(Lose(AgedOut(partition_, next_, end_, *earliest)));
    if (*earliest < end_) return Fetch(*earliest);
    StopFetching();
    next_ = end_;
    done_ = true;
    return Ok();
  }
  return fetch_again ? Fetch(next_) : Ok();
}

Status PartitionReader::Lose(std::string sentence) {
  if (policy_.fail_on_data_loss) return DataLoss(sentence);
  lost_.push_back(std::move(sentence));
  return Ok();
}

}  // namespace flare::connector::kafka
