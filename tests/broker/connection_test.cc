// One client's connection: replies in order, at most so much under way, and an end with one line where it is beyond
// help. Method: a server of requests that the test answers by hand, behind a real connection in the simulated world.
#include "broker/connection.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "env/stream.h"
#include "sim/world.h"

namespace gregor::broker {
namespace {

constexpr std::uint16_t kPort = 9092;
constexpr std::size_t kRequestBytesMax = 1 << 20;

struct RememberingLog final : observe::Log {
  void line(observe::Level level, std::string_view event, std::initializer_list<observe::Field> fields) override {
    lines.push_back(observe::format_line(level, event, fields));
  }
  std::vector<std::string> lines;
};

/// A frame of the tests: a letter for what it is, then a number. 'p' is a Produce, 'r' another request, 'x' is refused,
/// 'e' is admitted and fails.
ByteBuffer frame_of(char kind, int number, std::size_t size = 5) {
  ByteBuffer bytes(4 + size);
  store_big_endian(bytes.data(), static_cast<std::int32_t>(size));
  bytes[4] = static_cast<std::byte>(kind);
  store_big_endian(bytes.data() + 5, static_cast<std::int32_t>(number));
  return bytes;
}

/// Begins requests and holds them until the test lets them go.
struct ManualServer final : RequestServer {
  Result<bool> admit(const ClientPlace&, const Frame& frame) override {
    const char kind = static_cast<char>(frame.bytes()[0]);
    if (kind == 'x') return fail(Errc::unsupported, "API x is not served");
    return kind == 'p';
  }
  Result<Reply> serve(env::Fiber& self, const ClientPlace&, InFlight& request) override {
    const char kind = static_cast<char>(request.frame->bytes()[0]);
    const auto number = load_big_endian<std::int32_t>(request.frame->bytes().data() + 1);
    begun.push_back(number);
    in_flight[number] = &request;
    while (!released.contains(number) && !releases_all) changed.wait(self);
    in_flight.erase(number);
    if (kind == 'e') return fail(Errc::malformed, "body of " + std::to_string(number));
    Reply reply;
    if (silent.contains(number)) {
      reply.is_silent = true;
    } else {
      reply.frame.own = frame_of('a', number, std::max<std::size_t>(5, reply_bytes));
    }
    reply.ends_connection = ending.contains(number);
    return reply;
  }
  void release(int number) {
    released.insert(number);
    changed.wake_all();
  }
  void release_all() {
    releases_all = true;
    changed.wake_all();
  }
  std::vector<int> begun;
  std::map<int, InFlight*> in_flight;
  std::set<int> released;
  std::set<int> silent;
  std::set<int> ending;
  std::size_t reply_bytes = 5;
  bool releases_all = false;
  env::WaitQueue changed;
};

/// A world of a server node that takes connections and a client node that the test plays.
class Bench : env::Acceptor, ConnectionOwner {
 public:
  explicit Bench(ConnectionSettings with = {.request_bytes_max = kRequestBytesMax, .idle_max = Milliseconds(0)},
                 sim::WorldOptions options = {})
      : world(std::move(options)), settings(with) {
    server_node = world.add_node({.name = "server", .body = [this](env::Fiber& self, env::Shard& at) {
                                    shard = &at;
                                    const auto listener = at.network.listen({"0.0.0.0", kPort}, *this);
                                    while (listener) self.park();
                                  }});
  }

