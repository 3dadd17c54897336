#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/demo_broker.h"
#include "cli/exit_codes.h"
#include "cli/world.h"
#include "io/file_system.h"
#include "observe/units.h"

namespace flare::cli {
namespace {

constexpr std::string_view kTopic = "orders";
/// What fits into the embedded broker with a good margin.
constexpr int64_t kMostEvents = 250'000;

constexpr std::string_view kManifest = R"(version: v1
name: demo-orders
type: workflow
tags:
  - demo
workflow:
  dag:
    - name: orders-to-lakehouse
      title: Orders from Kafka into the lakehouse
      spec:
        stack: flare:6.0
        compute: runnable-default
        stackSpec:
          job:
            explain: true
            showPreviewLines: 5
            logLevel: INFO
            streaming:
              forEachBatchMode: true
              triggerMode: AvailableNow
              checkpointLocation: dataos://lakehouse:checkpoints/orders
            inputs:
              - name: input
                dataset: dataos://demokafka:default/orders?acl=r
                isStream: true
                options:
                  startingOffsets: earliest
            outputs:
              - name: finalDf
                dataset: dataos://lakehouse:stream/orders?acl=rw
                format: Iceberg
                title: Orders
                options:
                  saveMode: append
            steps:
              - sequence:
                  - name: parsed
                    sql: |
                      SELECT
                        from_json(CAST(value AS STRING),
                          'order_id BIGINT, customer STRING, product STRING, quantity INT,
                           price DECIMAL(10,2), country STRING, status STRING, ordered_at TIMESTAMP') AS o,
                        partition, offset, timestamp
                      FROM input
                  - name: finalDf
                    sql: |
                      SELECT
                        o.order_id, o.customer, o.product, o.quantity, o.price,
                        o.quantity * o.price AS total,
                        o.country, o.status, o.ordered_at, partition, offset, timestamp
                      FROM parsed
)";

constexpr std::string_view kDepot =
    R"(# The broker lives in the process of `flare demo`; its port changes with each run.
name: demokafka
version: v1
type: depot
depot:
  type: KAFKA
  spec:
    brokers:
      - {}
)";

constexpr std::string_view kQuery =
    "SELECT country, count(*) AS orders, sum(total) AS revenue FROM "
    "`dataos://lakehouse:stream/orders` "
    "GROUP BY country ORDER BY revenue DESC";

/// A word that a POSIX shell reads back as itself.
std::string ShellWord(const std::string& word) {
  bool plain = !word.empty() && word.find_first_not_of(
                                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789_-./:=") == std::string::npos;
  if (plain) return word;
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

/// The folder of a demo and what earlier runs left in it.
class DemoFolder {
 public:
  explicit DemoFolder(std::string folder) : folder_(std::move(folder)) {}

  std::string manifest() const { return io::JoinPath(folder_, "orders.yaml"); }
  std::string resources() const { return io::JoinPath(folder_, "flare.d"); }
  std::string lakehouse() const { return io::JoinPath(folder_, "lakehouse"); }

  /// The events of earlier runs; none in a fresh folder.
  Result<std::vector<DemoRun>> EarlierRuns() const {
    auto text = files_.Read(AbsolutePath(EventsFile()));
    if (!text && text.error().code() == Code::kNotFound) return std::vector<DemoRun>();
    if (!text) return std::move(text).error();
    auto json = nlohmann::json::parse(*text, nullptr, false);
    if (!json.is_array()) return Unreadable();
    std::vector<DemoRun> runs;
    for (const auto& one : json) {
      if (!one.is_object() || !one["rows"].is_number_integer() || !one["at_ms"].is_number_integer())
        return Unreadable();
      runs.push_back({one["rows"].get<int64_t>(), WallTime(Millis(one["at_ms"].get<int64_t>()))});
    }
    return runs;
  }

  Status Write(const std::vector<DemoRun>& runs, const std::string& broker) const {
    nlohmann::json json = nlohmann::json::array();
    for (const auto& run : runs)
      json.push_back({{"rows", run.rows}, {"at_ms", run.time.time_since_epoch().count()}});
    RETURN_IF_ERROR(files_.CreateDirectories(AbsolutePath(resources())));
    RETURN_IF_ERROR(files_.Replace(AbsolutePath(EventsFile()), json.dump() + "\n"));
    RETURN_IF_ERROR(files_.Replace(AbsolutePath(io::JoinPath(resources(), "demokafka.yaml")),
                                   fmt::format(kDepot, broker)));
    return files_.Replace(AbsolutePath(manifest()), kManifest);
  }

 private:
  std::string EventsFile() const { return io::JoinPath(folder_, "events.json"); }
  Error Unreadable() const {
    return Corruption("{} is not what the demo wrote; delete the folder {} or give another --dir",
                      EventsFile(), folder_);
  }

  std::string folder_;
  io::FileSystem& files_ = io::LocalFileSystem();
};

Result<std::vector<DemoRun>> PlanEvents(const DemoArguments& arguments, const DemoFolder& folder,
                                        WallTime now) {
  ASSIGN_OR_RETURN(auto runs, folder.EarlierRuns());
  int64_t total = arguments.rows;
  for (const auto& run : runs) total += run.rows;
  if (total > kMostEvents) {
    return ResourceExhausted(
        "with {} earlier events and {} new ones the embedded broker is full ({} at most): give "
        "fewer --rows, another "
        "--dir, or delete the folder {}",
        total - arguments.rows, arguments.rows, kMostEvents, arguments.directory);
  }
  runs.push_back({arguments.rows, now});
  return runs;
}

void TellWhatNext(const DemoArguments& arguments, const DemoFolder& folder, const Host& host) {
  std::string flare = ShellWord(host.program);
  std::string lakehouse = "--lakehouse " + ShellWord(folder.lakehouse());
  std::string again = flare + " demo";
  if (arguments.directory != DemoArguments().directory)
    again += " --dir " + ShellWord(arguments.directory);
  std::string query =
      fmt::format("{} query {} {}", flare, lakehouse,
                  ShellWord("SELECT * FROM `dataos://lakehouse:stream/orders` LIMIT 3"));
  std::string explain =
      fmt::format("{} explain {} {} --resources {}", flare, ShellWord(folder.manifest()), lakehouse,
                  ShellWord(folder.resources()));
  std::string show =
      fmt::format("{} checkpoint show dataos://lakehouse:checkpoints/orders {}", flare, lakehouse);
  host.err(
      fmt::format("\nNext:\n  {}\n      new events; the job goes on from its checkpoint\n  {}\n    "
                  "  the table\n"
                  "  {}\n      what the job does\n  {}\n      how far it has read\n",
                  again, query, explain, show));
}

}  // namespace

int Demo(const DemoArguments& arguments, const Host& host) {
  auto fail = [&](const Error& error) {
    PrintError(host, error);
    return static_cast<int>(kFailed);
  };
  DemoFolder folder(arguments.directory);
  auto runs = PlanEvents(arguments, folder, host.clock->Now());
  if (!runs) return fail(runs.error());
  auto broker = DemoBroker::Start();
  if (!broker) return fail(broker.error());
  Status filled = (*broker)->Fill(std::string(kTopic), *runs);
  if (!filled) return fail(filled.error());
  Status written = folder.Write(*runs, (*broker)->address());
  if (!written) return fail(written.error());

  host.err(
      fmt::format("An embedded Kafka broker ({}) has {} new orders in topic {}{}.\n"
                  "Everything else is in {}; nothing outside it is touched.\n\n",
                  (*broker)->address(), observe::FormatCount(arguments.rows), kTopic,
                  runs->size() > 1 ? ", behind those of earlier runs" : "", arguments.directory));
  host.err(fmt::format("The job, {}:\n\n{}\n", folder.manifest(), kManifest));

  RunArguments run;
  run.manifest = folder.manifest();
  run.reading.world.resources = {folder.resources()};
  run.reading.world.lakehouse = folder.lakehouse();
  int code = Run(run, host);
  if (code != kOk) return code;

  QueryArguments query;
  query.world = run.reading.world;
  query.sql = std::string(kQuery);
  host.err(fmt::format("\n{}\n", kQuery));
  code = Query(query, host);
  if (code == kOk) TellWhatNext(arguments, folder, host);
  return code;
}

}  // namespace flare::cli
