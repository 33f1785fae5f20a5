// A topic and its partitions, as the metadata log tells of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "metadata/persistent_map.h"

namespace gregor::metadata {

inline constexpr NodeId kNoLeader{-1};

/// One partition's registration (KIP-631). Lists keep the record's order: the first replica is the preferred leader.
struct Partition {
  NodeId leader = kNoLeader;
  LeaderEpoch leader_epoch{0};
  std::int32_t partition_epoch = 0;       ///< rises with each change of this partition
  std::int8_t leader_recovery_state = 0;  ///< 0: recovered, 1: recovering from an unclean election
  std::vector<NodeId> replicas;
  std::vector<NodeId> isr;
  std::vector<NodeId> removing_replicas;
  std::vector<NodeId> adding_replicas;
  std::vector<NodeId> eligible_leader_replicas;  ///< KIP-966
  std::vector<NodeId> last_known_elr;
  std::vector<Uuid> directories;  ///< one a replica, or empty where the records have none (KIP-858)
  bool operator==(const Partition&) const = default;
};

struct Topic {
  std::string name;
  TopicId id;
  PersistentMap<PartitionIndex, Partition> partitions;  ///< `for (const auto& [index, partition] : topic.partitions)`
  bool operator==(const Topic&) const = default;
};

}  // namespace gregor::metadata