  /// Runs `body` with a stream to the server until it returns.
  void run(std::function<void(env::Fiber& self, env::Shard& own, env::Stream& stream)> body) {
    bool done = false;
    world.add_node({.name = "client", .body = [&](env::Fiber& self, env::Shard& own) {
                      env::sleep_for(self, own.clock, Milliseconds(1));
                      env::Stream stream(own.network.connect(self, {"10.0.0.1", kPort}, Milliseconds(1'000)).value());
                      env::sleep_for(self, own.clock, Milliseconds(1));
                      body(self, own, stream);
                      done = true;
                    }});
    const auto end = world.run_until([&] { return done; }, {.deadline = world.now() + std::chrono::hours(2)});
    ASSERT_EQ(end, sim::RunEnd::satisfied) << "the client never came to its end";
    server.release_all();
    world.run_for(std::chrono::seconds(1));
  }

  [[nodiscard]] Connection& connection() const { return *connection_; }

  sim::World world;
  ConnectionSettings settings;
  ManualServer server;
  RememberingLog log;
  int closed = 0;
  bool has_room = true;
  int held_back = 0;
  std::ptrdiff_t request_bytes = 0;
  sim::NodeIndex server_node = 0;
  env::Shard* shard = nullptr;

 private:
  void on_accept(std::unique_ptr<env::Socket> socket) override {
    ClientPlace client{.listener = "PLAINTEXT", .local_host = "", .local_port = kPort, .peer = socket->peer()};
    connection_ =
        std::make_shared<Connection>(1, std::move(socket), std::move(client), settings, *shard,
                                     static_cast<RequestServer&>(server), static_cast<ConnectionOwner&>(*this), log);
    connection_->start();
  }
  void on_closed(Connection&) override { ++closed; }
  MutableBytes scratch() override { return scratch_; }
  bool has_room_for_requests() const override { return has_room; }
  void hold_back(Connection&) override { ++held_back; }
  void on_request_bytes(std::ptrdiff_t change) override { request_bytes += change; }

  std::shared_ptr<Connection> connection_;
  ByteBuffer scratch_ = ByteBuffer(64 * 1024);
};

void send(env::Fiber& self, env::Shard& own, env::Stream& stream, Bytes bytes) {
  EXPECT_TRUE(stream.write_all(self, own.clock, bytes, kForever));
}
/// The number of the next reply; -1 at the end of the stream.
int next_reply(env::Fiber& self, env::Shard& own, env::Stream& stream) {
  std::array<std::byte, 4> size;
  const auto patience = own.clock.now() + Milliseconds(10'000);
  if (!stream.read_exactly(self, own.clock, size, patience)) return -1;
  ByteBuffer frame(static_cast<std::size_t>(load_big_endian<std::int32_t>(size.data())));
  if (!stream.read_exactly(self, own.clock, frame, patience)) return -1;
  return load_big_endian<std::int32_t>(frame.data() + 1);
}
void settle(env::Fiber& self, env::Shard& own) {
  env::sleep_for(self, own.clock, Milliseconds(20));
}

TEST(BrokerConnection, RequestsWhoseClientIsGoneAreToldOnce) {
  Bench bench;
  int told = 0;
  bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
    send(self, own, stream, frame_of('p', 1));
    settle(self, own);
    bench.server.in_flight.at(1)->let_next_begin();
    send(self, own, stream, frame_of('p', 2));
    settle(self, own);
    for (const int number : {1, 2}) {
      EXPECT_FALSE(bench.server.in_flight.at(number)->is_abandoned());
      bench.server.in_flight.at(number)->when_abandoned([&] { ++told; });
    }
    bench.connection().close(observe::Level::info, "");
    EXPECT_EQ(told, 2);
    for (const int number : {1, 2}) EXPECT_TRUE(bench.server.in_flight.at(number)->is_abandoned());
    bench.connection().close(observe::Level::info, "");
    EXPECT_EQ(told, 2);
  });
}

TEST(BrokerConnection, C2_ARequestBeginsWhenTheOneBeforeItEnded) {
  Bench bench;
  bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
    ByteBuffer three = frame_of('r', 1);
    append_bytes(three, frame_of('p', 2));
    append_bytes(three, frame_of('r', 3));
    send(self, own, stream, three);
    settle(self, own);
    EXPECT_EQ(bench.server.begun, (std::vector<int>{1}));
    bench.server.release(1);
    settle(self, own);
    EXPECT_EQ(bench.server.begun, (std::vector<int>{1, 2}));
    bench.server.release(2);
    bench.server.release(3);
    for (int number = 1; number <= 3; ++number) EXPECT_EQ(next_reply(self, own, stream), number);
  });
}

TEST(BrokerConnection, C2_AProduceBehindAProduceBeginsOnceThatOneIsQueued) {
  Bench bench;
  bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
    for (int number = 1; number <= 3; ++number) send(self, own, stream, frame_of(number == 3 ? 'r' : 'p', number));
    settle(self, own);
    EXPECT_EQ(bench.server.begun, (std::vector<int>{1})) << "not queued yet";
    bench.server.in_flight.at(1)->let_next_begin();
    settle(self, own);
    EXPECT_EQ(bench.server.begun, (std::vector<int>{1, 2}));
    bench.server.in_flight.at(2)->let_next_begin();
    settle(self, own);
    EXPECT_EQ(bench.server.begun, (std::vector<int>{1, 2})) << "what is no Produce waits for both to end";
    bench.server.release(1);
    bench.server.release(2);
    settle(self, own);
    EXPECT_EQ(bench.server.begun, (std::vector<int>{1, 2, 3}));
  });
}

