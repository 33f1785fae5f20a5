// Metadata: which brokers there are, where partitions live, and topics that are made because somebody asked.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/metadata.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;
using Topic = wire::MetadataResponse::MetadataResponseTopic;

wire::MetadataRequest named(const std::vector<std::string>& names, bool may_create = false) {
  wire::MetadataRequest request;
  for (const std::string& name : names) request.topics->push_back({.name = name});
  request.allow_auto_topic_creation = may_create;
  return request;
}

Answer<wire::MetadataResponse> ask(Peer& peer, const std::vector<std::string>& names, std::int16_t version = 13,
                                   bool may_create = false) {
  return peer.ask<wire::MetadataResponse>(named(names, may_create), version);
}

TEST(MetadataApi, TellsBrokersAndPartitionsAtEveryVersion) {
  NodeWorld w(Settings{{"broker.rack", "r1"}});
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const TopicId id = create_topic(peer, "orders", 3);
    const std::vector<std::string> names = {"orders"};
    for (std::int16_t version = 0; version <= 13; ++version) {
      SCOPED_TRACE(version);
      const auto answer = peer.ask<wire::MetadataResponse>(named(names, true), version);
      ASSERT_EQ(answer.body.brokers.size(), 1U);
      EXPECT_EQ(answer.body.brokers[0].node_id, 1);
      EXPECT_EQ(answer.body.brokers[0].host, "10.0.0.1") << "the address that the client came by";
      EXPECT_EQ(answer.body.brokers[0].port, kPort);
      if (version >= 1) {
        EXPECT_EQ(answer.body.brokers[0].rack, "r1");
        EXPECT_EQ(answer.body.controller_id, 1);
      }
      EXPECT_EQ(answer.body.cluster_id.value_or("").size(), version >= 2 ? 22U : 0U);
      ASSERT_EQ(answer.body.topics.size(), 1U);
      const Topic& topic = answer.body.topics[0];
      EXPECT_EQ(topic.error_code, 0);
      EXPECT_EQ(topic.name, "orders");
      EXPECT_EQ(topic.topic_id, version >= 10 ? id : TopicId{});
      ASSERT_EQ(topic.partitions.size(), 3U);
      for (std::size_t i = 0; i < 3; ++i) {
        const auto& partition = topic.partitions[i];
        EXPECT_EQ(partition.partition_index, static_cast<std::int32_t>(i));
        EXPECT_EQ(partition.error_code, 0);
        EXPECT_EQ(partition.leader_id, 1);
        EXPECT_EQ(partition.leader_epoch >= 0, version >= 7);
        EXPECT_EQ(partition.replica_nodes, std::vector<std::int32_t>{1});
        EXPECT_EQ(partition.isr_nodes, std::vector<std::int32_t>{1});
        EXPECT_TRUE(partition.offline_replicas.empty());
      }
    }
  });
}

TEST(MetadataApi, NullAsksForAllAndAnEmptyListForNoneButInVersionZero) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "b");
    create_topic(peer, "a");
    wire::MetadataRequest all;
    all.topics = std::nullopt;
    const auto everything = peer.ask<wire::MetadataResponse>(all, 13);
    ASSERT_EQ(everything.body.topics.size(), 2U);
    EXPECT_EQ(everything.body.topics[0].name, "a");
    EXPECT_TRUE(ask(peer, {}, 1, true).body.topics.empty());
    EXPECT_EQ(ask(peer, {}, 0, true).body.topics.size(), 2U);
  });
}

TEST(MetadataApi, ATopicThatNobodyHasIsUnknownAndNamesThatCannotBeAreInvalid) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto answer = ask(peer, {"nobody", "no/good", "..", "nobody", std::string(250, 'x')});
    std::vector<std::int16_t> errors;
    for (const Topic& topic : answer.body.topics) errors.push_back(topic.error_code);
    const std::int16_t invalid = code(ErrorCode::invalid_topic_exception);
    EXPECT_EQ(errors,
              (std::vector<std::int16_t>{code(ErrorCode::unknown_topic_or_partition), invalid, invalid, invalid}))
        << "one named twice is answered once";
  });
}

TEST(MetadataApi, AMissingTopicIsMadeWhereClientAndBrokerAllowIt) {
  NodeWorld w(Settings{{"num.partitions", "4"}});
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto exists_after = [&](const std::string& name, std::int16_t version, bool may_create) {
      EXPECT_NE(ask(peer, {name}, version, may_create).body.topics.at(0).error_code, 0) << "not this time";
      client.sleep(Milliseconds(200));
      return ask(peer, {name}, 13, false).body.topics.at(0).partitions.size();
    };
    EXPECT_EQ(exists_after("not-asked-for", 13, false), 0U);
    EXPECT_EQ(exists_after("asked-for", 13, true), 4U);
    EXPECT_EQ(exists_after("asked-by-an-old-client", 3, true), 4U) << "below 4 there is no saying no";
    EXPECT_EQ(exists_after("no/good", 13, true), 0U);
  });
  EXPECT_EQ(w.log.count("topic.auto_created"), 2U);
}

