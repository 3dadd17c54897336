#include "connector/kafka/client_config.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace flare::connector::kafka {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// Options that a user may not set, because their effect would contradict what a source promises.
constexpr std::array kRefused = {
    std::pair{"auto.offset.reset", "use the option `startingOffsets`"},
    std::pair{"key.deserializer", "keys are bytes; CAST(key AS STRING) in a step"},
    std::pair{"value.deserializer", "values are bytes; CAST(value AS STRING) in a step"},
    std::pair{"enable.auto.commit", "positions are kept in the checkpoint, not in Kafka"},
    std::pair{"enable.partition.eof", "the end of a partition is watched for by the source"},
    std::pair{"interceptor.classes", "interceptors are Java classes"},
    std::pair{"sasl.login.callback.handler.class", "callback handlers are Java classes"},
    std::pair{"sasl.client.callback.handler.class", "callback handlers are Java classes"},
};

/// Options of the Java client that have no meaning here, or are decided here: accepted without
/// effect.
constexpr std::array kIgnored = {"group.id",
                                 "group.instance.id",
                                 "session.timeout.ms",
                                 "heartbeat.interval.ms",
                                 "max.poll.interval.ms",
                                 "max.poll.records",
                                 "partition.assignment.strategy",
                                 "exclude.internal.topics",
                                 "auto.commit.interval.ms",
                                 "metric.reporters",
                                 "metrics.num.samples",
                                 "metrics.recording.level",
                                 "metrics.sample.window.ms",
                                 "security.providers",
                                 "socket.connection.setup.timeout.max.ms",
                                 "ssl.protocol",
                                 "ssl.enabled.protocols",
                                 "ssl.provider",
                                 "ssl.secure.random.implementation",
                                 "ssl.keymanager.algorithm",
                                 "ssl.trustmanager.algorithm",
                                 "sasl.kerberos.ticket.renew.jitter",
                                 "sasl.kerberos.ticket.renew.window.factor",
                                 "auto.include.jmx.reporter",
                                 "enable.metrics.push",
                                 "group.protocol",
                                 "ssl.truststore.password"};

/// Java's name of what librdkafka calls otherwise.
constexpr std::array kRenamed = {
    std::pair{"sasl.mechanism", "sasl.mechanisms"},
    std::pair{"fetch.max.wait.ms", "fetch.wait.max.ms"},
    std::pair{"max.partition.fetch.bytes", "fetch.message.max.bytes"},
    std::pair{"receive.buffer.bytes", "socket.receive.buffer.bytes"},
    std::pair{"send.buffer.bytes", "socket.send.buffer.bytes"},
    std::pair{"request.timeout.ms", "socket.timeout.ms"},
    std::pair{"ssl.truststore.certificates", "ssl.ca.pem"},
    std::pair{"ssl.keystore.key", "ssl.key.pem"},
    std::pair{"ssl.keystore.certificate.chain", "ssl.certificate.pem"},
};

template <class Table>
const char* Lookup(const Table& table, std::string_view name) {
  for (const auto& [key, value] : table) {
    if (name == key) return value;
  }
  return nullptr;
}

/// Where a property came from, so that mistakes point there.
struct Given {
  std::string name;   ///< without `kafka.`, lower case
  std::string shown;  ///< as written
  manifest::Text text;
};

class ConfigReader {
 public:
  ConfigReader(const SourcePosition& where, Diagnostics* diagnostics)
      : where_(where), diagnostics_(diagnostics) {}

  ClientConfig Read(const manifest::Options& options, const manifest::Depot* depot) {
    Set("isolation.level", "read_uncommitted");  // Kafka's own default; librdkafka's differs
    if (depot != nullptr) ReadDepot(*depot);
    for (const auto& [name, text] : options) Collect(name, text);
    for (const Given& each : given_) Apply(each);
    Finish();
    return std::move(config_);
  }

 private:
  void Set(std::string_view name, std::string value) {
    config_.properties.emplace_back(name, std::move(value));
  }
  void Wrong(const Given& given, std::string message, std::string hint) {
    diagnostics_->push_back({Severity::kError, given.text.where, "bad-option",
                             fmt::format("option `{}` {}", given.shown, message), "", "",
                             std::move(hint)});
  }

  void ReadDepot(const manifest::Depot& depot) {
    for (const auto& [name, text] : depot.spec) {
      std::string lower = Lower(name);
      if (lower == "brokers" || lower == "bootstrapservers") Set("bootstrap.servers", text.value);
    }
    ReadSecret(depot.read_secret.empty() ? depot.write_secret : depot.read_secret, depot.name);
    for (const auto& [name, text] : depot.parameters) Collect(name, text);
  }

  void Collect(const std::string& name, const manifest::Text& text) {
    std::string lower = Lower(name);
    if (lower.starts_with("kafka.")) given_.push_back({lower.substr(6), name, text});
  }

