#include "connector/iceberg/connector.h"

#include "connector/iceberg/catalog.h"
#include "connector/iceberg/partition_check.h"
#include "connector/iceberg/sink.h"
#include "connector/iceberg/table_options.h"

namespace flare::connector::iceberg {
namespace {

/// Says which catalog holds the table, where it is not the table's own folder.
void CheckCatalog(const manifest::Output& output, const manifest::Address& address, Diagnostics* diagnostics) {
  auto catalog = CatalogOf(*address.depot, diagnostics);
  if (!catalog || catalog->database.empty()) return;
  auto name = NameIn(*catalog, address);
  if (!name) {
    diagnostics->push_back({Severity::kError, output.dataset.where, "bad-address", name.error().message(), address.text, "", ""});
    return;
  }
  diagnostics->push_back({Severity::kNote, output.dataset.where, "sql-catalog",
                          fmt::format("output {} is the table {}.{} of the catalog {} in {}", *output.name, name->space,
                                      name->table, name->catalog, name->database), "", "", ""});
}

void CheckOutput(const manifest::Output& output, const manifest::Address& address, Diagnostics* diagnostics) {
  std::ignore = ReadTableOptions(output, diagnostics);
  if (address.depot != nullptr && address.depot->type != "FILE") {
    Diagnostic mistake;
    mistake.where = output.dataset.where;
    mistake.code = "unsupported-depot";
    mistake.message = fmt::format("Iceberg tables are written to FILE depots and local folders only; the depot '{}' is {}",
                                  address.depot->name, address.depot->type);
    mistake.found = address.text;
    diagnostics->push_back(std::move(mistake));
  } else if (address.depot != nullptr) {
    CheckCatalog(output, address, diagnostics);
  }
  if (output.merge_on_clause || output.merge_when_clause) {
    Diagnostic mistake;
    mistake.where = output.where;
    mistake.code = "unsupported-merge";
    mistake.message = "merging into an Iceberg table is not supported yet; saveMode append and overwrite are";
    diagnostics->push_back(std::move(mistake));
  }
}

Result<std::unique_ptr<Sink>> MakeSink(const manifest::Output& output, const manifest::Address& address,
                                       const Environment& environment) {
  Diagnostics diagnostics;
  TableOptions options = ReadTableOptions(output, &diagnostics);
  for (const auto& diagnostic : diagnostics) {
    if (diagnostic.severity == Severity::kError) return InvalidArgument("{}", diagnostic.message);
  }
  ASSIGN_OR_RETURN(auto table, TableOf(address, *environment.resources, environment.files));
  return std::unique_ptr<Sink>(
      new IcebergSink(std::move(table), address.text, std::move(options), environment.files, environment.clock));
}

}  // namespace

Connector MakeIcebergConnector() {
  Connector connector;
  connector.name = "iceberg";
  connector.depot_types = {"FILE"};
  connector.formats = {"iceberg"};
  connector.summary = "Iceberg tables (format version 2) in a local folder, each batch exactly once";
  connector.check_output = CheckOutput;
  connector.check_columns = CheckPartitions;
  connector.make_sink = MakeSink;
  connector.guarantee = Guarantee::kExactlyOnce;
  return connector;
}

}  // namespace flare::connector::iceberg
