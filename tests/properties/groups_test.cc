// For each judgement of groups one small bad history that must fail, and one good one that passes.
#include <gtest/gtest.h>

#include "properties/finally/histories.h"

namespace gregor::properties {
namespace {

const HistoryPartition kOrders{"orders", 0};
MonotonicTime at(int ms) {
  return MonotonicTime{Milliseconds(ms)};
}

GroupSync told(const std::string& member, std::int32_t generation, int ms) {
  return {.group = "g",
          .member_id = member,
          .generation = generation,
          .assigned = {kOrders},
          .asked = at(ms - 1),
          .at = at(ms)};
}
GroupCommit committed(std::int64_t offset, int ms, Outcome outcome = Outcome::acknowledged,
                      std::int32_t generation = 1) {
  return {.group = "g",
          .partition = kOrders,
          .generation = generation,
          .offset = Offset{offset},
          .invoked = at(ms),
          .completed = at(ms + 1),
          .outcome = outcome};
}
GroupFetch fetched(std::int64_t offset, int ms) {
  return {.group = "g", .partition = kOrders, .offset = Offset{offset}, .asked = at(ms), .at = at(ms + 1)};
}

std::string first_broken(const History& history) {
  Verdict verdict;
  judge_history(history, verdict);
  return verdict.holds() ? "" : verdict.violations().front().invariant;
}

TEST(GroupHistories, AGenerationSharesOutOnce) {
  History history;
  history.group_syncs = {told("a", 1, 10), told("a", 1, 20), told("b", 2, 30)};
  EXPECT_EQ(first_broken(history), "");
  history.group_syncs.push_back(told("c", 2, 40));
  EXPECT_EQ(first_broken(history), "G1");
  history.losses.push_back({at(35), "power loss", false});
  EXPECT_EQ(first_broken(history), "") << "the generation may be another one of the same number";
}

TEST(GroupHistories, AStaticMemberMayComeBackUnderAnotherId) {
  History history;
  history.group_syncs = {told("a", 1, 10), told("b", 1, 20)};
  EXPECT_EQ(first_broken(history), "G1");
  for (GroupSync& sync : history.group_syncs) sync.instance_id = "i";
  EXPECT_EQ(first_broken(history), "");
}

TEST(GroupHistories, GenerationsRise) {
  History history;
  history.group_syncs = {told("a", 2, 10), told("b", 1, 20)};
  EXPECT_EQ(first_broken(history), "G3");
}

TEST(GroupHistories, AnAcknowledgedCommitIsWhatIsRead) {
  History history;
  history.group_commits = {committed(5, 10), committed(6, 20)};
  history.group_fetches = {fetched(6, 30)};
  EXPECT_EQ(first_broken(history), "");
  history.group_fetches = {fetched(5, 30)};
  EXPECT_EQ(first_broken(history), "G2");
  history.group_fetches = {fetched(-1, 30)};
  EXPECT_EQ(first_broken(history), "G2");
  history.losses.push_back({at(25), "power loss", false});
  EXPECT_EQ(first_broken(history), "");
}

TEST(GroupHistories, ACommitOfUnknownFateMayComeLateAndARefusedOneNever) {
  History history;
  history.group_commits = {committed(5, 10, Outcome::unknown), committed(6, 20)};
  history.group_fetches = {fetched(5, 30)};
  EXPECT_EQ(first_broken(history), "");
  history.group_commits.front().outcome = Outcome::refused;
  EXPECT_EQ(first_broken(history), "G2");
  history.group_fetches = {fetched(9, 30)};
  EXPECT_EQ(first_broken(history), "G2") << "nobody committed it";
}

TEST(GroupHistories, AGenerationThatIsOverIsNotHeard) {
  History history;
  history.group_syncs = {told("a", 1, 5), told("b", 2, 10)};
  history.group_commits = {committed(5, 20, Outcome::acknowledged, 1)};
  EXPECT_EQ(first_broken(history), "G2");
  history.group_commits.front().outcome = Outcome::refused;
  EXPECT_EQ(first_broken(history), "");
}

TEST(GroupHistories, ACommitComesBackWithItsLeaderEpoch) {
  History history;
  history.group_commits = {committed(5, 10)};
  history.group_commits[0].leader_epoch = LeaderEpoch{3};
  history.group_fetches = {fetched(5, 20)};
  EXPECT_EQ(first_broken(history), "G2");
  history.group_fetches[0].leader_epoch = LeaderEpoch{3};
  EXPECT_EQ(first_broken(history), "");
}

TEST(GroupHistories, AReplacedStaticMemberCommitsNothing) {
  History history;
  history.group_commits = {committed(5, 10, Outcome::refused)};
  history.group_commits[0].fenced_since = at(5);
  EXPECT_EQ(first_broken(history), "");
  history.group_commits[0].outcome = Outcome::acknowledged;
  EXPECT_EQ(first_broken(history), "G1");
  history.losses.push_back({at(7), "power loss", false});
  EXPECT_EQ(first_broken(history), "") << "the loss may have undone the replacement";
}

// KAFKA-9801: the leader assigned to the id that a static member had before.
TEST(GroupHistories, WhoIsToldItsPartIsToldWhatTheLeaderPlanned) {
  History history;
  history.group_syncs = {told("new", 1, 10)};
  history.group_syncs[0].instance_id = "i";
  history.group_parts = {
      {.group = "g", .generation = 1, .member_id = "old", .instance_id = "i", .assigned = {kOrders}}};
  EXPECT_EQ(first_broken(history), "");
  history.group_syncs[0].assigned.clear();
  EXPECT_EQ(first_broken(history), "L5");
}

TEST(GroupHistories, AGroupWaitsForNobodyWhoIsNotThere) {
  History history;
  history.lonely_rebalances = {{.group = "g", .asked = at(0), .at = at(300)}};
  EXPECT_EQ(first_broken(history), "");
  history.lonely_rebalances[0].at = at(60'000);
  EXPECT_EQ(first_broken(history), "L5");
}

}  // namespace
}  // namespace gregor::properties
