#pragma once
#include <map>
#include <string>

#include "lake/table.h"
#include "verify/batches.h"
#include "verify/report.h"

namespace flare::verify {

/// Holds a table's snapshots against the logs: each committed batch of the query once, over the logged offsets,
/// none that the logs do not know. `subject` names the table in the report.
/// Errors: what reading the table gives.
Status CheckTable(const lake::TableMetadata& table, const std::string& branch, const std::string& subject,
                  const Logs& logs, Report* report);

}  // namespace flare::verify
