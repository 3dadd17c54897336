#pragma once
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/duckdb_handles.h"
#include "engine/table_function.h"

namespace flare::engine {

/// A provider with the DuckDB types of its columns.
struct BoundProvider {
  std::shared_ptr<ScanProvider> provider;
  std::vector<OwnedLogicalType> types;
};

/// The providers of a database by table function name. Threads: safe from any.
class TableFunctionSlots {
 public:
  /// Puts a provider there; false when the name was known before (its function is registered).
  bool Put(const std::string& name, std::shared_ptr<const BoundProvider> provider);
  std::shared_ptr<const BoundProvider> Find(const std::string& name) const;
  /// Empties the slot, keeping the name.
  void Release(const std::string& name);
  /// Forgets the name.
  void Remove(const std::string& name);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const BoundProvider>> providers_;
};

/// Registers flare_scan(name), which reads whatever provider has that name: for rows that exist for one
/// statement, so that no function is left behind. Database::Open does it.
Status RegisterSlotScan(Connection& connection);

/// Puts finished chunks under a name of their own, for flare_scan, until destroyed.
class TemporaryRows {
 public:
  TemporaryRows(Connection& connection, std::vector<ScanColumn> columns,
                std::vector<OwnedLogicalType> types, std::vector<OwnedChunk> chunks);
  ~TemporaryRows();
  TemporaryRows(const TemporaryRows&) = delete;
  TemporaryRows& operator=(const TemporaryRows&) = delete;
  /// flare_scan('...') for a FROM.
  std::string From() const;

 private:
  std::shared_ptr<DatabaseState> state_;
  std::string name_;
};

}  // namespace flare::engine
