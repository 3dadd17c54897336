#include <duckdb.h>
#include <librdkafka/rdkafka.h>

#include "cli/commands.h"
#include "cli/exit_codes.h"

namespace flare::cli {

int ShowVersion(const Host& host) {
  host.out(fmt::format("flare {} (DuckDB {}, librdkafka {})\n", host.version,
                       duckdb_library_version(), rd_kafka_version_str()));
  return kOk;
}

}  // namespace flare::cli