TEST(BrokerConnection, C1_RepliesLeaveInTheOrderOfTheirRequests) {
  Bench bench;
  bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
    for (int number = 1; number <= 3; ++number) {
      send(self, own, stream, frame_of('p', number));
      settle(self, own);
      bench.server.in_flight.at(number)->let_next_begin();
    }
    for (const int number : {3, 2, 1}) {
      bench.server.release(number);
      settle(self, own);
    }
    for (int number = 1; number <= 3; ++number) EXPECT_EQ(next_reply(self, own, stream), number);
  });
}

TEST(BrokerConnection, ASilentReplyLetsTheNextOneThrough) {
  Bench bench;
  bench.server.silent = {1};
  bench.server.releases_all = true;
  bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
    send(self, own, stream, frame_of('p', 1));
    send(self, own, stream, frame_of('p', 2));
    EXPECT_EQ(next_reply(self, own, stream), 2);
  });
}

TEST(BrokerConnection, AReplyThatEndsTheConnectionFollowsThoseBeforeItAndIsTheLast) {
  Bench bench;
  bench.server.silent = {2};
  bench.server.ending = {2};
  bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
    for (int number = 1; number <= 3; ++number) {
      send(self, own, stream, frame_of('p', number));
      settle(self, own);
      bench.server.in_flight.at(number)->let_next_begin();
    }
    for (const int number : {3, 2, 1}) bench.server.release(number);
    EXPECT_EQ(next_reply(self, own, stream), 1);
    EXPECT_EQ(next_reply(self, own, stream), -1);
  });
  EXPECT_EQ(bench.closed, 1);
}

TEST(BrokerConnection, C3_AtMostSoManyRequestsAreInFlight) {
  Bench bench;
  bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
    for (int number = 1; number <= 40; ++number) send(self, own, stream, frame_of('p', number));
    for (int round = 0; round < 40; ++round) {
      settle(self, own);
      for (const auto& [number, request] : std::map<int, InFlight*>(bench.server.in_flight)) request->let_next_begin();
    }
    EXPECT_EQ(bench.server.begun.size(), kPipelinedMax);
    bench.server.release_all();
    for (int number = 1; number <= 40; ++number) ASSERT_EQ(next_reply(self, own, stream), number);
  });
}

TEST(BrokerConnection, C3_NothingBeginsForAPeerThatDoesNotReadItsReplies) {
  Bench bench;
  bench.server.reply_bytes = 1 << 20;
  bench.server.releases_all = true;
  bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
    for (int number = 1; number <= 30; ++number) send(self, own, stream, frame_of('r', number));
    env::sleep_for(self, own.clock, Milliseconds(1'000));
    EXPECT_GE(bench.server.begun.size(), kQueuedReplyBytesMax >> 20);
    EXPECT_LE(bench.server.begun.size(), (kQueuedReplyBytesMax >> 20) + 3)
        << "one above the limit, and what sockets hold";
    for (int number = 1; number <= 30; ++number) ASSERT_EQ(next_reply(self, own, stream), number);
  });
}

