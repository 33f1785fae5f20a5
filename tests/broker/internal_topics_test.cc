// The topic of groups is made as the settings say, once, whoever asks for it.
#include "broker/internal_topics.h"

#include <gtest/gtest.h>

#include "tests/broker/support/group_peer.h"
#include "wire/metadata.h"

namespace gregor::broker {
namespace {

using namespace test;

TEST(InternalTopics, TheTopicOfGroupsFollowsItsSettings) {
  config::BrokerConfig config =
      config_of({{"offsets.topic.num.partitions", "7"}, {"offsets.topic.segment.bytes", "1234567"}});
  const auto topic = internal_topic(config, metadata::Image{}, "__consumer_offsets");
  ASSERT_TRUE(topic.has_value());
  EXPECT_EQ(topic->num_partitions, 7);
  EXPECT_EQ(topic->replication_factor, 1) << "as many as there are brokers, though the default is 3";
  const std::vector<std::pair<std::string, std::optional<std::string>>> configs = {
      {"cleanup.policy", "compact"}, {"compression.type", "producer"}, {"segment.bytes", "1234567"}};
  EXPECT_EQ(topic->configs, configs);
  EXPECT_FALSE(internal_topic(config, metadata::Image{}, "orders").has_value());
}

TEST(InternalTopics, AStormOfQuestionsMakesItOnce) {
  NodeWorld w(group_settings(), 2);
  w.run([&](const Client& client) {
    std::vector<Peer> peers;
    for (int i = 0; i < 10; ++i) peers.push_back(client.connect());
    wire::FindCoordinatorRequest find;
    find.coordinator_keys = {"g"};
    for (Peer& peer : peers) peer.send(find, 4);
    for (Peer& peer : peers) {
      const auto error = peer.take<wire::FindCoordinatorResponse>(4).body.coordinators.at(0).error_code;
      EXPECT_TRUE(error == 0 || error == code(wire::ErrorCode::coordinator_not_available)) << error;
    }
    wire::MetadataRequest ask;
    ask.topics.reset();
    const auto metadata = peers.front().ask<wire::MetadataResponse>(ask, 9);
    ASSERT_EQ(metadata.body.topics.size(), 1U);
    EXPECT_EQ(metadata.body.topics[0].name, "__consumer_offsets");
    EXPECT_TRUE(metadata.body.topics[0].is_internal);
    EXPECT_EQ(metadata.body.topics[0].partitions.size(), 3U);
  });
}

}  // namespace
}  // namespace gregor::broker
