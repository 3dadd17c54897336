#include "lake/metadata_file.h"

#include "base/fail_point.h"
#include "lake/compression.h"

namespace flare::lake {
namespace {

bool IsGzip(const std::string& file) {
  return file.ends_with(kGzipMetadataSuffix) || file.ends_with(kOldGzipMetadataSuffix);
}

}  // namespace

Result<TableVersion> ReadMetadataFile(io::FileSystem* files, const std::string& file, int64_t version) {
  ASSIGN_OR_RETURN(std::string bytes, files->Read(file));
  TableVersion table;
  table.version = version;
  table.file = file;
  table.file_size = static_cast<int64_t>(bytes.size());
  if (IsGzip(file)) {
    Result<std::string> text = Gunzip(bytes);
    if (!text) return std::move(text).error().With(fmt::format("while reading {}", file));
    bytes = std::move(*text);
  }
  ASSIGN_OR_RETURN(table.metadata, TableMetadata::Parse(bytes, file));
  return table;
}

Result<std::string> EncodeMetadata(const TableMetadata& metadata, const std::string& file) {
  std::string text = metadata.ToText();
  if (!IsGzip(file)) return text;
  return Gzip(text);
}

Status MakeTableFolder(io::FileSystem* files, const std::string& folder) {
  FAIL_POINT("lake.before_table_folder");
  RETURN_IF_ERROR(files->CreateDirectories(folder));
  FAIL_POINT("lake.after_table_folder");
  return Ok();
}

void RemoveMetadataFile(io::FileSystem* files, const std::string& file, std::string_view before,
                        std::string_view after) {
  if (!FailPoint(before)) return;
  std::ignore = files->Remove(file);
  std::ignore = files->Remove(io::JoinPath(io::ParentPath(file), fmt::format(".{}.crc", io::BaseName(file))));
  std::ignore = FailPoint(after);
}

}  // namespace flare::lake
