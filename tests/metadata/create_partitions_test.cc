// Adding partitions: a topic grows and never shrinks.
#include "metadata/create_partitions.h"

#include <gtest/gtest.h>

#include "tests/metadata/support/cluster.h"

namespace gregor::metadata {
namespace {

using wire::ErrorCode;

struct Bench {
  explicit Bench(int brokers = 3) : log(brokers) {
    EXPECT_EQ(log.create({.name = "t", .num_partitions = 1, .replication_factor = 2}).error, ErrorCode::none);
  }
  std::vector<CreatedPartitions> ask(const CreatePartitions& request) {
    auto decision = decide_create_partitions(log.image(), request, log.random);
    log.write(decision.records);
    return decision.replies;
  }
  ErrorCode ask(const CreatePartitions::Topic& topic) { return ask(CreatePartitions{.topics = {topic}}).at(0).error; }
  [[nodiscard]] const Topic& topic() const { return *log.image().find_topic("t"); }
  TestLog log;
};

TEST(CreatePartitions, NewOnesFollowTheOldWithAsManyReplicas) {
  Bench bench;
  const Partition first = *bench.topic().partitions.find(PartitionIndex{0});
  EXPECT_EQ(bench.ask(CreatePartitions::Topic{.name = "t", .count = 3}), ErrorCode::none);
  ASSERT_EQ(bench.topic().partitions.size(), 3U);
  EXPECT_EQ(*bench.topic().partitions.find(PartitionIndex{0}), first);
  for (const int index : {1, 2}) {
    const Partition& made = *bench.topic().partitions.find(PartitionIndex{index});
    EXPECT_EQ(made.replicas.size(), 2U);
    EXPECT_EQ(made.isr, made.replicas);
    EXPECT_EQ(made.leader, made.replicas.front());
  }
  EXPECT_EQ(bench.log.image().partition_count(), 3U);
}

TEST(CreatePartitions, TheClientMayPlaceThem) {
  Bench bench;
  EXPECT_EQ(bench.ask(CreatePartitions::Topic{.name = "t", .count = 2, .assignments = {{{NodeId{3}, NodeId{1}}}}}),
            ErrorCode::none);
  EXPECT_EQ(bench.topic().partitions.find(PartitionIndex{1})->replicas, (std::vector<NodeId>{NodeId{3}, NodeId{1}}));
}

TEST(CreatePartitions, EachRefusalHasItsCode) {
  Bench bench;
  const auto topic = [](std::int32_t count) { return CreatePartitions::Topic{.name = "t", .count = count}; };
  EXPECT_EQ(bench.ask(topic(1)), ErrorCode::invalid_partitions);
  EXPECT_EQ(bench.ask(topic(0)), ErrorCode::invalid_partitions);
  EXPECT_EQ(bench.ask(topic(-5)), ErrorCode::invalid_partitions);
  EXPECT_EQ(bench.ask(topic(2'000'000'000)), ErrorCode::policy_violation);
  const auto unknown = bench.ask(CreatePartitions{.topics = {{.name = "nope", .count = 2}}}).at(0);
  EXPECT_EQ(unknown.error, ErrorCode::unknown_topic_or_partition);
  EXPECT_FALSE(unknown.error_message.has_value());
  const auto placed = [](std::vector<std::vector<NodeId>> replicas) {
    return CreatePartitions::Topic{.name = "t", .count = 2, .assignments = std::move(replicas)};
  };
  EXPECT_EQ(bench.ask(placed({})), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(bench.ask(placed({{NodeId{1}}})), ErrorCode::invalid_replica_assignment) << "the topic has two replicas";
  EXPECT_EQ(bench.ask(placed({{NodeId{1}, NodeId{9}}})), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(bench.ask(placed({{NodeId{1}, NodeId{1}}})), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(bench.topic().partitions.size(), 1U) << "nothing was made";
}

TEST(CreatePartitions, ATopicNamedTwiceIsRefusedOnceAndTheOthersGrow) {
  Bench bench;
  ASSERT_EQ(bench.log.create({.name = "u", .num_partitions = 1}).error, ErrorCode::none);
  const auto replies = bench.ask(
      CreatePartitions{.topics = {{.name = "u", .count = 2}, {.name = "t", .count = 2}, {.name = "t", .count = 3}}});
  ASSERT_EQ(replies.size(), 2U);
  EXPECT_EQ(replies[0].name, "t");
  EXPECT_EQ(replies[0].error, ErrorCode::invalid_request);
  EXPECT_EQ(replies[1].error, ErrorCode::none);
  EXPECT_EQ(bench.topic().partitions.size(), 1U);
  EXPECT_EQ(bench.log.image().find_topic("u")->partitions.size(), 2U);
}

TEST(CreatePartitions, ValidationMakesNone) {
  Bench bench;
  const auto replies = bench.ask(CreatePartitions{.topics = {{.name = "t", .count = 2}}, .validate_only = true});
  EXPECT_EQ(replies.at(0).error, ErrorCode::none);
  EXPECT_EQ(bench.topic().partitions.size(), 1U);
}

}  // namespace
}  // namespace gregor::metadata
