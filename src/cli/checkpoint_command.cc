#include <map>

#include "checkpoint/checkpoint.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/world.h"
#include "io/file_lock.h"
#include "io/file_system.h"
#include "observe/units.h"

namespace flare::cli {
namespace {

/// A folder is itself; an address is looked up among the depots.
Result<std::string> Folder(const CheckpointShowArguments& arguments, const Host& host) {
  if (!arguments.address.starts_with("dataos://")) {
    return AbsolutePath(arguments.address);
  }
  ASSIGN_OR_RETURN(auto world, OpenWorld(arguments.world, host));
  ASSIGN_OR_RETURN(auto address, world.resources.Resolve({arguments.address, {}}));
  return world.resources.LocalPath(address);
}

std::string BatchText(checkpoint::Checkpoint& checkpoint, int64_t batch, bool committed) {
  auto entry = checkpoint.ReadOffsets(batch);
  std::string state = committed ? "committed" : "not committed: the next run replays it";
  if (!entry) return fmt::format("  batch {}  unreadable: {}\n", batch, entry.error().message());
  auto time = WallTime(Millis(entry->timestamp_ms));
  std::string text =
      fmt::format("  batch {}  {}  {}\n", batch, observe::FormatTimestamp(time), state);
  for (size_t i = 0; i < entry->offsets.size(); ++i) {
    text += fmt::format("    source {}  {}\n", i, entry->offsets[i].value_or("nothing read yet"));
  }
  if (entry->watermark_ms > 0) {
    text += fmt::format("    watermark {}\n",
                        observe::FormatTimestamp(WallTime(Millis(entry->watermark_ms))));
  }
  return text;
}

std::string Range(const std::vector<int64_t>& ids) {
  if (ids.empty()) return "none";
  if (ids.size() == 1) return fmt::format("{}", ids.front());
  return fmt::format("{} to {}", ids.front(), ids.back());
}

Result<std::string> Describe(io::FileSystem& files, const std::string& folder, int64_t last) {
  ASSIGN_OR_RETURN(auto checkpoint, checkpoint::Checkpoint::OpenReadOnly(files, folder));
  ASSIGN_OR_RETURN(auto seen, checkpoint->Observe());
  ASSIGN_OR_RETURN(auto holder, io::FileLock::Holder(io::JoinPath(folder, ".flare.lock")));
  std::string text = fmt::format(
      "checkpoint {}\n  query      {}\n  locked     {}\n  logged     {}\n  committed  {}\n", folder,
      checkpoint->query_id().empty() ? "no metadata" : checkpoint->query_id(),
      holder ? "by " + *holder : "no", Range(seen.offsets), Range(seen.commits));
  if (!seen.offsets.empty()) {
    if (auto entry = checkpoint->ReadOffsets(seen.offsets.back())) {
      text += fmt::format("  format     v{}, {} {}\n", entry->version, entry->offsets.size(),
                          entry->offsets.size() == 1 ? "source" : "sources");
    }
  }
  size_t first = seen.offsets.size() > static_cast<size_t>(last)
                     ? seen.offsets.size() - static_cast<size_t>(last)
                     : 0;
  text += "\n";
  if (first > 0)
    text += fmt::format("  {} earlier batches are not listed (--last N lists more)\n", first);
  for (size_t i = first; i < seen.offsets.size(); ++i) {
    bool committed = std::binary_search(seen.commits.begin(), seen.commits.end(), seen.offsets[i]);
    text += BatchText(*checkpoint, seen.offsets[i], committed);
  }
  if (seen.offsets.empty()) text += "  no batch was ever logged\n";
  return text;
}

}  // namespace

int ShowCheckpoint(const CheckpointShowArguments& arguments, const Host& host) {
  auto folder = Folder(arguments, host);
  if (!folder) {
    PrintError(host, folder.error());
    return kUsage;
  }
  auto text = Describe(io::LocalFileSystem(), *folder, arguments.last);
  if (!text) {
    PrintError(host, text.error());
    return kFailed;
  }
  host.out(*text);
  return kOk;
}

}  // namespace flare::cli
