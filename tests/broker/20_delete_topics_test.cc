// DeleteTopics: by name or by id, so that a topic made anew under the same name is not hit.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/delete_topics.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;
using State = wire::DeleteTopicsRequest::DeleteTopicState;
using Values = std::vector<std::string>;

std::vector<std::int16_t> errors_of(const wire::DeleteTopicsResponse& response) {
  std::vector<std::int16_t> errors;
  for (const auto& topic : response.responses) errors.push_back(topic.error_code);
  return errors;
}

std::vector<std::int16_t> ask(Peer& peer, std::vector<State> topics) {
  wire::DeleteTopicsRequest request;
  request.topics = std::move(topics);
  return errors_of(peer.ask<wire::DeleteTopicsResponse>(request, 6).body);
}

std::vector<std::int16_t> ask_by_name(Peer& peer, const std::vector<std::string>& names, std::int16_t version) {
  wire::DeleteTopicsRequest request;
  for (const std::string& name : names) request.topic_names.push_back(name);
  return errors_of(peer.ask<wire::DeleteTopicsResponse>(request, version).body);
}

const std::int16_t kUnknown = code(ErrorCode::unknown_topic_or_partition);

TEST(DeleteTopicsApi, WhatIsDeletedIsGoneWhenTheAnswerComesAtEveryVersion) {
  NodeWorld w({}, 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    for (std::int16_t version = 1; version <= 6; ++version) {
      SCOPED_TRACE(version);
      create_topic(peer, "orders", 2);
      EXPECT_EQ(produce(peer, "orders", batch_of({{"a"}})).base_offset, 0) << "nothing is left of the one before";
      const std::vector<std::string> names = {"orders", "nobody"};
      const auto errors =
          version >= 6 ? ask(peer, {{.name = names[0]}, {.name = names[1]}}) : ask_by_name(peer, names, version);
      EXPECT_EQ(errors, (std::vector<std::int16_t>{0, kUnknown}));
      EXPECT_EQ(produce(peer, "orders", batch_of({{"a"}})).error, kUnknown);
    }
  });
}

TEST(DeleteTopicsApi, AnIdHitsThatTopicAndNoOtherOfItsName) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const TopicId first = create_topic(peer, "orders");
    EXPECT_EQ(ask(peer, {{.name = std::nullopt, .topic_id = first}}), std::vector<std::int16_t>{0});
    const TopicId second = create_topic(peer, "orders");
    EXPECT_NE(first, second);
    produce(peer, "orders", batch_of({{"kept"}}));
    EXPECT_EQ(ask(peer, {{.name = std::nullopt, .topic_id = first}}),
              std::vector<std::int16_t>{code(ErrorCode::unknown_topic_id)});
    EXPECT_EQ(fetch(peer, "orders", 0).values, (Values{"kept"}));
  });
}

TEST(DeleteTopicsApi, StaysDeletedInTheNextLifeAndLeavesNoFolder) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    create_topic(peer, "kept");
    produce(peer, "orders", batch_of({{"a"}}));
    EXPECT_EQ(ask(peer, {{.name = "orders"}}), std::vector<std::int16_t>{0});
  });
  w.crash_and_restart();
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    EXPECT_EQ(fetch(peer, "orders", 0).error, kUnknown);
    EXPECT_EQ(fetch(peer, "kept", 0).error, 0);
    client.sleep(Milliseconds(1'000));
  });
  EXPECT_FALSE(w.world.disk(w.node).names().find("/broker-log/orders-0"));
  EXPECT_TRUE(w.world.disk(w.node).names().find("/broker-log/kept-0"));
}

TEST(DeleteTopicsApi, BothNameAndIdOrNeitherOrOneNamedTwiceAreRefused) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const TopicId id = create_topic(peer, "orders");
    const std::int16_t refused = code(ErrorCode::invalid_request);
    EXPECT_EQ(ask(peer, {{.name = "orders", .topic_id = id}}), std::vector<std::int16_t>{refused});
    EXPECT_EQ(ask(peer, {{.name = std::nullopt}}), std::vector<std::int16_t>{refused});
    for (const std::int16_t error : ask(peer, {{.name = "orders"}, {.name = "orders"}})) EXPECT_EQ(error, refused);
    EXPECT_EQ(fetch(peer, "orders", 0).error, 0) << "it is still there";
  });
}

TEST(DeleteTopicsApi, WhereDeletionIsDisabledNothingGoes) {
  NodeWorld w(Settings{{"delete.topic.enable", "false"}});
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    EXPECT_EQ(ask(peer, {{.name = "orders"}}), std::vector<std::int16_t>{code(ErrorCode::topic_deletion_disabled)});
    EXPECT_EQ(ask_by_name(peer, {"orders"}, 3), std::vector<std::int16_t>{code(ErrorCode::topic_deletion_disabled)});
    EXPECT_EQ(ask_by_name(peer, {"orders"}, 2), std::vector<std::int16_t>{code(ErrorCode::invalid_request)});
    EXPECT_EQ(fetch(peer, "orders", 0).error, 0);
  });
}

}  // namespace
}  // namespace gregor::broker
