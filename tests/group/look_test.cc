// OffsetFetch, ListGroups, DescribeGroups. Source: Kafka 4.3's answers (conformance, groups/).
#include <array>

#include "tests/group/support/group_rig.h"

namespace gregor::group {
namespace {

std::vector<std::string> listed(GroupRig& rig, std::vector<std::string_view> states,
                                std::vector<std::string_view> types) {
  const Caller asker = rig.caller(5);
  rig.take(rig.machine.list_groups(asker, {.states = states, .types = types}));
  std::vector<std::string> ids;
  for (const ListedGroup& group : rig.reply<ListReply>(asker.token)->groups)
    ids.push_back(group.group_id + " " + group.state + " " + group.type);
  return ids;
}

TEST(OffsetFetch, NothingCommittedIsMinusOneAndNoError) {
  GroupRig rig;
  const FetchedOffset offset = rig.fetch("nobody");
  EXPECT_EQ(offset.offset, kNoOffset);
  EXPECT_EQ(offset.metadata, "");
  EXPECT_EQ(offset.error, ErrorCode::none);
}

TEST(OffsetFetch, AllThatAGroupHas) {
  GroupRig rig;
  rig.commit(1, "", -1, 8, "a");
  rig.commit(2, "", -1, 8, "b");
  const Caller asker = rig.caller(8);
  rig.take(rig.machine.fetch_offsets(asker, {.group_id = "g"}, rig.now));
  const auto& topics = rig.reply<OffsetFetchReply>(asker.token)->topics;
  ASSERT_EQ(topics.size(), 2U);
  EXPECT_EQ(topics[0].topic, "a");
  EXPECT_EQ(topics[1].partitions.at(0).offset, Offset{2});
}

TEST(OffsetFetch, OffsetsOfADeletedTopicAreNotThoseOfItsNamesake) {
  GroupRig rig;
  wire::OffsetCommitRequest request{.group_id = "g"};
  request.topics.push_back({.name = "t", .topic_id = Uuid{1, 1}, .partitions = {{.committed_offset = 9}}});
  const Caller asker = rig.caller(10);
  rig.take(rig.machine.commit_offsets(asker, request, rig.now));
  EXPECT_EQ(rig.fetch("g", false, Uuid{1, 1}).offset, Offset{9});
  EXPECT_EQ(rig.fetch("g", false, Uuid{2, 2}).offset, kNoOffset);
  EXPECT_EQ(rig.fetch("g").offset, Offset{9}) << "asked by name alone";
  EXPECT_EQ(rig.machine.difference_from(rig.reloaded()), "");
}

TEST(ListGroups, FiltersByStateAndTypeInAnyCase) {
  GroupRig rig;
  rig.settled_member();
  rig.commit(1, "", -1, 8, "t", "simple");
  EXPECT_EQ(listed(rig, {}, {}), (std::vector<std::string>{"g Stable classic", "simple Empty classic"}));
  EXPECT_EQ(listed(rig, {"STABLE"}, {}), std::vector<std::string>{"g Stable classic"});
  EXPECT_EQ(listed(rig, {"NoSuchState"}, {}), std::vector<std::string>{});
  EXPECT_EQ(listed(rig, {}, {"Classic"}).size(), 2U);
  EXPECT_EQ(listed(rig, {}, {"consumer"}), std::vector<std::string>{});
}

TEST(DescribeGroups, UnknownGroupsAreDeadAndFromVersionSixAnError) {
  GroupRig rig;
  EXPECT_EQ(rig.describe("nobody", 5).state, "Dead");
  EXPECT_EQ(rig.describe("nobody", 5).error, ErrorCode::none);
  EXPECT_EQ(rig.describe("nobody", 6).error, ErrorCode::group_id_not_found);
  EXPECT_EQ(rig.describe("nobody", 6).error_message, "Group nobody not found.");
}

TEST(DescribeGroups, AStableGroupShowsProtocolMetadataAndAssignments) {
  GroupRig rig;
  const std::string member = rig.settled_member();
  const DescribedGroup group = rig.describe();
  EXPECT_EQ(group.protocol, "range");
  ASSERT_EQ(group.members.size(), 1U);
  EXPECT_EQ(group.members[0].client_id, "app");
  EXPECT_EQ(group.members[0].client_host, "/127.0.0.1");
  EXPECT_EQ(text_of(group.members[0].metadata), "m");
  EXPECT_EQ(text_of(group.members[0].assignment), "plan");
  rig.join({});
  EXPECT_EQ(rig.describe().protocol, "") << "none is chosen while they rebalance";
}

}  // namespace
}  // namespace gregor::group
