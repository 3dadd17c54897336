#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/database.h"
#include "sql/types.h"

namespace flare::connector {

/// What makes one output of one batch unique, for ever.
struct Token {
  std::string query_id;  ///< the checkpoint's id
  std::string output;    ///< the output's name in the manifest
  int64_t batch_id = 0;
};

/// What a person said about batches of which the target cannot tell whether it has them.
struct PersonsWord {
  std::optional<int64_t> assume_committed;  ///< this batch is in the target
  std::optional<int64_t> replay;            ///< this batch is not
};

/// Everything a commit records beside the rows.
struct BatchInfo {
  Token token;
  std::string start_offsets;  ///< one JSON array with one entry a source (null = initial), as logged
  std::string end_offsets;    ///< the same for the end
  int64_t batch_timestamp_ms = 0;
  /// Logged by another engine, which may have written the rows without the token.
  bool may_be_unmarked = false;
  PersonsWord word = {};
};

enum class Guarantee { kExactlyOnce, kAtLeastOnce };

enum class CommitOutcome {
  kCommitted,
  kAlready,   ///< the token was in the target; nothing was written
  kRejected,  ///< proven not committed; staged files are gone
  kUnknown,   ///< could not be found out; the job stops and asks the target at the next start
};

struct WriteStats {
  int64_t rows = 0;
  int64_t bytes = 0;  ///< of the files written
  int64_t files = 0;
};

/// Rows of one batch that are written but not visible yet. Destroying it without Commit leaves files
/// that belong to no snapshot; Abort removes them.
class StagedBatch {
 public:
  virtual ~StagedBatch() = default;
  virtual const WriteStats& stats() const = 0;
  virtual Result<CommitOutcome> Commit() = 0;
  virtual Status Abort() = 0;
};

/// One output of a job. Threads: one caller at a time.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual std::string description() const = 0;
  virtual Guarantee guarantee() const = 0;
  /// Checks the target against the schema, creating it when absent. Called once, before any batch.
  virtual Status Open(const sql::Schema& schema) = 0;
  /// Asks the target whether this batch is in it: true = already there over the same offsets.
  /// Errors: Conflict when the same batch id is there with other offsets, a later one of this query is, or
  /// nothing can tell and `word` does not say.
  virtual Result<bool> Find(const BatchInfo& batch) = 0;
  /// Writes the rows of `relation` (a view with columns c0..., as Open's schema) where nobody sees them.
  virtual Result<std::unique_ptr<StagedBatch>> Stage(const BatchInfo& batch, engine::Connection& connection,
                                                     const std::string& relation) = 0;
  /// Removes leftovers of earlier attempts of batches up to `batch_id`, which is proven committed.
  virtual Status CleanUp(const Token& token) = 0;
};

}  // namespace flare::connector
