// How a node comes up and goes down, step by step, on shard 0. Each step leaves the node so that take_down() can
// follow.
//
// Up: bind the ports (so that one in use costs nothing) -> lock and read the directories -> replay the metadata -> open
// the partitions on their shards -> register and unfence -> lead -> let clients in. Down: no new requests, waiting ones
// answered -> fence -> close the partitions -> checkpoints -> close the metadata log -> marks of a clean end.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "broker/broker_shard.h"

namespace gregor::broker {

class NodeStart {
 public:
  NodeStart(NodeCore& core, BrokerShard& first) : core_(core), first_(first) {}

  /// Returns the first listener's port.
  Result<std::uint16_t> bind(env::Fiber& self);
  Result<void> open(env::Fiber& self);
  Result<void> join_cluster(env::Fiber& self);
  void open_doors(env::Fiber& self);
  /// "PLAINTEXT://[::]:9092", comma separated.
  [[nodiscard]] std::string listeners() const;

  /// After any of the above, or none. `cleanly`: nothing failed so far. Errors: what kept it from a clean end.
  Result<void> take_down(env::Fiber& self, bool cleanly);

 private:
  using Work = std::function<Result<void>(env::Fiber&, BrokerShard&)>;
  /// On all shards at once. Errors: that of the lowest shard that failed.
  Result<void> on_every_shard(env::Fiber& self, const Work& work);
  [[nodiscard]] metadata::RegisterBroker registration() const;
  Result<void> close_partitions(env::Fiber& self);
  Result<void> leave_cluster(env::Fiber& self);
  /// All mail that one shard posted to another so far has been read when this returns.
  Result<void> settle_mail(env::Fiber& self);

  NodeCore& core_;
  BrokerShard& first_;
  std::vector<BoundDoor> doors_;
  bool controller_started_ = false;
  bool registered_ = false;
};

}  // namespace gregor::broker
