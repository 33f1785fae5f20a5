// CreateTopics: topics that are there when the answer is, and each refusal beside those that went well.
#include <gtest/gtest.h>

#include <map>

#include "tests/broker/support/node_world.h"
#include "wire/create_topics.h"
#include "wire/metadata.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;
using NewTopic = wire::CreateTopicsRequest::CreatableTopic;
using Result = wire::CreateTopicsResponse::CreatableTopicResult;

Answer<wire::CreateTopicsResponse> ask(Peer& peer, std::vector<NewTopic> topics, std::int16_t version = 7,
                                       bool validate_only = false) {
  wire::CreateTopicsRequest request;
  request.timeout_ms = 10'000;
  request.validate_only = validate_only;
  request.topics = std::move(topics);
  return peer.ask<wire::CreateTopicsResponse>(request, version);
}

NewTopic topic(std::string_view name, std::int32_t partitions = 1, std::int16_t replicas = 1) {
  return {.name = name, .num_partitions = partitions, .replication_factor = replicas, .assignments = {}, .configs = {}};
}

NewTopic configured(std::string_view name, std::string_view key, std::optional<std::string_view> value) {
  NewTopic made = topic(name);
  made.configs.push_back({.name = key, .value = value});
  return made;
}

NewTopic assigned(std::string_view name, std::vector<std::pair<std::int32_t, std::vector<std::int32_t>>> places) {
  NewTopic made = topic(name, -1, -1);
  for (auto& [partition, brokers] : places)
    made.assignments.push_back({.partition_index = partition, .broker_ids = brokers});
  return made;
}

TEST(CreateTopicsApi, WhatIsMadeIsThereWhenTheAnswerIsAtEveryVersion) {
  NodeWorld w({}, 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    for (std::int16_t version = 2; version <= 7; ++version) {
      SCOPED_TRACE(version);
      const std::string name = "orders-" + std::to_string(version);
      const auto answer = ask(peer, {topic(name, 2)}, version);
      ASSERT_EQ(answer.body.topics.size(), 1U);
      const Result& result = answer.body.topics[0];
      EXPECT_EQ(result.error_code, 0);
      EXPECT_EQ(result.name, name);
      EXPECT_EQ(result.topic_id.is_zero(), version < 7);
      EXPECT_EQ(result.num_partitions, version >= 5 ? 2 : -1);
      EXPECT_EQ(result.replication_factor, version >= 5 ? 1 : -1);
      EXPECT_EQ(result.configs.value_or(std::vector<wire::CreateTopicsResponse::CreatableTopicConfigs>{}).empty(),
                version < 5);
      EXPECT_EQ(produce(peer, name, batch_of({{"a"}}), 1).error, 0);
    }
  });
}

TEST(CreateTopicsApi, RefusesEachForItsOwnReasonAndMakesTheRest) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "there");
    const auto answer =
        ask(peer, {topic("good"), topic("there"), topic("no/good"), topic("none", 0), topic("many", 1, 2),
                   topic("zero", 1, 0), configured("odd", "no.such.key", "1"),
                   configured("bad", "retention.ms", "soon"), assigned("far", {{0, {9}}}), assigned("gap", {{1, {1}}}),
                   assigned("twice", {{0, {1, 1}}}), assigned("placed", {{0, {1}}, {1, {1}}})});
    std::map<std::string, std::int16_t> errors;
    for (const Result& result : answer.body.topics) errors[std::string(result.name)] = result.error_code;
    const std::map<std::string, std::int16_t> expected = {{"good", 0},
                                                          {"there", code(ErrorCode::topic_already_exists)},
                                                          {"no/good", code(ErrorCode::invalid_topic_exception)},
                                                          {"none", code(ErrorCode::invalid_partitions)},
                                                          {"many", code(ErrorCode::invalid_replication_factor)},
                                                          {"zero", code(ErrorCode::invalid_replication_factor)},
                                                          {"odd", code(ErrorCode::invalid_config)},
                                                          {"bad", code(ErrorCode::invalid_config)},
                                                          {"far", code(ErrorCode::invalid_replica_assignment)},
                                                          {"gap", code(ErrorCode::invalid_replica_assignment)},
                                                          {"twice", code(ErrorCode::invalid_replica_assignment)},
                                                          {"placed", 0}};
    EXPECT_EQ(errors, expected);
    for (const Result& result : answer.body.topics) {
      EXPECT_EQ(result.error_message.has_value(), result.error_code != 0) << result.name;
      EXPECT_EQ(result.topic_id.is_zero(), result.error_code != 0) << result.name;
    }
    EXPECT_EQ(produce(peer, "placed", batch_of({{"a"}}), 1).error, 0);
  });
}

