#include "cli/checkpoint_target.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "engine/database.h"
#include "io/file_system.h"
#include "verify/log_check.h"
#include "verify/row_check.h"
#include "verify/table_check.h"

namespace flare::cli {
namespace {

Status CheckOne(const NamedTable& named, const verify::Logs& logs, verify::Report* report) {
  auto version = named.table->Load();
  if (!version && version.error().code() == Code::kNotFound) {
    bool wrote = logs.last_committed() != nullptr;
    report->Add(wrote ? verify::Verdict::kContradicted : verify::Verdict::kNote, named.name,
                fmt::format("there is no table in {}{}", named.table->place(), wrote ? ", though batches were committed to it" : ""));
    return Ok();
  }
  if (!version) return std::move(version).error().With(fmt::format("while reading {}", named.name));
  RETURN_IF_ERROR(verify::CheckTable(version->metadata, named.branch, named.name, logs, report));
  engine::DatabaseOptions options;
  ASSIGN_OR_RETURN(auto database, engine::Database::Open(options));
  ASSIGN_OR_RETURN(auto connection, database->Connect());
  return verify::CheckRows(*named.table, named.branch, named.name, logs, io::LocalFileSystem(), *connection, report);
}

Result<verify::Report> Verify(const CheckpointTarget& target, const CheckpointArguments& arguments) {
  verify::Report report(target.folder);
  ASSIGN_OR_RETURN(auto logs, verify::CheckLogs(io::LocalFileSystem(), target.folder, &report));
  ASSIGN_OR_RETURN(auto tables, TablesOf(target, arguments, logs.outputs));
  if (tables.empty()) {
    report.Add(verify::Verdict::kUnproven, "tables",
               "what the batches wrote: the checkpoint does not say where; name the job's manifest instead, or --table ADDRESS");
  }
  for (const auto& table : tables) RETURN_IF_ERROR(CheckOne(table, logs, &report));
  return report;
}

}  // namespace

int VerifyCheckpoint(const CheckpointArguments& arguments, const Host& host) {
  auto target = FindCheckpoint(arguments, host);
  if (!target) {
    PrintError(host, target.error());
    return kUsage;
  }
  auto report = Verify(*target, arguments);
  if (!report) {
    PrintError(host, report.error());
    return kFailed;
  }
  host.out(arguments.json ? report->ToJson() : report->ToText());
  if (report->Has(verify::Verdict::kContradicted)) return kFailed;
  return report->Has(verify::Verdict::kUnproven) ? kUnproven : kOk;
}

}  // namespace flare::cli
