// An admin changes and describes the cluster, and owns up to what it cannot know.
#include "client/admin.h"

#include <gtest/gtest.h>

#include "client/consumer.h"
#include "tests/client/support/small_world.h"

namespace gregor::client {
namespace {

using test::SmallWorld;

NewTopic named(const std::string& name) {
  NewTopic topic;
  topic.name = name;
  return topic;
}

TEST(Admin, MakesListsDescribesAndDeletes) {
  SmallWorld w;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    Admin admin(cluster);
    NewTopic topic;
    topic.name = "orders";
    topic.partition_count = 4;
    ASSERT_TRUE(admin.create_topic(self, topic).has_value());
    const auto again = admin.create_topic(self, topic);
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, wire::ErrorCode::topic_already_exists);
    EXPECT_EQ(again.error().fate, Fate::failed) << "somebody else made it";
    EXPECT_EQ(admin.list_topics(self)->size(), 1U);
    EXPECT_EQ(admin.describe_topic(self, "orders")->partitions.size(), 4U);
    EXPECT_EQ(admin.list_offset(self, "orders", PartitionIndex{3}, kLatestOffset)->offset, Offset{0});
    EXPECT_EQ(admin.describe_cluster(self)->brokers.size(), 1U);
    ASSERT_TRUE(admin.delete_topic(self, "orders").has_value());
    EXPECT_EQ(admin.delete_topic(self, "orders").error().code, wire::ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(admin.describe_topic(self, "orders").error().code, wire::ErrorCode::unknown_topic_or_partition);
  });
}

TEST(Admin, ACreationWhoseAnswerGotLostIsInDoubtWhenTheRetryFindsTheTopic) {
  SmallWorld w;
  w.broker.loses_create_answer = true;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    NewTopic topic;
    topic.name = "orders";
    const auto created = Admin(cluster).create_topic(self, topic);
    ASSERT_FALSE(created.has_value());
    EXPECT_EQ(created.error().code, wire::ErrorCode::topic_already_exists);
    EXPECT_EQ(created.error().fate, Fate::unknown);
  });
}

TEST(Admin, ADeletionWhoseAnswerGotLostIsInDoubtWhenTheRetryFindsNoTopic) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.broker.loses_delete_answer = true;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    const auto deleted = Admin(cluster).delete_topic(self, "orders");
    ASSERT_FALSE(deleted.has_value());
    EXPECT_EQ(deleted.error().code, wire::ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(deleted.error().fate, Fate::unknown);
  });
}

TEST(Admin, TriesAgainWhatTheBrokerSaysMayWorkLaterAndNothingElse) {
  SmallWorld w;
  w.broker.create_refusals = {wire::ErrorCode::not_controller, wire::ErrorCode::request_timed_out};
  w.run([&](env::Fiber& self, Cluster& cluster) {
    Admin admin(cluster);
    EXPECT_TRUE(admin.create_topic(self, named("orders")).has_value());
    EXPECT_TRUE(w.broker.create_refusals.empty());
    w.broker.create_refusals = {wire::ErrorCode::invalid_partitions, wire::ErrorCode::invalid_config};
    const auto refused = admin.create_topic(self, named("other"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, wire::ErrorCode::invalid_partitions);
    EXPECT_EQ(refused.error().fate, Fate::failed);
    EXPECT_EQ(w.broker.create_refusals.size(), 1U) << "asked once";
  });
}

TEST(Admin, WhereNoBrokerAnswersItGivesUpWhenItsTimeIsOver) {
  SmallWorld w;
  w.world.crash(w.broker_node);
  w.run([&](env::Fiber& self, Cluster& cluster) {
    const MonotonicTime before = cluster.shard().clock.now();
    const auto created = Admin(cluster).create_topic(self, named("orders"));
    ASSERT_FALSE(created.has_value());
    EXPECT_EQ(created.error().fate, Fate::failed) << "it never left";
    const auto waited = cluster.shard().clock.now() - before;
    EXPECT_GE(waited, cluster.settings().api_timeout);
    EXPECT_LT(waited, cluster.settings().api_timeout * 2);
  });
}

TEST(Admin, AChangeThatNobodyAnsweredInTimeIsInDoubt) {
  SmallWorld w;
  w.broker.swallows_creates = true;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    const auto created = Admin(cluster).create_topic(self, named("orders"));
    ASSERT_FALSE(created.has_value());
    EXPECT_EQ(created.error().fate, Fate::unknown);
    EXPECT_EQ(created.error().error.code, Errc::timed_out);
  });
}

}  // namespace
}  // namespace gregor::client