  void ReadSecret(const std::map<std::string, manifest::Secret>& secrets,
                  const std::string& depot) {
    auto find = [&](std::string_view name) -> std::string {
      for (const auto& [key, secret] : secrets) {
        if (Lower(key) == name) return secret.Reveal();
      }
      return "";
    };
    std::string user = find("username"), protocol = Lower(find("security_protocol")),
                authority = find("ca_file");
    if (protocol.empty() && !user.empty())
      protocol = authority.empty() ? "sasl_plaintext" : "sasl_ssl";
    if (!protocol.empty()) Set("security.protocol", protocol);
    std::string mechanism = find("sasl_mechanism");
    if (mechanism.empty() && !user.empty()) mechanism = "PLAIN";
    if (!mechanism.empty()) Set("sasl.mechanisms", mechanism);
    if (!user.empty()) Set("sasl.username", user);
    if (std::string password = find("password"); !password.empty()) Set("sasl.password", password);
    if (std::string jaas = find("sasl_jaas_config"); !jaas.empty()) {
      ApplyJaas(
          {"sasl.jaas.config", fmt::format("sasl_jaas_config of depot {}", depot), {jaas, where_}});
    }
    std::string store_type = Lower(find("trust_store_type"));
    if (authority.empty() && (store_type.empty() || store_type == "pem"))
      authority = find("trust_store_file");
    if (!authority.empty()) SetAuthority(authority);
    if (authority.empty() && !store_type.empty() && store_type != "pem") {
      Wrong({"", fmt::format("trust_store_type of depot {}", depot), {"", where_}},
            fmt::format("says {}; only PEM can be read", store_type), kPemHint);
    }
  }

  void SetAuthority(const std::string& value) {
    Set(value.find("-----BEGIN") != std::string::npos ? "ssl.ca.pem" : "ssl.ca.location", value);
  }

  void Apply(const Given& given) {
    const std::string& name = given.name;
    if (const char* instead = Lookup(kRefused, name)) {
      return Wrong(given, "cannot be set", fmt::format("{}; remove it", instead));
    }
    if (std::find(kIgnored.begin(), kIgnored.end(), name) != kIgnored.end()) return;
    if (name == "sasl.jaas.config") return ApplyJaas(given);
    if (name == "default.api.timeout.ms") return ApplyPatience(given);
    if (name == "ssl.truststore.type" || name == "ssl.keystore.type") return CheckStoreType(given);
    if (name == "ssl.truststore.location") return ApplyTrustStore(given);
    if (name == "ssl.keystore.location") return ApplyKeyStore(given);
    std::string value = given.text.value;
    if (name == "security.protocol") value = Lower(value);
    if (name == "ssl.endpoint.identification.algorithm" && value.empty()) value = "none";
    const char* renamed = Lookup(kRenamed, name);
    Check(given, renamed != nullptr ? renamed : name, value);
  }

