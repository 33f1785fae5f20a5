// Machines of several nodes against each other, over schedules of faults within the quorum's budget: K1, K2, K5 of
// INVARIANTS at every step, and after the faults a leader, commits and equal logs (L2, L3).
#include <gtest/gtest.h>

#include "tests/raft/support/chaos.h"

namespace gregor::raft::model {
namespace {

TEST(QuorumProperty, NoLegalScheduleBreaksTheQuorum) {
  constexpr std::uint64_t kSeeds = GREGOR_SANITIZED ? 50 : 500;
  const char* first = std::getenv("RAFT_SEED");
  const std::uint64_t from = first == nullptr ? 1 : std::stoull(first);
  const char* many = std::getenv("RAFT_SEEDS");
  const std::uint64_t count = many == nullptr ? (first == nullptr ? kSeeds : 1) : std::stoull(many);
  for (std::uint64_t seed = from; seed < from + count; ++seed) {
    EXPECT_EQ(run_seed(seed), "") << "RAFT_SEED=" << seed;
  }
}

// What the property says would be true of machines that do nothing, too.
TEST(QuorumProperty, TheSchedulesCommitChangeVotersAndReadmitWipedDisks) {
  std::size_t records = 0;
  int changes = 0;
  int readmitted = 0;
  int epochs = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    QuorumModel model({.voters = 3, .observers = 2, .is_dynamic = seed % 2 == 0}, seed);
    Chaos chaos(model, true);
    chaos.run_for(std::chrono::seconds(40));
    chaos.settle();
    records += model.judge().committed().size();
    changes += model.answers_to_changes(Verdict::none);
    epochs += model.nodes()[0].fsm->epoch().value();
    for (const Node& node : model.nodes()) readmitted += node.disk.was_wiped && !node.disk.is_new ? 1 : 0;
  }
  EXPECT_GT(records, 1000U);
  EXPECT_GT(changes, 20);
  EXPECT_GT(readmitted, 5);
  EXPECT_GT(epochs, 100);
}

TEST(QuorumProperty, ARunIsAFunctionOfItsSeed) {
  std::size_t first = 0;
  std::size_t second = 0;
  EXPECT_EQ(run_law({}, true, 5, &first), run_law({}, true, 5, &second));
  EXPECT_EQ(first, second);
  EXPECT_GT(first, 0U);
}

}  // namespace
}  // namespace gregor::raft::model