TEST(MetadataApi, NothingIsMadeWhereTheBrokerForbidsIt) {
  NodeWorld w(Settings{{"auto.create.topics.enable", "false"}});
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    ask(peer, {"orders"}, 13, true);
    client.sleep(Milliseconds(200));
    EXPECT_EQ(ask(peer, {"orders"}, 13, true).body.topics.at(0).error_code,
              code(ErrorCode::unknown_topic_or_partition));
  });
}

TEST(MetadataApi, AStormOfClientsMakesATopicOnce) {
  NodeWorld w({}, 3);
  w.run([&](const Client& client) {
    std::vector<Peer> peers;
    peers.reserve(20);
    for (int i = 0; i < 20; ++i) peers.push_back(client.connect());
    const std::vector<std::string> names = {"orders"};
    for (Peer& peer : peers) peer.send(named(names, true), 13);
    TopicId id;
    for (Peer& peer : peers) static_cast<void>(peer.take<wire::MetadataResponse>(13));
    client.sleep(Milliseconds(500));
    for (Peer& peer : peers) {
      const TopicId seen = ask(peer, {"orders"}).body.topics.at(0).topic_id;
      EXPECT_FALSE(seen.is_zero());
      EXPECT_TRUE(id.is_zero() || seen == id);
      id = seen;
    }
  });
  EXPECT_EQ(w.log.count("topic.auto_created"), 1U);
}

TEST(MetadataApi, TopicsAreFoundByIdFromVersion12On) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const TopicId id = create_topic(peer, "orders");
    wire::MetadataRequest request;
    request.topics->push_back({.topic_id = id, .name = std::nullopt});
    request.topics->push_back({.topic_id = Uuid{9, 9}, .name = std::nullopt});
    const auto answer = peer.ask<wire::MetadataResponse>(request, 13);
    ASSERT_EQ(answer.body.topics.size(), 2U);
    EXPECT_EQ(answer.body.topics[0].name, "orders");
    EXPECT_EQ(answer.body.topics[0].partitions.size(), 1U);
    EXPECT_EQ(answer.body.topics[1].error_code, code(ErrorCode::unknown_topic_id));
    EXPECT_EQ(answer.body.topics[1].topic_id, (Uuid{9, 9}));
    request.topics->push_back({.topic_id = {}, .name = "orders"});
    EXPECT_EQ(peer.ask<wire::MetadataResponse>(request, 13).body.topics.size(), 2U)
        << "a name among ids is passed over";
    request.topics->pop_back();
    for (const std::int16_t version : {10, 11}) {
      const auto early = peer.ask<wire::MetadataResponse>(request, version);
      ASSERT_EQ(early.body.topics.size(), 2U);
      for (const Topic& topic : early.body.topics) EXPECT_EQ(topic.error_code, code(ErrorCode::invalid_request));
    }
  });
}

TEST(MetadataApi, OperationsAreToldToThoseWhoAsk) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    const std::vector<std::string> names = {"orders"};
    wire::MetadataRequest request = named(names);
    request.include_topic_authorized_operations = true;
    request.include_cluster_authorized_operations = true;
    EXPECT_EQ(peer.ask<wire::MetadataResponse>(request, 10).body.cluster_authorized_operations, 8096);
    request.include_cluster_authorized_operations = false;  // went to DescribeCluster
    const auto answer = peer.ask<wire::MetadataResponse>(request, 13);
    EXPECT_EQ(answer.body.topics.at(0).topic_authorized_operations, 3576);
    EXPECT_EQ(ask(peer, names).body.topics.at(0).topic_authorized_operations, INT32_MIN);
  });
}

TEST(MetadataApi, InternalTopicsAreMarked) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "__consumer_offsets");
    EXPECT_TRUE(ask(peer, {"__consumer_offsets"}).body.topics.at(0).is_internal);
  });
}

TEST(MetadataApi, AdvertisedAddressesStandBeforeTheOneTheClientCameBy) {
  NodeWorld w(Settings{{"advertised.listeners", "PLAINTEXT://outside.example:1234"}});
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto answer = ask(peer, {});
    EXPECT_EQ(answer.body.brokers.at(0).host, "outside.example");
    EXPECT_EQ(answer.body.brokers.at(0).port, 1234);
  });
}

}  // namespace
}  // namespace gregor::broker
