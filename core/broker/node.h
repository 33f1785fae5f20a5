// A node: a broker, a controller or both (process.roles), from opening its directories to closing them. `gregor broker`
// and the simulator run this very object; all that differs is the env::Shard that they hand to run().
//
// Promises: ready means that a produce would succeed (of a controller alone: that its log is open and its listener
// served); stop() loses nothing that was acknowledged; a kill at any moment costs no more than a recovery at the next
// start. Never touches a directory that holds foreign files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "broker/connection_figures.h"
#include "env/fiber.h"
#include "env/shard.h"
#include "observe/event.h"
#include "observe/log.h"

namespace gregor::config {
struct BrokerConfig;
}

namespace gregor::broker {

class Node {
 public:
  /// `observer` and `log` outlive the node and are called from every shard. Requires shard_count >= 1.
  Node(const config::BrokerConfig& config, std::size_t shard_count, observe::Observer& observer, observe::Log& log);
  /// Requires that every run() has returned or was unwound, that no fiber of its shards lives, and that the env::Shards
  /// handed to run() still exist.
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// The root fiber of one shard: call it once on each of the shards 0 to shard_count-1, each on its own scheduler.
  /// Suspends until the node stopped. Shard 0 brings the node up and returns what kept it from starting or made it end;
  /// the others return without error when shard 0 told them to stop. Start-up errors (one sentence that names the
  /// thing): exists (port in use, directory locked), invalid (settings, foreign files), io, no_space, corrupt. Throws
  /// Cancelled; a node that was cancelled is dead (as after kill -9) and may only be destroyed.
  Result<void> run(env::Fiber& self, env::Shard& shard);

  /// Begins a clean shutdown: stops accepting, finishes or fails what waits, flushes, writes checkpoints and the
  /// clean-shutdown marker; then run() returns on every shard. From shard 0's loop or one of its fibers; idempotent;
  /// before run() it counts too.
  void stop();

  /// Called once on shard 0's loop when the node answers produce requests, with the port in force. Set before run().
  /// observe::NodeReady and the log line `broker.ready` tell the same.
  void when_ready(UniqueFunction<void(std::uint16_t port)> ready);

  /// Figures as Prometheus text. From a fiber of shard 0 between run()'s beginning and its end. Suspends. Errors:
  /// closed before the node is up and once it stops.
  Result<std::string> scrape(env::Fiber& self);
  /// Every open connection, in the order of their coming. As scrape().
  Result<std::vector<ConnectionFigures>> connections(env::Fiber& self);
  /// True while a produce would succeed. From shard 0.
  [[nodiscard]] bool is_ready() const;

  /// The port that the first listener got; 0 before it listens. From shard 0.
  [[nodiscard]] std::uint16_t port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gregor::broker
