// Log directories that fail, and replicas that move between them (KIP-858). Pure.
#pragma once

#include <vector>

#include "base/result.h"
#include "metadata/decision.h"
#include "metadata/election_rules.h"
#include "metadata/image.h"
#include "metadata/record_list.h"
#include "wire/error_code.h"

namespace gregor::metadata {

/// Replicas in directories that are newly offline lead nothing and leave their ISRs; the broker's other directories
/// stay. Empty where all of them were known to be offline. Requires that the broker is registered.
RecordList records_for_offline_directories(const Image& image, const ElectionRules& defaults, NodeId broker,
                                           const std::vector<Uuid>& offline);

struct AssignReplicas {
  struct Topic {
    TopicId id = {};
    std::vector<std::int32_t> partitions = {};
  };
  struct Directory {
    Uuid id = {};
    std::vector<Topic> topics = {};
  };
  NodeId broker = {};
  BrokerEpoch broker_epoch{-1};
  std::vector<Directory> directories = {};
};

struct AssignedReplicas {
  struct Partition {
    std::int32_t index = 0;
    wire::ErrorCode error = {};
  };
  struct Topic {
    TopicId id = {};
    std::vector<Partition> partitions = {};
  };
  Uuid directory = {};
  std::vector<Topic> topics = {};
};

/// AssignReplicasToDirs: where a broker has put its replicas; one that is in an offline directory leaves its ISR, and
/// one that is lost, or begins anew in another directory than that, is eligible no more (Kafka would elect it, empty).
/// One reply a directory. Errors: not_found, stale (STALE_BROKER_EPOCH); unsupported (metadata.version).
Result<Decision<AssignedReplicas>> decide_assign_replicas(const Image& image, const ElectionRules& defaults,
                                                          const AssignReplicas& request);

}  // namespace gregor::metadata
