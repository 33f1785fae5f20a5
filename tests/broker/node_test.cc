// A node from nothing to ready and down again: what was acknowledged is there in the next life, however this one ended.
#include "broker/node.h"

#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"

namespace gregor::broker {
namespace {

using namespace test;
using Values = std::vector<std::string>;

TEST(Node, ReadyMeansThatAProduceSucceeds) {
  for (const std::size_t shards : {std::size_t{1}, std::size_t{3}}) {
    SCOPED_TRACE(shards);
    NodeWorld w({}, shards);
    w.run([&](const Client& client) {
      Peer peer = client.connect();
      create_topic(peer, "orders", 5);
      for (std::int32_t p = 0; p < 5; ++p) {
        EXPECT_EQ(produce(peer, "orders", batch_of({{"a", "b"}}), p).base_offset, 0);
        EXPECT_EQ(produce(peer, "orders", batch_of({{"c"}}), p).base_offset, 2);
        EXPECT_EQ(fetch(peer, "orders", 0, p).values, (Values{"a", "b", "c"}));
      }
    });
    EXPECT_EQ(w.port, kPort);
    EXPECT_EQ(w.log.count("broker.ready"), 1U);
  }
}

TEST(Node, ThatStoppedCleanlyHasEverythingInItsNextLife) {
  NodeWorld w({}, 2);
  TopicId id;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    id = create_topic(peer, "orders", 2);
    EXPECT_EQ(produce(peer, "orders", batch_of({{"a"}}), 0).error, 0);
    EXPECT_EQ(produce(peer, "orders", batch_of({{"b"}}), 1).error, 0);
  });
  w.restart();
  EXPECT_TRUE(w.ended) << w.ended.error().text;
  EXPECT_EQ(w.log.count("broker.stopped"), 1U);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    EXPECT_EQ(fetch(peer, "orders", 0, 0).values, (Values{"a"}));
    EXPECT_EQ(fetch(peer, "orders", 0, 1).values, (Values{"b"}));
    EXPECT_EQ(produce(peer, "orders", batch_of({{"c"}}), 1).base_offset, 1);
  });
}

TEST(Node, ThatWasKilledHasWhatItAcknowledged) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    NodeWorld w({}, 2, seed);
    w.run([&](const Client& client) {
      Peer peer = client.connect();
      create_topic(peer, "orders");
      for (int i = 0; i < 20; ++i) EXPECT_EQ(produce(peer, "orders", batch_of({{std::to_string(i)}})).base_offset, i);
    });
    w.crash_and_restart();
    w.run([&](const Client& client) {
      Peer peer = client.connect();
      EXPECT_EQ(fetch(peer, "orders", 0).values.size(), 20U);
      EXPECT_EQ(produce(peer, "orders", batch_of({{"next"}})).base_offset, 20);
    });
  }
}

TEST(Node, ThatLostPowerHasWhatItAcknowledgedWhereItFlushesFirst) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    NodeWorld w(Settings{{"log.flush.interval.messages", "1"}}, 1, seed);
    w.run([&](const Client& client) {
      Peer peer = client.connect();
      create_topic(peer, "orders");
      for (int i = 0; i < 20; ++i) EXPECT_EQ(produce(peer, "orders", batch_of({{std::to_string(i)}})).base_offset, i);
    });
    w.lose_power_and_restart();
    w.run([&](const Client& client) {
      Peer peer = client.connect();
      EXPECT_EQ(fetch(peer, "orders", 0).values.size(), 20U);
    });
  }
}

TEST(Node, LivesThroughAnyNumberOfDeathsWhileItComesUp) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    NodeWorld w(Settings{{"log.flush.interval.messages", "1"}}, 1, seed);
    w.run([&](const Client& client) {
      Peer peer = client.connect();
      create_topic(peer, "orders");
      EXPECT_EQ(produce(peer, "orders", batch_of({{"a"}})).error, 0);
    });
    for (int i = 0; i < 30; ++i) {
      w.world.lose_power(w.node);
      w.world.restart(w.node);
      w.world.run_for(std::chrono::microseconds(200 * i));
    }
    w.lose_power_and_restart();
    w.run([&](const Client& client) {
      Peer peer = client.connect();
      EXPECT_EQ(fetch(peer, "orders", 0).values, (Values{"a"}));
    });
  }
}

TEST(Node, ThatStopsAnswersFetchesThatWaitAndEndsItsConnections) {
  NodeWorld w({}, 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders", 2);
    w.world.after(Milliseconds(100), [&] { w.world.stop(w.node); });
    const MonotonicTime before = client.now();
    EXPECT_EQ(fetch(peer, "orders", 0, 0, 9'000).error, 0);
    EXPECT_LT(client.now() - before, Milliseconds(1'000));
    EXPECT_TRUE(peer.is_closed());
  });
  w.world.run_for(std::chrono::seconds(5));
  EXPECT_FALSE(w.world.is_alive(w.node));
  EXPECT_TRUE(w.ended) << w.ended.error().text;
}

TEST(Node, ThatIsToldToStopBeforeItIsReadyStopsCleanly) {
  for (int microseconds = 0; microseconds < 2'000; microseconds += 50) {
    SCOPED_TRACE(microseconds);
    NodeWorld w({}, 2);
    w.world.run_for(std::chrono::microseconds(microseconds));
    w.stop();
    EXPECT_TRUE(w.ended) << w.ended.error().text;
    w.start();
    w.run([&](const Client& client) {
      Peer peer = client.connect();
      create_topic(peer, "orders");
    });
  }
}

TEST(Node, SpreadsPartitionsOverItsDirectoriesAndFindsThemAgain) {
  NodeWorld w(Settings{{"log.dirs", "/first,/second"}, {"metadata.log.dir", "/first"}});
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders", 4);
    for (std::int32_t p = 0; p < 4; ++p)
      EXPECT_EQ(produce(peer, "orders", batch_of({{std::to_string(p)}}), p).error, 0);
  });
  w.crash_and_restart();
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    for (std::int32_t p = 0; p < 4; ++p) EXPECT_EQ(fetch(peer, "orders", 0, p).values, Values{std::to_string(p)});
    int in_second = 0;
    for (int p = 0; p < 4; ++p)
      in_second += w.world.disk(w.node).names().find("/second/orders-" + std::to_string(p)) ? 1 : 0;
    EXPECT_GT(in_second, 0);
    EXPECT_LT(in_second, 4);
  });
}

}  // namespace
}  // namespace gregor::broker
