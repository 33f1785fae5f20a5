// A world of one broker node and a client that speaks Kafka's protocol frame by frame: for tests of what goes over the
// wire. The client knows nothing of core/client: each request is of the version that the test says.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/node.h"
#include "config/broker_config.h"
#include "env/stream.h"
#include "sim/world.h"
#include "wire/error_code.h"
#include "wire/frame.h"

namespace gregor::broker::test {

inline constexpr std::uint16_t kPort = 9092;

inline std::int16_t code(wire::ErrorCode error) {
  return wire::wire_code(error);
}

/// An answer and the frame that it borrows from, which its Peer keeps.
template <class Response>
struct Answer {
  Bytes frame;
  Response body;
};

/// The client's end of one connection.
class Peer {
 public:
  /// Connects; a failure fails the test, and nothing is ever answered.
  Peer(env::Fiber& self, env::Shard& shard, const env::Endpoint& to);

  void send(Bytes frame);
  /// The next frame behind its size; none at the end of the stream and after ten seconds.
  std::optional<ByteBuffer> receive();
  /// Nothing more comes, because the broker closed.
  bool is_closed() { return !receive(); }
  [[nodiscard]] env::Socket& socket() { return stream_->socket(); }

  template <class Request>
  void send(const Request& request, std::int16_t version) {
    wire::RequestHeader header;
    header.request_api_version = version;
    header.correlation_id = ++correlation_id_;
    header.client_id = "test";
    send(wire::encode_request_frame(header, request).value());
  }
  /// Reads an answer of that kind and version. Requires that one comes.
  template <class Response>
  Answer<Response> take(std::int16_t version) {
    Answer<Response> answer;
    auto frame = receive();
    EXPECT_TRUE(frame.has_value()) << "the broker closed instead of answering";
    if (!frame) return answer;
    answer.frame = Bytes(frames_.emplace_back(std::move(*frame)));
    wire::Reader from{answer.frame};
    EXPECT_TRUE(wire::decode_response_header(from, Response::kApiKey, version));
    EXPECT_TRUE(decode(from, answer.body, version));
    EXPECT_TRUE(from.finish()) << "bytes are left over";
    return answer;
  }
  template <class Response, class Request>
  Answer<Response> ask(const Request& request, std::int16_t version) {
    send(request, version);
    return take<Response>(version);
  }

 private:
  env::Fiber& self_;
  env::Shard& shard_;
  std::unique_ptr<env::Stream> stream_;  ///< null: it could not connect
  std::int32_t correlation_id_ = 0;
  std::deque<ByteBuffer> frames_ = {};  ///< every answer so far: tests hold on to parts of them
};

/// What a test's body stands on.
struct Client {
  env::Fiber& self;
  env::Shard& shard;
  Peer connect() const { return {self, shard, {"10.0.0.1", kPort}}; }
  void sleep(Milliseconds wait) const { env::sleep_for(self, shard.clock, wait); }
  [[nodiscard]] MonotonicTime now() const { return shard.clock.now(); }
};

/// One batch of these values. `sequence` below 0: not idempotent.
struct BatchOf {
  std::vector<std::string> values;
  std::int64_t producer_id = -1;
  std::int32_t sequence = -1;
  std::int16_t epoch = 0;
  std::int64_t timestamp_ms = sim::kWorldBeginsMs;
  bool is_transactional = false;
};
ByteBuffer batch_of(const BatchOf& wanted);
/// The values that stand in these batches, in order.
std::vector<std::string> values_in(Bytes batches);

// The common requests, at versions that every test may take for granted.

TopicId create_topic(Peer& peer, const std::string& name, std::int32_t partitions = 1,
                     const std::vector<std::pair<std::string, std::string>>& configs = {});
struct Produced {
  std::int16_t error = 0;
  std::int64_t base_offset = -1;
  std::int64_t log_append_time_ms = -1;
  std::int64_t log_start_offset = -1;
};
/// To one partition by name, version 12.
Produced produce(Peer& peer, const std::string& topic, Bytes records, std::int32_t partition = 0,
                 std::int16_t acks = -1);
struct Fetched {
  std::int16_t error = 0;
  std::int64_t high_watermark = -1;
  std::int64_t log_start_offset = -1;
  std::vector<std::string> values;
};
/// From one partition by name, version 12, outside sessions.
Fetched fetch(Peer& peer, const std::string& topic, std::int64_t offset, std::int32_t partition = 0,
              std::int32_t wait_ms = 0);

struct RememberingLog final : observe::Log {
  void line(observe::Level level, std::string_view event, std::initializer_list<observe::Field> fields) override {
    lines.push_back(observe::format_line(level, event, fields));
  }
  [[nodiscard]] std::size_t count(std::string_view text) const;
  std::vector<std::string> lines;
};

using Settings = std::vector<std::pair<std::string, std::string>>;
config::BrokerConfig config_of(const Settings& settings);

class NodeWorld {
 public:
  /// The node listens on PLAINTEXT://:9092 and stores in /broker-log unless `settings` say otherwise.
  explicit NodeWorld(const Settings& settings = {}, std::size_t shards = 1, std::uint64_t seed = 1);

  /// Waits until the node is ready, runs `body` on a machine of its own until it returns, and fails the test when it
  /// never does. May be called again.
  void run(std::function<void(const Client&)> body);
  /// The node goes down cleanly, comes up again, and is ready when this returns.
  void restart();
  /// As after kill -9.
  void crash_and_restart();
  void lose_power_and_restart();
  void stop();
  void start();

  sim::World world;
  sim::NodeIndex node = 0;
  RememberingLog log;
  int times_ready = 0;
  std::uint16_t port = 0;
  Result<void> ended;  ///< of the last life that ended by itself

 private:
  class Life;
  void await_ready(int times);

  config::BrokerConfig config_;
  std::size_t shards_;
  observe::NullObserver observer_;
  int clients_ = 0;
};

}  // namespace gregor::broker::test
