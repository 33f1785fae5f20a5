// An echo server and a client for it, straight-line, for tests of the network and of whole worlds.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "env/shard.h"
#include "env/stream.h"
#include "sim/world.h"

namespace gregor::sim::testing {

inline constexpr std::uint16_t kEchoPort = 7;

/// Serves each connection on a fiber of its own, for ever.
class EchoServer final : public env::Acceptor {
 public:
  explicit EchoServer(env::Shard& shard) : shard_(shard) {}
  void on_accept(std::unique_ptr<env::Socket> socket) override;
  /// Suspends until cancelled.
  void run(env::Fiber& self);

 private:
  void serve(env::Fiber& self, std::unique_ptr<env::Socket> socket);
  env::Shard& shard_;
};

/// A body for World::add_node.
void serve_echo(env::Fiber& self, env::Shard& shard);

/// Sends `messages` numbered texts of about `length` bytes over one connection and reads each back. Counts those that
/// came back as sent; ends at the first error.
Result<std::uint32_t> echo_once(env::Fiber& self, env::Shard& shard, const env::Endpoint& server,
                                std::uint32_t messages, std::size_t length);

/// Where a node of this name listens for echoes.
env::Endpoint echo_of(World& world, NodeIndex node);

}  // namespace gregor::sim::testing
