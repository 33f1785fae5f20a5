// A default-constructed BrokerConfig and the tables say the same.
#include "config/broker_config.h"

#include <gtest/gtest.h>

#include <vector>

#include "config/broker_fields.h"
#include "config/broker_layers.h"
#include "config/describe.h"
#include "config/load.h"
#include "config/table.h"

namespace gregor::config {
namespace {

TEST(BrokerConfig, DefaultConstructedHoldsTheDefaultsOfTheTable) {
  const BrokerConfig broker;
  for (const BrokerField& field : broker_fields()) {
    const Key* key = find_dynamic_or_fixed_key(field.name);
    ASSERT_NE(key, nullptr) << field.name << " is bound to a member but has no row";
    if (key->is_required()) continue;
    EXPECT_EQ(shown_value(*key, field.get(broker)), key->default_text == nullptr ? "" : key->default_text)
        << field.name;
  }
  EXPECT_EQ(to_text(broker.listeners.front()), find_broker_key("listeners")->default_text);
  EXPECT_EQ(broker.log_dirs.front(), find_broker_key("log.dir")->default_text);
}

TEST(BrokerConfig, MetadataLivesInTheFirstDirectoryUnlessSaid) {
  BrokerConfig broker;
  broker.log_dirs = {"/a", "/b"};
  EXPECT_EQ(broker.metadata_directory(), "/a");
  broker.metadata_log_dir = "/m";
  EXPECT_EQ(broker.metadata_directory(), "/m");
}

TEST(BrokerConfig, ControllerListenersAreThoseNamed) {
  const BrokerConfig broker;
  EXPECT_TRUE(broker.is_controller_listener({"CONTROLLER", "", 9093}));
  EXPECT_FALSE(broker.is_controller_listener({"PLAINTEXT", "", 9092}));
}

TEST(BrokerConfig, ANodeIsAloneWhereNobodyElseIsNamed) {
  BrokerConfig node;
  EXPECT_TRUE(node.is_alone());
  node.controller_quorum_voters = {{1, "h", 9093}};
  EXPECT_TRUE(node.is_alone());
  node.controller_quorum_voters.push_back({2, "h", 9094});
  EXPECT_FALSE(node.is_alone());
  node.controller_quorum_voters.clear();
  node.listeners.push_back({"CONTROLLER", "", 9093});
  node.controller_quorum_bootstrap_servers = {"localhost:9093"};
  EXPECT_TRUE(node.is_alone()) << "as in Kafka's sample file";
  node.controller_quorum_bootstrap_servers = {"localhost:9094"};
  EXPECT_FALSE(node.is_alone());
  node.controller_quorum_bootstrap_servers = {"localhost:9093", "other:9093"};
  EXPECT_FALSE(node.is_alone());
  node.is_controller = false;
  EXPECT_FALSE(node.is_alone());
}

Result<LoadedBrokerConfig> loaded_with_probe(const char* probe) {
  const std::vector<Assignment> settings = {{"gregor.failover.probe.ms", probe, "test"}};
  return load_broker_config(settings);
}

TEST(FailoverProbe, IsTheDefaultUntilItIsGiven) {
  EXPECT_EQ(BrokerConfig{}.gregor_failover_probe_ms, 100);
  EXPECT_EQ(load_broker_config({})->broker.gregor_failover_probe_ms, 100);
  const auto given = loaded_with_probe("250");
  ASSERT_TRUE(given);
  EXPECT_EQ(given->broker.gregor_failover_probe_ms, 250);
}

TEST(FailoverProbe, AProbeThatIsNoTimeIsRefused) {
  for (const char* wrong : {"-1", "60001", "soon"}) {
    EXPECT_FALSE(loaded_with_probe(wrong)) << wrong;
  }
}

TEST(BrokerConfig, TheListenerForBrokersIsTheFirstThatIsNotAControllers) {
  BrokerConfig config;
  config.listeners = {{"CONTROLLER", "", 9093}, {"CLIENTS", "", 9092}};
  EXPECT_EQ(config.inter_broker_listener(), "CLIENTS");
  config.inter_broker_listener_name = "BETWEEN";
  EXPECT_EQ(config.inter_broker_listener(), "BETWEEN");
}

}  // namespace
}  // namespace gregor::config
