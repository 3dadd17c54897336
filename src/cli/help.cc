#include "cli/help.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string_view>

namespace flare::cli {
namespace {

constexpr std::string_view kMain =
    R"(flare runs DataOS streaming manifests: Kafka, Spark SQL steps, Iceberg tables, each batch exactly once.

Usage: flare COMMAND [OPTIONS]

Commands:
  run MANIFEST          Run the jobs of a manifest
  lint MANIFEST...      Show every mistake of manifests; connects to nothing
  explain MANIFEST      Show what would run: sources, typed steps, guarantees; connects to nothing
  query SQL             Run a SELECT over lakehouse tables
  sql                   Open a SQL shell over lakehouse tables
  functions [NAME]      Show the functions of SQL steps, or what one takes and gives
  checkpoint show C     Show the batches of a checkpoint; with a manifest also its lag
  checkpoint verify C   Hold a checkpoint against its tables and their rows; changes nothing
  checkpoint reset C    Begin anew, after asking, with a backup; on request where the tables end
  maintain DATASET      Expire old snapshots of a table and delete what nothing needs any more
  demo                  Run a streaming job on embedded parts: no broker, nothing to configure
  version               Show the versions of flare and its engines
  help COMMAND          Show a command's options and examples

Examples:
  flare demo
  flare lint orders.yaml
  flare run orders.yaml -e DEPOT=kafkadepot
  flare query 'SELECT * FROM `dataos://lakehouse:stream/orders` LIMIT 10'

Exit codes:
  0    done; also when a run was asked to stop (Ctrl-C, SIGTERM) and finished its batch
  1    a job failed, or the manifest has errors
  2    the command line is wrong
  3    checkpoint verify found nothing wrong, but could not prove everything
  130  stopped at once by a second Ctrl-C; the next run replays the batch

Folders:
  lakehouse   --lakehouse, else $FLARE_LAKEHOUSE, else ${XDG_DATA_HOME:-~/.local/share}/flare/lakehouse
  resources   --resources, then ./flare.d, then ${XDG_CONFIG_HOME:-~/.config}/flare
)";

struct Page {
  std::string_view command;
  std::string_view usage;
  std::string_view summary;
  std::string_view examples;
};

constexpr std::array kPages = {
    Page{"run", "flare run MANIFEST [OPTIONS]",
         "Runs the jobs of a manifest, each after the jobs it depends on. Everything is checked "
         "before the\n"
         "first record is read. Ctrl-C or SIGTERM: the batch is finished and committed, exit 0. A "
         "second one\n"
         "stops at once: nothing is lost, the next run replays the batch. What is said goes to "
         "standard error.",
         "  flare run orders.yaml\n"
         "  flare run orders.yaml -e DEPOT_NAME=kafkadepot --env-file prod.env\n"
         "  flare run orders.yaml --trigger AvailableNow       # read what there is, then end\n"
         "  flare run orders.yaml --quiet --progress-json - | jq .numInputRows\n"},
    Page{"lint", "flare lint MANIFEST... [OPTIONS]",
         "Shows every mistake of the manifests in one pass, with file, line and column: keys, "
         "values,\n"
         "addresses, SQL. Connects to nothing. Exits 1 when there is an error; warnings alone are "
         "fine.",
         "  flare lint orders.yaml\n"
         "  flare lint jobs/*.yaml --strict --format json\n"},
    Page{"explain", "flare explain MANIFEST [OPTIONS]",
         "Shows what a run would do: where it reads, each step with its types and the SQL that "
         "runs, where it\n"
         "writes and with which guarantee. Connects to nothing.",
         "  flare explain orders.yaml\n"
         "  flare explain orders.yaml --job load --format json\n"},
    Page{"query", "flare query SQL [OPTIONS]\n       flare query --file FILE [OPTIONS]",
         "Runs Spark SQL over lakehouse tables: queries, temporary views and settings, with `;` between them. A\n"
         "table is named by its address or its folder, in backticks; in a shell the statement stands in single\n"
         "quotes. json and jsonl print one object a statement: names, Spark types, rows as text, rows typed.",
         "  flare query 'SELECT * FROM `dataos://lakehouse:stream/orders` LIMIT 10'\n"
         "  flare query 'SELECT id, total FROM `/data/warehouse/stream/orders` WHERE total > 100' "
         "--format csv\n"
         "  flare query --file statements.sql --format jsonl --conf spark.sql.ansi.enabled=true\n"},
    Page{"sql", "flare sql [OPTIONS]",
         "Reads Spark SQL statements, each ended by ;, and shows what they yield: queries, temporary "
         "views and\n"
         "settings, over tables named by their addresses in backticks. On a terminal with editing, "
         "history, Tab for\n"
         "completion and \\? for help; without one it runs the statements of standard input and exits "
         "1 if one failed.\n"
         "The history is kept in ${XDG_STATE_HOME:-~/.local/state}/flare/sql_history.",
         "  flare sql\n"
         "  flare sql --conf spark.sql.ansi.enabled=true\n"
         "  flare sql < statements.sql\n"},
    Page{"functions", "flare functions [NAME] [OPTIONS]",
         "Shows the functions that SQL may call, by subject, or the signatures, the result and the "
         "behaviour of one.",
         "  flare functions\n"
         "  flare functions from_json\n"
         "  flare functions --json\n"},
    Page{"checkpoint show", "flare checkpoint show CHECKPOINT|MANIFEST [OPTIONS]",
         "Shows what a checkpoint holds: query id, batches with their offsets, committed or not, "
         "and who has\n"
         "it locked; with the job's manifest also how far behind its sources it is. Reads only, "
         "also while the\n"
         "job runs.",
         "  flare checkpoint show orders.yaml\n"
         "  flare checkpoint show dataos://lakehouse:checkpoints/orders\n"
         "  flare checkpoint show /data/checkpoints/orders --last 3\n"},
    Page{"checkpoint verify", "flare checkpoint verify CHECKPOINT|MANIFEST [OPTIONS]",
         "Holds the offset log, the commit log, the tables' snapshots (query id, batch, offsets) "
         "and the rows'\n"
         "topic, partition and offset against each other, and says what that proves and what it "
         "cannot. Exits\n"
         "0 when everything is proven, 3 when something could not be, 1 when something is wrong.",
         "  flare checkpoint verify orders.yaml\n"
         "  flare checkpoint verify /data/checkpoints/orders --table dataos://lakehouse:sales/orders\n"},
    Page{"checkpoint reset", "flare checkpoint reset CHECKPOINT|MANIFEST [OPTIONS]",
         "Puts a checkpoint aside, after asking, and lets the job begin as a new query: at its "
         "startingOffsets,\n"
         "or, with --keep-position, where its tables end, so that nothing is written twice or left "
         "out. The old\n"
         "one stays beside it as NAME.backup-TIME.",
         "  flare checkpoint reset orders.yaml --keep-position\n"
         "  flare checkpoint reset dataos://lakehouse:checkpoints/orders --yes\n"},
    Page{"maintain", "flare maintain DATASET [OPTIONS]",
         "Expires snapshots of a table that are both old (5 days, or the table's\n"
         "history.expire.max-snapshot-age-ms) and not among the newest (1, or\n"
         "history.expire.min-snapshots-to-keep), and deletes the files that they alone needed. "
         "The newest batch\n"
         "of every streaming query is kept. Safe while jobs write to the table.",
         "  flare maintain dataos://lakehouse:sales/orders --dry-run\n"
         "  flare maintain dataos://lakehouse:sales/orders --expire-older-than 12h --retain-last 10\n"
         "  flare maintain dataos://lakehouse:sales/orders --expire-older-than 0s   # all but the newest\n"
         "  flare maintain dataos://lakehouse:sales/orders --remove-orphans --older-than 3d\n"},
    Page{"demo", "flare demo [OPTIONS]",
         "Fills an embedded Kafka broker with sample events, runs a streaming job over them into a "
         "local\n"
         "lakehouse, and queries the result. Needs nothing installed. Run again, it makes new "
         "events and the\n"
         "job goes on from its checkpoint.",
         "  flare demo\n"
         "  flare demo --rows 50000 --dir /tmp/flare-demo\n"},
    Page{"version", "flare version", "Shows the versions of flare and of the engines in it.",
         "  flare version\n"},
};

std::string OptionName(const CLI::Option& option) {
  std::string name;
  for (const auto& letter : option.get_snames()) name += "-" + letter + ", ";
  name += "--" + option.get_lnames().front();
  if (!option.get_type_name().empty() && option.get_expected_max() > 0)
    name += " " + option.get_type_name();
  return name;
}

}  // namespace

std::string MainHelp() {
  return std::string(kMain);
}

std::string CheckpointHelp() {
  std::string text = "Usage: flare checkpoint show|verify|reset CHECKPOINT|MANIFEST [OPTIONS]\n";
  for (const auto& page : kPages) {
    if (page.command.starts_with("checkpoint ")) {
      text += fmt::format("\n{}\n{}\n\nExamples:\n{}", page.usage, page.summary, page.examples);
    }
  }
  return text;
}

std::string CommandHelp(const std::string& command, const CLI::App& app) {
  const auto* page = std::find_if(kPages.begin(), kPages.end(),
                                  [&](const Page& p) { return p.command == command; });
  std::string text = fmt::format("{}\n\nUsage: {}\n", page->summary, page->usage);
  std::string options;
  for (const auto* option : app.get_options()) {
    options += fmt::format("  {:<26} {}\n", OptionName(*option), option->get_description());
  }
  if (!options.empty()) text += "\nOptions:\n" + options;
  return text + fmt::format("\nExamples:\n{}", page->examples);
}

}  // namespace flare::cli
