#pragma once
#include <duckdb.h>
#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <span>
#include <vector>

#include "connector/kafka/offsets.h"
#include "sql/types.h"

namespace flare::connector::kafka {

/// The columns of a Kafka source, in Spark's order.
enum Column : uint64_t {
  kKey,
  kValue,
  kTopic,
  kPartition,
  kOffset,
  kTimestamp,
  kTimestampType,
  kHeaders
};

/// Spark's schema of a Kafka source.
sql::Schema RecordSchema(bool include_headers);

/// Fills `chunk`, whose columns are `projected` ones, from records of one partition. Keys, values
/// and header values are pointed to, not copied: `records` must outlive every use of the chunk.
/// Returns how many strings had invalid UTF-8 that was decoded with U+FFFD (header keys).
int64_t WriteRecords(std::span<rd_kafka_message_t* const> records, const TopicPartition& partition,
                     const std::vector<uint64_t>& projected, duckdb_data_chunk chunk);

}  // namespace flare::connector::kafka
