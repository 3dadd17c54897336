#pragma once
#include <optional>
#include <string>

#include "base/result.h"
#include "connector/sink.h"
#include "lake/table_metadata.h"

namespace flare::connector::iceberg {

/// Keys of the snapshot summary that make a batch recognisable. The first two are Spark's own, which
/// Spark honours; they are case-sensitive.
inline constexpr const char* kQueryIdKey = "spark.sql.streaming.queryId";
inline constexpr const char* kEpochIdKey = "spark.sql.streaming.epochId";
inline constexpr const char* kStartOffsetsKey = "flare.start-offsets";
inline constexpr const char* kEndOffsetsKey = "flare.end-offsets";
inline constexpr const char* kOutputKey = "flare.output";
inline constexpr const char* kAttemptKey = "flare.attempt";

/// The batch that a snapshot is of this query; nullopt when it is none of its.
std::optional<int64_t> EpochOf(const lake::Snapshot& snapshot, const std::string& query_id);

/// The table property that keeps the newest batch of a query when its snapshot has been expired:
/// `<batch>@<snapshot id>@<fingerprint of the offsets>`.
std::string WatermarkKey(const std::string& query_id, const std::string& branch);
std::string WatermarkValue(const BatchInfo& batch, int64_t snapshot_id);

/// Whether the batch is in this state of the table: true = already, over the same offsets.
/// Errors: Conflict when the same batch id is there over other offsets, a later batch of the same query
/// is there, the table was rolled back behind a batch, or nothing can tell. Except for a later batch, the
/// word that comes with the batch decides then; a word that the table proves wrong is a Conflict too.
/// `table` is for messages.
Result<bool> IsCommitted(const lake::TableMetadata& metadata, const std::string& branch, const BatchInfo& batch,
                         const std::string& table);

}  // namespace flare::connector::iceberg
