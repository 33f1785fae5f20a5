#include "env/stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/env/support/manual_world.h"

namespace gregor::env {
namespace {

/// A socket whose two directions the test holds in its hands.
struct ScriptedSocket final : Socket {
  struct Script {
    std::string incoming;
    bool ended = false;
    std::string sent;
    std::size_t room = 0;  ///< bytes a write may take until there is no more room
    SocketWatcher* watcher = nullptr;
    bool destroyed = false;
  };
  explicit ScriptedSocket(Script& script_of) : script(script_of) {}
  ~ScriptedSocket() override { script.destroyed = true; }
  Result<std::size_t> read(MutableBytes into) override {
    if (script.incoming.empty() && script.ended) return std::size_t{0};
    if (script.incoming.empty()) return fail(Errc::would_block, "");
    const std::size_t count = std::min(into.size(), script.incoming.size());
    std::copy_n(bytes_of(script.incoming).begin(), count, into.begin());
    script.incoming.erase(0, count);
    return count;
  }
  Result<std::size_t> write(std::span<const Bytes> pieces) override {
    const std::size_t count = std::min(script.room, pieces[0].size());
    if (count == 0) return fail(Errc::would_block, "");
    script.sent += text_of(pieces[0].first(count));
    script.room -= count;
    return count;
  }
  void shutdown_write() override {}
  void watch(SocketWatcher* watcher) override { script.watcher = watcher; }
  [[nodiscard]] const Endpoint& local() const override { return endpoint; }
  [[nodiscard]] const Endpoint& peer() const override { return endpoint; }
  Script& script;
  Endpoint endpoint{"192.0.2.1", 1};
};

TEST(Stream, ReadsAcrossEdgesUntilAllIsThere) {
  ManualWorld world;
  ScriptedSocket::Script script;
  ByteBuffer room(6);
  bool done = false;
  world.fibers.spawn("reader", [&](Fiber& self) {
    Stream stream(std::make_unique<ScriptedSocket>(script));
    EXPECT_TRUE(stream.read_exactly(self, world, room, kForever).has_value());
    done = true;
  });
  world.run();
  for (const char* part : {"ab", "c", "defgh"}) {
    EXPECT_FALSE(done);
    script.incoming += part;
    script.watcher->on_readable();
    world.run();
  }
  EXPECT_TRUE(done);
  EXPECT_EQ(text_of(room), "abcdef");
  EXPECT_EQ(script.incoming, "gh") << "what was not asked for stays";
  EXPECT_TRUE(script.destroyed);
}

TEST(Stream, TheEndInTheMiddleIsClosed) {
  ManualWorld world;
  ScriptedSocket::Script script;
  script.incoming = "ab";
  script.ended = true;
  world.fibers.spawn("reader", [&](Fiber& self) {
    Stream stream(std::make_unique<ScriptedSocket>(script));
    ByteBuffer room(3);
    EXPECT_EQ(stream.read_exactly(self, world, room, kForever).error().code, Errc::closed);
  });
  world.run();
  EXPECT_TRUE(script.destroyed);
}

TEST(Stream, WritesAsRoomComes) {
  ManualWorld world;
  ScriptedSocket::Script script;
  world.fibers.spawn("writer", [&](Fiber& self) {
    Stream stream(std::make_unique<ScriptedSocket>(script));
    EXPECT_TRUE(stream.write_all(self, world, bytes_of("abcdef"), kForever).has_value());
  });
  world.run();
  while (!script.destroyed) {
    script.room = 2;
    script.watcher->on_writable();
    world.run();
  }
  EXPECT_EQ(script.sent, "abcdef");
}

TEST(Stream, DeadlinesEndBothWaits) {
  ManualWorld world;
  ScriptedSocket::Script script;
  world.fibers.spawn("impatient", [&](Fiber& self) {
    Stream stream(std::make_unique<ScriptedSocket>(script));
    ByteBuffer room(1);
    const MonotonicTime soon = world.now() + Milliseconds(5);
    EXPECT_EQ(stream.read_exactly(self, world, room, soon).error().code, Errc::timed_out);
    EXPECT_EQ(world.now(), soon);
    EXPECT_EQ(stream.write_all(self, world, room, soon + Milliseconds(5)).error().code, Errc::timed_out);
  });
  world.run();
  EXPECT_TRUE(script.destroyed);
}

}  // namespace
}  // namespace gregor::env
