// How soon another leads when the leader of a quorum dies, and when it only seems to. Twin of what quorum/peers.cc
// makes of death_signs.h.
#include <gtest/gtest.h>

#include "tests/quorum/support/quorum_world.h"

namespace gregor::quorum {
namespace {

using namespace std::chrono_literals;

/// What befalls the leader, and how long it takes until another leads.
Nanoseconds until_another_leads(std::uint64_t seed, void (*befalls)(QuorumWorld&, sim::NodeIndex)) {
  QuorumWorld quorum({.seed = seed});
  EXPECT_TRUE(quorum.run_until([&] { return quorum.leader() != nullptr; }, 30s)) << quorum.describe();
  quorum.run_for(1s);
  QuorumLife* const former = quorum.leader();
  if (former == nullptr) return -1s;
  const NodeId former_id = former->id();
  const LeaderEpoch epoch = former->leadership().epoch;
  const sim::SimTime then = quorum.world.now();
  befalls(quorum, static_cast<sim::NodeIndex>(former_id.value() - 1));
  const auto another_leads = [&] {
    for (QuorumLife* life : quorum.lives) {
      if (life != nullptr && life->id() != former_id && life->leads() && life->leadership().epoch > epoch) return true;
    }
    return false;
  };
  EXPECT_TRUE(quorum.run_until(another_leads, 30s)) << "seed " << seed << quorum.describe();
  return quorum.world.now() - then;
}

TEST(LeaderDeath, AKilledLeaderIsFollowedByAnotherInHalfASecond) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Nanoseconds taken =
        until_another_leads(seed, [](QuorumWorld& quorum, sim::NodeIndex node) { quorum.world.crash(node); });
    EXPECT_LE(taken, 600ms) << "seed " << seed;
  }
}

TEST(LeaderDeath, ALeaderThatIsCutOffPausedOrWithoutPowerIsGivenItsTime) {
  using Befalls = void (*)(QuorumWorld&, sim::NodeIndex);
  const Befalls cut = [](QuorumWorld& quorum, sim::NodeIndex node) {
    for (sim::NodeIndex other = 0; other < 3; ++other) {
      if (other != node) quorum.world.network().cut(node, other);
    }
  };
  const Befalls pause = [](QuorumWorld& quorum, sim::NodeIndex node) { quorum.world.pause(node); };
  const Befalls power = [](QuorumWorld& quorum, sim::NodeIndex node) { quorum.world.lose_power(node); };
  for (const Befalls befalls : {cut, pause, power}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      EXPECT_GE(until_another_leads(seed, befalls), 1400ms) << "seed " << seed;
    }
  }
}

TEST(LeaderDeath, ConnectionsThatAreResetCostNoLeadership) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    QuorumWorld quorum({.seed = seed});
    ASSERT_TRUE(quorum.run_until([&] { return quorum.leader() != nullptr; }, 30s)) << quorum.describe();
    quorum.run_for(1s);
    ASSERT_NE(quorum.leader(), nullptr);
    const Leadership before = quorum.leader()->leadership();
    const auto node = static_cast<sim::NodeIndex>(quorum.leader()->id().value() - 1);
    for (int i = 0; i < 10; ++i) {
      for (const auto connection : quorum.world.network().connections_of(node))
        quorum.world.network().reset(connection);
      quorum.run_for(100ms);
    }
    ASSERT_NE(quorum.leader(), nullptr);
    EXPECT_EQ(quorum.leader()->leadership().epoch, before.epoch);
  }
}

}  // namespace
}  // namespace gregor::quorum
