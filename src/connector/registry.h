#pragma once
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/diagnostic.h"
#include "connector/sink.h"
#include "connector/source.h"
#include "io/file_system.h"
#include "manifest/job.h"
#include "manifest/resources.h"

namespace flare::connector {

/// What a connector needs from outside, made once a run.
struct Environment {
  io::FileSystem* files = nullptr;
  Clock* clock = nullptr;
  const manifest::Resources* resources = nullptr;
  int64_t prefetch_budget_bytes = int64_t{16} << 20;  ///< one budget for all partitions of all sources
  std::string job_name;
  std::stop_token stop;  ///< the run is to end: waiting for a system out of reach gives up with its error
};

/// A kind of system that jobs read from or write to. Each connector folder makes one of these.
struct Connector {
  std::string name;                     ///< "kafka"
  std::vector<std::string> depot_types; ///< upper case: "KAFKA"
  std::vector<std::string> formats;     ///< lower case: "kafkajson", "kafkaavro"
  std::string summary;                  ///< one line for `flare --help` and the docs

  /// The columns a source offers, without connecting anywhere. Reports option mistakes with positions.
  std::function<sql::Schema(const manifest::Input&, const manifest::Address&, Diagnostics*)> source_schema;
  /// Makes a source; may connect. `streaming` false = a bounded read.
  std::function<Result<std::unique_ptr<Source>>(const manifest::Input&, const manifest::Address&, const Environment&)>
      make_source;
  /// Checks an output without connecting anywhere.
  std::function<void(const manifest::Output&, const manifest::Address&, Diagnostics*)> check_output;
  /// Checks what an output says of the columns that its rows will have.
  std::function<void(const manifest::Output&, const sql::Schema&, Diagnostics*)> check_columns;
  std::function<Result<std::unique_ptr<Sink>>(const manifest::Output&, const manifest::Address&, const Environment&)>
      make_sink;
  Guarantee guarantee = Guarantee::kAtLeastOnce;  ///< of its sink, shown by `flare explain`
};

/// The connectors of a program, as a value: tests build their own. Filled in one explicit list (cli/connectors.cc).
class Registry {
 public:
  void Add(Connector connector) { connectors_.push_back(std::move(connector)); }
  /// By the manifest's `format` (any case), or by the depot's type when no format is given; null when unknown.
  const Connector* Find(const std::string& format, const std::string& depot_type) const;
  const std::vector<Connector>& all() const { return connectors_; }
  std::vector<std::string> FormatNames() const;

 private:
  std::vector<Connector> connectors_;
};

}  // namespace flare::connector