  /// The Java client's limit for a whole question, tries and all; librdkafka has none.
  void ApplyPatience(const Given& given) {
    const std::string& text = given.text.value;
    int64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > INT32_MAX)
      return Wrong(given, "is not a number of milliseconds", "such as 60000");
    patience_ = Millis(value);
  }

  /// Asks librdkafka, on a configuration that is thrown away.
  void Check(const Given& given, const std::string& name, const std::string& value) {
    char text[512] = "";
    rd_kafka_conf_t* scratch = rd_kafka_conf_new();
    rd_kafka_conf_res_t result =
        rd_kafka_conf_set(scratch, name.c_str(), value.c_str(), text, sizeof(text));
    rd_kafka_conf_destroy(scratch);
    if (result == RD_KAFKA_CONF_OK) return Set(name, value);
    if (result == RD_KAFKA_CONF_UNKNOWN) {
      std::string near = NearestName(name, PropertyNames());
      return Wrong(given, "is not one that the Kafka client knows",
                   near.empty() ? "" : fmt::format("did you mean `kafka.{}`?", near));
    }
    Wrong(given, "has a value that the Kafka client refuses", IsSecret(name) ? "" : text);
  }

  static bool IsSecret(std::string_view name) {
    return name.find("password") != std::string_view::npos ||
           name.find("secret") != std::string_view::npos ||
           name.find("pem") != std::string_view::npos ||
           name.find("oauthbearer") != std::string_view::npos;
  }

  static std::vector<std::string> PropertyNames() {
    std::vector<std::string> names;
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    size_t count = 0;
    const char** pairs = rd_kafka_conf_dump(conf, &count);
    for (size_t i = 0; i + 1 < count; i += 2) names.emplace_back(pairs[i]);
    rd_kafka_conf_dump_free(pairs, count);
    rd_kafka_conf_destroy(conf);
    for (const auto& [java, ours] : kRenamed) names.emplace_back(java);
    return names;
  }

  void ApplyJaas(const Given& given) {
    auto login = ParseJaas(given.text.value);
    if (!login) {
      return Wrong(given,
                   "is not a line of the plain or SCRAM login module with username and password",
                   "...PlainLoginModule required username=\"...\" password=\"...\";");
    }
    Set("sasl.username", login->first);
    Set("sasl.password", login->second);
  }

  void CheckStoreType(const Given& given) {
    std::string type = Lower(given.text.value);
    if (type == "pem" || (type == "pkcs12" && given.name == "ssl.keystore.type")) return;
    Wrong(given, fmt::format("says {}, which cannot be read", given.text.value), kPemHint);
  }

  void ApplyTrustStore(const Given& given) {
    std::string lower = Lower(given.text.value);
    if (lower.ends_with(".jks") || lower.ends_with(".p12") || lower.ends_with(".pfx")) {
      return Wrong(given, "names a Java or PKCS#12 key store, which cannot be read", kPemHint);
    }
    SetAuthority(given.text.value);
  }

  void ApplyKeyStore(const Given& given) {
    std::string lower = Lower(given.text.value);
    if (lower.ends_with(".jks"))
      return Wrong(given, "names a Java key store, which cannot be read", kPemHint);
    if (lower.ends_with(".p12") || lower.ends_with(".pfx"))
      return Set("ssl.keystore.location", given.text.value);
    Set("ssl.key.location", given.text.value);  // Java keeps key and certificates in one PEM file
    Set("ssl.certificate.location", given.text.value);
  }

  void Finish() {
    config_.brokers = config_.Find("bootstrap.servers").value_or("");
    config_.protocol = config_.Find("security.protocol").value_or("plaintext");
    config_.read_committed = config_.Find("isolation.level") == "read_committed";
    if (config_.brokers.empty()) {
      diagnostics_->push_back({Severity::kError, where_, "no-brokers",
                               "the Kafka input does not say where its brokers are", "",
                               "`brokers` in the depot or in the `kafka` block, or the option "
                               "`kafka.bootstrap.servers`",
                               ""});
    }
    for (const char* name : {"socket.connection.setup.timeout.ms", "socket.timeout.ms"}) {
      int64_t given = 0;
      if (auto text = config_.Find(name)) {
        std::from_chars(text->data(), text->data() + text->size(), given);
        config_.patience = std::min(config_.patience, Millis(given));
      }
    }
    if (patience_) config_.patience = *patience_;
  }

  static constexpr const char* kPemHint =
      "turn it into a PEM file: `keytool -exportcert -rfc` or `openssl pkcs12`, then name that "
      "file";

  SourcePosition where_;
  Diagnostics* diagnostics_;
  ClientConfig config_;
  std::optional<Millis> patience_;
  std::vector<Given> given_;
};

/// The value of `name` in a JAAS line: name="va\"lue" or name='value' or bare.
std::optional<std::string> JaasValue(std::string_view line, std::string_view name) {
  for (size_t at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
    size_t next = line.find_first_not_of(" \t", at + name.size());
    bool starts = at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t' || line[at - 1] == '\n';
    if (!starts || next == std::string_view::npos || line[next] != '=') continue;
    next = line.find_first_not_of(" \t", next + 1);
    if (next == std::string_view::npos) return std::nullopt;
    char quote = line[next] == '"' || line[next] == '\'' ? line[next] : '\0';
    std::string value;
    for (size_t i = quote != '\0' ? next + 1 : next; i < line.size(); ++i) {
      if (quote != '\0' && line[i] == '\\' && i + 1 < line.size()) {
        value += line[++i];
      } else if (quote != '\0' ? line[i] == quote
                               : line[i] == ' ' || line[i] == ';' || line[i] == '\n') {
        return value;
      } else {
        value += line[i];
      }
    }
    return quote != '\0' ? std::nullopt : std::optional(value);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> ClientConfig::Find(std::string_view name) const {
  for (auto each = properties.rbegin(); each != properties.rend(); ++each) {
    if (each->first == name) return each->second;
  }
  return std::nullopt;
}

ClientConfig ReadClientConfig(const manifest::Options& options, const manifest::Depot* depot,
                              const SourcePosition& where, Diagnostics* diagnostics) {
  return ConfigReader(where, diagnostics).Read(options, depot);
}

std::optional<std::pair<std::string, std::string>> ParseJaas(std::string_view line) {
  if (line.find("PlainLoginModule") == std::string_view::npos &&
      line.find("ScramLoginModule") == std::string_view::npos) {
    return std::nullopt;
  }
  auto user = JaasValue(line, "username"), password = JaasValue(line, "password");
  if (!user || !password) return std::nullopt;
  return std::pair{*user, *password};
}

}  // namespace flare::connector::kafka
