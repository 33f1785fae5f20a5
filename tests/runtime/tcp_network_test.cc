// Real sockets on loopback: what connecting, accepting, reading, writing and closing promise to core.
#include "runtime/tcp_network.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>

#include "env/stream.h"
#include "runtime/socket_address.h"
#include "tests/runtime/support/frames.h"
#include "tests/runtime/support/on_machine.h"

namespace gregor::runtime {
namespace {

constexpr Nanoseconds kPatience = std::chrono::seconds(20);
const env::Endpoint kAnyPort{"127.0.0.1", 0};

/// Keeps what it is given.
struct Collector final : env::Acceptor {
  void on_accept(std::unique_ptr<env::Socket> socket) override {
    sockets.push_back(std::move(socket));
    arrived.wake_all();
  }
  std::unique_ptr<env::Socket> take(env::Fiber& self) {
    while (sockets.empty()) arrived.wait(self);
    std::unique_ptr<env::Socket> socket = std::move(sockets.front());
    sockets.erase(sockets.begin());
    return socket;
  }
  std::vector<std::unique_ptr<env::Socket>> sockets;
  env::WaitQueue arrived;
};

struct Pair {
  std::unique_ptr<env::Socket> client;
  std::unique_ptr<env::Socket> server;
};
Pair connected(env::Fiber& self, env::Shard& shard, const env::Endpoint& at) {
  Collector collector;
  auto listener = shard.network.listen(at, collector).value();
  Pair pair;
  pair.client = shard.network.connect(self, listener->local(), kPatience).value();
  pair.server = collector.take(self);
  return pair;
}

TEST(TcpNetwork, BothEndsKnowBothAddresses) {
  for (const char* address : {"127.0.0.1", "::1"}) {
    on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
      const Pair pair = connected(self, shard, {address, 0});
      EXPECT_EQ(pair.client->peer(), pair.server->local());
      EXPECT_EQ(pair.client->local(), pair.server->peer());
      EXPECT_EQ(pair.server->local().address, address);
      EXPECT_NE(pair.server->local().port, 0);
    });
  }
}

TEST(TcpNetwork, AnIpv4ClientOfAnIpv6WildcardIsSeenByItsIpv4Address) {
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    Collector collector;
    auto listener = shard.network.listen({"::", 0}, collector).value();
    auto client = shard.network.connect(self, {"127.0.0.1", listener->local().port}, kPatience).value();
    const auto server = collector.take(self);
    EXPECT_EQ(server->local().address, "127.0.0.1");
    EXPECT_EQ(server->peer(), client->local());
  });
}

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

TEST(TcpNetwork, ReadsTellWouldBlockThenBytesThenTheEnd) {
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    Pair pair = connected(self, shard, kAnyPort);
    std::array<std::byte, 16> room;
    EXPECT_EQ(pair.server->read(room).error().code, Errc::would_block);
    env::Stream stream(std::move(pair.server));
    const std::array<Bytes, 3> pieces{bytes_of("ab"), Bytes(), bytes_of("cd")};
    EXPECT_EQ(pair.client->write(pieces).value(), 4U);
    ASSERT_TRUE(
        stream.read_exactly(self, shard.clock, MutableBytes(room).first(4), shard.clock.now() + kPatience).has_value());
    EXPECT_EQ(text_of(Bytes(room).first(4)), "abcd");
    pair.client->shutdown_write();
    const auto ended =
        stream.read_exactly(self, shard.clock, MutableBytes(room).first(1), shard.clock.now() + kPatience);
    EXPECT_EQ(ended.error().code, Errc::closed);
    ASSERT_TRUE(stream.write_all(self, shard.clock, bytes_of("still open"), kForever).has_value());
    env::Stream client(std::move(pair.client));
    ASSERT_TRUE(client.read_exactly(self, shard.clock, MutableBytes(room).first(10), shard.clock.now() + kPatience)
                    .has_value());
  });
}

TEST(TcpNetwork, AReadThatNobodyAnswersTimesOut) {
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    Pair pair = connected(self, shard, kAnyPort);
    env::Stream stream(std::move(pair.server));
    std::array<std::byte, 1> room;
    const auto late = stream.read_exactly(self, shard.clock, room, shard.clock.now() + Milliseconds(5));
    EXPECT_EQ(late.error().code, Errc::timed_out);
  });
}

TEST(TcpNetwork, AResetIsClosedForReaderAndWriter) {
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    Pair pair = connected(self, shard, kAnyPort);
    env::Stream stream(std::move(pair.client));
    ASSERT_TRUE(stream.write_all(self, shard.clock, bytes_of("unread"), kForever).has_value());
    env::sleep_for(self, shard.clock, Milliseconds(5));
    pair.server.reset();  // with unread bytes: the system resets
    std::array<std::byte, 1> room;
    EXPECT_EQ(stream.read_exactly(self, shard.clock, room, shard.clock.now() + kPatience).error().code, Errc::closed);
    EXPECT_EQ(stream.write_all(self, shard.clock, bytes_of("x"), kForever).error().code, Errc::closed)
        << "and no SIGPIPE";
  });
}

