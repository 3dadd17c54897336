#include "lake/sql_catalog_database.h"

#include <sqlite3.h>

#include <cerrno>

#include "base/fail_point.h"

namespace flare::lake {

void CatalogDatabase::Closer::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

/// The one place where SQLite's codes become an Error.
Error CatalogDatabase::Failure(int code) const {
  std::string reason = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code);
  int number = database_ ? sqlite3_system_errno(database_.get()) : 0;
  std::string text = fmt::format("the catalog database {}: {}", file_, reason);
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Unavailable("the catalog database {} is locked by another program (waited {} ms for it)", file_,
                         busy_timeout_.count());
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return Corruption("{} is not a SQLite database, or is damaged: {}", file_, reason);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return PermissionDenied("{}", text);
    case SQLITE_CANTOPEN:
      if (number == EACCES || number == EPERM || number == EROFS) return PermissionDenied("{}", text);
      return Unavailable("{}", text);
    case SQLITE_FULL:
    case SQLITE_NOMEM: return ResourceExhausted("{}", text);
    case SQLITE_IOERR:
      if (number == ENOSPC || number == EDQUOT || number == EFBIG) return ResourceExhausted("{}", text);
      return Unavailable("{}", text);
    case SQLITE_CONSTRAINT: return AlreadyExists("{}", text);
    default: return Internal("{} (SQLite's code {})", text, code);
  }
}

Result<CatalogDatabase> CatalogDatabase::Open(const std::string& file, int flags, Millis busy_timeout) {
  sqlite3* raw = nullptr;
  int code = sqlite3_open_v2(file.c_str(), &raw, flags | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE, nullptr);
  CatalogDatabase database(std::unique_ptr<sqlite3, Closer>(raw), file, busy_timeout);
  if (code != SQLITE_OK) return database.Failure(code);
  sqlite3_busy_timeout(raw, static_cast<int>(busy_timeout.count()));
  return database;
}

Result<CatalogDatabase> CatalogDatabase::Open(const std::string& file, Mode mode, Millis busy_timeout) {
  int create = mode == Mode::kCreate ? SQLITE_OPEN_CREATE : 0;
  ASSIGN_OR_RETURN(CatalogDatabase database, Open(file, SQLITE_OPEN_READWRITE | create, busy_timeout));
  RETURN_IF_ERROR(database.Execute("PRAGMA synchronous = EXTRA"));
  return database;
}

bool CatalogDatabase::needs_writing() const {
  int code = sqlite3_extended_errcode(database_.get()) & 0xff;
  return code == SQLITE_READONLY || code == SQLITE_CANTOPEN;
}

Result<CatalogDatabase> CatalogDatabase::OpenToRead(const std::string& file, Millis busy_timeout) {
  ASSIGN_OR_RETURN(CatalogDatabase database, Open(file, SQLITE_OPEN_READONLY, busy_timeout));
  auto looked = database.Query("SELECT 1 FROM sqlite_master LIMIT 1");
  if (looked) return database;
  // A writer that died in a transaction left a journal to be rolled back, or a WAL to be recovered.
  if (!database.needs_writing()) return std::move(looked).error();
  FAIL_POINT("lake.before_catalog_recovery");
  auto writing = Open(file, SQLITE_OPEN_READWRITE, busy_timeout);
  if (!writing) return std::move(looked).error();
  auto recovered = writing->Query("SELECT 1 FROM sqlite_master LIMIT 1");  // the first reading recovers it
  if (!recovered) return std::move(recovered).error();
  FAIL_POINT("lake.after_catalog_recovery");
  return writing;
}

Result<std::vector<CatalogDatabase::Row>> CatalogDatabase::Query(const std::string& sql,
                                                                 const std::vector<std::string>& values) {
  sqlite3_stmt* raw = nullptr;
  int code = sqlite3_prepare_v2(database_.get(), sql.c_str(), static_cast<int>(sql.size()), &raw, nullptr);
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
  if (code != SQLITE_OK) return Failure(code);
  for (size_t i = 0; i < values.size(); ++i) {
    code = sqlite3_bind_text64(raw, static_cast<int>(i + 1), values[i].data(), values[i].size(), SQLITE_STATIC,
                               SQLITE_UTF8);
    if (code != SQLITE_OK) return Failure(code);
  }
  std::vector<Row> rows;
  while ((code = sqlite3_step(raw)) == SQLITE_ROW) {
    Row& row = rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(raw); ++i) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, i));
      if (text == nullptr) {
        row.emplace_back();
      } else {
        row.emplace_back(std::string(text, static_cast<size_t>(sqlite3_column_bytes(raw, i))));
      }
    }
  }
  if (code != SQLITE_DONE) return Failure(code);
  return rows;
}

Result<int64_t> CatalogDatabase::Execute(const std::string& sql, const std::vector<std::string>& values) {
  ASSIGN_OR_RETURN(auto rows, Query(sql, values));
  return static_cast<int64_t>(sqlite3_changes(database_.get()));
}

void CatalogDatabase::Rollback() {
  if (sqlite3_get_autocommit(database_.get()) == 0) std::ignore = Execute("ROLLBACK");
}

}  // namespace flare::lake
