#pragma once
#include <string>

#include "base/result.h"
#include "engine/database.h"
#include "manifest/resources.h"
#include "sql/compile.h"

namespace flare::cli {

/// Makes the newest state of the Iceberg table at `name` (an address or a folder) readable through
/// `connection`, under that name. Errors: NotFound, what the address or the table's metadata says.
Result<sql::Relation> OpenTable(const std::string& name, const manifest::Resources& resources,
                                engine::Connection& connection);

}  // namespace flare::cli
