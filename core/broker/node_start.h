// How a node comes up and goes down, step by step, on shard 0. Each step leaves the node so that take_down() can
// follow.
//
// A broker's: bind the ports (so that one in use costs nothing) -> lock and read the directories -> replay the metadata
// -> register -> open the partitions on their shards -> be unfenced -> lead and follow -> let clients in. Down:
// leaderships handed to others, where there are any -> no new requests, waiting ones answered -> fence -> close the
// partitions -> checkpoints -> close the metadata log -> marks of a clean end. A node that is a controller alone
// neither registers a broker nor holds partitions: it is up once its metadata log is open and its listener served.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/broker_shard.h"
#include "broker/controller_link.h"
#include "broker/controller_registrar.h"
#include "broker/directory_assignments.h"
#include "broker/lifecycle.h"

namespace gregor::broker {

class NodeStart {
 public:
  NodeStart(NodeCore& core, BrokerShard& first) : core_(core), first_(first) {}
  ~NodeStart();
  NodeStart(const NodeStart&) = delete;
  NodeStart& operator=(const NodeStart&) = delete;

  /// Returns the first listener's port.
  Result<std::uint16_t> bind(env::Fiber& self);
  /// Until the metadata are known as far as they were committed. Errors besides what is wrong: closed (stop()).
  Result<void> open(env::Fiber& self);
  Result<void> join_cluster(env::Fiber& self);
  void open_doors(env::Fiber& self);
  /// "PLAINTEXT://[::]:9092", comma separated.
  [[nodiscard]] std::string listeners() const;

  /// Whatever waits for other nodes above ends soon. Does not suspend.
  void stop();

  /// After any of the above, or none. `cleanly`: nothing failed so far. Errors: what kept it from a clean end.
  Result<void> take_down(env::Fiber& self, bool cleanly);

 private:
  using Work = std::function<Result<void>(env::Fiber&, BrokerShard&)>;
  /// On all shards at once. Errors: that of the lowest shard that failed.
  Result<void> on_every_shard(env::Fiber& self, const Work& work);
  [[nodiscard]] metadata::RegisterBroker registration() const;
  [[nodiscard]] std::vector<metadata::Endpoint> registered_listeners() const;
  /// Of the life that ended cleanly in all directories; -1 where none did.
  [[nodiscard]] BrokerEpoch previous_epoch() const;
  [[nodiscard]] std::vector<Uuid> failed_directories() const;
  void make_lifecycle();
  void make_isr_sender();
  /// Nobody but this node decides and commits: what its controller cannot do now is not waited for.
  [[nodiscard]] bool is_alone() const;
  /// No other broker is known, which could lead in this one's place.
  [[nodiscard]] bool is_only_broker() const;
  void open_to_clients(env::Fiber& self);

  // node_duties.cc: what a node tells the active controller of itself, besides its broker's life
  void begin_duties();
  void stop_duties();
  void make_registrar();
  void make_assignments();
  [[nodiscard]] std::vector<metadata::Endpoint> controller_listeners() const;
  [[nodiscard]] std::vector<HeldPartition> held_partitions(env::Fiber& self);
  /// Of what the cluster gives this broker, as the metadata said at its registration or later: what is not in it any
  /// more is set aside.
  Result<void> open_partitions(env::Fiber& self);
  Result<void> await_metadata(env::Fiber& self);
  void note_directories();
  void tell_left(const Result<void>& left) const;
  Result<void> close_partitions(env::Fiber& self);
  Result<void> leave_cluster(env::Fiber& self);
  /// All mail that one shard posted to another so far has been read when this returns.
  Result<void> settle_mail(env::Fiber& self);

  NodeCore& core_;
  BrokerShard& first_;
  std::vector<BoundDoor> doors_;
  std::vector<std::pair<std::size_t, Uuid>> directory_ids_;  ///< of those that were online at the start, by index
  ConfiguredControllers controllers_;
  std::unique_ptr<ControllerCalls> calls_;
  std::unique_ptr<Lifecycle> lifecycle_;
  std::unique_ptr<ControllerRegistrar> registrar_;
  std::unique_ptr<DirectoryAssignments> assignments_;
  bool controller_started_ = false;
  bool awaits_metadata_ = false;
  bool stopped_ = false;
  bool registered_ = false;
  bool has_left_ = false;
};

}  // namespace gregor::broker
