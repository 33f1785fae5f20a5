#include "sim/network_port.h"

#include <gtest/gtest.h>

#include "env/clock.h"
#include "sim/world.h"
#include "tests/sim/support/echo.h"

namespace gregor::sim {
namespace {

using std::chrono::seconds;

TEST(NetworkPort, SocketsAndListenersOfADeadLifeAreHarmless) {
  World world;
  std::unique_ptr<env::Socket> socket;
  std::unique_ptr<env::Listener> listener;
  struct Silent final : env::Acceptor {
    void on_accept(std::unique_ptr<env::Socket>) override {}
  } acceptor;
  world.add_node({.name = "server", .body = testing::serve_echo});
  world.add_node({.name = "client", .body = [&](env::Fiber& self, env::Shard& shard) {
                    listener = shard.network.listen({"0.0.0.0", 1}, acceptor).value();
                    socket = shard.network.connect(self, testing::echo_of(world, 0), seconds(1)).value();
                    while (true) self.park();
                  }});
  world.run_until([&] { return socket != nullptr; });
  world.crash(1);
  ByteBuffer into(1);
  EXPECT_EQ(socket->read(into).error().code, Errc::closed);
  const Bytes bytes = bytes_of("x");
  EXPECT_EQ(socket->write(std::span(&bytes, 1)).error().code, Errc::closed);
  socket->shutdown_write();
  socket->watch(nullptr);
  EXPECT_EQ(socket->peer(), testing::echo_of(world, 0));
  world.restart(1);
  socket.reset();
  listener.reset();
  world.run_for(seconds(1));
  EXPECT_EQ(world.state(1), NodeState::running) << "the port of the former life was free again";
}

TEST(NetworkPort, ADeadLifeNeitherListensNorConnects) {
  World world;
  bool refused = false;
  world.add_node({.name = "n", .body = [&](env::Fiber& self, env::Shard& shard) {
                    struct Silent final : env::Acceptor {
                      void on_accept(std::unique_ptr<env::Socket>) override {}
                    } acceptor;
                    world.crash(0);
                    refused = !shard.network.listen({"0.0.0.0", 1}, acceptor).has_value();
                    (void)shard.network.connect(self, {"127.0.0.1", 1}, seconds(1));
                    ADD_FAILURE() << "a dead process went on";
                  }});
  world.run_until_idle();
  EXPECT_TRUE(refused);
}

TEST(NetworkPort, AFailedResolveIsCounted) {
  WorldOptions options;
  options.network.resolve_failed = kAlways;
  World world(options);
  world.add_node({.name = "n", .body = [](env::Fiber& self, env::Shard& shard) {
                    EXPECT_EQ(shard.network.resolve(self, "localhost").error().code, Errc::not_found);
                  }});
  world.run_until_idle();
  EXPECT_EQ(world.faults().of(FaultKind::resolve_failed).had_effect, 1U);
}

}  // namespace
}  // namespace gregor::sim
