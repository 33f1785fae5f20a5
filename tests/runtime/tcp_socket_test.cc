// Real sockets on loopback: what reading, writing, watching and closing promise to core.
#include "runtime/tcp_socket.h"

#include <gtest/gtest.h>

#include <array>

#include "env/stream.h"
#include "tests/runtime/support/connected_pair.h"
#include "tests/runtime/support/on_machine.h"

namespace gregor::runtime {
namespace {

TEST(TcpSocket, BothEndsKnowBothAddresses) {
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

TEST(TcpSocket, ReadsTellWouldBlockThenBytesThenTheEnd) {
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

TEST(TcpSocket, AReadThatNobodyAnswersTimesOut) {
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    Pair pair = connected(self, shard, kAnyPort);
    env::Stream stream(std::move(pair.server));
    std::array<std::byte, 1> room;
    const auto late = stream.read_exactly(self, shard.clock, room, shard.clock.now() + Milliseconds(5));
    EXPECT_EQ(late.error().code, Errc::timed_out);
  });
}

TEST(TcpSocket, AResetIsClosedForReaderAndWriter) {
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
TEST(TcpSocket, AWriterThatFindsNoRoomGoesOnWhenThereIsSome) {
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

TEST(TcpSocket, EdgesThatPassedWhileNobodyWatchedAreToldAgain) {
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

}  // namespace
}  // namespace gregor::runtime
