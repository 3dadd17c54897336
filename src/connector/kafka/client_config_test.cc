#include "connector/kafka/client_config.h"

#include "base/test_matchers.h"

namespace flare::connector::kafka {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ClientConfigTest : public ::testing::Test {
 protected:
  ClientConfig Read(std::map<std::string, std::string> options) {
    manifest::Options given;
    for (const auto& [name, value] : options) given[name] = {value, {"job.yaml", 9, 5}};
    diagnostics_.clear();
    return ReadClientConfig(given, with_depot_ ? &depot_ : nullptr, {"job.yaml", 1, 1},
                            &diagnostics_);
  }
  std::string Problems() const {
    std::string text;
    for (const auto& each : diagnostics_) text += ToText(each) + "\n";
    return text;
  }
  manifest::Depot depot_;
  bool with_depot_ = false;
  Diagnostics diagnostics_;
};

TEST_F(ClientConfigTest, TranslatesJavasNames) {
  auto config = Read(
      {{"kafka.bootstrap.servers", "a:1,b:2"},
       {"Kafka.Security.Protocol", "SASL_SSL"},
       {"kafka.sasl.mechanism", "SCRAM-SHA-512"},
       {"kafka.sasl.jaas.config",
        R"(org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="p\"q";)"},
       {"kafka.ssl.truststore.location", "/ca.pem"},
       {"kafka.ssl.truststore.type", "PEM"},
       {"kafka.fetch.max.wait.ms", "7"},
       {"kafka.max.poll.records", "9"},
       {"kafka.group.id", "g"},
       {"kafka.isolation.level", "read_committed"}});
  EXPECT_EQ(Problems(), "");
  EXPECT_EQ(config.brokers, "a:1,b:2");
  EXPECT_EQ(config.Find("security.protocol"), "sasl_ssl");
  EXPECT_EQ(config.Find("sasl.mechanisms"), "SCRAM-SHA-512");
  EXPECT_EQ(config.Find("sasl.username"), "u");
  EXPECT_EQ(config.Find("sasl.password"), "p\"q");
  EXPECT_EQ(config.Find("ssl.ca.location"), "/ca.pem");
  EXPECT_EQ(config.Find("fetch.wait.max.ms"), "7");
  EXPECT_EQ(config.Find("group.id"), std::nullopt);
  EXPECT_TRUE(config.read_committed);
}

TEST_F(ClientConfigTest, ReadsUncommittedUnlessTold) {
  EXPECT_EQ(Read({{"kafka.bootstrap.servers", "a:1"}}).Find("isolation.level"), "read_uncommitted");
}

TEST_F(ClientConfigTest, TheDepotSaysWhereAndHow) {
  with_depot_ = true;
  depot_.name = "events";
  depot_.spec["brokers"].value = "k:9";
  depot_.parameters["kafka.client.id"].value = "flare";
  depot_.read_secret["username"] = manifest::Secret("me");
  depot_.read_secret["password"] = manifest::Secret("hunter2");
  auto config = Read({{"kafka.client.id", "mine"}});
  EXPECT_EQ(Problems(), "");
  EXPECT_EQ(config.brokers, "k:9");
  EXPECT_EQ(config.Find("security.protocol"), "sasl_plaintext");
  EXPECT_EQ(config.Find("sasl.mechanisms"), "PLAIN");
  EXPECT_EQ(config.Find("sasl.password"), "hunter2");
  EXPECT_EQ(config.Find("client.id"), "mine");
  depot_.read_secret["ca_file"] = manifest::Secret("-----BEGIN CERTIFICATE-----");
  EXPECT_EQ(Read({}).Find("security.protocol"), "sasl_ssl");
  EXPECT_EQ(Read({}).Find("ssl.ca.pem"), "-----BEGIN CERTIFICATE-----");
}

TEST_F(ClientConfigTest, RefusesWhatWouldBreakItsPromises) {
  Read({{"kafka.bootstrap.servers", "a:1"},
        {"kafka.auto.offset.reset", "latest"},
        {"kafka.enable.auto.commit", "true"},
        {"kafka.key.deserializer", "x"},
        {"kafka.value.deserializer", "x"},
        {"kafka.interceptor.classes", "x"}});
  EXPECT_EQ(diagnostics_.size(), 5u) << Problems();
  EXPECT_THAT(
      Problems(),
      AllOf(HasSubstr(
                "job.yaml:9:5: error: [bad-option] option `kafka.auto.offset.reset` cannot be set"),
            HasSubstr("use the option `startingOffsets`")));
}

TEST_F(ClientConfigTest, ExplainsUnknownAndWrongOnes) {
  Read({{"kafka.bootstrap.servers", "a:1"},
        {"kafka.fetch.min.byte", "1"},
        {"kafka.fetch.min.bytes", "many"}});
  EXPECT_THAT(Problems(), AllOf(HasSubstr("did you mean `kafka.fetch.min.bytes`?"),
                                HasSubstr("client refuses")));
  Read({});
  EXPECT_THAT(Problems(), HasSubstr("does not say where its brokers are"));
  Read({{"kafka.bootstrap.servers", "a:1"}, {"kafka.ssl.truststore.location", "/x/trust.jks"}});
  EXPECT_THAT(Problems(), HasSubstr("turn it into a PEM file"));
}

TEST_F(ClientConfigTest, NeverShowsSecrets) {
  Read({{"kafka.bootstrap.servers", "a:1"},
        {"kafka.sasl.jaas.config", "Krb5LoginModule required password=\"hunter2\";"},
        {"kafka.sasl.oauthbearer.method", "hunter2"}});
  EXPECT_EQ(diagnostics_.size(), 2u);
  EXPECT_THAT(Problems(), Not(HasSubstr("hunter2")));
}

TEST_F(ClientConfigTest, PatienceFollowsTheJobsTimeouts) {
  EXPECT_EQ(Read({{"kafka.bootstrap.servers", "a:1"}}).patience, Millis(15000));
  EXPECT_EQ(Read({{"kafka.bootstrap.servers", "a:1"},
                  {"kafka.socket.connection.setup.timeout.ms", "2000"}})
                .patience,
            Millis(2000));
  EXPECT_EQ(Read({{"kafka.bootstrap.servers", "a:1"},
                  {"kafka.request.timeout.ms", "2000"},
                  {"kafka.default.api.timeout.ms", "60000"}})
                .patience,
            Millis(60000))
      << "a question may be asked several times";
  EXPECT_EQ(diagnostics_.size(), 0u);
  for (const char* wrong : {"", "0", "-1", "1s", "99999999999"}) {
    Read({{"kafka.bootstrap.servers", "a:1"}, {"kafka.default.api.timeout.ms", wrong}});
    EXPECT_THAT(Problems(), HasSubstr("is not a number of milliseconds")) << wrong;
  }
}

TEST(JaasTest, ReadsQuotesAndBareWords) {
  EXPECT_EQ(ParseJaas("PlainLoginModule required\n username='a' password=b;"),
            (std::pair<std::string, std::string>("a", "b")));
  EXPECT_EQ(ParseJaas("PlainLoginModule required username=\"a;b\" password=\"\";"),
            (std::pair<std::string, std::string>("a;b", "")));
  EXPECT_EQ(ParseJaas("PlainLoginModule required username=\"a\";"), std::nullopt);
  EXPECT_EQ(ParseJaas("OtherModule required username=\"a\" password=\"b\";"), std::nullopt);
}

}  // namespace
}  // namespace flare::connector::kafka
