// What the configuration says of who votes, and where they are.
#include "quorum/voter_list.h"

#include <gtest/gtest.h>

namespace gregor::quorum {
namespace {

TEST(VoterList, WithoutAListAControllerIsTheOnlyVoterUnlessItIsToFindOthers) {
  config::BrokerConfig config;
  ASSERT_EQ(static_voters(config).size(), 1U);
  EXPECT_EQ(static_voters(config)[0].key.id, config.node_id);
  config.controller_quorum_bootstrap_servers = {"a:1"};
  EXPECT_TRUE(static_voters(config).empty());
  config.controller_quorum_bootstrap_servers.clear();
  config.is_controller = false;
  EXPECT_TRUE(static_voters(config).empty());
}

TEST(VoterList, AListIsSortedAndKnowsNoDirectories) {
  config::BrokerConfig config;
  config.controller_quorum_voters = {{.id = 3, .host = "c", .port = 3}, {.id = 2, .host = "b", .port = 2}};
  const raft::VoterSet voters = static_voters(config);
  ASSERT_EQ(voters.size(), 2U);
  EXPECT_EQ(voters[0].key, (raft::VoterKey{NodeId{2}, Uuid{}}));
}

TEST(VoterList, BootstrapServersAreHostsWithPorts) {
  config::BrokerConfig config;
  config.controller_quorum_bootstrap_servers = {"a:1", "[::1]:2"};
  EXPECT_EQ(bootstrap_addresses(config), (std::vector<Address>{{"a", 1}, {"::1", 2}}));
}

TEST(VoterList, AVoterIsReachedByOurControllerListenersInTheirOrder) {
  config::BrokerConfig config;
  config.controller_listener_names = {"SECURE", "CONTROLLER"};
  const raft::Voter voter{.key = {}, .endpoints = {{"OTHER", "o", 1}, {"CONTROLLER", "c", 2}, {"SECURE", "s", 3}}};
  EXPECT_EQ(address_in(voter, config), (Address{"s", 3}));
  config.controller_listener_names = {"NONE"};
  EXPECT_FALSE(address_in(voter, config));
}

TEST(VoterList, OwnEndpointsAreWhatOthersAreToldOfOurController) {
  config::BrokerConfig config;
  config.listeners = {{"PLAINTEXT", "", 9092}, {"CONTROLLER", "", 9093}};
  EXPECT_TRUE(own_endpoints(config).empty()) << "no host that others could use";
  config.controller_quorum_voters = {{.id = config.node_id.value(), .host = "me", .port = 9093}};
  ASSERT_EQ(own_endpoints(config).size(), 1U);
  EXPECT_EQ(own_endpoints(config)[0], (raft::Endpoint{"CONTROLLER", "me", 9093}));
  config.advertised_listeners = {{"CONTROLLER", "known", 19093}};
  EXPECT_EQ(own_endpoints(config)[0], (raft::Endpoint{"CONTROLLER", "known", 19093}));
}

TEST(VoterList, TimesAreTheConfigurations) {
  config::BrokerConfig config;
  config.controller_quorum_fetch_timeout_ms = 7000;
  EXPECT_EQ(timing_of(config).fetch_timeout, Milliseconds(7000));
  EXPECT_EQ(timing_of(config).election_timeout, raft::Timing{}.election_timeout);
}

}  // namespace
}  // namespace gregor::quorum
