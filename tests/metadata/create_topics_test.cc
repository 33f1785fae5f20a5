// CreateTopics: Kafka's answers to what it refuses (the cases of its conformance records), and the records of the rest.
#include "metadata/create_topics.h"

#include <gtest/gtest.h>

#include "tests/metadata/support/cluster.h"

namespace gregor::metadata {
namespace {

using wire::ErrorCode;

ErrorCode error_of(const NewTopic& topic, int brokers = 1) {
  TestLog log(brokers);
  const CreatedTopic created = log.create(topic);
  if (created.error != ErrorCode::none) {
    EXPECT_EQ(log.image().topics().size(), 0u) << "a refused topic is not made";
    EXPECT_TRUE(created.error_message) << "a refusal says why";
    EXPECT_EQ(created.num_partitions, -1);
    EXPECT_TRUE(created.id.is_zero());
  }
  return created.error;
}
NewTopic placed(std::vector<NewTopic::Assignment> assignments) {
  return {.name = "t", .assignments = std::move(assignments)};
}
NewTopic configured(std::string key, std::optional<std::string> value) {
  return {.name = "t", .num_partitions = 1, .replication_factor = 1, .configs = {{std::move(key), std::move(value)}}};
}
const NodeId kOne{1};
const NodeId kNobody{99};

TEST(CreateTopics, ATopicGetsItsPartitionsLeadersAndSettings) {
  TestLog log;
  const CreatedTopic created =
      log.create({.name = "t", .num_partitions = 3, .replication_factor = 1, .configs = {{"retention.ms", "1000"}}});
  EXPECT_EQ(created.error, ErrorCode::none);
  EXPECT_EQ(created.num_partitions, 3);
  EXPECT_EQ(created.replication_factor, 1);
  const Topic* topic = log.image().find_topic("t");
  ASSERT_NE(topic, nullptr);
  EXPECT_EQ(topic->id, created.id);
  ASSERT_EQ(topic->partitions.size(), 3u);
  for (const auto& [index, partition] : topic->partitions) {
    EXPECT_EQ(partition.leader, kOne);
    EXPECT_EQ(partition.leader_epoch, LeaderEpoch{0});
    EXPECT_EQ(partition.isr, std::vector<NodeId>{kOne});
    EXPECT_EQ(partition.directories, (std::vector<Uuid>{{2, 1}})) << "the broker's only directory";
  }
  EXPECT_EQ(log.image().topic_configs("t").at("retention.ms"), "1000");
}

TEST(CreateTopics, MinusOneMeansTheBrokersDefaults) {
  TestLog log(2);
  log.defaults.num_partitions = 4;
  log.defaults.replication_factor = 2;
  const CreatedTopic created = log.create({.name = "t"});
  EXPECT_EQ(created.num_partitions, 4);
  EXPECT_EQ(created.replication_factor, 2);
}

TEST(CreateTopics, NamesAreJudgedFirst) {
  EXPECT_EQ(error_of({.name = "bad name", .num_partitions = 0}), ErrorCode::invalid_topic_exception);
  EXPECT_EQ(error_of({.name = "", .num_partitions = 1}), ErrorCode::invalid_topic_exception);
  EXPECT_EQ(error_of({.name = std::string(250, 'a'), .num_partitions = 1}), ErrorCode::invalid_topic_exception);
  EXPECT_EQ(error_of({.name = "__cluster_metadata", .num_partitions = 1}), ErrorCode::invalid_request);
}

TEST(CreateTopics, WhatIsThereIsNotMadeAgainAndWhatCollidesNotAtAll) {
  TestLog log;
  ASSERT_EQ(log.create({.name = "a.b"}).error, ErrorCode::none);
  EXPECT_EQ(log.create({.name = "a.b", .num_partitions = 0}).error, ErrorCode::topic_already_exists);
  EXPECT_EQ(log.create({.name = "a_b"}).error, ErrorCode::invalid_topic_exception);
  EXPECT_EQ(log.create({.name = "a-b"}).error, ErrorCode::none);
}

TEST(CreateTopics, CountsOutOfRangeAreRefusedFactorFirst) {
  EXPECT_EQ(error_of({.name = "t", .num_partitions = 0, .replication_factor = 1}), ErrorCode::invalid_partitions);
  EXPECT_EQ(error_of({.name = "t", .num_partitions = -2, .replication_factor = 1}), ErrorCode::invalid_partitions);
  EXPECT_EQ(error_of({.name = "t", .num_partitions = 0, .replication_factor = 0}),
            ErrorCode::invalid_replication_factor);
  EXPECT_EQ(error_of({.name = "t", .num_partitions = 1, .replication_factor = -2}),
            ErrorCode::invalid_replication_factor);
  EXPECT_EQ(error_of({.name = "t", .num_partitions = 1, .replication_factor = 2}),
            ErrorCode::invalid_replication_factor);
  EXPECT_EQ(error_of({.name = "t", .num_partitions = 10'001}), ErrorCode::policy_violation);
  EXPECT_EQ(error_of({.name = "t", .num_partitions = 10'000}), ErrorCode::none);
}

TEST(CreateTopics, ManualPlacementIsJudgedAsKafkaJudgesIt) {
  EXPECT_EQ(error_of(placed({{0, {kOne}}, {1, {kOne}}})), ErrorCode::none);
  NewTopic counted = placed({{0, {kOne}}});
  counted.num_partitions = 1;
  EXPECT_EQ(error_of(counted), ErrorCode::invalid_request);
  NewTopic factored = placed({{0, {kOne}}});
  factored.replication_factor = 1;
  EXPECT_EQ(error_of(factored), ErrorCode::invalid_request);
  const ErrorCode wrong = ErrorCode::invalid_replica_assignment;
  EXPECT_EQ(error_of(placed({{1, {kOne}}})), wrong) << "not from zero";
  EXPECT_EQ(error_of(placed({{0, {kOne}}, {2, {kOne}}})), wrong) << "a gap";
  EXPECT_EQ(error_of(placed({{-1, {kOne}}})), wrong);
  EXPECT_EQ(error_of(placed({{0, {kNobody}}})), wrong);
  EXPECT_EQ(error_of(placed({{0, {kOne, kOne}}})), wrong);
  EXPECT_EQ(error_of(placed({{0, {}}})), wrong);
  EXPECT_EQ(error_of(placed({{0, {kOne}}, {0, {kOne}}})), wrong);
  EXPECT_EQ(error_of(placed({{0, {kOne}}, {1, {kOne, NodeId{2}}}}), 2), wrong) << "uneven";
}

TEST(CreateTopics, SettingsAreJudgedBeforeCounts) {
  EXPECT_EQ(error_of(configured("no.such.config", "x")), ErrorCode::invalid_config);
  EXPECT_EQ(error_of(configured("retention.ms", "many")), ErrorCode::invalid_config);
  EXPECT_EQ(error_of(configured("cleanup.policy", "shred")), ErrorCode::invalid_config);
  EXPECT_EQ(error_of(configured("min.insync.replicas", "0")), ErrorCode::invalid_config);
  EXPECT_EQ(error_of(configured("retention.ms", std::nullopt)), ErrorCode::invalid_config);
  NewTopic both = configured("no.such.config", "x");
  both.num_partitions = 0;
  EXPECT_EQ(error_of(both), ErrorCode::invalid_config);
  TestLog log;
  EXPECT_NE(log.create(configured("no.such.config", "x")).error_message->find("no.such.config"), std::string::npos);
}

TEST(CreateTopics, ARequestIsAnsweredTopicByTopic) {
  TestLog log;
  const CreateTopics request{
      .topics = {{.name = "a"}, {.name = "a"}, {.name = "b"}, {.name = "bad name"}, {.name = "c"}}};
  const auto decision = decide_create_topics(log.image(), request, log.defaults, log.random);
  ASSERT_EQ(decision.replies.size(), 4u);
  EXPECT_EQ(decision.replies[0].error, ErrorCode::invalid_request) << "named twice";
  EXPECT_EQ(decision.replies[1].error, ErrorCode::none);
  EXPECT_EQ(decision.replies[2].error, ErrorCode::invalid_topic_exception);
  EXPECT_EQ(decision.replies[3].error, ErrorCode::none);
  log.write(decision.records);
  EXPECT_EQ(log.image().topics().size(), 2u);
}

TEST(CreateTopics, ValidateOnlyWritesNothingAndShowsWhatWouldBe) {
  TestLog log;
  const CreateTopics request{.topics = {{.name = "a", .num_partitions = 2, .replication_factor = 1}},
                             .validate_only = true};
  const auto decision = decide_create_topics(log.image(), request, log.defaults, log.random);
  EXPECT_TRUE(decision.records.empty());
  EXPECT_EQ(decision.replies[0].error, ErrorCode::none);
  EXPECT_EQ(decision.replies[0].num_partitions, 2);
  EXPECT_FALSE(decision.replies[0].id.is_zero()) << "an id is drawn as for a real one";
}

}  // namespace
}  // namespace gregor::metadata
