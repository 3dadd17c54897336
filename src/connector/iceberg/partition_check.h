#pragma once
#include "base/diagnostic.h"
#include "manifest/job.h"
#include "sql/types.h"

namespace flare::connector::iceberg {

/// Reports each field of an output's partitionSpec that does not fit rows of `columns`, at its place and without
/// looking at the table: a column that is not there, a transform that does not take its type, names that clash.
/// Leaves alone what the manifest's reader has reported: unknown transforms, missing parameters.
void CheckPartitions(const manifest::Output& output, const sql::Schema& columns, Diagnostics* diagnostics);

}  // namespace flare::connector::iceberg
