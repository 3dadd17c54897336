#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

struct sqlite3;

namespace flare::lake {

/// A connection to the SQLite file of a catalog. The journal mode of the file stays as it is; what is
/// committed is synced, the folder too (synchronous = EXTRA). An open transaction is rolled back at the end.
/// Errors: Unavailable (locked by others for longer than the timeout, input or output failed),
/// PermissionDenied, ResourceExhausted (disk full), Corruption (no database, or damaged), Internal (bad SQL).
/// Threads: one caller at a time.
class CatalogDatabase {
 public:
  using Row = std::vector<std::optional<std::string>>;
  enum class Mode { kWrite, kCreate };

  static Result<CatalogDatabase> Open(const std::string& file, Mode mode, Millis busy_timeout);
  /// Without the right to write, except where a crashed writer's work must be rolled back first.
  static Result<CatalogDatabase> OpenToRead(const std::string& file, Millis busy_timeout);

  Result<std::vector<Row>> Query(const std::string& sql, const std::vector<std::string>& values = {});
  /// The number of rows changed.
  Result<int64_t> Execute(const std::string& sql, const std::vector<std::string>& values = {});
  /// Ends an open transaction without effect; best effort.
  void Rollback();

 private:
  struct Closer {
    void operator()(sqlite3* database) const;
  };
  CatalogDatabase(std::unique_ptr<sqlite3, Closer> database, std::string file, Millis busy_timeout)
      : database_(std::move(database)), file_(std::move(file)), busy_timeout_(busy_timeout) {}
  static Result<CatalogDatabase> Open(const std::string& file, int flags, Millis busy_timeout);
  Error Failure(int code) const;
  bool needs_writing() const;

  std::unique_ptr<sqlite3, Closer> database_;
  std::string file_;
  Millis busy_timeout_;
};

}  // namespace flare::lake