// More than all buffers hold goes through in both directions, with every kind of short write on the way.
TEST(TcpNetwork, AWriterThatFindsNoRoomGoesOnWhenThereIsSome) {
  constexpr std::size_t kSize = 32 * 1024 * 1024;
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    Pair pair = connected(self, shard, kAnyPort);
    ByteBuffer sent(kSize);
    for (std::size_t i = 0; i < kSize; ++i) sent[i] = static_cast<std::byte>(i * 2'654'435'761U >> 24);
    env::Stream reader(std::move(pair.server));
    env::Stream writer(std::move(pair.client));
    bool written = false;
    shard.fibers.spawn("writer", [&](env::Fiber& fiber) {
      EXPECT_TRUE(writer.write_all(fiber, shard.clock, sent, shard.clock.now() + kPatience).has_value());
      written = true;
    });
    env::sleep_for(self, shard.clock, Milliseconds(10));
    EXPECT_FALSE(written) << "nobody reads yet, and 32 MiB fit in no buffer";
    ByteBuffer got(kSize);
    ASSERT_TRUE(reader.read_exactly(self, shard.clock, got, shard.clock.now() + kPatience).has_value());
    EXPECT_TRUE(got == sent);
    while (!written) self.yield();
  });
}

struct CountingWatcher final : env::SocketWatcher {
  void on_readable() override { ++readable; }
  void on_writable() override { ++writable; }
  int readable = 0;
  int writable = 0;
};

TEST(TcpNetwork, EdgesThatPassedWhileNobodyWatchedAreToldAgain) {
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    Pair pair = connected(self, shard, kAnyPort);
    const Bytes one = bytes_of("x");
    ASSERT_TRUE(pair.client->write(std::span(&one, 1)).has_value());
    env::sleep_for(self, shard.clock, Milliseconds(5));
    CountingWatcher watcher;
    pair.server->watch(&watcher);
    EXPECT_EQ(watcher.readable, 0) << "not from within the call";
    env::sleep_for(self, shard.clock, Milliseconds(5));
    EXPECT_GE(watcher.readable, 1);
    EXPECT_EQ(watcher.writable, 1);
    pair.server->watch(nullptr);
    const int told = watcher.readable;
    ASSERT_TRUE(pair.client->write(std::span(&one, 1)).has_value());
    env::sleep_for(self, shard.clock, Milliseconds(5));
    EXPECT_EQ(watcher.readable, told);
  });
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

/// Resident bytes of this process.
std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t pages = 0;
  file >> pages >> pages;
  return pages * 4096;
}

TEST(TcpNetwork, IdleConnectionsCostNoFiberAndLittleMemory) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t room = limit.rlim_cur > 1000 ? static_cast<std::size_t>(limit.rlim_cur) - 1000 : 0;
  const std::size_t count = std::min<std::size_t>(10'000, room / 2);
  if (count < 100) GTEST_SKIP() << "too few descriptors: " << limit.rlim_cur;
  constexpr std::size_t kBytesMax = 4096;  // ours for both ends together, without the kernel's
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    Collector collector;
    auto listener = shard.network.listen(kAnyPort, collector).value();
    const std::size_t before = resident_bytes();
    std::vector<std::unique_ptr<env::Socket>> clients;
    for (std::size_t i = 0; i < count; ++i) {
      clients.push_back(shard.network.connect(self, listener->local(), kPatience).value());
    }
    while (collector.sockets.size() < count) collector.arrived.wait(self);
    EXPECT_EQ(shard.fibers.live_count(), 1U);
    EXPECT_LT(resident_bytes() - before, count * kBytesMax);
    RecordProperty("connections", static_cast<int>(count));
  });
}

TEST(TcpNetwork, AShortageOfDescriptorsPausesAcceptingWithOneLine) {
  RememberingLog log;
  Machine machine(MachineOptions{}, log);
  machine.run([&](env::Fiber& self, env::Shard& shard) {
    Collector collector;
    auto listener = shard.network.listen(kAnyPort, collector).value();
    const int caller = ::socket(AF_INET, SOCK_STREAM, 0);
    rlimit former{};
    ::getrlimit(RLIMIT_NOFILE, &former);
    rlimit none = former;
    none.rlim_cur = 3;  // every number below is taken already
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const SocketAddress at = address_of(listener->local()).value();
    ASSERT_EQ(::connect(caller, at.as_sockaddr(), at.length), 0);
    env::sleep_for(self, shard.clock, Milliseconds(250));
    EXPECT_TRUE(collector.sockets.empty());
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &former), 0);
    EXPECT_NE(collector.take(self), nullptr) << "it waited in the system's queue";
    ::close(caller);
  });
  ASSERT_EQ(log.lines().size(), 1U) << "one line, however often it was tried";
  EXPECT_NE(log.lines()[0].find("network.accept_paused"), std::string::npos);
}

}  // namespace
}  // namespace gregor::runtime
