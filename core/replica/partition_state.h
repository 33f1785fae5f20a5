// PartitionState: what the metadata says of one partition, as a value of this layer; and the two questions that a
// replica asks of the metadata about brokers.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace gregor::replica {

/// Of a leader elected uncleanly (KIP-704): it is the whole ISR until it has recovered.
enum class LeaderRecovery : std::uint8_t { recovered = 0, recovering = 1 };

/// PartitionRecord and PartitionChangeRecord, folded. A partition without a leader has leader -1.
struct PartitionState {
  NodeId leader = kNoNodeId;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  PartitionEpoch partition_epoch = kNoPartitionEpoch;
  std::vector<NodeId> replicas = {};
  std::vector<NodeId> isr = {};
  std::vector<NodeId> elr = {};  ///< KIP-966; the controller's affair, kept for models
  LeaderRecovery recovery = LeaderRecovery::recovered;
};

/// What this node's image of the metadata says of brokers. Asked while a call lasts, never kept.
class BrokerView {
 public:
  BrokerView() = default;
  BrokerView(const BrokerView&) = delete;
  BrokerView& operator=(const BrokerView&) = delete;
  virtual ~BrokerView() = default;
  /// Registered, neither fenced nor in controlled shutdown, and in the very registration that `fetched_with` names
  /// (KIP-841, KIP-903). -1 is that of a broker too old to name its own: taken.
  [[nodiscard]] virtual bool may_join_isr(NodeId replica, BrokerEpoch fetched_with) const = 0;
  /// Of this node's own registration.
  [[nodiscard]] virtual BrokerEpoch own_epoch() const = 0;
};

}  // namespace gregor::replica
