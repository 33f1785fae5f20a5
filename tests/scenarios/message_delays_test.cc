// Messages that arrive late: which bytes begin one, and how long an exchange takes that is held back.
#include "scenarios/message_delays.h"

#include <gtest/gtest.h>

#include "env/stream.h"
#include "scenarios/run.h"
#include "tests/sim/support/echo.h"

namespace gregor::scenarios {
namespace {

constexpr std::int16_t kAlterPartition = 56;

ByteBuffer frame(std::int16_t api_key, std::int32_t correlation_id, std::size_t payload = 5) {
  ByteBuffer bytes(4 + 8 + payload);
  store_big_endian(bytes.data(), static_cast<std::int32_t>(8 + payload));
  store_big_endian(bytes.data() + 4, api_key);
  store_big_endian(bytes.data() + 8, correlation_id);
  return bytes;
}

TEST(MessageDelays, HeadsOfFramesAreFoundHoweverTheyAreCut) {
  ByteBuffer stream;
  for (std::int32_t i = 0; i < 5; ++i) append_bytes(stream, frame(static_cast<std::int16_t>(i), 100 + i, i * 7));
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    FrameHeads heads(8);
    std::vector<std::int32_t> correlation_ids;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      Bytes bytes = Bytes(stream).subspan(at, std::min(piece, stream.size() - at));
      for (Bytes head = heads.next(bytes); !head.empty(); head = heads.next(bytes))
        correlation_ids.push_back(load_big_endian<std::int32_t>(head.data() + 4));
    }
    EXPECT_EQ(correlation_ids, (std::vector<std::int32_t>{100, 101, 102, 103, 104})) << "in pieces of " << piece;
  }
}

TEST(MessageDelays, WhatIsNoSequenceOfFramesHasNoHeads) {
  FrameHeads heads(4);
  const ByteBuffer foreign(40, std::byte{0xff});
  Bytes bytes(foreign);
  EXPECT_TRUE(heads.next(bytes).empty());
  EXPECT_TRUE(bytes.empty());
  const ByteBuffer sound = frame(1, 1);
  bytes = Bytes(sound);
  EXPECT_TRUE(heads.next(bytes).empty()) << "nobody knows where the next one begins";
}

/// Seconds that each of 90 exchanges takes with a server that sends back what it is sent, every one over a link of its
/// own; the first byte of an answer's correlation id is then the API key's, so only requests can be told apart.
std::vector<int> seconds_of_exchanges(std::int16_t api_key) {
  sim::World world;
  std::vector<int> seconds;
  world.add_node({.name = "server", .body = sim::testing::serve_echo});
  world.add_node({.name = "client", .body = [&](env::Fiber& self, env::Shard& shard) {
                    for (std::int32_t i = 0; i < 90; ++i) {
                      auto socket = shard.network.connect(self, sim::testing::echo_of(world, 0), Milliseconds(1000));
                      ASSERT_TRUE(socket);
                      env::Stream stream(std::move(*socket));
                      ByteBuffer bytes = frame(api_key, i);
                      const MonotonicTime begun = shard.clock.now();
                      ASSERT_TRUE(stream.write_all(self, shard.clock, bytes, kForever));
                      ASSERT_TRUE(stream.read_exactly(self, shard.clock, bytes, kForever));
                      seconds.push_back(static_cast<int>((shard.clock.now() - begun) / std::chrono::seconds(1)));
                    }
                  }});
  MessageDelays delays(world, 0);
  delays.hold(kAlterPartition, sim::SimTime(std::chrono::seconds(40)));
  world.run_for(std::chrono::seconds(60));
  return seconds;
}

TEST(MessageDelays, AnExchangeOfTheApiMayBeHeldUntilItsTimeAndOthersAreNot) {
  const std::vector<int> held = seconds_of_exchanges(kAlterPartition);
  ASSERT_EQ(held.size(), 90U);
  EXPECT_EQ(std::ranges::count_if(held, [](int seconds) { return seconds >= 39; }), 1) << "then the time is over";
  const std::vector<int> others = seconds_of_exchanges(1);
  EXPECT_EQ(others, std::vector<int>(90, 0));
}

}  // namespace
}  // namespace gregor::scenarios
