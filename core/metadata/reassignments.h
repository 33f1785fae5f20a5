// Moving replicas (KIP-455, KIP-860): the new ones are added, and when all of them are in sync the old ones go. A
// partition's change is finished by the AlterPartition that brings the last one in sync. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "metadata/decision.h"
#include "metadata/election_rules.h"
#include "metadata/image.h"
#include "wire/error_code.h"

namespace gregor::metadata {

struct AlterReassignments {
  struct Partition {
    std::int32_t index = 0;
    std::optional<std::vector<NodeId>> replicas = {};  ///< none: what is under way is taken back
  };
  struct Topic {
    std::string name = {};
    std::vector<Partition> partitions = {};
  };
  std::vector<Topic> topics = {};
  bool allow_replication_factor_change = true;
};

struct AlteredReassignments {
  struct Partition {
    std::int32_t index = 0;
    wire::ErrorCode error = {};
    std::optional<std::string> error_message = {};
  };
  std::string topic = {};
  std::vector<Partition> partitions = {};
};

Decision<AlteredReassignments> decide_alter_reassignments(const Image& image, const ElectionRules& defaults,
                                                          const AlterReassignments& request);

struct AskedReassignments {
  std::string topic = {};
  std::vector<std::int32_t> partitions = {};
};
struct OngoingReassignments {
  struct Partition {
    std::int32_t index = 0;
    std::vector<NodeId> replicas = {};
    std::vector<NodeId> adding = {};
    std::vector<NodeId> removing = {};
  };
  std::string topic = {};
  std::vector<Partition> partitions = {};
};
/// All that are under way where nothing is asked for by name; topics without one are left out.
std::vector<OngoingReassignments> list_reassignments(const Image& image,
                                                     const std::optional<std::vector<AskedReassignments>>& asked);

}  // namespace gregor::metadata
