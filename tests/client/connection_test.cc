// A link gives each answer to the request that it belongs to, and when it cannot it says so and is dead.
// Method: a broker that follows a script, in the simulated world.
#include "client/connection.h"

#include <gtest/gtest.h>

#include "env/clock.h"
#include "tests/client/support/script_broker.h"
#include "wire/init_producer_id.h"

namespace gregor::client {
namespace {

using test::AskedFrame;
using test::Line;
using test::ScriptWorld;
using Request = wire::InitProducerIdRequest;
using Response = wire::InitProducerIdResponse;
using std::chrono::seconds;

LinkSettings settings() {
  LinkSettings settings;
  settings.request_timeout = Milliseconds(2'000);
  settings.connect_timeout = Milliseconds(1'000);
  return settings;
}

/// Sockets that hold a kilobyte.
sim::WorldOptions tight_network() {
  sim::WorldOptions options;
  options.network.buffer_bytes_min = options.network.buffer_bytes_max = 1'000;
  return options;
}

/// Answers with ids 1, 2, 3... in order of the requests.
void serve_ids(Line& line) {
  std::int64_t id = 0;
  while (const auto asked = line.next()) {
    Response response;
    response.producer_id = ++id;
    line.answer(*asked, response);
  }
}

std::shared_ptr<Connection> opened(env::Fiber& self, env::Shard& shard, const LinkSettings& with = settings()) {
  auto link = Connection::open(self, shard, ScriptWorld::address(), with);
  EXPECT_TRUE(link.has_value()) << link.error().to_text();
  return *link;
}

std::int64_t id_in(Outcome<ByteBuffer> frame) {
  EXPECT_TRUE(frame.has_value()) << frame.error().to_text();
  return Connection::decode_reply<Response>(std::move(*frame), 3)->body.producer_id;
}

Outcome<Reply<Response>> ask(env::Fiber& self, Connection& link) {
  return link.ask<Request, Response>(self, Request{});
}

TEST(Connection, GivesEachOfManyRequestsUnderWayItsOwnAnswer) {
  ScriptWorld w([](Line& line, int) {
    line.greet();
    serve_ids(line);
  });
  w.run([](env::Fiber& self, env::Shard& shard) {
    const auto link = opened(self, shard);
    std::vector<std::shared_ptr<Call>> calls;
    for (int i = 0; i < 5; ++i) calls.push_back(link->start(self, Request{}, 3).value());
    for (std::size_t i = calls.size(); i-- > 0;)
      EXPECT_EQ(id_in(calls[i]->await(self)), static_cast<std::int64_t>(i + 1)) << "awaited last to first";
    EXPECT_TRUE(link->is_open());
  });
}

TEST(Connection, NumbersItsRequestsAndNamesItself) {
  std::vector<std::int32_t> ids;
  std::string name;
  ScriptWorld w([&](Line& line, int) {
    line.greet();
    while (const auto asked = line.next()) {
      ids.push_back(asked->header.correlation_id);
      name = std::string(asked->header.client_id.value_or(""));
      line.answer(*asked, Response{});
    }
  });
  w.run([](env::Fiber& self, env::Shard& shard) {
    LinkSettings with = settings();
    with.client_id = "tester";
    const auto link = opened(self, shard, with);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(ask(self, *link).has_value());
  });
  EXPECT_EQ(ids, (std::vector<std::int32_t>{2, 3, 4})) << "the first went to ApiVersions";
  EXPECT_EQ(name, "tester");
}

TEST(Connection, AnAnswerToAnotherRequestEndsTheLinkAndNobodyGetsIt) {
  ScriptWorld w([](Line& line, int) {
    line.greet();
    const auto first = line.next();
    const auto second = line.next();
    line.answer(*second, Response{});
    line.answer(*first, Response{});
    line.sleep(Milliseconds(500));
  });
  w.run([](env::Fiber& self, env::Shard& shard) {
    const auto link = opened(self, shard);
    const auto first = link->start(self, Request{}, 3).value();
    const auto second = link->start(self, Request{}, 3).value();
    for (const auto& call : {first, second}) {
      const auto answer = call->await(self);
      ASSERT_FALSE(answer.has_value());
      EXPECT_EQ(answer.error().error.code, Errc::malformed);
      EXPECT_EQ(answer.error().fate, Fate::unknown) << "the broker did work on it";
    }
    EXPECT_FALSE(link->is_open());
  });
}

TEST(Connection, AnAnswerThatNobodyAskedForEndsTheLink) {
  ScriptWorld w([](Line& line, int) {
    line.greet();
    line.send(Line::frame_of(77, Response{}, 3));
    line.sleep(Milliseconds(500));
  });
  w.run([](env::Fiber& self, env::Shard& shard) {
    const auto link = opened(self, shard);
    env::sleep_for(self, shard.clock, Milliseconds(100));
    EXPECT_FALSE(link->is_open());
    const auto late = link->start(self, Request{}, 3);
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().fate, Fate::failed) << "no byte of it was written";
  });
}

TEST(Connection, SizesThatNoAnswerCanHaveEndTheLink) {
  for (const std::int32_t size : {-1, 0, 3, 1'000'001, INT32_MAX, INT32_MIN}) {
    SCOPED_TRACE(size);
    ScriptWorld w([size](Line& line, int) {
      line.greet();
      static_cast<void>(line.next());
      std::array<std::byte, 8> bytes{};
      store_big_endian(bytes.data(), size);
      line.send(bytes);
      line.sleep(Milliseconds(500));
    });
    w.run([](env::Fiber& self, env::Shard& shard) {
      LinkSettings with = settings();
      with.response_bytes_max = 1'000'000;
      const auto link = opened(self, shard, with);
      const auto answer = ask(self, *link);
      ASSERT_FALSE(answer.has_value());
      EXPECT_EQ(answer.error().error.code, Errc::malformed);
      EXPECT_EQ(answer.error().fate, Fate::unknown);
    });
  }
}

TEST(Connection, AnAnswerCutShortByTheEndOfTheStreamIsNoAnswer) {
  ScriptWorld w([](Line& line, int) {
    line.greet();
    const auto asked = line.next();
    const ByteBuffer whole = Line::frame_of(asked->header.correlation_id, Response{}, asked->version());
    line.send(Bytes(whole).first(whole.size() - 1));
  });
  w.run([](env::Fiber& self, env::Shard& shard) {
    const auto link = opened(self, shard);
    const auto answer = ask(self, *link);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().error.code, Errc::closed);
    EXPECT_EQ(answer.error().fate, Fate::unknown);
  });
}

TEST(Connection, AnAnswerThatDoesNotParseFailsItsRequestAlone) {
  ScriptWorld w([](Line& line, int) {
    line.greet();
    auto asked = line.next();
    ByteBuffer longer = Line::frame_of(asked->header.correlation_id, Response{}, asked->version());
    longer.push_back(std::byte{0});
    store_big_endian(longer.data(), static_cast<std::int32_t>(longer.size() - 4));
    line.send(longer);
    serve_ids(line);
  });
  w.run([](env::Fiber& self, env::Shard& shard) {
    const auto link = opened(self, shard);
    const auto strange = ask(self, *link);
    ASSERT_FALSE(strange.has_value());
    EXPECT_EQ(strange.error().error.code, Errc::malformed);
    EXPECT_EQ(strange.error().fate, Fate::unknown);
    EXPECT_TRUE(ask(self, *link).has_value()) << "frames were never lost";
  });
}

TEST(Connection, ALateAnswerEndsTheLinkForAllThatWait) {
  ScriptWorld w([](Line& line, int) {
    line.greet();
    line.sleep(Milliseconds(60'000));
  });
  w.run([](env::Fiber& self, env::Shard& shard) {
    const auto link = opened(self, shard);
    const MonotonicTime before = shard.clock.now();
    const auto first = link->start(self, Request{}, 3).value();
    env::sleep_for(self, shard.clock, Milliseconds(500));
    const auto second = link->start(self, Request{}, 3).value();
    for (const auto& call : {first, second}) {
      const auto answer = call->await(self);
      ASSERT_FALSE(answer.has_value());
      EXPECT_EQ(answer.error().error.code, Errc::timed_out);
      EXPECT_EQ(answer.error().fate, Fate::unknown);
    }
    EXPECT_GE(shard.clock.now() - before, Milliseconds(2'000));
    EXPECT_LT(shard.clock.now() - before, Milliseconds(2'100)) << "the second ends with the first";
    EXPECT_FALSE(link->is_open());
  });
}

// Frames that do not fit into a socket's buffer, so that senders meet while one of them writes.
TEST(Connection, NoMoreRequestsAreUnderWayThanTheLimitWhoeverSendsThem) {
  ScriptWorld w(
      [&](Line& line, int) {
        line.greet();
        for (int round = 0; round < 3; ++round) {
          const auto first = line.next();
          const auto second = line.next();
          EXPECT_FALSE(line.hears_within(Milliseconds(50))) << "two are unanswered";
          line.answer(*first, Response{});
          line.answer(*second, Response{});
        }
      },
      tight_network());
  w.run([&](env::Fiber& self, env::Shard& shard) {
    LinkSettings with = settings();
    with.in_flight_max = 2;
    const auto link = opened(self, shard, with);
    const std::string name(5'000, 'x');
    int done = 0;
    for (int i = 0; i < 6; ++i) {
      shard.fibers.spawn("sender", [&](env::Fiber& fiber) {
        Request request;
        request.transactional_id = name;
        EXPECT_TRUE((link->ask<Request, Response>(fiber, request).has_value()));
        ++done;
      });
    }
    while (done < 6) env::sleep_for(self, shard.clock, Milliseconds(5));
  });
}

TEST(Connection, WhoFindsNoRoomInTimeFailsForSure) {
  ScriptWorld w([](Line& line, int) {
    line.greet();
    line.sleep(Milliseconds(60'000));
  });
  w.run([](env::Fiber& self, env::Shard& shard) {
    LinkSettings with = settings();
    with.in_flight_max = 1;
    const auto link = opened(self, shard, with);
    const auto first = link->start(self, Request{}, 3).value();
    const auto second = link->start(self, Request{}, 3);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().error.code, Errc::timed_out);
    EXPECT_EQ(second.error().fate, Fate::failed);
    EXPECT_EQ(first->await(self).error().fate, Fate::unknown);
  });
}

TEST(Connection, WithoutAnAnswerToWaitForACallIsDoneAtTheWriteAndTakesNoRoom) {
  int read = 0;
  ScriptWorld w([&](Line& line, int) {
    line.greet();
    while (line.next()) ++read;
  });
  w.run([](env::Fiber& self, env::Shard& shard) {
    LinkSettings with = settings();
    with.in_flight_max = 1;
    const auto link = opened(self, shard, with);
    for (int i = 0; i < 4; ++i) {
      const auto call = link->start(self, Request{}, 3, {}, false).value();
      ASSERT_TRUE(call->is_done());
      EXPECT_TRUE(call->await(self)->empty());
    }
    env::sleep_for(self, shard.clock, seconds(10));
    EXPECT_TRUE(link->is_open()) << "nothing is late";
  });
  EXPECT_EQ(read, 4);
}

TEST(Connection, TellsByCallWhenAnAnswerOrTheEndCame) {
  ScriptWorld w([](Line& line, int) {
    line.greet();
    line.answer(*line.next(), Response{});
    static_cast<void>(line.next());
  });
  w.run([](env::Fiber& self, env::Shard& shard) {
    const auto link = opened(self, shard);
    int told = 0;
    const auto answered_call = link->start(self, Request{}, 3, [&] { ++told; }).value();
    EXPECT_TRUE(answered_call->await(self).has_value());
    EXPECT_EQ(told, 1);
    const auto lost = link->start(self, Request{}, 3, [&] { ++told; }).value();
    EXPECT_FALSE(lost->await(self).has_value());
    EXPECT_EQ(told, 2);
  });
}

TEST(Connection, ThatIsDestroyedTellsThoseWhoWaitThatNobodyKnows) {
  ScriptWorld w([](Line& line, int) {
    line.greet();
    static_cast<void>(line.next());
    line.sleep(Milliseconds(500));
  });
  w.run([](env::Fiber& self, env::Shard& shard) {
    auto link = opened(self, shard);
    const auto call = link->start(self, Request{}, 3).value();
    link.reset();
    const auto answer = call->await(self);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().error.code, Errc::closed);
    EXPECT_EQ(answer.error().fate, Fate::unknown);
  });
}

TEST(Connection, ASenderCancelledInTheMiddleOfAFrameEndsTheLink) {
  ScriptWorld w(
      [](Line& line, int) {
        line.greet();
        line.sleep(Milliseconds(1'000));
        EXPECT_FALSE(line.next()) << "half a frame is no frame";
      },
      tight_network());
  w.run([](env::Fiber& self, env::Shard& shard) {
    const auto link = opened(self, shard);
    const std::string name(30'000, 'x');
    env::Fiber& sender = shard.fibers.spawn("sender", [&](env::Fiber& fiber) {
      Request request;
      request.transactional_id = name;
      static_cast<void>(link->start(fiber, request, 3).has_value());
    });
    env::sleep_for(self, shard.clock, Milliseconds(100));
    sender.cancel();
    env::sleep_for(self, shard.clock, Milliseconds(10));
    EXPECT_FALSE(link->is_open());
  });
}

// ---- opening ----

TEST(ConnectionOpening, FailsForSureWhereNobodyListensOrNobodyAnswers) {
  ScriptWorld w([](Line& line, int) { line.sleep(Milliseconds(60'000)); });
  w.run([&](env::Fiber& self, env::Shard& shard) {
    const auto refused = Connection::open(self, shard, {"10.0.0.1", 1}, settings());
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().error.code, Errc::closed);
    EXPECT_EQ(refused.error().fate, Fate::failed);

    const auto silent = Connection::open(self, shard, ScriptWorld::address(), settings());
    ASSERT_FALSE(silent.has_value());
    EXPECT_EQ(silent.error().error.code, Errc::timed_out);
    EXPECT_EQ(silent.error().fate, Fate::failed) << "asking for versions changes nothing";

    w.world.network().cut(0, 1);
    const MonotonicTime before = shard.clock.now();
    const auto unreachable = Connection::open(self, shard, ScriptWorld::address(), settings());
    ASSERT_FALSE(unreachable.has_value());
    EXPECT_EQ(unreachable.error().error.code, Errc::timed_out);
    EXPECT_EQ(shard.clock.now() - before, Milliseconds(1'000));
  });
}

// KIP-511: a broker that lacks our version answers in version 0, with error 35.
TEST(ConnectionOpening, AsksInVersionZeroWhereTheBrokerIsOlder) {
  std::vector<std::int16_t> versions;
  ScriptWorld w([&](Line& line, int) {
    while (const auto asked = line.next()) {
      versions.push_back(asked->version());
      wire::ApiVersionsResponse response;
      response.error_code = asked->version() == 0 ? std::int16_t{0} : wire_code(wire::ErrorCode::unsupported_version);
      response.api_keys.push_back({.api_key = 22, .min_version = 0, .max_version = 1});
      line.send(Line::frame_of(asked->header.correlation_id, response, 0));
    }
  });
  w.run([](env::Fiber& self, env::Shard& shard) {
    const auto link = opened(self, shard);
    EXPECT_EQ(link->version_of(wire::ApiKey::init_producer_id, 0, 5).value(), 1);
  });
  EXPECT_EQ(versions, (std::vector<std::int16_t>{3, 0}));
}

TEST(ConnectionOpening, FailsWithTheBrokersErrorOrWhereItRefusesEveryVersion) {
  std::int16_t error = wire_code(wire::ErrorCode::cluster_authorization_failed);
  ScriptWorld w([&](Line& line, int) {
    while (const auto asked = line.next()) {
      wire::ApiVersionsResponse response;
      response.error_code = error;
      line.send(
          Line::frame_of(asked->header.correlation_id, response, error == 35 ? std::int16_t{0} : asked->version()));
    }
  });
  w.run([&](env::Fiber& self, env::Shard& shard) {
    const auto refused = Connection::open(self, shard, ScriptWorld::address(), settings());
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, wire::ErrorCode::cluster_authorization_failed);
    error = wire_code(wire::ErrorCode::unsupported_version);
    const auto strange = Connection::open(self, shard, ScriptWorld::address(), settings());
    ASSERT_FALSE(strange.has_value());
    EXPECT_EQ(strange.error().code, wire::ErrorCode::unsupported_version);
    EXPECT_EQ(strange.error().fate, Fate::failed);
  });
}

TEST(ConnectionVersions, AreTheHighestThatBothKnowOrNone) {
  ScriptWorld w([](Line& line, int) {
    const auto asked = line.next();
    wire::ApiVersionsResponse response;
    response.api_keys.push_back({.api_key = 22, .min_version = 2, .max_version = 4});
    line.answer(*asked, response);
    static_cast<void>(line.next());
  });
  w.run([](env::Fiber& self, env::Shard& shard) {
    const auto link = opened(self, shard);
    const auto of = [&](std::int16_t least, std::int16_t most) {
      return link->version_of(wire::ApiKey::init_producer_id, least, most);
    };
    EXPECT_EQ(of(0, 5).value(), 4);
    EXPECT_EQ(of(0, 3).value(), 3);
    EXPECT_EQ(of(0, 2).value(), 2);
    EXPECT_EQ(of(0, 1).error().error.code, Errc::unsupported);
    EXPECT_EQ(of(5, 6).error().error.code, Errc::unsupported);
    EXPECT_EQ(link->version_of(wire::ApiKey::fetch, 0, 18).error().error.code, Errc::unsupported) << "not named";
    EXPECT_EQ(link->version_of(wire::ApiKey::fetch, 0, 18).error().fate, Fate::failed);
  });
}

}  // namespace
}  // namespace gregor::client
