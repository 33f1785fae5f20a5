// The fault budget of a cluster (INVARIANTS C): which faults may strike which node now, so that whatever the clients
// lose then is the brokers' doing. Kept by partition, from the account of ReplicaWatch, and for the metadata quorum.
//
//   D4  with a flush before each acknowledgement what ends a life costs nothing
//   D3  without one, power may be lost where another copy is good and fewer than min.insync.replicas are in doubt then;
//       while a copy is in doubt, or a disk is failing, no other good one may go
//   D2  without eligible leader replicas (KIP-966) who is merely away leaves the ISR to one whose copy is in doubt,
//       for as long as that lasts (point 12): all live within reach of each other there
//   D1  where one replica in sync suffices nothing protects the last one, but that it is not touched
//   U   where elections may be unclean nothing is promised of partitions
//   Q   of 2f + 1 voters of the metadata quorum f may have an empty disk, or one that is new and does not vote yet; where
//       its log names them (KIP-853), they are those of the newest record, which must be committed
//
// An empty disk wants another good copy in every mode, and leaves one in doubt even where everything is flushed. So
// does rot, until the broker has found it and fetched again; in mode U it strikes nobody, since nobody there can say who
// has a good copy. A scenario that is over budget is to show that the judges see what is lost then: nothing is left out
// of it.
#pragma once

#include <map>
#include <optional>

#include "base/ids.h"
#include "properties/always/quorum_watch.h"
#include "properties/always/replica_watch.h"
#include "scenarios/scenario.h"
#include "sim/disk_image.h"
#include "storage/meta_properties.h"

namespace gregor::scenarios {

class FaultBudget {
 public:
  /// What is referred to outlives the budget.
  FaultBudget(const Scenario& scenario, properties::ReplicaWatch& replicas, const properties::QuorumWatch& quorum)
      : scenario_(scenario), replicas_(replicas), quorum_(quorum) {}

  /// It is one of the metadata quorum's. `disk` outlives the budget.
  void add_voter(NodeId node, const sim::DiskImage& disk) { voters_.emplace(node, &disk); }
  [[nodiscard]] bool allows(FaultKind kind, NodeId node) const;
  /// The machine lost power.
  void lost_power(NodeId node);
  /// Its disk is empty.
  void lost_disk(NodeId node) { replicas_.lost_content(node); }
  /// Whether the log names everyone who was added here as a voter, with the directory that it has.
  [[nodiscard]] bool all_have_joined() const;

 private:
  [[nodiscard]] bool quorum_spares(NodeId node) const;
  [[nodiscard]] bool named_voters_spare(NodeId node) const;
  [[nodiscard]] std::optional<storage::MetaProperties> meta_of(const sim::DiskImage& disk) const;
  /// Its disk has the directory of that voter.
  [[nodiscard]] bool is_there(const observe::NamedVoter& voter) const;
  /// Its directory is formatted, and not a new one that has yet to earn its vote.
  [[nodiscard]] bool votes(const sim::DiskImage& disk) const;

  const Scenario& scenario_;
  properties::ReplicaWatch& replicas_;
  const properties::QuorumWatch& quorum_;
  std::map<NodeId, const sim::DiskImage*> voters_;
};

}  // namespace gregor::scenarios
