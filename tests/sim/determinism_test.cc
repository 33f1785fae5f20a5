// One seed, one run: the trace hash of a busy, faulty world is the same again, after other worlds, and whatever is
// listened to; other seeds and other policies give other runs.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "env/clock.h"
#include "env/disk.h"
#include "sim/world.h"
#include "tests/sim/support/echo.h"

namespace gregor::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kClients = 3;
constexpr seconds kWholeRun{20};
constexpr seconds kRun = GREGOR_SANITIZED ? seconds(4) : kWholeRun;  // instrumented, a whole one takes long

/// A server of two shards, clients that echo and write, and faults of every kind at drawn times.
class BusyWorld {
 public:
  BusyWorld(std::uint64_t seed, Policy policy) : world_(options(seed, policy)) {
    world_.add_node({.name = "server", .shard_count = 2, .body = testing::serve_echo});
    for (std::uint32_t i = 0; i < kClients; ++i) {
      world_.add_node({.name = "client-" + std::to_string(i),
                       .body = [this](env::Fiber& self, env::Shard& shard) { live(self, shard); }});
    }
    plan_faults();
  }

  World& world() { return world_; }
  std::uint64_t echoed() const { return echoed_; }
  std::uint64_t corrupted() const { return corrupted_; }
  void run(seconds length = kRun) { world_.run_for(length); }