TEST(CreateTopicsApi, ATopicNamedTwiceIsRefusedOnce) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto answer = ask(peer, {topic("orders"), topic("other"), topic("orders")});
    std::map<std::string, std::int16_t> errors;
    for (const Result& result : answer.body.topics) errors[std::string(result.name)] = result.error_code;
    EXPECT_EQ(errors,
              (std::map<std::string, std::int16_t>{{"orders", code(ErrorCode::invalid_request)}, {"other", 0}}));
    EXPECT_EQ(answer.body.topics.size(), 2U);
  });
}

TEST(CreateTopicsApi, ValidationMakesNothing) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto answer = ask(peer, {topic("orders", 3), topic("no/good")}, 7, true);
    EXPECT_EQ(answer.body.topics.at(0).error_code, 0);
    EXPECT_EQ(answer.body.topics.at(0).num_partitions, 3);
    EXPECT_EQ(answer.body.topics.at(1).error_code, code(ErrorCode::invalid_topic_exception));
    EXPECT_EQ(produce(peer, "orders", batch_of({{"a"}})).error, code(ErrorCode::unknown_topic_or_partition));
  });
}

TEST(CreateTopicsApi, MinusOneMeansTheBrokersDefaults) {
  NodeWorld w(Settings{{"num.partitions", "7"}});
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto answer = ask(peer, {topic("orders", -1, -1)});
    EXPECT_EQ(answer.body.topics.at(0).num_partitions, 7);
    EXPECT_EQ(answer.body.topics.at(0).replication_factor, 1);
  });
}

// KIP-525: sources 1 the topic, 4 the broker's file, 5 the default.
TEST(CreateTopicsApi, ConfigsInForceAreToldWithTheirSources) {
  NodeWorld w(Settings{{"log.retention.ms", "12345"}});
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto answer = ask(peer, {configured("orders", "cleanup.policy", "compact")});
    ASSERT_TRUE(answer.body.topics.at(0).configs.has_value());
    std::map<std::string, std::pair<std::string, int>> told;
    for (const auto& config : *answer.body.topics[0].configs)
      told[std::string(config.name)] = {std::string(config.value.value_or("null")), config.config_source};
    EXPECT_EQ(told.at("cleanup.policy"), (std::pair<std::string, int>{"compact", 1}));
    EXPECT_EQ(told.at("retention.ms"), (std::pair<std::string, int>{"12345", 4}));
    EXPECT_EQ(told.at("flush.ms"), (std::pair<std::string, int>{"9223372036854775807", 5}));
    EXPECT_FALSE(told.contains("internal.segment.bytes"));
  });
}

TEST(CreateTopicsApi, ConfigsOfATopicAreInForceAtOnceAndInItsNextLife) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders", 1, {{"max.message.bytes", "200"}});
    EXPECT_EQ(produce(peer, "orders", batch_of({{std::string(300, 'x')}})).error, code(ErrorCode::message_too_large));
  });
  w.crash_and_restart();
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    EXPECT_EQ(produce(peer, "orders", batch_of({{std::string(300, 'x')}})).error, code(ErrorCode::message_too_large));
    EXPECT_EQ(produce(peer, "orders", batch_of({{"x"}})).error, 0);
  });
}

}  // namespace
}  // namespace gregor::broker
