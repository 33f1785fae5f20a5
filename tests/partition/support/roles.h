// States of a partition as the metadata would tell them, the partition epoch rising with each.
#pragma once

#include <vector>

#include "config/broker_config.h"
#include "replica/partition_state.h"

namespace gregor::partition::test {

/// The node that a default configuration makes.
inline const NodeId kSelf = config::BrokerConfig{}.node_id;

/// It leads alone. The partition epoch is that of the leader, times two.
inline replica::PartitionState leads_alone(LeaderEpoch epoch, NodeId self = kSelf) {
  return {.leader = self,
          .leader_epoch = epoch,
          .partition_epoch = PartitionEpoch{2 * epoch.value()},
          .replicas = {self},
          .isr = {self}};
}

/// The state after leads_alone(epoch): nobody leads.
inline replica::PartitionState nobody_leads(LeaderEpoch epoch, NodeId self = kSelf) {
  replica::PartitionState state = leads_alone(epoch, self);
  state.leader = kNoNodeId;
  state.partition_epoch = state.partition_epoch + 1;
  return state;
}

}  // namespace gregor::partition::test
