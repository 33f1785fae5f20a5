// Deletion and expiry of groups and offsets. Source: KIP-211, KIP-496 and Kafka 4.3's answers (conformance, groups/).
#include <array>

#include "tests/group/support/group_rig.h"
#include "wire/consumer_protocol.h"
#include "wire/record_frame.h"

namespace gregor::group {
namespace {

constexpr Milliseconds kWeek{604'800'000};

std::string subscription_to(std::string_view topic) {
  const auto bytes = wire::encode_versioned(wire::ConsumerProtocolSubscription{.topics = {topic}}, 1);
  return std::string(text_of(*bytes));
}

ErrorCode delete_group(GroupRig& rig, std::string_view group) {
  const std::array<std::string_view, 1> asked{group};
  const Caller asker = rig.caller(2);
  rig.take(rig.machine.delete_groups(asker, asked));
  return rig.reply<DeleteGroupsReply>(asker.token)->groups.at(0).error;
}

OffsetDeleteReply delete_offsets(GroupRig& rig, std::string_view group, std::string_view topic) {
  wire::OffsetDeleteRequest request{.group_id = group};
  request.topics.push_back({.name = topic, .partitions = {{.partition_index = 0}}});
  const Caller asker = rig.caller(0);
  rig.take(rig.machine.delete_offsets(asker, request, rig.now));
  return *rig.reply<OffsetDeleteReply>(asker.token);
}

TEST(DeleteGroups, OnlyEmptyOnes) {
  GroupRig rig;
  EXPECT_EQ(delete_group(rig, "g"), ErrorCode::group_id_not_found);
  const std::string member = rig.settled_member();
  rig.commit(5, member, 1);
  EXPECT_EQ(delete_group(rig, "g"), ErrorCode::non_empty_group);
  rig.leave({{member, {}}});
  EXPECT_EQ(delete_group(rig, "g"), ErrorCode::none);
  EXPECT_EQ(rig.describe().state, "Dead");
  EXPECT_EQ(rig.fetch().offset, kNoOffset);
  EXPECT_EQ(rig.reloaded().counts().groups, 0U);
  EXPECT_EQ(rig.reloaded().counts().offsets, 0U);
}

TEST(OffsetDelete, NotWhileSomeoneReadsTheTopic) {
  GroupRig rig;
  EXPECT_EQ(delete_offsets(rig, "g", "t").error, ErrorCode::group_id_not_found);
  const std::string member = rig.settled_member({.metadata = subscription_to("t")});
  rig.commit(5, member, 1, 8, "t");
  rig.commit(6, member, 1, 8, "u");
  EXPECT_EQ(delete_offsets(rig, "g", "t").topics.at(0).partitions.at(0).error, ErrorCode::group_subscribed_to_topic);
  EXPECT_EQ(delete_offsets(rig, "g", "u").topics.at(0).partitions.at(0).error, ErrorCode::none);
  EXPECT_EQ(rig.fetch().offset, Offset{5});
  EXPECT_EQ(rig.machine.counts().offsets, 1U);
  EXPECT_EQ(rig.machine.difference_from(rig.reloaded()), "");
}

TEST(OffsetDelete, NeverFromGroupsWhoseSubscriptionsAreNotOurs) {
  GroupRig rig;
  rig.settled_member({.type = "connect"});
  EXPECT_EQ(delete_offsets(rig, "g", "t").error, ErrorCode::non_empty_group);
}

TEST(Expire, SimpleConsumersOffsetsLiveFromTheirCommit) {
  GroupRig rig;
  rig.commit(5);
  rig.pass(kWeek - Milliseconds(1));
  rig.take(rig.machine.expire(rig.now));
  EXPECT_EQ(rig.fetch().offset, Offset{5});
  rig.pass(Milliseconds(1));
  rig.take(rig.machine.expire(rig.now));
  EXPECT_EQ(rig.machine.counts().groups, 0U);
  EXPECT_EQ(rig.reloaded().counts().offsets, 0U);
}

TEST(Expire, AnEmptyGroupsOffsetsLiveFromTheDayItBecameSo) {
  GroupRig rig;
  const std::string member = rig.settled_member({.session_ms = 1'800'000});
  rig.commit(5, member, 1);
  for (int day = 0; day < 8 * 24 * 3; ++day) {
    rig.pass(Milliseconds(1'200'000));
    rig.heartbeat(member, 1);
  }
  rig.take(rig.machine.expire(rig.now));
  EXPECT_EQ(rig.fetch().offset, Offset{5}) << "the group is alive";
  rig.leave({{member, {}}});
  rig.pass(kWeek - Milliseconds(1));
  rig.take(rig.machine.expire(rig.now));
  EXPECT_EQ(rig.fetch().offset, Offset{5});
  rig.pass(Milliseconds(1));
  rig.take(rig.machine.expire(rig.now));
  EXPECT_EQ(rig.machine.counts().groups, 0U);
}

TEST(Expire, ALiveGroupForgetsTopicsThatNobodyReadsAnyMore) {
  GroupRig rig({.offsets_retention = Milliseconds(8'000)});
  const std::string member = rig.settled_member({.metadata = subscription_to("t")});
  rig.commit(5, member, 1, 8, "t");
  rig.commit(6, member, 1, 8, "old");
  rig.pass(Milliseconds(8'000));
  rig.take(rig.machine.expire(rig.now));
  EXPECT_EQ(rig.fetch().offset, Offset{5});
  EXPECT_EQ(rig.fetch("g", false, {}, "old").offset, kNoOffset);
}

TEST(Expire, OldClientsNameTheirRetention) {
  GroupRig rig;
  wire::OffsetCommitRequest request{.group_id = "g", .retention_time_ms = 1'000};
  request.topics.push_back({.name = "t", .partitions = {{.committed_offset = 5}}});
  const Caller asker = rig.caller(2);
  rig.take(rig.machine.commit_offsets(asker, request, rig.now));
  EXPECT_EQ(rig.machine.difference_from(rig.reloaded()), "");
  rig.pass(Milliseconds(999));
  rig.take(rig.machine.expire(rig.now));
  EXPECT_EQ(rig.fetch().offset, Offset{5});
  rig.pass(Milliseconds(1));
  rig.take(rig.machine.expire(rig.now));
  EXPECT_EQ(rig.fetch().offset, kNoOffset);
}

TEST(Expire, WhatATransactionHoldsStays) {
  GroupRig rig;
  rig.commit(5);
  rig.commit_in_transaction(6, 7);
  rig.pass(kWeek);
  rig.take(rig.machine.expire(rig.now));
  EXPECT_EQ(rig.fetch().offset, Offset{5});
}

TEST(ForgetTopics, AllGroupsForgetADeletedTopic) {
  GroupRig rig;
  rig.commit(5);
  rig.commit(6, "", -1, 8, "u");
  rig.commit(7, "", -1, 8, "t", "h");
  const std::vector<std::string> gone{"t"};
  rig.take(rig.machine.forget_topics(gone));
  EXPECT_EQ(rig.fetch().offset, kNoOffset);
  EXPECT_EQ(rig.fetch("h").offset, kNoOffset);
  EXPECT_EQ(rig.machine.counts().offsets, 1U);
  EXPECT_EQ(rig.machine.difference_from(rig.reloaded()), "");
}

}  // namespace
}  // namespace gregor::group
