#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "lake/commit.h"
#include "lake/partition.h"
#include "manifest/job.h"

namespace flare::connector::iceberg {

/// What an output says about its table.
struct TableOptions {
  lake::Properties properties;  ///< `iceberg.properties`, with title, description and tags among them
  std::vector<lake::PartitionRequest> partitions;
  lake::WriteMode mode = lake::WriteMode::kAppend;
  std::string branch = lake::kMainBranch;
  bool merge_schema = false;
};

/// Reads an output; mistakes go to `diagnostics` with their places, found without touching the table.
TableOptions ReadTableOptions(const manifest::Output& output, Diagnostics* diagnostics);

}  // namespace flare::connector::iceberg
