// What sockets may rely on: order, edges, ends. One machine, two ends over loopback.
#include "sim/connection.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "env/clock.h"
#include "env/wait.h"
#include "sim/world.h"

namespace gregor::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct OneAcceptor final : env::Acceptor {
  void on_accept(std::unique_ptr<env::Socket> accepted) override {
    socket = std::move(accepted);
    came.wake_all();
  }
  std::unique_ptr<env::Socket> socket;
  env::WaitQueue came;
};

struct Edges final : env::SocketWatcher {
  void on_readable() override { ++readable; }
  void on_writable() override { ++writable; }
  int readable = 0;
  int writable = 0;
};

struct Ends {
  std::unique_ptr<env::Socket> dialled;
  std::unique_ptr<env::Socket> accepted;
};

/// Runs `body(self, shard, ends)` on both ends of a connection.
template <class Body>
void with_ends(const NetworkLaw& law, Body body) {
  World world({.seed = 3, .network = law});
  bool done = false;
  world.add_node({.name = "n", .body = [&](env::Fiber& self, env::Shard& shard) {
                    OneAcceptor acceptor;
                    const auto listener = shard.network.listen({"127.0.0.1", 0}, acceptor).value();
                    Ends ends;
                    ends.dialled = shard.network.connect(self, listener->local(), seconds(1)).value();
                    while (acceptor.socket == nullptr) acceptor.came.wait(self);
                    ends.accepted = std::move(acceptor.socket);
                    body(self, shard, ends);
                    done = true;
                  }});
  world.run_until_idle();
  EXPECT_TRUE(done);
}

void settle(env::Fiber& self, env::Shard& shard) {
  env::sleep_for(self, shard.clock, milliseconds(10));
}

Result<std::size_t> write(env::Socket& socket, std::string_view text) {
  const Bytes bytes = bytes_of(text);
  return socket.write(std::span(&bytes, 1));
}

/// Everything there now; the error or end that stopped it in `stop`.
std::string read_all(env::Socket& socket, std::optional<Errc>* stop = nullptr) {
  std::string text;
  while (true) {
    ByteBuffer chunk(1000);
    const Result<std::size_t> taken = socket.read(chunk);
    if (stop != nullptr) *stop = taken ? std::nullopt : std::optional(taken.error().code);
    if (!taken || *taken == 0) return text;
    text += text_of(Bytes(chunk).first(*taken));
  }
}

