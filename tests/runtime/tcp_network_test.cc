// Real sockets on loopback: what connecting, listening and resolving promise to core.
#include "runtime/tcp_network.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "env/stream.h"
#include "runtime/socket_address.h"
#include "tests/runtime/support/connected_pair.h"
#include "tests/runtime/support/frames.h"
#include "tests/runtime/support/on_machine.h"

namespace gregor::runtime {
namespace {

TEST(TcpNetwork, ARefusedConnectionIsClosed) {
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    Collector collector;
    env::Endpoint gone;
    {
      auto listener = shard.network.listen(kAnyPort, collector).value();
      gone = listener->local();
    }
    const auto refused = shard.network.connect(self, gone, kPatience);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Errc::closed);
    EXPECT_EQ(refused.error().os_error, ECONNREFUSED);
  });
}

TEST(TcpNetwork, AnAddressThatIsNoneIsInvalid) {
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    Collector collector;
    EXPECT_EQ(shard.network.connect(self, {"not.numeric", 1}, kPatience).error().code, Errc::invalid);
    EXPECT_EQ(shard.network.connect(self, {"", 1}, kPatience).error().code, Errc::invalid);
    EXPECT_EQ(shard.network.listen({"203.0.113.77", 0}, collector).error().code, Errc::invalid);
  });
}

TEST(TcpNetwork, AConnectionThatNobodyTakesTimesOut) {
  // A listener with a full queue answers no call: fill it, then call once more.
  const int mute = ::socket(AF_INET, SOCK_STREAM, 0);
  const SocketAddress any = address_of(kAnyPort).value();
  ASSERT_EQ(::bind(mute, any.as_sockaddr(), any.length), 0);
  ASSERT_EQ(::listen(mute, 0), 0);
  const env::Endpoint at = local_endpoint(mute);
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    std::vector<std::unique_ptr<env::Socket>> fillers;
    for (int i = 0; i < 8; ++i) {
      auto outcome = shard.network.connect(self, at, Milliseconds(50));
      if (!outcome) {
        EXPECT_EQ(outcome.error().code, Errc::timed_out);
        return;
      }
      fillers.push_back(std::move(*outcome));
    }
    ADD_FAILURE() << "the queue of one took eight";
  });
  ::close(mute);
}

TEST(TcpNetwork, ACancelledConnectLeavesNothingBehind) {
  const int mute = ::socket(AF_INET, SOCK_STREAM, 0);
  const SocketAddress any = address_of(kAnyPort).value();
  ASSERT_EQ(::bind(mute, any.as_sockaddr(), any.length), 0);
  ASSERT_EQ(::listen(mute, 0), 0);
  const env::Endpoint at = local_endpoint(mute);
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    int returned = 0;
    for (int i = 0; i < 8; ++i) {
      shard.fibers.spawn("caller", [&](env::Fiber& caller) {
        (void)shard.network.connect(caller, at, kPatience);
        ++returned;
      });
    }
    env::sleep_for(self, shard.clock, Milliseconds(20));
    EXPECT_LT(returned, 8);
    shard.fibers.for_each([&](env::Fiber& fiber) {
      if (&fiber != &self) fiber.cancel();
    });
    self.yield();
    EXPECT_EQ(shard.fibers.live_count(), 1U);
  });
  ::close(mute);
}

TEST(TcpNetwork, AnAddressInUseExists) {
  for (const std::size_t shards : {1U, 2U}) {
    const int taken = ::socket(AF_INET, SOCK_STREAM, 0);
    const int yes = 1;
    ::setsockopt(taken, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
    const SocketAddress any = address_of(kAnyPort).value();
    ASSERT_EQ(::bind(taken, any.as_sockaddr(), any.length), 0);
    ASSERT_EQ(::listen(taken, 1), 0);
    on_machine(shards, [&](env::Fiber&, env::Shard& shard) {
      Collector collector;
      const auto outcome = shard.network.listen(local_endpoint(taken), collector);
      ASSERT_FALSE(outcome.has_value()) << "another process' port is not shared, even if it would be";
      EXPECT_EQ(outcome.error().code, Errc::exists);
    });
    ::close(taken);
  }
}

TEST(TcpNetwork, NamesResolveToNumericAddresses) {
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    EXPECT_EQ(shard.network.resolve(self, "127.0.0.1").value(), std::vector<std::string>{"127.0.0.1"});
    EXPECT_EQ(shard.network.resolve(self, "::1").value(), std::vector<std::string>{"::1"});
    const auto addresses = shard.network.resolve(self, "localhost").value();
    EXPECT_TRUE(std::find(addresses.begin(), addresses.end(), "127.0.0.1") != addresses.end() ||
                std::find(addresses.begin(), addresses.end(), "::1") != addresses.end());
    EXPECT_EQ(shard.network.resolve(self, "host name with spaces").error().code, Errc::not_found);
  });
}

TEST(TcpNetwork, EchoesOverShardsThatShareAPort) {
  constexpr int kConnections = 40;
  constexpr int kFrames = 20;
  std::atomic<std::uint16_t> port = 0;
  std::atomic<int> connections_done = 0;
  std::array<std::atomic<std::size_t>, 2> accepted{};
  on_machine(2, [&](env::Fiber& self, env::Shard& shard) {
    const std::uint32_t me = shard.mailbox.self().value();
    while (me != 0 && port == 0) env::sleep_for(self, shard.clock, Milliseconds(1));
    EchoServer server(shard, {"127.0.0.1", port});
    ASSERT_TRUE(server.listener().has_value()) << server.listener().error().text;
    if (me == 0) port = (*server.listener())->local().port;
    if (me == 1) {
      for (int i = 0; i < kConnections; ++i) {
        shard.fibers.spawn("client", [&, i](env::Fiber& fiber) {
          env::Stream stream(shard.network.connect(fiber, {"127.0.0.1", port}, kPatience).value());
          const ByteBuffer frame = frame_of(static_cast<std::size_t>(i) * 37, static_cast<std::byte>(i));
          for (int n = 0; n < kFrames; ++n) {
            ASSERT_TRUE(stream.write_all(fiber, shard.clock, frame, shard.clock.now() + kPatience).has_value());
            ByteBuffer answer(frame.size());
            ASSERT_TRUE(stream.read_exactly(fiber, shard.clock, answer, shard.clock.now() + kPatience).has_value());
            EXPECT_TRUE(answer == frame);
          }
          ++connections_done;
        });
      }
    }
    while (connections_done < kConnections || server.open_count() > 0)
      env::sleep_for(self, shard.clock, Milliseconds(1));
    accepted[me] = server.accepted();
  });
  EXPECT_EQ(accepted[0] + accepted[1], static_cast<std::size_t>(kConnections));
  EXPECT_GT(accepted[0], 0U) << "the system spreads connections over both shards";
  EXPECT_GT(accepted[1], 0U);
}

}  // namespace
}  // namespace gregor::runtime
