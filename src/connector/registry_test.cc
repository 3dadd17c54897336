#include "connector/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flare::connector {
namespace {

TEST(RegistryTest, FindsByFormatOrElseByDepot) {
  Registry registry;
  Connector kafka;
  kafka.name = "kafka";
  kafka.depot_types = {"KAFKA"};
  kafka.formats = {"kafkajson", "kafkaavro"};
  registry.Add(kafka);
  EXPECT_EQ(registry.Find("KafkaJson", "")->name, "kafka");
  EXPECT_EQ(registry.Find("", "Kafka")->name, "kafka");
  EXPECT_EQ(registry.Find("iceberg", "KAFKA"), nullptr);
  EXPECT_EQ(registry.Find("", ""), nullptr);
  EXPECT_THAT(registry.FormatNames(), ::testing::ElementsAre("kafkaavro", "kafkajson"));
}

}  // namespace
}  // namespace flare::connector
