#pragma once
#include <duckdb.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/database.h"

namespace flare::engine {

/// A column that a scan offers: its name inside DuckDB and DuckDB's type text ("BLOB", "BIGINT").
struct ScanColumn {
  std::string name;
  std::string duckdb_type;
};

/// One worker's part of a running scan. Threads: called by one thread at a time.
class ScanThread {
 public:
  virtual ~ScanThread() = default;
  /// Fills `chunk` (its column i is projected column i of Begin) with up to duckdb_vector_size() rows and
  /// returns how many; 0 ends this thread's part. Strings written by pointer must stay valid until the
  /// next call of Fill on this object or its destruction. Must not wait longer than 100 ms without
  /// looking at its stop token (duckdb_interrupt is not seen in here).
  virtual Result<uint64_t> Fill(duckdb_data_chunk chunk) = 0;
};

/// One execution of a scan. Threads: NewThread may be called from several.
class Scan {
 public:
  virtual ~Scan() = default;
  /// How many ScanThreads can usefully run at once (>= 1).
  virtual uint64_t MaxThreads() const = 0;
  virtual Result<std::unique_ptr<ScanThread>> NewThread() = 0;
};

/// What a table function reads. Lives until it is replaced or released, or the database goes; and as
/// long as a statement reads it. Threads: Begin may be called from several.
class ScanProvider {
 public:
  virtual ~ScanProvider() = default;
  virtual const std::vector<ScanColumn>& columns() const = 0;
  /// Starts one execution. `projected` holds indexes into columns(), in the order of the chunk's columns;
  /// columns that nobody reads are not in it. Where no column is read at all (count(*)), DuckDB asks
  /// for the first, so that should be a cheap one; should `projected` be empty, only row counts matter
  /// and Fill must not touch the chunk.
  virtual Result<std::unique_ptr<Scan>> Begin(const std::vector<uint64_t>& projected) = 0;
};

/// Makes `SELECT ... FROM name()` read `provider`, with projection pushdown and parallel threads.
/// The first Error of a scan is kept and returned by the Connection call that ran the statement.
/// A second call with the same name replaces the provider, for all connections of the database;
/// statements that run keep theirs.
Status RegisterTableFunction(Connection& connection, const std::string& name,
                             std::shared_ptr<ScanProvider> provider);

/// Lets the provider go; the name stays and can be registered again. Fine when there is none.
void ReleaseTableFunction(Connection& connection, const std::string& name);

}  // namespace flare::engine