 private:
  static WorldOptions options(std::uint64_t seed, Policy policy) {
    WorldOptions made{.seed = seed};
    made.scheduler.policy = policy;
    made.mail = {.base = Nanoseconds(0), .spread = std::chrono::microseconds(20)};
    made.network.short_read = {100'000};
    made.network.short_send = {100'000};
    made.network.reset = {200};
    made.network.buffer_bytes_min = 100;
    made.disk.write_error = {1000};
    made.disk.short_write = {50'000};
    made.disk.sync_error = {5000};
    made.disk.slow = {5000};
    made.disk.slow_by = {.base = milliseconds(50)};
    return made;
  }

  void live(env::Fiber& self, env::Shard& shard) {
    RandomStream stream = shard.entropy.stream("client");
    for (std::uint64_t round = 0;; ++round) {
      const std::uint64_t length = stream.below(3000);
      const auto echoed = testing::echo_once(self, shard, testing::echo_of(world_, 0), 20, length);
      if (echoed) echoed_ += *echoed;
      if (!echoed && echoed.error().code == Errc::corrupt) ++corrupted_;
      const std::string path = "file-" + std::to_string(round % 5);
      (void)env::replace_file(self, shard.disk, path, bytes_of(std::to_string(round)));
      const std::int64_t pause_ns = stream.between(0, 50'000'000);
      env::sleep_for(self, shard.clock, Nanoseconds(pause_ns));
    }
  }

  void plan_faults() {
    RandomStream stream = world_.stream("faults");
    for (int i = 0; i < 25; ++i) {
      const SimTime when{Nanoseconds(stream.between(0, 15'000'000'000))};
      const auto node = static_cast<NodeIndex>(stream.below(kClients + 1));
      const std::uint64_t what = stream.below(9);
      world_.at(when, [this, node, what] { strike(node, what); });
    }
  }

  void strike(NodeIndex node, std::uint64_t what) {
    const NodeIndex other = (node + 1) % (kClients + 1);
    switch (what) {
      case 0:
        world_.crash(node);
        return world_.restart_after(node, milliseconds(200));
      case 1:
        world_.lose_power(node);
        return world_.restart_after(node, milliseconds(700));
      case 2:
        world_.pause(node);
        return world_.after(milliseconds(400), [this, node] { world_.resume(node); });
      case 3:
        world_.network().cut(node, other);
        return world_.after(seconds(1), [this, node, other] { world_.network().heal(node, other); });
      case 4:
        world_.network().cut_one_way(node, other);
        return world_.after(seconds(1), [this, node, other] { world_.network().heal_one_way(node, other); });
      case 5:
        return world_.network().clog(node, other, milliseconds(300));
      case 6:
        world_.jump_wall_clock(node, milliseconds(-5000));
        return world_.set_drift(node, 300);
      case 7:
        return world_.hang_disk(node, milliseconds(500));
      default:
        for (const std::uint64_t id : world_.network().connections_of(node)) world_.network().reset(id);
    }
  }

  World world_;
  std::uint64_t echoed_ = 0;
  std::uint64_t corrupted_ = 0;
};

Hash128 hash_of(std::uint64_t seed, Policy policy = Policy::random, seconds length = kRun) {
  BusyWorld busy(seed, policy);
  busy.run(length);
  return busy.world().trace().hash();
}

TEST(Determinism, ASeedGivesTheSameRunAloneAndAmongOthers) {
  constexpr std::uint64_t kSeeds = GREGOR_SANITIZED ? 2 : 4;
  std::map<std::uint64_t, std::string> first;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) first[seed] = hash_of(seed).to_text();
  for (std::uint64_t seed = kSeeds; seed >= 1; --seed) EXPECT_EQ(hash_of(seed).to_text(), first[seed]) << seed;
  std::set<std::string> distinct;
  for (const auto& [seed, hash] : first) distinct.insert(hash);
  EXPECT_EQ(distinct.size(), kSeeds);
}

TEST(Determinism, TwoWorldsAtOnceDoNotMeet) {
  BusyWorld one(5, Policy::random);
  BusyWorld two(6, Policy::random);
  for (seconds at(0); at < kRun; at += seconds(1)) {
    one.world().run_for(seconds(1));
    two.world().run_for(seconds(1));
  }
  EXPECT_EQ(one.world().trace().hash(), hash_of(5));
  EXPECT_EQ(two.world().trace().hash(), hash_of(6));
}

TEST(Determinism, ListeningToTheTraceChangesNothing) {
  std::uint64_t count = 0;  // outlives the world, which still speaks while it ends
  BusyWorld heard(7, Policy::random);
  count = heard.world().trace().event_count();
  heard.world().trace().listen([&](const TraceEvent&) { ++count; });
  heard.run();
  EXPECT_EQ(heard.world().trace().hash(), hash_of(7));
  EXPECT_EQ(count, heard.world().trace().event_count());
}

TEST(Determinism, PoliciesGiveDifferentRunsAndEachItsOwnAgain) {
  std::set<std::string> hashes;
  for (const Policy policy : {Policy::random, Policy::fifo, Policy::pct}) {
    EXPECT_EQ(hash_of(3, policy), hash_of(3, policy));
    hashes.insert(hash_of(3, policy).to_text());
  }
  EXPECT_EQ(hashes.size(), 3U);
}

// Compilers, optimisation levels and sanitizers must agree on this number too.
TEST(Determinism, AKnownSeedGivesThisHashInEveryBuild) {
  EXPECT_EQ(hash_of(42, Policy::random, kWholeRun).to_text(), "9695ff0ac488f202eb9cf7c5726aa696");
}

TEST(Determinism, FaultsDelayAndBreakButNeverChangeBytes) {
  std::uint64_t echoed = 0;
  std::array<FaultCount, kFaultRows.size()> counts{};
  constexpr std::uint64_t kSeeds = GREGOR_SANITIZED ? 2 : 8;
  for (std::uint64_t seed = 100; seed < 100 + kSeeds; ++seed) {
    BusyWorld busy(seed, seed % 3 == 0 ? Policy::pct : Policy::random);
    busy.run();
    echoed += busy.echoed();
    EXPECT_EQ(busy.corrupted(), 0U) << seed;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      counts[i].fired += busy.world().faults().of(kFaultRows[i].kind).fired;
      counts[i].had_effect += busy.world().faults().of(kFaultRows[i].kind).had_effect;
    }
  }
  EXPECT_GT(echoed, GREGOR_SANITIZED ? 100U : 4'000U);
  if (GREGOR_SANITIZED) return;  // too few seeds for a fault of every kind
  for (const FaultKind kind :
       {FaultKind::crash, FaultKind::power_loss, FaultKind::pause, FaultKind::partition, FaultKind::one_way_partition,
        FaultKind::clog, FaultKind::reset, FaultKind::short_read, FaultKind::short_send, FaultKind::write_error,
        FaultKind::short_write, FaultKind::sync_error, FaultKind::slow_disk, FaultKind::hung_disk, FaultKind::lost_name,
        FaultKind::clock_jump, FaultKind::connect_refused}) {
    const auto row = static_cast<std::size_t>(kind);
    EXPECT_GT(counts[row].had_effect, 0U) << kFaultRows[row].name;
  }
}

}  // namespace
}  // namespace gregor::sim