TEST(BrokerConnection, NoRequestIsBegunToBeReadWhileThereIsNoRoomButOneThatWasBegunIs) {
  Bench bench;
  bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
    const ByteBuffer first = frame_of('r', 1);
    send(self, own, stream, Bytes(first).first(6));
    settle(self, own);
    bench.has_room = false;
    send(self, own, stream, Bytes(first).subspan(6));
    settle(self, own);
    EXPECT_EQ(bench.server.begun, std::vector{1}) << "its other half may not wait for room";
    EXPECT_EQ(bench.request_bytes, 9);
    send(self, own, stream, frame_of('r', 2));
    bench.server.release(1);
    EXPECT_EQ(next_reply(self, own, stream), 1);
    settle(self, own);
    EXPECT_EQ(bench.server.begun, std::vector{1});
    EXPECT_EQ(bench.request_bytes, 0);
    EXPECT_GT(bench.held_back, 0);
    bench.has_room = true;
    bench.connection().read_again();
    settle(self, own);
    EXPECT_EQ(bench.server.begun, (std::vector{1, 2}));
  });
}

TEST(BrokerConnection, WhatAConnectionHeldOfRequestsIsFreeWhenItEnds) {
  Bench bench;
  bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
    send(self, own, stream, frame_of('r', 1));
    send(self, own, stream, frame_of('r', 2));
    send(self, own, stream, Bytes(frame_of('r', 3)).first(7));
    settle(self, own);
    EXPECT_GE(bench.request_bytes, 18) << "one at work, one that waits, and what was read of the third";
    bench.connection().close(observe::Level::info, "");
    EXPECT_EQ(bench.request_bytes, 0);
    bench.server.release(1);
    settle(self, own);
    EXPECT_EQ(bench.request_bytes, 0) << "not twice";
  });
}

TEST(BrokerConnection, C4_WhatCannotBeServedEndsItWithOneLine) {
  struct Case {
    ByteBuffer bytes;
    const char* reason;
  };
  ByteBuffer negative(4);
  store_big_endian(negative.data(), std::int32_t{-5});
  ByteBuffer huge(4);
  store_big_endian(huge.data(), static_cast<std::int32_t>(kRequestBytesMax + 1));
  for (const Case& one : {Case{negative, "negative"}, Case{huge, "socket.request.max.bytes"},
                          Case{frame_of('x', 1), "not served"}, Case{frame_of('e', 1), "body of 1"}}) {
    SCOPED_TRACE(one.reason);
    Bench bench;
    bench.server.releases_all = true;
    bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
      send(self, own, stream, one.bytes);
      EXPECT_EQ(next_reply(self, own, stream), -1);
    });
    ASSERT_EQ(bench.log.lines.size(), 1U);
    EXPECT_NE(bench.log.lines[0].find("connection.closed"), std::string::npos) << bench.log.lines[0];
    EXPECT_NE(bench.log.lines[0].find(one.reason), std::string::npos) << bench.log.lines[0];
    EXPECT_NE(bench.log.lines[0].find("peer=10.0.0.2"), std::string::npos) << bench.log.lines[0];
    EXPECT_EQ(bench.closed, 1);
  }
}

TEST(BrokerConnection, APeerThatGoesIsForgottenWithoutAWord) {
  Bench bench;
  bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
    send(self, own, stream, Bytes(frame_of('r', 1)).first(3));  // half a size
    settle(self, own);
    stream.socket().shutdown_write();
    EXPECT_EQ(next_reply(self, own, stream), -1);
  });
  EXPECT_EQ(bench.closed, 1);
  EXPECT_TRUE(bench.log.lines.empty());
}

