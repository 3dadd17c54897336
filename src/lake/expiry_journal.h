#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/file_lock.h"
#include "io/file_system.h"
#include "lake/garbage.h"
#include "lake/table_metadata.h"

namespace flare::lake {

/// A file in the table's metadata folder that says what an expiry is about to make superfluous: written before the
/// expiry is published, removed when the last superfluous file is gone, locked in between. A journal that nobody
/// holds was left by an expiry that died; whether that was published, the table tells. Readers of tables do not know
/// files of this name.
class ExpiryJournal {
 public:
  /// Writes one, durably, and holds it. Errors: of the disk.
  static Result<std::unique_ptr<ExpiryJournal>> Write(const TableMetadata& table, const Expired& expired,
                                                      io::FileSystem* files);
  /// The journals in a table's metadata folder, held or not. What an expiry that died while writing one left
  /// is removed on the way, unless `look_only`.
  static Result<std::vector<std::string>> Find(const std::string& metadata_folder, bool look_only, io::FileSystem* files);
  /// Takes one over. Errors: Conflict when somebody holds it, NotFound when it is gone, Corruption, of the disk.
  static Result<std::unique_ptr<ExpiryJournal>> Take(const std::string& path, io::FileSystem* files);

  const std::string& table_uuid() const { return table_uuid_; }
  const Expired& expired() const { return expired_; }
  /// Nothing of what it names is superfluous and there any more.
  Status Remove();

 private:
  ExpiryJournal(std::string path, io::FileSystem* files) : path_(std::move(path)), files_(files) {}
  Status Parse(const std::string& text);

  std::string path_;
  io::FileSystem* files_;
  std::unique_ptr<io::FileLock> lock_;
  std::string table_uuid_;
  Expired expired_;
};

}  // namespace flare::lake
