#pragma once
#include <string>

#include "engine/database.h"
#include "io/file_system.h"
#include "lake/table.h"
#include "verify/batches.h"
#include "verify/report.h"

namespace flare::verify {

/// Counts the records in a table's files by batch, topic, partition and offset, where the table has these columns
/// and the files still carry the names that their batch gave them: no record in two batches, none outside its
/// batch's range, and, where every offset of a range has a row, none missing.
/// Errors: what reading the table gives.
Status CheckRows(const lake::Table& table, const std::string& branch, const std::string& subject, const Logs& logs,
                 io::FileSystem& files, engine::Connection& connection, Report* report);

}  // namespace flare::verify
