// Several quorum nodes over simulated links and disks: promises Q1 to Q6 of quorum/node.h where they need others.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/quorum/support/quorum_world.h"

namespace gregor::quorum {
namespace {

using namespace std::chrono_literals;

TEST(QuorumOfMany, ThreeVotersElectOneLeaderAndEachHearsWhatItAppends) {
  QuorumWorld quorum({.seed = 1});
  ASSERT_TRUE(quorum.run_until([&] { return quorum.leader() != nullptr; }, 10s)) << quorum.describe();
  ASSERT_TRUE(quorum.converges(5s)) << quorum.describe();
  EXPECT_EQ(quorum.ghost.epochs_led(), 1U);
}

TEST(QuorumOfMany, FiveVotersDoSo) {
  QuorumWorld quorum({.seed = 2, .voters = 5});
  ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
}

TEST(QuorumOfMany, ObserversFollowByTheListOrByBootstrapServers) {
  for (const bool with_servers : {false, true}) {
    QuorumWorld quorum({.seed = 3, .observers = 2, .with_bootstrap_servers = with_servers});
    ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
    EXPECT_FALSE(quorum.life(3)->node()->fsm().is_voter());
    EXPECT_EQ(quorum.life(3)->leadership().leader, quorum.leader()->id());
  }
}

// Rows 41 and 53a: a deposed leader's append may have happened or not, and says so.
TEST(QuorumOfMany, AnIsolatedLeaderGivesUpAndNeverAcknowledgesAgain) {
  QuorumWorld quorum({.seed = 4});
  ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
  QuorumLife* const old = quorum.leader();
  const auto place = static_cast<sim::NodeIndex>(old->id().value() - 1);
  const LeaderEpoch epoch = old->leadership().epoch;
  for (sim::NodeIndex other = 0; other < 3; ++other) {
    if (other != place) quorum.world.network().cut(place, other);
  }
  ASSERT_TRUE(quorum.run_until([&] { return quorum.leader() != nullptr && quorum.leader() != old; }, 15s))
      << quorum.describe();
  EXPECT_GT(quorum.leader()->leadership().epoch, epoch);
  ASSERT_TRUE(quorum.run_until([&] { return !old->leads(); }, 10s)) << quorum.describe();
  quorum.run_for(1ms);
  EXPECT_GT(old->unknown_outcomes(), 0) << "what it appended last never came back";
  quorum.heal();
  ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
}

TEST(QuorumOfMany, ALeaderThatClosesHandsOverAtOnce) {
  QuorumWorld quorum({.seed = 5});
  ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
  const auto place = static_cast<sim::NodeIndex>(quorum.leader()->id().value() - 1);
  quorum.world.stop(place);
  ASSERT_TRUE(quorum.run_until(
      [&] {
        QuorumLife* const now = quorum.leader();
        return now != nullptr && now->id() != NodeId{static_cast<int>(place) + 1};
      },
      1500ms))
      << "the others need no timeout\n"
      << quorum.describe();
  quorum.heal();
  ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
}

// Row 48, RaftFsync.tla.
TEST(QuorumOfMany, APowerLossOfAllKeepsWhatWasAcknowledged) {
  for (std::uint64_t seed = 10; seed < 20; ++seed) {
    QuorumWorld quorum({.seed = seed});
    ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
    quorum.run_for(std::chrono::milliseconds(seed * 7));
    for (sim::NodeIndex node = 0; node < 3; ++node) quorum.world.lose_power(node);
    quorum.heal();
    ASSERT_TRUE(quorum.converges(15s)) << "seed " << seed << quorum.describe();
  }
}

TEST(QuorumOfMany, ANewQuorumBeginsOnceAllOfItsVotersAreThereAndThenAMajorityIsEnough) {
  QuorumWorld quorum({.seed = 5, .is_told_new = true});
  quorum.world.crash(0);
  EXPECT_FALSE(quorum.run_until([&] { return quorum.leader() != nullptr; }, 20s)) << "node 1 may have voted once";
  quorum.heal();
  ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
  quorum.run_for(100ms);
  for (sim::NodeIndex node = 0; node < 3; ++node) quorum.world.lose_power(node);
  quorum.world.restart(1);
  quorum.world.restart(2);
  EXPECT_TRUE(quorum.run_until([&] { return quorum.leader() != nullptr; }, 10s)) << "they remember that they vote";
}

// DESIGN section 1: a wiped disk that votes again.
void empty_directory_waits(QuorumWorld& quorum) {
  ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
  quorum.run_for(100ms);
  quorum.votes_from_birth.assign(3, false);
  const auto leading = static_cast<sim::NodeIndex>(quorum.leader()->id().value() - 1);
  const sim::NodeIndex wiped = (leading + 1) % 3;
  const sim::NodeIndex third = (leading + 2) % 3;
  quorum.world.crash(wiped);
  quorum.world.wipe_disk(wiped);
  quorum.world.crash(third);
  quorum.world.crash(leading);
  quorum.world.restart(wiped);
  quorum.world.restart(third);
  EXPECT_FALSE(quorum.run_until([&] { return quorum.leader() != nullptr; }, 20s)) << "two of three, one of them new";
  EXPECT_FALSE(quorum.life(wiped)->node()->fsm().is_ready());
  quorum.heal();
  ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
  ASSERT_TRUE(quorum.run_until([&] { return quorum.life(wiped)->node()->fsm().is_ready(); }, 10s));
  quorum.run_for(100ms);
  quorum.world.crash(wiped);
  quorum.world.restart(wiped);
  quorum.run_for(1s);
  EXPECT_TRUE(quorum.life(wiped)->node()->fsm().is_ready()) << "it remembers";
}

TEST(QuorumOfMany, AVoterWithAnEmptyDirectoryNeitherVotesNorLeadsBeforeItCaughtUp) {
  QuorumWorld quorum({.seed = 6});
  empty_directory_waits(quorum);
}

TEST(QuorumOfMany, NorDoesOneThatIsStillToldThatTheQuorumIsNew) {
  QuorumWorld quorum({.seed = 6, .is_told_new = true});
  empty_directory_waits(quorum);
}

TEST(QuorumOfMany, AFollowerWhoseTailWasTornFetchesItAgain) {
  QuorumWorld quorum({.seed = 7});
  ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
  const auto leading = static_cast<sim::NodeIndex>(quorum.leader()->id().value() - 1);
  const sim::NodeIndex follower = (leading + 1) % 3;
  for (int round = 0; round < 10; ++round) {
    quorum.world.lose_power(follower);
    quorum.run_for(50ms);
    quorum.world.restart(follower);
    ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
  }
  EXPECT_EQ(quorum.refusals_to_start, 0) << quorum.last_refusal;
}

// KIP-630.
TEST(QuorumOfMany, WhoIsTooFarBehindFetchesASnapshotAndGoesOnFromThere) {
  QuorumWorld quorum({.seed = 8, .observers = 1, .snapshot_every = 500ms});
  ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
  quorum.world.crash(3);
  quorum.run_for(10s);
  const int before = quorum.ghost.snapshots_heard();
  quorum.world.wipe_disk(3);
  quorum.world.restart(3);
  ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
  EXPECT_GT(quorum.ghost.snapshots_heard(), before);
  EXPECT_GT(quorum.life(3)->node()->fsm().log().start().offset, Offset{0});
}

/// KIP-853: one voter at a time, by who leads.
void grow_to_three(QuorumWorld& quorum) {
  for (int id : {2, 3}) {
    std::int16_t code = -1;
    const Uuid directory = quorum.life(static_cast<std::size_t>(id - 1))->identity().metadata_directory_id;
    QuorumLife* const leading = quorum.leader();
    const std::string host = "q" + std::to_string(id);
    leading->spawn([&](env::Fiber& self) {
      wire::AddRaftVoterRequest request{.cluster_id = std::nullopt, .voter_id = id, .voter_directory_id = directory};
      request.listeners.push_back({.name = "CONTROLLER", .host = host, .port = kQuorumPort});
      wire::Arena arena;
      code = leading->node()->service().add_raft_voter(self, request, arena).error_code;
    });
    ASSERT_TRUE(quorum.run_until([&] { return code != -1; }, 10s)) << quorum.describe();
    ASSERT_EQ(code, 0) << id;
    ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
  }
  EXPECT_EQ(quorum.leader()->node()->fsm().voters().size(), 3U);
}

TEST(QuorumOfMany, AQuorumOfOneGrowsToThreeAndOutlivesItsFirstVoter) {
  QuorumWorld quorum({.seed = 9, .is_dynamic = true});
  ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
  EXPECT_EQ(quorum.life(0)->node()->kraft_version(), 1);
  ASSERT_NO_FATAL_FAILURE(grow_to_three(quorum));
  quorum.world.crash(0);
  ASSERT_TRUE(quorum.run_until([&] { return quorum.leader() != nullptr; }, 15s)) << quorum.describe();
  quorum.heal();
  ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
}

// Who joined took the list from others: what it begins with in its next life must name the voters too.
TEST(QuorumOfMany, SnapshotsOfVotersThatJoinedSayWhoVotes) {
  QuorumWorld quorum({.seed = 11, .is_dynamic = true, .snapshot_every = 300ms});
  ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
  ASSERT_NO_FATAL_FAILURE(grow_to_three(quorum));
  quorum.run_for(10s);
  for (std::size_t place = 0; place < 3; ++place) {
    EXPECT_EQ(quorum.life(place)->node()->kraft_version(), 1) << place;
    EXPECT_GT(quorum.life(place)->node()->fsm().log().start().offset, Offset{0}) << "its log still names them";
  }
  for (sim::NodeIndex node = 0; node < 3; ++node) quorum.world.lose_power(node);
  quorum.heal();
  ASSERT_TRUE(quorum.converges(15s)) << quorum.describe();
  for (std::size_t place = 0; place < 3; ++place) {
    EXPECT_EQ(quorum.life(place)->node()->fsm().voters().size(), 3U) << place;
  }
}

// GREGOR_QUORUM_SEEDS=from..to runs others.
void survive(std::uint64_t seed) {
  QuorumOptions options{.seed = seed};
  RandomStream shape(seed * 77 + 5);
  options.voters = shape.chance(1, 3) ? 5 : 3;
  options.observers = static_cast<int>(shape.below(2));
  if (shape.chance(1, 2)) options.snapshot_every = 1500ms;
  QuorumWorld quorum(options);
  quorum.run_until([&] { return quorum.leader() != nullptr; }, 10s);
  const Nanoseconds wait{shape.between(2'000'000'000, 20'000'000'000)};
  quorum.trouble(wait);
  quorum.heal();
  ASSERT_TRUE(quorum.converges(60s)) << "seed " << seed << ": " << quorum.describe();
  ASSERT_EQ(quorum.refusals_to_start, 0) << "seed " << seed << ": " << quorum.last_refusal;
  ASSERT_TRUE(quorum.world.halts().empty()) << "seed " << seed << ": " << quorum.describe();
}

// Its followers' logs have parted from it below its log's start: it commits nothing before they fetched what it has
// there.
TEST(QuorumOfMany, ALeaderWithoutACommitOfItsEpochServesSnapshots) {
  survive(78);
}

TEST(QuorumOfMany, SurvivesWhatTheSeedsBring) {
  std::uint64_t from = 1;
  std::uint64_t to = GREGOR_SANITIZED ? 5 : 50;  // instrumented, a seed takes seconds
  if (const char* range = std::getenv("GREGOR_QUORUM_SEEDS")) {
    char* rest = nullptr;
    from = std::strtoull(range, &rest, 10);
    to = std::strtoull(rest + 2, nullptr, 10);
  }
  for (std::uint64_t seed = from; seed <= to; ++seed) {
    survive(seed);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace gregor::quorum
