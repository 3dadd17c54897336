#pragma once
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/diagnostic.h"
#include "manifest/job.h"
#include "manifest/resources.h"

namespace flare::connector::kafka {

/// What librdkafka is told, in its own names. Values may be secrets: never print them.
struct ClientConfig {
  std::vector<std::pair<std::string, std::string>> properties;  ///< the last of a name wins
  std::string brokers;                                          ///< bootstrap.servers, for messages
  std::string protocol = "plaintext";  ///< security.protocol in lower case, for messages
  Millis patience{15000};              ///< how long to wait for a broker before giving up
  bool read_committed = false;
  std::stop_token stop;             ///< asks to end the patience early
  Millis patience_after_stop{500};  ///< what is answered so soon after a stop is still taken

  std::optional<std::string> Find(std::string_view name) const;
};

/// Puts together what the depot (brokers, parameters, secret) and the input's `kafka.*` options
/// say, the options winning; the Java client's names and values are translated. Reports mistakes
/// with positions, never showing a value that is a secret. Connects to nothing.
ClientConfig ReadClientConfig(const manifest::Options& options, const manifest::Depot* depot,
                              const SourcePosition& where, Diagnostics* diagnostics);

/// User name and password in a JAAS line; nullopt when it is not of the plain or SCRAM login
/// module.
std::optional<std::pair<std::string, std::string>> ParseJaas(std::string_view line);

}  // namespace flare::connector::kafka
