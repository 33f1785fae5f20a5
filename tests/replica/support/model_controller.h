// ModelController: one partition's record and the registrations of brokers, changed at once and without failures. Each
// change is a version; brokers hear of versions later, each at its own pace, perhaps of several at once.
#pragma once

#include <map>
#include <vector>

#include "base/ids.h"
#include "replica/isr.h"
#include "replica/partition_state.h"

namespace gregor::replica {

struct BrokerRecord {
  BrokerEpoch epoch = kNoBrokerEpoch;
  bool is_in_service = false;
  bool operator==(const BrokerRecord&) const = default;
};

struct MetadataVersion {
  PartitionState partition;
  std::map<NodeId, BrokerRecord> brokers;
};

class ModelController {
 public:
  /// All of `replicas` are in service and in the ISR; the first leads.
  ModelController(const std::vector<NodeId>& replicas, int min_insync, bool has_elr);

  /// A new life of a broker, fenced until unfence(). An unclean one leaves ISR and ELR where there is an ELR.
  void register_broker(NodeId node, bool was_clean);
  void fence(NodeId node);
  void unfence(NodeId node);
  void move_leadership(NodeId to);
  void remove_replica(NodeId node);
  void add_replica(NodeId node);
  AlterPartitionAnswer alter(NodeId from, BrokerEpoch from_epoch, const AlterPartition& proposal);

  [[nodiscard]] const PartitionState& partition() const { return current_.partition; }
  [[nodiscard]] const BrokerRecord& broker(NodeId node) const { return current_.brokers.at(node); }
  [[nodiscard]] const std::vector<MetadataVersion>& versions() const { return versions_; }
  [[nodiscard]] int min_isr() const;
  /// ISR and ELR: those it would elect.
  [[nodiscard]] std::vector<NodeId> candidates() const;

 private:
  void leave_isr(NodeId node);
  void elect();
  void keep_elr(const std::vector<NodeId>& isr_before);
  void publish();

  MetadataVersion current_;
  std::vector<MetadataVersion> versions_;
  int min_insync_;
  bool has_elr_;
  std::int64_t registrations_ = 0;
};

bool is_among(const std::vector<NodeId>& nodes, NodeId node);

}  // namespace gregor::replica
