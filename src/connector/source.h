#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/database.h"
#include "sql/types.h"

namespace flare::connector {

/// A source's position as its Spark JSON text, e.g. `{"orders":{"0":23}}`. Opaque to everyone but its source.
using OffsetText = std::string;

/// How much one batch may read. Limits shape new batches only; a replayed range is never cut.
struct ReadLimit {
  bool all_available = true;                  ///< Once: ignore every limit
  std::optional<int64_t> max_records;         ///< maxOffsetsPerTrigger
  std::optional<int64_t> min_records;         ///< minOffsetsPerTrigger
  Millis max_delay = Millis(15 * 60 * 1000);  ///< maxTriggerDelay, with min_records
};

/// The range of one batch: (start, end] in the source's own sense; no start = the stored initial offset.
struct OffsetRange {
  std::optional<OffsetText> start;
  OffsetText end;
};

/// What one batch read, for progress and accounting.
struct ReadStats {
  int64_t records = 0;
  int64_t bytes = 0;              ///< keys and values as the client delivered them
  int64_t replaced_text = 0;      ///< strings whose invalid UTF-8 was decoded with U+FFFD
  std::vector<std::string> lost;  ///< one sentence for each range that was gone (failOnDataLoss=false)
};

/// How far behind the newest data a position is.
struct Lag {
  int64_t records = 0;
  std::optional<Millis> time;  ///< age of the newest record read, when known
  std::map<std::string, std::string> metrics;  ///< Spark's: avgOffsetsBehindLatest, ...
};

/// A replayable input. One thread conducts it; the scan itself runs on DuckDB's workers.
class Source {
 public:
  virtual ~Source() = default;

  /// Spark's words: "KafkaV2[Subscribe[orders]]".
  virtual std::string description() const = 0;
  virtual const sql::Schema& schema() const = 0;

  /// Registers the scan with the engine; afterwards `FROM <relation()>` reads the current range, its
  /// columns named c0, c1, ... in the order of schema(). Called once, before any batch.
  virtual Status Bind(engine::Connection& connection, const std::string& unique_name) = 0;
  virtual std::string relation() const = 0;  ///< "name()"

  /// Where a fresh checkpoint starts. Asked once; the caller stores it durably (FormatInitial) before use.
  virtual Result<OffsetText> InitialOffset() = 0;
  /// The bytes and the parsing of this source's `sources/<i>/0` file, as Spark has them.
  virtual std::string FormatInitial(const OffsetText& offset) const = 0;
  virtual Result<OffsetText> ParseInitial(std::string_view bytes) const = 0;
  /// Restores that position; called instead of InitialOffset when the file exists.
  virtual Status SetInitial(const OffsetText& offset) = 0;

  /// Fixes the newest offset that this run may reach (AvailableNow). Called once, before LatestOffset.
  virtual Status FreezeEnd() = 0;
  /// The end for the next batch from `from` within `limit`; nullopt = nothing to read yet (no offset).
  /// May equal `from`. Discovers new partitions. Errors: data-loss rules (failOnDataLoss).
  virtual Result<std::optional<OffsetText>> LatestOffset(const std::optional<OffsetText>& from,
                                                         const ReadLimit& limit) = 0;
  /// Whether two texts mean the same position, whatever their key order.
  virtual Result<bool> SameOffset(const OffsetText& a, const OffsetText& b) const = 0;
  /// The newest offset seen by the last LatestOffset, for reporting; nullopt when unknown.
  virtual std::optional<OffsetText> newest() const = 0;
  virtual Lag LagBehind(const OffsetText& position) const = 0;
  /// What tells the data behind the positions from other data of the same name (topic ids): one line of text that
  /// the caller records with the batch that this source planned last. "" = nothing is known.
  virtual std::string Incarnation() const { return ""; }
  /// Gives back what the newest batch on record carried; called before the first LatestOffset or BeginBatch.
  virtual Status RestoreIncarnation(std::string_view /*recorded*/) { return Ok(); }
  /// Waits until there may be something beyond the last LatestOffset, at most so long; ends early on `stop`.
  /// False = did not wait, as this source cannot tell: the caller asks LatestOffset now and then instead.
  virtual bool WaitForData(Millis /*at_most*/, std::stop_token /*stop*/) { return false; }

  /// Sets the range that the next execution of relation() reads. A scan polls `stop`.
  virtual Status BeginBatch(const OffsetRange& range, std::stop_token stop) = 0;
  /// Records of the current batch delivered so far, for progress bars; 0 = not counted.
  /// Safe from any thread between BeginBatch and EndBatch.
  virtual int64_t records_read() const { return 0; }
  /// After the statement that read it: its counts. Errors: reading stopped or failed before the end.
  /// Rows that the statement did not ask for, as they could not reach its result, are no error.
  virtual Result<ReadStats> EndBatch() = 0;
  /// Tells the source that everything up to `offset` is durable in the sinks.
  virtual Status Acknowledge(const OffsetText& offset) = 0;
  virtual void Close() = 0;
};

}  // namespace flare::connector
