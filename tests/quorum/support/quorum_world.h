// QuorumWorld: several quorum nodes in one simulated world: voters 1 to N of a static list, then observers. Each node
// serves its peers, tells the ghost what it hears, and, where it leads, appends a record every now and then.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sim/world.h"
#include "tests/quorum/support/metadata_home.h"
#include "tests/quorum/support/quorum_ghost.h"
#include "tests/quorum/support/quorum_server.h"

namespace gregor::quorum {

struct QuorumOptions {
  std::uint64_t seed = 1;
  int voters = 3;
  int observers = 0;
  Nanoseconds propose_every = std::chrono::milliseconds(40);  ///< on average
  bool with_bootstrap_servers = false;                        ///< of observers: instead of the list
  /// The first node alone begins; its log says so, and the other voters have yet to be added (KIP-853).
  bool is_dynamic = false;
  Nanoseconds snapshot_every = Nanoseconds(0);  ///< on average, at each node; 0: never
  bool is_told_new = false;                     ///< every node, by gregor.initial.cluster
};

class QuorumWorld;

/// To standard error where GREGOR_QUORUM_LOG is set.
class QuorumLog final : public observe::Log {
 public:
  explicit QuorumLog(QuorumWorld& world, std::size_t place) : world_(world), place_(place) {}
  void line(observe::Level level, std::string_view event, std::initializer_list<observe::Field> fields) override;

 private:
  QuorumWorld& world_;
  std::size_t place_;
};

/// One life of a node.
class QuorumLife final : public sim::Program, CommitListener {
 public:
  QuorumLife(QuorumWorld& owner, std::size_t place);
  ~QuorumLife() override;
  void run(env::Fiber& self, env::Shard& shard) override;
  void stop() override;

  [[nodiscard]] NodeId id() const { return id_; }
  [[nodiscard]] Node* node() { return node_.get(); }
  [[nodiscard]] const Leadership& leadership() const { return leadership_; }
  [[nodiscard]] bool leads() const { return leadership_.is_ours; }
  /// On a fiber of this life's shard.
  void spawn(UniqueFunction<void(env::Fiber&)> work);
  [[nodiscard]] const Identity& identity() const { return identity_; }
  [[nodiscard]] int unknown_outcomes() const { return unknown_outcomes_; }

 private:
  Result<void> start(env::Fiber& self, env::Shard& shard);
  void configure();
  /// What Kafka's format step leaves in the directory of a quorum's first voter.
  Result<void> write_first_voters(env::Fiber& self, env::Shard& shard);
  void propose(env::Fiber& self, env::Shard& shard);
  void take_snapshots(env::Fiber& self, env::Shard& shard);
  Result<void> on_snapshot(const CommittedBatch& whole) override;
  Result<void> on_committed(const CommittedBatch& batch) override;
  void on_leadership(const Leadership& now) override;

  QuorumWorld& world_;
  const std::size_t place_;
  const NodeId id_;
  const std::uint32_t life_;
  config::BrokerConfig config_;
  QuorumLog log_;
  observe::NullObserver observer_;
  std::unique_ptr<storage::LogDirectory> directory_;
  Identity identity_;
  std::unique_ptr<Node> node_;
  std::unique_ptr<QuorumServer> server_;
  Leadership leadership_{};
  env::Shard* shard_ = nullptr;
  std::vector<ByteBuffer> heard_;  ///< all records so far: what a snapshot holds
  CommittedBatch newest_{};
  env::WaitQueue stopping_;
  bool is_stopping_ = false;
  int unknown_outcomes_ = 0;
};

class QuorumWorld {
 public:
  explicit QuorumWorld(const QuorumOptions& with);
  ~QuorumWorld();

  /// True when it came true in time; each event is followed by a look at the ghost.
  bool run_until(UniqueFunction<bool()> holds, Nanoseconds within);
  void run_for(Nanoseconds wait);
  /// The life whose node leads, as far as it knows, with the greatest epoch; null where none does.
  [[nodiscard]] QuorumLife* leader();
  [[nodiscard]] QuorumLife* life(std::size_t place) { return lives.at(place); }
  /// Everything works from now on: cuts are healed, all nodes run.
  void heal();
  /// Some leader acknowledges, and all nodes have heard all that was ever acknowledged.
  bool converges(Nanoseconds within);
  /// A few faults drawn from the seed, one after the other.
  void trouble(Nanoseconds wait);
  [[nodiscard]] std::string describe();

  const QuorumOptions options;
  QuorumGhost ghost;
  std::vector<QuorumLife*> lives;  ///< by place; null while it is down
  std::vector<bool> votes_from_birth;
  bool proposes = true;
  int refusals_to_start = 0;
  std::string last_refusal;
  std::uint32_t next_life = 1;
  sim::World world;  ///< its lives end before what they report to

 private:
  void one_fault();
  bool is_healed_ = false;
  RandomStream chaos_;
};

}  // namespace gregor::quorum
