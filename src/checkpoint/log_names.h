#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flare::checkpoint {

/// The batch id that a file name of offsets/ or commits/ means: a signed 64-bit decimal as Java's
/// Long.parseLong reads it; nullopt for everything else (editors' files, .crc, .tmp).
std::optional<int64_t> ParseBatchId(std::string_view name);

/// Whether this is what a dead writer of a checkpoint leaves: `.NAME.UUID.tmp`, also Spark's with `.TIDn`,
/// NAME being a batch id or `metadata`.
bool IsLeftoverTemporary(std::string_view name);

/// The log file whose Hadoop checksum `name` is (`.7.crc` -> `7`); "" when it is none.
std::string_view ChecksumOwner(std::string_view name);
std::string ChecksumName(std::string_view owner);

}  // namespace flare::checkpoint
