#include "verify/log_check.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "checkpoint/checkpoint.h"
#include "checkpoint/own_keys.h"
#include "io/file_lock.h"

namespace flare::verify {
namespace {

constexpr const char* kSubject = "logs";

class LogCheck {
 public:
  LogCheck(checkpoint::Checkpoint& checkpoint, checkpoint::Observed seen, Report* report)
      : checkpoint_(checkpoint), seen_(std::move(seen)), report_(report) {
    logs_.directory = checkpoint.directory();
    logs_.query_id = checkpoint.query_id();
  }

  Result<Logs> Run() {
    CheckShape();
    ReadBatches();
    RETURN_IF_ERROR(ReadInitial());
    CheckChain();
    TellUnfinished();
    return std::move(logs_);
  }

 private:
  void Proven(std::string text) { report_->Add(Verdict::kProven, kSubject, std::move(text)); }
  void Note(std::string text) { report_->Add(Verdict::kNote, kSubject, std::move(text)); }
  void Unproven(std::string text) { report_->Add(Verdict::kUnproven, kSubject, std::move(text)); }
  void Wrong(std::string text) { report_->Add(Verdict::kContradicted, kSubject, std::move(text)); }

  void CheckShape() {
    Status shape = checkpoint::CheckObserved(seen_, checkpoint_.directory());
    if (!shape) return Wrong(shape.error().message());
    if (seen_.offsets.empty()) return Note("no batch was ever logged");
    Proven(fmt::format("offsets/ and commits/ have no gap that a restart could meet: logged {} to {}, committed {}",
                       seen_.offsets.front(), seen_.offsets.back(),
                       seen_.commits.empty() ? std::string("none")
                                             : fmt::format("{} to {}", seen_.commits.front(), seen_.commits.back())));
  }

  void ReadBatches() {
    bool all = true;
    for (int64_t id : seen_.offsets) {
      auto entry = checkpoint_.ReadOffsets(id);
      if (!entry) {
        Wrong(fmt::format("offsets/{} cannot be read: {}", id, entry.error().message()));
        all = false;
        continue;
      }
      BatchRange batch;
      batch.id = id;
      batch.committed = std::binary_search(seen_.commits.begin(), seen_.commits.end(), id);
      batch.by_flare = entry->conf.contains(checkpoint::kSourcesKey);
      batch.timestamp_ms = entry->timestamp_ms;
      batch.watermark_ms = entry->watermark_ms;
      batch.end = entry->offsets;
      if (const BatchRange* before = logs_.Find(id - 1)) {
        batch.start = before->end;
        batch.start_known = true;
      } else if (id == 0) {
        batch.start.resize(batch.end.size());
        batch.start_known = true;
      }
      if (batch.by_flare) NoteOutputs(entry->conf);
      logs_.batches.push_back(std::move(batch));
    }
    for (int64_t id : seen_.commits) {
      auto entry = checkpoint_.ReadCommit(id);
      if (entry) continue;
      Wrong(fmt::format("commits/{} cannot be read: {}", id, entry.error().message()));
      all = false;
    }
    if (all && !seen_.offsets.empty()) Proven("every log file can be read");
  }

  void NoteOutputs(const std::map<std::string, std::string>& conf) {
    auto found = conf.find(checkpoint::kOutputsKey);
    if (found == conf.end()) return;
    auto list = nlohmann::json::parse(found->second, nullptr, false);
    if (!list.is_array()) return;
    logs_.outputs.clear();
    for (const auto& one : list) {
      if (one.is_string()) logs_.outputs.push_back(one);
    }
  }

  Status ReadInitial() {
    size_t sources = logs_.batches.empty() ? 0 : logs_.batches.back().end.size();
    for (size_t i = 0; i < sources; ++i) {
      ASSIGN_OR_RETURN(auto bytes, checkpoint_.ReadSourceInitial(i));
      std::optional<KafkaOffsets> offsets;
      if (bytes) {
        std::string_view text = *bytes;
        auto brace = text.find('{');
        if (brace != std::string_view::npos) offsets = ParseKafkaOffsets(text.substr(brace));
      }
      logs_.initial.push_back(std::move(offsets));
    }
    return Ok();
  }

  void CheckChain() {
    bool straight = true;
    for (const BatchRange& batch : logs_.batches) {
      const BatchRange* before = logs_.Find(batch.id - 1);
      if (before == nullptr) continue;
      if (batch.watermark_ms < before->watermark_ms) {
        Wrong(fmt::format("the watermark of batch {} is before that of batch {}", batch.id, before->id));
        straight = false;
      }
      if (batch.end.size() != before->end.size()) {
        Wrong(fmt::format("batch {} has {} sources, batch {} has {}", batch.id, batch.end.size(), before->id, before->end.size()));
        straight = false;
        continue;
      }
      for (size_t i = 0; i < batch.end.size(); ++i) straight = GoesOn(*before, batch, i) && straight;
    }
    if (straight && logs_.batches.size() > 1) {
      Proven("each batch starts where the one before ended; no offset goes back");
    }
  }

  bool GoesOn(const BatchRange& before, const BatchRange& batch, size_t source) {
    const auto& from = before.end[source];
    const auto& to = batch.end[source];
    if (!from || from == to) return true;
    auto start = ParseKafkaOffsets(*from);
    auto end = to ? ParseKafkaOffsets(*to) : std::nullopt;
    if (!to) {
      Wrong(fmt::format("source {} had a position in batch {} and none in batch {}", source, before.id, batch.id));
      return false;
    }
    if (!start || !end) {
      Unproven(fmt::format("whether batch {} goes on where batch {} ended: the offsets of source {} are not Kafka's",
                           batch.id, before.id, source));
      return true;
    }
    for (const auto& [partition, offset] : *start) {
      auto found = end->find(partition);
      if (found == end->end()) {
        Note(fmt::format("partition {} is not in batch {} any more", NameOf(partition), batch.id));
      } else if (found->second < offset) {
        Wrong(fmt::format("{} goes back from offset {} in batch {} to {} in batch {}", NameOf(partition), offset,
                          before.id, found->second, batch.id));
        return false;
      }
    }
    return true;
  }

  void TellUnfinished() {
    if (logs_.batches.empty() || logs_.batches.back().committed) return;
    Note(fmt::format("batch {} is unfinished: the next run asks its targets and runs it again over the same offsets if "
                     "they do not have it",
                     logs_.batches.back().id));
  }

  checkpoint::Checkpoint& checkpoint_;
  checkpoint::Observed seen_;
  Report* report_;
  Logs logs_;
};

}  // namespace

Result<Logs> CheckLogs(io::FileSystem& files, const std::string& directory, Report* report) {
  ASSIGN_OR_RETURN(auto checkpoint, checkpoint::Checkpoint::OpenReadOnly(files, directory));
  ASSIGN_OR_RETURN(auto holder, io::FileLock::Holder(io::JoinPath(directory, ".flare.lock")));
  if (holder) {
    report->Add(Verdict::kNote, kSubject,
                fmt::format("in use by {}: what it is writing now may be seen half", *holder));
  }
  ASSIGN_OR_RETURN(auto seen, checkpoint->Observe());
  return LogCheck(*checkpoint, std::move(seen), report).Run();
}

}  // namespace flare::verify
