#pragma once
#include <string>

#include "base/result.h"
#include "io/file_system.h"
#include "lake/table.h"

namespace flare::lake {

/// How the names of metadata files end; whether one is compressed is told by its name alone.
inline constexpr const char* kMetadataSuffix = ".metadata.json";
inline constexpr const char* kGzipMetadataSuffix = ".gz.metadata.json";
inline constexpr const char* kOldGzipMetadataSuffix = ".metadata.json.gz";

/// Errors: NotFound, Corruption, Unsupported.
Result<TableVersion> ReadMetadataFile(io::FileSystem* files, const std::string& file, int64_t version);
/// The bytes of a metadata file of that name.
Result<std::string> EncodeMetadata(const TableMetadata& metadata, const std::string& file);
/// Makes a folder that a new table, or the database that will name it, stands in.
Status MakeTableFolder(io::FileSystem* files, const std::string& folder);
/// Removes a metadata file, and the checksum file that Java may have written beside it; best effort, for a
/// leftover does no harm. `before` and `after` are the fail points around it.
void RemoveMetadataFile(io::FileSystem* files, const std::string& file, std::string_view before,
                        std::string_view after);

}  // namespace flare::lake
