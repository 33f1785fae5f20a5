// A broker that does as it is told, frame by frame: for what a well-behaved one never does. And a world of one such
// broker and one client.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "client/connection.h"
#include "env/stream.h"
#include "sim/world.h"
#include "wire/api_versions.h"

namespace gregor::client::test {

inline constexpr std::uint16_t kScriptPort = 9092;

/// A request as the broker reads it.
struct AskedFrame {
  ByteBuffer frame;            ///< behind its size
  wire::RequestHeader header;  ///< borrows from the frame
  [[nodiscard]] std::int16_t version() const { return header.request_api_version; }
};

/// The broker's end of one connection.
class Line {
 public:
  Line(env::Fiber& self, env::Shard& shard, std::unique_ptr<env::Socket> socket)
      : self_(self), shard_(shard), stream_(std::move(socket)) {}

  /// None at the end of the stream.
  std::optional<AskedFrame> next() {
    std::array<std::byte, 4> size;
    if (!stream_.read_exactly(self_, shard_.clock, size, kForever)) return std::nullopt;
    AskedFrame asked{ByteBuffer(static_cast<std::size_t>(load_big_endian<std::int32_t>(size.data()))), {}};
    if (!stream_.read_exactly(self_, shard_.clock, asked.frame, kForever)) return std::nullopt;
    wire::Reader from{Bytes(asked.frame)};
    asked.header = wire::decode_request_header(from).value();
    return asked;
  }
  template <class Response>
  static ByteBuffer frame_of(std::int32_t correlation_id, const Response& response, std::int16_t version) {
    return wire::encode_response_frame(correlation_id, response, version).value().flatten();
  }
  void send(Bytes bytes) { EXPECT_TRUE(stream_.write_all(self_, shard_.clock, bytes, kForever)); }
  template <class Response>
  void answer(const AskedFrame& asked, const Response& response) {
    send(frame_of(asked.header.correlation_id, response, asked.version()));
  }
  /// Takes the first request, ApiVersions, and says that every API of ours is served at the versions 0 to `most`.
  void greet(std::int16_t most = 3) {
    const auto asked = next();
    if (!asked) return;
    wire::ApiVersionsResponse response;
    for (std::int16_t key = 0; key < 90; ++key)
      response.api_keys.push_back({.api_key = key, .min_version = 0, .max_version = most});
    answer(*asked, response);
  }
  /// Whether a further byte comes within `wait`; then the stream is spoilt.
  bool hears_within(Milliseconds wait) {
    std::array<std::byte, 1> byte;
    return stream_.read_exactly(self_, shard_.clock, byte, shard_.clock.now() + wait).has_value();
  }
  void sleep(Milliseconds wait) { env::sleep_for(self_, shard_.clock, wait); }

 private:
  env::Fiber& self_;
  env::Shard& shard_;
  env::Stream stream_;
};

/// Run for each connection; the connection ends when it returns. `number` counts connections from 1.
using Script = std::function<void(Line& line, int number)>;

class ScriptWorld {
 public:
  explicit ScriptWorld(Script script, sim::WorldOptions options = {}) : world(std::move(options)), script_(script) {
    broker_node = world.add_node(
        {.name = "broker", .body = [this](env::Fiber& self, env::Shard& shard) { listen(self, shard); }});
  }

  /// Runs `body` on a node of its own until it returns; fails the test when it never does.
  void run(std::function<void(env::Fiber& self, env::Shard& shard)> body) {
    bool done = false;
    world.add_node({.name = "client", .body = [&](env::Fiber& self, env::Shard& shard) {
                      body(self, shard);
                      done = true;
                    }});
    const auto end = world.run_until([&] { return done; }, {.deadline = world.now() + std::chrono::hours(1)});
    ASSERT_EQ(end, sim::RunEnd::satisfied) << "the client never came to its end";
    world.run_for(std::chrono::seconds(1));  // what was left behind unwinds
  }

  static env::Endpoint address() { return {"10.0.0.1", kScriptPort}; }

  sim::World world;
  sim::NodeIndex broker_node = 0;
  int accepted = 0;

 private:
  struct Door final : env::Acceptor {
    explicit Door(std::function<void(std::unique_ptr<env::Socket>)> t) : take(std::move(t)) {}
    void on_accept(std::unique_ptr<env::Socket> socket) override { take(std::move(socket)); }
    std::function<void(std::unique_ptr<env::Socket>)> take;
  };

  void listen(env::Fiber& self, env::Shard& shard) {
    Door door([this, &shard](std::unique_ptr<env::Socket> socket) {
      shard.fibers.spawn("script",
                         [this, &shard, number = ++accepted, held = std::move(socket)](env::Fiber& fiber) mutable {
                           Line line(fiber, shard, std::move(held));
                           script_(line, number);
                         });
    });
    const auto listener = shard.network.listen({"0.0.0.0", kScriptPort}, door);
    while (listener) self.park();
  }

  Script script_;
};

}  // namespace gregor::client::test
