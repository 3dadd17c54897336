#pragma once
#include "lake/json.h"
#include "lake/partition.h"

namespace flare::lake {

/// Iceberg's field ids inside manifests and lists: what readers go by.
namespace field_id {
inline constexpr int kStatus = 0, kSnapshotId = 1, kDataFile = 2, kSequenceNumber = 3, kFileSequenceNumber = 4;
inline constexpr int kContent = 134, kFilePath = 100, kFileFormat = 101, kPartition = 102, kRecordCount = 103,
                     kFileSize = 104, kColumnSizes = 108, kValueCounts = 109, kNullValueCounts = 110,
                     kNanValueCounts = 137, kLowerBounds = 125, kUpperBounds = 128, kKeyMetadata = 131,
                     kSplitOffsets = 132, kEqualityIds = 135, kSortOrderId = 140, kReferencedDataFile = 143;
inline constexpr int kManifestPath = 500, kManifestLength = 501, kSpecId = 502, kManifestContent = 517,
                     kListSequenceNumber = 515, kMinSequenceNumber = 516, kAddedSnapshotId = 503, kAddedFiles = 504,
                     kExistingFiles = 505, kDeletedFiles = 506, kAddedRows = 512, kExistingRows = 513,
                     kDeletedRows = 514, kPartitions = 507, kListKeyMetadata = 519;
inline constexpr int kContainsNull = 509, kContainsNan = 518, kLowerBound = 510, kUpperBound = 511;
}  // namespace field_id

/// The Avro schema of a v2 manifest whose partition values have these types. Names and order are Java's:
/// some readers go by them.
Json ManifestAvroSchema(const PartitionSpec& spec, const std::vector<Type>& partition_types);
/// The Avro schema of a v2 manifest list.
Json ManifestListAvroSchema();
/// A name that Avro allows: letters, digits and underscores; others as `_x<HEX>`.
std::string AvroName(const std::string& name);

}  // namespace flare::lake