TEST(BrokerConnection, ARequestOutlivesItsConnection) {
  Bench bench;
  bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
    send(self, own, stream, frame_of('r', 1));
    settle(self, own);
    bench.world.network().reset(bench.world.network().connections_of(bench.server_node).at(0));
    settle(self, own);
    EXPECT_FALSE(bench.connection().is_open());
    EXPECT_EQ(bench.server.in_flight.size(), 1U) << "its work goes on";
    bench.server.release(1);
    settle(self, own);
    EXPECT_TRUE(bench.server.in_flight.empty());
  });
  EXPECT_EQ(bench.closed, 1);
}

TEST(BrokerConnection, AnIdleOneIsClosedAndABusyOneIsNot) {
  Bench bench({.request_bytes_max = kRequestBytesMax, .idle_max = Milliseconds(10'000)});
  bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
    for (int number = 1; number <= 3; ++number) {
      env::sleep_for(self, own.clock, Milliseconds(8'000));
      bench.server.release(number);
      send(self, own, stream, frame_of('r', number));
      ASSERT_EQ(next_reply(self, own, stream), number);
    }
    send(self, own, stream, frame_of('r', 4));
    env::sleep_for(self, own.clock, Milliseconds(60'000));
    EXPECT_TRUE(bench.connection().is_open()) << "a request is in flight";
    bench.server.release(4);
    EXPECT_EQ(next_reply(self, own, stream), 4);
    env::sleep_for(self, own.clock, Milliseconds(25'000));
    EXPECT_FALSE(bench.connection().is_open());
    EXPECT_EQ(next_reply(self, own, stream), -1);
  });
  ASSERT_EQ(bench.log.lines.size(), 1U);
  EXPECT_NE(bench.log.lines[0].find("connections.max.idle.ms"), std::string::npos);
}

TEST(BrokerConnection, ThatFinishesAnswersWhatIsInFlightAndBeginsNothing) {
  Bench bench;
  bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
    send(self, own, stream, frame_of('r', 1));
    send(self, own, stream, frame_of('r', 2));
    settle(self, own);
    bench.connection().finish();
    EXPECT_TRUE(bench.connection().is_open());
    bench.server.release(1);
    bench.server.release(2);
    EXPECT_EQ(next_reply(self, own, stream), 1);
    EXPECT_EQ(next_reply(self, own, stream), -1);
    EXPECT_EQ(bench.server.begun, (std::vector<int>{1}));
  });
  EXPECT_EQ(bench.closed, 1);
}

TEST(BrokerConnection, ThatFinishesWithNothingInFlightClosesAtOnce) {
  Bench bench;
  bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
    bench.connection().finish();
    EXPECT_FALSE(bench.connection().is_open());
    EXPECT_EQ(next_reply(self, own, stream), -1);
  });
}

TEST(BrokerConnection, WhateverThePiecesThatTcpBringsEveryRequestIsAnsweredOnce) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    sim::WorldOptions options{.seed = seed};
    options.network.buffer_bytes_min = 500;
    options.network.buffer_bytes_max = 5'000;
    options.network.short_read = sim::Chance{300'000};
    options.network.short_send = sim::Chance{300'000};
    Bench bench({.request_bytes_max = kRequestBytesMax, .idle_max = Milliseconds(0)}, options);
    bench.server.releases_all = true;
    bench.server.reply_bytes = 3'000;
    bench.run([&](env::Fiber& self, env::Shard& own, env::Stream& stream) {
      for (int number = 1; number <= 50; ++number) {
        send(self, own, stream, frame_of(number % 3 == 0 ? 'p' : 'r', number, static_cast<std::size_t>(number) * 700));
        if (number % 5 != 0) continue;
        for (int reply = number - 4; reply <= number; ++reply) ASSERT_EQ(next_reply(self, own, stream), reply);
      }
    });
  }
}

}  // namespace
}  // namespace gregor::broker