TEST(Connection, BytesArriveOnceAndInOrderHoweverTheyAreCut) {
  NetworkLaw law = usual_network_law();
  law.short_read = {500'000};
  law.short_send = {500'000};
  with_ends(law, [](env::Fiber& self, env::Shard& shard, Ends& ends) {
    std::string sent;
    std::string got;
    for (int i = 0; i < 200; ++i) {
      const std::string text = std::to_string(i) + ",";
      const std::size_t taken = write(*ends.dialled, text).value();
      sent += text.substr(0, taken);
      if (i % 7 == 0) env::sleep_for(self, shard.clock, Nanoseconds(10'000));
      got += read_all(*ends.accepted);
    }
    settle(self, shard);
    got += read_all(*ends.accepted);
    EXPECT_EQ(got, sent);
  });
}

TEST(Connection, AFullBufferBlocksAndAnEdgeTellsWhenThereIsRoom) {
  NetworkLaw law = usual_network_law();
  law.buffer_bytes_min = 100;
  law.buffer_bytes_max = 100;
  with_ends(law, [](env::Fiber& self, env::Shard& shard, Ends& ends) {
    Edges edges;
    ends.dialled->watch(&edges);
    settle(self, shard);
    const std::string much(1000, 'x');
    std::size_t taken = 0;
    while (true) {
      const Result<std::size_t> now_taken = write(*ends.dialled, much);
      if (now_taken) {
        taken += *now_taken;
        continue;
      }
      EXPECT_EQ(now_taken.error().code, Errc::would_block);
      if (taken >= 200) break;
      settle(self, shard);
    }
    EXPECT_EQ(taken, 200U) << "one buffer at each end, nobody reads";
    settle(self, shard);
    const int before = edges.writable;
    settle(self, shard);
    EXPECT_EQ(edges.writable, before);
    EXPECT_EQ(read_all(*ends.accepted).size(), 100U);
    settle(self, shard);
    EXPECT_GT(edges.writable, before);
    EXPECT_TRUE(write(*ends.dialled, much));
  });
}

TEST(Connection, WatchingTellsOfWhatCameBefore) {
  with_ends(usual_network_law(), [](env::Fiber& self, env::Shard& shard, Ends& ends) {
    ASSERT_TRUE(write(*ends.dialled, "early"));
    settle(self, shard);
    Edges edges;
    ends.accepted->watch(&edges);
    EXPECT_EQ(edges.readable, 0) << "edges come on the loop, never out of watch()";
    settle(self, shard);
    EXPECT_EQ(edges.readable, 1);
    EXPECT_EQ(edges.writable, 1);
    ends.accepted->watch(nullptr);
    ASSERT_TRUE(write(*ends.dialled, "more"));
    settle(self, shard);
    EXPECT_EQ(edges.readable, 1);
    EXPECT_EQ(read_all(*ends.accepted), "earlymore");
  });
}

TEST(Connection, ShutdownEndsOneDirectionAlone) {
  with_ends(usual_network_law(), [](env::Fiber& self, env::Shard& shard, Ends& ends) {
    ASSERT_TRUE(write(*ends.dialled, "last words"));
    ends.dialled->shutdown_write();
    EXPECT_EQ(write(*ends.dialled, "more").error().code, Errc::closed);
    settle(self, shard);
    std::optional<Errc> stop;
    EXPECT_EQ(read_all(*ends.accepted, &stop), "last words");
    EXPECT_EQ(stop, std::nullopt);
    ASSERT_TRUE(write(*ends.accepted, "still heard"));
    settle(self, shard);
    EXPECT_EQ(read_all(*ends.dialled), "still heard");
  });
}

TEST(Connection, ClosingDeliversWhatWasWritten) {
  with_ends(usual_network_law(), [](env::Fiber& self, env::Shard& shard, Ends& ends) {
    ASSERT_TRUE(write(*ends.dialled, "last words"));
    ends.dialled.reset();
    settle(self, shard);
    std::optional<Errc> stop;
    EXPECT_EQ(read_all(*ends.accepted, &stop), "last words");
    EXPECT_EQ(stop, std::nullopt);
  });
}

TEST(Connection, ClosingWithUnreadBytesResets) {
  with_ends(usual_network_law(), [](env::Fiber& self, env::Shard& shard, Ends& ends) {
    ASSERT_TRUE(write(*ends.dialled, "never read"));
    settle(self, shard);
    Edges edges;
    ends.dialled->watch(&edges);
    ends.accepted.reset();
    settle(self, shard);
    EXPECT_GT(edges.readable, 0);
    std::optional<Errc> stop;
    read_all(*ends.dialled, &stop);
    EXPECT_EQ(stop, Errc::closed);
    EXPECT_EQ(write(*ends.dialled, "x").error().code, Errc::closed);
  });
}

TEST(Connection, WritingToOneWhoLeftIsAnsweredByAReset) {
  with_ends(usual_network_law(), [](env::Fiber& self, env::Shard& shard, Ends& ends) {
    ends.accepted.reset();
    settle(self, shard);
    EXPECT_TRUE(write(*ends.dialled, "into the void")) << "the first write cannot know";
    settle(self, shard);
    EXPECT_EQ(write(*ends.dialled, "again").error().code, Errc::closed);
  });
}

TEST(Connection, EachEndKnowsBothAddresses) {
  with_ends(usual_network_law(), [](env::Fiber&, env::Shard&, Ends& ends) {
    EXPECT_EQ(ends.dialled->local(), ends.accepted->peer());
    EXPECT_EQ(ends.dialled->peer(), ends.accepted->local());
    EXPECT_EQ(ends.dialled->local().address, "127.0.0.1");
  });
}

TEST(Connection, AWatcherMayDestroyItsSocket) {
  with_ends(usual_network_law(), [](env::Fiber& self, env::Shard& shard, Ends& ends) {
    struct Destroyer final : env::SocketWatcher {
      explicit Destroyer(std::unique_ptr<env::Socket>& s) : socket(s) {}
      void on_readable() override { socket.reset(); }
      void on_writable() override {}
      std::unique_ptr<env::Socket>& socket;
    } destroyer(ends.accepted);
    ends.accepted->watch(&destroyer);
    ASSERT_TRUE(write(*ends.dialled, "x"));
    settle(self, shard);
    EXPECT_EQ(ends.accepted, nullptr);
  });
}

}  // namespace
}  // namespace gregor::sim
