#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "connector/kafka/bell.h"
#include "connector/kafka/client.h"
#include "connector/kafka/cluster.h"
#include "connector/kafka/data_loss.h"

namespace flare::connector::kafka {

/// How much one call takes, and how long it may wait for the first record.
struct TakeLimit {
  size_t rows = 0;
  size_t bytes = 0;  ///< soft: the record that passes it is still taken
  int wait_ms = 0;
};

/// What a reader needs to know about its source.
struct ReadPolicy {
  bool fail_on_data_loss = true;
  Millis silence_before_asking{
      2000};  ///< nothing came: ask the cluster whether the range still exists
  Millis silence_before_failing{120000};  ///< the cluster says it does, yet nothing came
};

/// Reads one partition, range after range. Between ranges it stays where it is, and what the client
/// fetched ahead stays in memory, so that a range that begins where the last one ended starts at
/// once. Threads: one at a time; batches may use different ones.
class PartitionReader {
 public:
  /// `fetching` delivers records; `asking` answers questions (a fetching connection answers late).
  /// `bell` rings when something came and nothing was waiting to be taken; it outlives the reader.
  PartitionReader(TopicPartition partition, Client* fetching, Client* asking, Bell* bell,
                  ReadPolicy policy);
  ~PartitionReader();
  PartitionReader(const PartitionReader&) = delete;
  PartitionReader& operator=(const PartitionReader&) = delete;

  /// Begins a range; fetches anew unless the reader stands at its beginning.
  Status Start(int64_t begin, int64_t end);
  /// Appends records of the range to `records`, in order; the caller owns them then. Appending none
  /// means that none is there yet, or that the range is done. Errors: NotFound (data loss),
  /// Unavailable, Timeout, PermissionDenied, Corruption.
  Status Take(const TakeLimit& limit, std::vector<rd_kafka_message_t*>* records);
  /// Between ranges: whether a record beyond the last one is there. Never waits. A fetch that broke
  /// off ends here, and the next Start fetches anew.
  bool HasNext();
  /// The whole range was taken: no record of it is left.
  bool done() const { return done_; }

  const TopicPartition& partition() const { return partition_; }
  /// What was lost in this range, one sentence each (failOnDataLoss=false).
  const std::vector<std::string>& lost() const { return lost_; }

 private:
  Status Fetch(int64_t offset);
  void StopFetching();
  void Drain();
  static void OnArrival(rd_kafka_t* handle, void* bell);
  void DropKept();
  /// Sorts a message into `records`, the kept ones, or an event.
  Status Sort(rd_kafka_message_t* message, std::vector<rd_kafka_message_t*>* records);
  Status OnEvent(const rd_kafka_message_t& message);
  /// Reached: everything below `offset` was seen.
  void SeenUpTo(int64_t offset);
  size_t PopCount(const TakeLimit& limit, size_t taken) const;

  Status OnSilence();
  void Ask();
  Status ReadAnswers();
  Status OnNoAnswer(Error error);
  Status Decide(std::optional<int64_t> earliest, std::optional<int64_t> latest);
  Status Lose(std::string sentence);

  TopicPartition partition_;
  Client* fetching_;
  Client* asking_;
  Bell* bell_;
  ReadPolicy policy_;
  rd_kafka_topic_t* topic_;
  Handle<rd_kafka_queue_t> queue_;  ///< of what was fetched, while fetching

  int64_t end_ = 0;
  int64_t next_ = -1;  ///< every record below it was taken or does not exist
  bool fetching_now_ = false;
  bool done_ = true;
  std::vector<std::string> lost_;

  std::vector<rd_kafka_message_t*> kept_;  ///< popped but not taken, in order, from kept_head_ on
  size_t kept_head_ = 0;
  size_t average_bytes_ = 256;

  int64_t ask_at_ms_ = 0;        ///< when silence lasted long enough to ask the cluster
  int64_t asked_at_ms_ = 0;      ///< when the question under way was asked
  int64_t silent_since_ms_ = 0;  ///< when the last record came
  bool must_ask_ = false;
  std::optional<OffsetQuery> earliest_query_, latest_query_;
  std::optional<Offsets> earliest_, latest_;
};

}  // namespace flare::connector::kafka
