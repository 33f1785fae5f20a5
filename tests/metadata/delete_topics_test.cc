// DeleteTopics by name and by id, and Kafka's answers to what it refuses.
#include "metadata/delete_topics.h"

#include <gtest/gtest.h>

#include "tests/metadata/support/cluster.h"

namespace gregor::metadata {
namespace {

using wire::ErrorCode;

class DeleteTopicsTest : public testing::Test {
 protected:
  DeletedTopic reply_to(const TopicToDelete& asked) {
    const auto decision = decide_delete_topics(log.image(), {.topics = {asked}}, true);
    EXPECT_EQ(decision.records.empty(), decision.replies[0].error != ErrorCode::none);
    return decision.replies[0];
  }
  TestLog log;
  TopicId a = log.create({.name = "a"}).id;
};

TEST_F(DeleteTopicsTest, ByNameAndByIdAreAnsweredWithBoth) {
  for (const DeletedTopic& deleted : {reply_to({.name = "a"}), reply_to({.id = a})}) {
    EXPECT_EQ(deleted.error, ErrorCode::none);
    EXPECT_EQ(deleted.name, "a");
    EXPECT_EQ(deleted.id, a);
  }
}

TEST_F(DeleteTopicsTest, UnknownOnesAreNamedByWhatWasAsked) {
  EXPECT_EQ(reply_to({.name = "nope"}).error, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(reply_to({.name = "__cluster_metadata"}).error, ErrorCode::unknown_topic_or_partition);
  const DeletedTopic unknown = reply_to({.id = Uuid{9, 9}});
  EXPECT_EQ(unknown.error, ErrorCode::unknown_topic_id);
  EXPECT_FALSE(unknown.name);
}

TEST_F(DeleteTopicsTest, BothNameAndIdOrNeitherIsInvalid) {
  EXPECT_EQ(reply_to({.name = "a", .id = a}).error, ErrorCode::invalid_request);
  EXPECT_EQ(reply_to({}).error, ErrorCode::invalid_request);
}

TEST_F(DeleteTopicsTest, OneTopicTwiceInARequestIsNotDeleted) {
  const auto decision = decide_delete_topics(log.image(), {.topics = {{.name = "a"}, {.id = a}}}, true);
  EXPECT_TRUE(decision.records.empty());
  for (const DeletedTopic& reply : decision.replies) EXPECT_EQ(reply.error, ErrorCode::invalid_request);
}

TEST_F(DeleteTopicsTest, DisabledDeletionRefusesAll) {
  const auto decision = decide_delete_topics(log.image(), {.topics = {{.name = "a"}}}, false);
  EXPECT_TRUE(decision.records.empty());
  EXPECT_EQ(decision.replies[0].error, ErrorCode::topic_deletion_disabled);
}

TEST_F(DeleteTopicsTest, ARecreatedTopicHasAnotherId) {
  log.write(decide_delete_topics(log.image(), {.topics = {{.name = "a"}}}, true).records);
  EXPECT_EQ(log.image().find_topic("a"), nullptr);
  EXPECT_NE(log.create({.name = "a"}).id, a);
}

}  // namespace
}  // namespace gregor::metadata
