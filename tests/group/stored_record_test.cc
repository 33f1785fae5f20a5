// The stored form of groups and offsets: versions and fields as Kafka 4.3 writes them
// (../shared/kafka-files/groups/dump).
#include "group/stored_record.h"

#include <gtest/gtest.h>

#include "wire/record_frame.h"

namespace gregor::group {
namespace {

ByteBuffer bytes(std::string_view text) {
  const Bytes view = bytes_of(text);
  return ByteBuffer(view.begin(), view.end());
}

ClassicGroup stable_group() {
  ClassicGroup group{.group_id = "g"};
  Member member{.member_id = "a", .group_instance_id = "i", .client_id = "app", .client_host = "/::1"};
  member.rebalance_timeout = Milliseconds(5'000);
  member.session_timeout = Milliseconds(10'000);
  member.protocols = {{"range", bytes("r")}, {"sticky", bytes("s")}};
  member.assignment = bytes("plan");
  group.add(std::move(member), "consumer");
  group.begin_generation(WallTime{1});
  group.enter(GroupState::stable, WallTime{2});
  return group;
}

TEST(StoredRecord, AGroupIsWrittenAndReadBack) {
  const ClassicGroup group = stable_group();
  const NewRecord record = group_record(group);
  wire::GroupMetadataValue value;
  const auto version = wire::decode_versioned(*record.value, value);
  ASSERT_TRUE(version.has_value());
  EXPECT_EQ(*version, 3);
  EXPECT_EQ(value.current_state_timestamp, 2);
  const auto again = group_of("g", value);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->state, GroupState::stable);
  EXPECT_EQ(again->generation, 1);
  EXPECT_EQ(again->leader, "a");
  EXPECT_EQ(again->protocol, "range");
  EXPECT_EQ(again->static_members.at("i"), "a");
  EXPECT_EQ(again->members.at("a").protocols, (std::vector<Protocol>{{"range", bytes("r")}}))
      << "of the chosen protocol alone";
  EXPECT_EQ(again->members.at("a").assignment, bytes("plan"));
  EXPECT_EQ(again->members.at("a").rebalance_timeout, Milliseconds(5'000));
}

TEST(StoredRecord, AMemberTwiceInOneGroupIsMalformed) {
  wire::GroupMetadataValue value{.protocol_type = "consumer", .generation = 1, .protocol = "range", .leader = "a"};
  value.members = {{.member_id = "a"}, {.member_id = "a"}};
  EXPECT_EQ(group_of("g", value).error().code, Errc::malformed);
}

TEST(StoredRecord, OldMembersRebalanceWithinTheirSession) {
  wire::GroupMetadataValue value{.protocol_type = "consumer", .generation = 1, .protocol = "range", .leader = "gone"};
  value.members = {{.member_id = "a", .rebalance_timeout = -1, .session_timeout = 7'000}};
  const auto group = group_of("g", value);
  EXPECT_EQ(group->members.at("a").rebalance_timeout, Milliseconds(7'000));
  EXPECT_EQ(group->leader, "a") << "a leader that is no member leads nobody";
}

TEST(StoredRecord, OffsetsAreWrittenAtVersionFourOrWithAnExpiryAtOne) {
  StoredOffset offset{
      .offset = Offset{5}, .leader_epoch = LeaderEpoch{2}, .metadata = "note", .commit_time = WallTime{9}};
  offset.topic_id = Uuid{1, 2};
  const NewRecord plain = offset_record("g", "t", PartitionIndex{0}, offset);
  wire::OffsetCommitValue value;
  EXPECT_EQ(*wire::decode_versioned(*plain.value, value), 4);
  EXPECT_EQ(offset_of(value), offset);

  offset.topic_id = {};
  offset.leader_epoch = kNoLeaderEpoch;
  offset.expire_time = WallTime{99};
  const NewRecord expiring = offset_record("g", "t", PartitionIndex{0}, offset);
  value = {};
  EXPECT_EQ(*wire::decode_versioned(*expiring.value, value), 1);
  EXPECT_EQ(offset_of(value), offset);
}

TEST(StoredRecord, TombstonesHaveTheKeyOfWhatTheyEnd) {
  EXPECT_EQ(group_tombstone("g").key, group_record(stable_group()).key);
  EXPECT_FALSE(group_tombstone("g").value.has_value());
  EXPECT_EQ(offset_tombstone("g", "t", PartitionIndex{3}).key, offset_record("g", "t", PartitionIndex{3}, {}).key);
}

TEST(StoredRecord, AnAppendIsNeverLargerThanItIsSaidToBe) {
  const std::array<NewRecord, 2> records{group_tombstone("g"), group_record(stable_group())};
  std::int64_t content = 0;
  for (const NewRecord& record : records)
    content += static_cast<std::int64_t>(record.key.size() + (record.value ? record.value->size() : 0));
  EXPECT_GE(append_bytes(records), content + 61);
}

}  // namespace
}  // namespace gregor::group
