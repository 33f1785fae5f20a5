// What becomes of connections when machines and processes go.
#include <gtest/gtest.h>

#include <set>

#include "env/clock.h"
#include "env/stream.h"
#include "sim/world.h"
#include "tests/sim/support/echo.h"

namespace gregor::sim {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::echo_of;
using testing::serve_echo;

/// A client that connects, says hello and then waits for an end of the stream or an error, for ever.
struct Waiting {
  World world;
  bool connected = false;
  std::optional<Errc> told;  ///< what ended its wait
  explicit Waiting(std::uint64_t seed, bool speaks_later = false) : world({.seed = seed}) {
    world.add_node({.name = "server", .body = serve_echo});
    world.add_node({.name = "client", .body = [this, speaks_later](env::Fiber& self, env::Shard& shard) {
                      env::Stream stream(shard.network.connect(self, echo_of(world, 0), seconds(1)).value());
                      ByteBuffer answer(5);
                      (void)stream.write_all(self, shard.clock, bytes_of("hello"), kForever);
                      (void)stream.read_exactly(self, shard.clock, answer, kForever);
                      connected = true;
                      if (speaks_later) {
                        env::sleep_for(self, shard.clock, seconds(5));
                        (void)stream.write_all(self, shard.clock, bytes_of("hello"), kForever);
                      }
                      told = stream.read_exactly(self, shard.clock, answer, kForever).error().code;
                    }});
    world.run_until([&] { return connected; });
  }
};

TEST(ConnectionTransport, ACrashedProcessIsNoticedAtOnce) {
  Waiting on(1);
  on.world.crash(0);
  on.world.run_for(seconds(1));
  EXPECT_EQ(on.told, Errc::closed);
}

TEST(ConnectionTransport, APowerLossLeavesTheOtherEndHalfOpenForEver) {
  Waiting on(1);
  on.world.lose_power(0);
  on.world.run_for(hours(10));
  EXPECT_EQ(on.told, std::nullopt);
  EXPECT_EQ(on.world.faults().of(FaultKind::half_open).fired, 1U);
}

TEST(ConnectionTransport, AHalfOpenEndThatSpeaksGivesUpInTheEnd) {
  Waiting on(1, true);
  on.world.lose_power(0);
  on.world.run_for(seconds(30));
  EXPECT_EQ(on.told, std::nullopt);
  on.world.run_for(seconds(60));
  EXPECT_EQ(on.told, Errc::closed);
}

TEST(ConnectionTransport, AHalfOpenEndThatSpeaksToAMachineThatCameBackIsReset) {
  Waiting on(1, true);
  on.world.lose_power(0);
  on.world.restart_after(0, seconds(1));
  on.world.run_for(seconds(7));
  EXPECT_EQ(on.told, Errc::closed);
}

TEST(ConnectionTransport, APausedProcessKeepsItsConnections) {
  Waiting on(1, true);
  on.world.pause(0);
  on.world.run_for(hours(1));
  EXPECT_EQ(on.told, std::nullopt);
  on.world.crash(0);
  on.world.run_for(seconds(1));
  EXPECT_EQ(on.told, Errc::closed);
}

}  // namespace
}  // namespace gregor::sim
