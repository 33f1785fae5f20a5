// AlterPartition v2-v3: a leader asks for another ISR (KIP-497), or says that it has recovered (KIP-704). Only replicas
// that live, under the broker epochs that the leader knows them by, come in (KIP-841, KIP-903). Pure.
#pragma once

#include <vector>

#include "base/result.h"
#include "metadata/decision.h"
#include "metadata/election_rules.h"
#include "metadata/image.h"
#include "wire/error_code.h"

namespace gregor::metadata {

struct AlterPartition {
  struct Member {
    NodeId id = {};
    BrokerEpoch epoch{-1};  ///< -1: not told (v2), not checked
  };
  struct Partition {
    std::int32_t index = 0;
    LeaderEpoch leader_epoch = {};
    std::int32_t partition_epoch = 0;
    std::vector<Member> isr = {};
    std::int8_t leader_recovery_state = 0;
  };
  struct Topic {
    TopicId id = {};
    std::vector<Partition> partitions = {};
  };
  NodeId broker = {};
  BrokerEpoch broker_epoch{-1};
  std::vector<Topic> topics = {};
};

/// Where `error` is set, nothing else is told.
struct AlteredPartitions {
  struct Partition {
    std::int32_t index = 0;
    wire::ErrorCode error = {};
    NodeId leader = kNoLeader;
    LeaderEpoch leader_epoch = {};
    std::vector<NodeId> isr = {};
    std::int8_t leader_recovery_state = 0;
    std::int32_t partition_epoch = 0;
  };
  TopicId topic = {};
  std::vector<Partition> partitions = {};
};

/// One reply a topic. Errors of a partition, in this order: UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION,
/// NOT_CONTROLLER (its epochs are beyond ours: we are deposed), FENCED_LEADER_EPOCH, INVALID_REQUEST,
/// INVALID_UPDATE_VERSION, INELIGIBLE_REPLICA; NEW_LEADER_ELECTED where the change was made and ended a reassignment
/// that moves the leader. Errors of the request: not_found, stale (STALE_BROKER_EPOCH).
Result<Decision<AlteredPartitions>> decide_alter_partition(const Image& image, const ElectionRules& defaults,
                                                           const AlterPartition& request);

}  // namespace gregor::metadata
