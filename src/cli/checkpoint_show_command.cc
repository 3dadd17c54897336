#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "checkpoint/checkpoint.h"
#include "cli/checkpoint_target.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "io/file_lock.h"
#include "io/file_system.h"
#include "observe/units.h"

namespace flare::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr Millis kPatience{10'000};  ///< with a source that does not answer

struct ShownBatch {
  int64_t id = 0;
  bool committed = false;
  Result<checkpoint::OffsetEntry> entry;
};

/// How far a source is behind what it offers now.
struct ShownLag {
  std::string input, source;
  int64_t records = 0;
  std::string unknown;  ///< why it is not known
};

/// Everything that is shown, read once.
struct Shown {
  std::string folder, query_id, holder;
  checkpoint::Observed seen;
  std::vector<ShownBatch> batches;  ///< the last of them
  std::vector<ShownLag> lag;        ///< empty without a manifest
};

std::string Range(const std::vector<int64_t>& ids) {
  if (ids.empty()) return "none";
  if (ids.size() == 1) return fmt::format("{}", ids.front());
  return fmt::format("{} to {}", ids.front(), ids.back());
}

Result<int64_t> Behind(const plan::PlannedSource& planned, size_t index, checkpoint::Checkpoint& checkpoint,
                       const std::optional<std::string>& position, const connector::Environment& environment) {
  ASSIGN_OR_RETURN(auto source, planned.connector->make_source(planned.input, planned.address, environment));
  auto closer = std::unique_ptr<connector::Source, void (*)(connector::Source*)>(source.get(), [](auto* s) { s->Close(); });
  std::optional<std::string> from = position;
  if (!from) {
    ASSIGN_OR_RETURN(auto bytes, checkpoint.ReadSourceInitial(index));
    if (bytes) {
      ASSIGN_OR_RETURN(from, source->ParseInitial(*bytes));
    } else {
      ASSIGN_OR_RETURN(from, source->InitialOffset());
    }
    RETURN_IF_ERROR(source->SetInitial(*from));
  }
  connector::ReadLimit everything;
  ASSIGN_OR_RETURN(auto newest, source->LatestOffset(from, everything));
  return newest ? source->LagBehind(*from).records : 0;
}

/// Asks each source of the job what it offers now, from where the last committed batch ended.
std::vector<ShownLag> AskSources(const CheckpointTarget& target, checkpoint::Checkpoint& checkpoint,
                                 const checkpoint::Observed& seen, const Host& host) {
  std::vector<ShownLag> lags;
  std::stop_source enough;
  std::jthread alarm([&](std::stop_token over) {
    if (SystemClock().WaitUntil(SystemClock().Now() + kPatience, over)) enough.request_stop();
  });
  connector::Environment environment;
  environment.files = &io::LocalFileSystem();
  environment.clock = host.clock;
  environment.resources = &target.resources();
  environment.job_name = *target.plan->job.name;
  environment.stop = enough.get_token();
  std::vector<std::optional<std::string>> positions(target.plan->sources.size());
  if (auto last = seen.last_commit()) {
    if (auto entry = checkpoint.ReadOffsets(*last); entry && entry->offsets.size() == positions.size()) positions = entry->offsets;
  }
  for (size_t i = 0; i < positions.size(); ++i) {
    const auto& planned = target.plan->sources[i];
    ShownLag lag;
    lag.input = *planned.input.name;
    lag.source = planned.address.text;
    auto records = Behind(planned, i, checkpoint, positions[i], environment);
    if (records) {
      lag.records = *records;
    } else {
      lag.unknown = records.error().message();
    }
    lags.push_back(std::move(lag));
  }
  return lags;
}

Result<Shown> Look(const CheckpointTarget& target, int64_t last, const Host& host) {
  Shown shown;
  shown.folder = target.folder;
  ASSIGN_OR_RETURN(auto checkpoint, checkpoint::Checkpoint::OpenReadOnly(io::LocalFileSystem(), target.folder));
  ASSIGN_OR_RETURN(shown.seen, checkpoint->Observe());
  ASSIGN_OR_RETURN(auto holder, io::FileLock::Holder(io::JoinPath(target.folder, ".flare.lock")));
  shown.holder = holder.value_or("");
  shown.query_id = checkpoint->query_id();
  const auto& logged = shown.seen.offsets;
  size_t first = logged.size() > static_cast<size_t>(last) ? logged.size() - static_cast<size_t>(last) : 0;
  for (size_t i = first; i < logged.size(); ++i) {
    bool committed = std::binary_search(shown.seen.commits.begin(), shown.seen.commits.end(), logged[i]);
    shown.batches.push_back({logged[i], committed, checkpoint->ReadOffsets(logged[i])});
  }
  if (target.plan != nullptr) shown.lag = AskSources(target, *checkpoint, shown.seen, host);
  return shown;
}

std::string TextOf(const ShownBatch& batch) {
  if (!batch.entry) return fmt::format("  batch {}  unreadable: {}\n", batch.id, batch.entry.error().message());
  const auto& entry = *batch.entry;
  std::string text =
      fmt::format("  batch {}  {}  {}\n", batch.id, observe::FormatTimestamp(WallTime(Millis(entry.timestamp_ms))),
                  batch.committed ? "committed" : "not committed: the next run replays it");
  for (size_t i = 0; i < entry.offsets.size(); ++i) {
    text += fmt::format("    source {}  {}\n", i, entry.offsets[i].value_or("nothing read yet"));
  }
  if (entry.watermark_ms > 0) {
    text += fmt::format("    watermark {}\n", observe::FormatTimestamp(WallTime(Millis(entry.watermark_ms))));
  }
  return text;
}

std::string TextOf(const Shown& shown) {
  std::string text = fmt::format("checkpoint {}\n  query      {}\n  locked     {}\n  logged     {}\n  committed  {}\n", shown.folder,
                                 shown.query_id.empty() ? "no metadata" : shown.query_id,
                                 shown.holder.empty() ? "no" : "by " + shown.holder, Range(shown.seen.offsets),
                                 Range(shown.seen.commits));
  if (!shown.batches.empty() && shown.batches.back().entry) {
    const auto& entry = *shown.batches.back().entry;
    text += fmt::format("  format     v{}, {} {}\n", entry.version, entry.offsets.size(),
                        entry.offsets.size() == 1 ? "source" : "sources");
  }
  for (const auto& lag : shown.lag) {
    text += fmt::format("  lag        {}: {}\n", lag.input,
                        lag.unknown.empty() ? observe::FormatCount(lag.records) + " records behind the last committed batch"
                                            : "unknown: " + lag.unknown);
  }
  text += "\n";
  if (size_t hidden = shown.seen.offsets.size() - shown.batches.size(); hidden > 0) {
    text += fmt::format("  {} earlier batches are not listed (--last N lists more)\n", hidden);
  }
  for (const auto& batch : shown.batches) text += TextOf(batch);
  if (shown.seen.offsets.empty()) text += "  no batch was ever logged\n";
  return text;
}

/// A source's offset as JSON, or as text where it is none.
Json OffsetJson(const std::optional<std::string>& offset) {
  if (!offset) return nullptr;
  Json json = Json::parse(*offset, nullptr, false);
  return json.is_discarded() ? Json(*offset) : json;
}

std::string JsonOf(const Shown& shown) {
  Json batches = Json::array();
  for (const auto& batch : shown.batches) {
    Json json = {{"batchId", batch.id}, {"committed", batch.committed}};
    if (batch.entry) {
      json["timestamp"] = observe::FormatTimestamp(WallTime(Millis(batch.entry->timestamp_ms)));
      json["watermarkMs"] = batch.entry->watermark_ms;
      json["endOffsets"] = Json::array();
      for (const auto& offset : batch.entry->offsets) json["endOffsets"].push_back(OffsetJson(offset));
    } else {
      json["error"] = batch.entry.error().message();
    }
    batches.push_back(std::move(json));
  }
  auto newest = [](std::optional<int64_t> id) { return id ? Json(*id) : Json(nullptr); };
  Json json = {{"checkpoint", shown.folder},
               {"queryId", shown.query_id.empty() ? Json(nullptr) : Json(shown.query_id)},
               {"lockedBy", shown.holder.empty() ? Json(nullptr) : Json(shown.holder)},
               {"lastLogged", newest(shown.seen.last_offsets())},
               {"lastCommitted", newest(shown.seen.last_commit())},
               {"batches", std::move(batches)}};
  if (!shown.lag.empty()) json["lag"] = Json::array();
  for (const auto& lag : shown.lag) {
    json["lag"].push_back({{"input", lag.input},
                           {"records", lag.unknown.empty() ? Json(lag.records) : Json(nullptr)},
                           {"error", lag.unknown.empty() ? Json(nullptr) : Json(lag.unknown)}});
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

int ShowCheckpoint(const CheckpointArguments& arguments, const Host& host) {
  auto target = FindCheckpoint(arguments, host);
  if (!target) {
    PrintError(host, target.error());
    return kUsage;
  }
  auto shown = Look(*target, arguments.last, host);
  if (!shown) {
    PrintError(host, shown.error());
    return kFailed;
  }
  host.out(arguments.json ? JsonOf(*shown) : TextOf(*shown));
  return kOk;
}

}  // namespace flare::cli
