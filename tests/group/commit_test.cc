// OffsetCommit and TxnOffsetCommit. Source: Kafka 4.3's answers (conformance, groups/), KIP-447.
#include "tests/group/support/group_rig.h"

namespace gregor::group {
namespace {

TEST(Commit, ConsumersWithoutAGroupMakeOne) {
  GroupRig rig;
  EXPECT_EQ(rig.commit(7), ErrorCode::none);
  EXPECT_EQ(rig.fetch().offset, Offset{7});
  EXPECT_EQ(rig.fetch().leader_epoch, LeaderEpoch{3});
  EXPECT_EQ(rig.describe().state, "Empty");
  EXPECT_EQ(rig.commit(-5), ErrorCode::none) << "Kafka takes any offset";
  EXPECT_EQ(rig.commit(7, "", -1, 8, "t", ""), ErrorCode::none) << "and the empty group";
}

TEST(Commit, AGenerationOfAGroupThatIsNotThere) {
  GroupRig rig;
  EXPECT_EQ(rig.commit(1, "m", 3, 8), ErrorCode::illegal_generation);
  EXPECT_EQ(rig.commit(1, "m", 3, 9), ErrorCode::group_id_not_found);
}

TEST(Commit, OnlyMembersOfTheGenerationMay) {
  GroupRig rig;
  const std::string member = rig.settled_member();
  EXPECT_EQ(rig.commit(1, member, 1), ErrorCode::none);
  EXPECT_EQ(rig.commit(2, member, 2), ErrorCode::illegal_generation);
  EXPECT_EQ(rig.commit(2, "stranger", 1), ErrorCode::unknown_member_id);
  EXPECT_EQ(rig.commit(2), ErrorCode::unknown_member_id) << "from outside, while members live";
  const Token newcomer = rig.join({});
  EXPECT_EQ(rig.commit(3, member, 1), ErrorCode::none) << "before it rejoins a member may still commit";
  rig.join({.member = member});
  EXPECT_EQ(rig.commit(4, member, 2), ErrorCode::rebalance_in_progress) << "between join and sync nobody owns anything";
  EXPECT_EQ(rig.joined(newcomer).generation, 2);
  EXPECT_EQ(rig.fetch().offset, Offset{3});
}

TEST(Commit, KeepsTheSessionAlive) {
  GroupRig rig;
  const std::string member = rig.settled_member();
  for (int round = 0; round < 4; ++round) {
    rig.pass(Milliseconds(9'000));
    EXPECT_EQ(rig.commit(round, member, 1), ErrorCode::none);
  }
}

TEST(Commit, LongMetadataIsRefusedByPartition) {
  GroupRig rig({.offset_metadata_bytes_max = 3});
  wire::OffsetCommitRequest request{.group_id = "g"};
  request.topics.push_back(
      {.name = "t",
       .partitions = {{.partition_index = 0, .committed_offset = 1, .committed_metadata = "abcd"},
                      {.partition_index = 1, .committed_offset = 2, .committed_metadata = "äöü"},
                      {.partition_index = 2, .committed_offset = 3, .committed_metadata = std::nullopt}}});
  const Caller asker = rig.caller(8);
  rig.take(rig.machine.commit_offsets(asker, request, rig.now));
  const auto& partitions = rig.reply<OffsetCommitReply>(asker.token)->topics.at(0).partitions;
  EXPECT_EQ(partitions.at(0).error, ErrorCode::offset_metadata_too_large);
  EXPECT_EQ(partitions.at(1).error, ErrorCode::none) << "characters count, not bytes";
  EXPECT_EQ(partitions.at(2).error, ErrorCode::none);
  EXPECT_EQ(rig.fetch().offset, kNoOffset);
  EXPECT_EQ(rig.log.size(), 2U);
}

TEST(Commit, MoreThanOneAppendTakesIsRefusedWhole) {
  GroupRig rig({.append_bytes_max = 200});
  wire::OffsetCommitRequest request{.group_id = "g"};
  request.topics.push_back({.name = "t", .partitions = {}});
  for (int partition = 0; partition < 10; ++partition) {
    request.topics.back().partitions.push_back({.partition_index = partition, .committed_offset = 1});
  }
  const Caller asker = rig.caller(8);
  rig.take(rig.machine.commit_offsets(asker, request, rig.now));
  EXPECT_EQ(rig.reply<OffsetCommitReply>(asker.token)->topics.at(0).partitions.at(9).error,
            ErrorCode::unknown_server_error);
  EXPECT_TRUE(rig.log.empty());
  EXPECT_EQ(rig.machine.counts().offsets, 0U);
}

TEST(TransactionalCommit, PendsUntilTheMarker) {
  GroupRig rig;
  EXPECT_EQ(rig.commit(1), ErrorCode::none);
  EXPECT_EQ(rig.commit_in_transaction(5, 77), ErrorCode::none);
  EXPECT_EQ(rig.fetch().offset, Offset{1});
  EXPECT_EQ(rig.fetch("g", true).error, ErrorCode::unstable_offset_commit);
  rig.machine.end_transaction(ProducerId{77}, true);
  EXPECT_EQ(rig.fetch("g", true).offset, Offset{5});
}

TEST(TransactionalCommit, OfAnOldGenerationIsRefused) {
  GroupRig rig;
  const std::string member = rig.settled_member();
  EXPECT_EQ(rig.commit_in_transaction(5, 77, member, 1), ErrorCode::none);
  EXPECT_EQ(rig.commit_in_transaction(5, 77, member, 0), ErrorCode::illegal_generation);
  EXPECT_EQ(rig.commit_in_transaction(5, 77, "stranger", 1), ErrorCode::unknown_member_id);
  EXPECT_EQ(rig.commit_in_transaction(5, 77), ErrorCode::none) << "a producer from before KIP-447";
}

}  // namespace
}  // namespace gregor::group
