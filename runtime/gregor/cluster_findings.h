// What is wrong with a cluster, and what to do about it, from what its brokers say of it. Pure.
//
// Promises: the same standing gives the same findings in the same order, what stops writes first; each names what it is
// about and one thing to do. Never asks anybody.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/admin.h"

namespace gregor::program {

struct BrokerStanding {
  NodeId id{-1};
  client::HostPort address = {};
  bool is_fenced = false;
};

struct PartitionStanding {
  std::string topic = {};
  client::PartitionMetadata partition = {};
  std::int32_t min_in_sync = 1;
};

struct ClusterStanding {
  std::string cluster_id = {};
  std::vector<BrokerStanding> brokers = {};
  std::optional<client::QuorumDescription> quorum = {};  ///< none where nobody leads it
  std::int64_t now_ms = 0;                               ///< by the clock of who asks
  std::vector<PartitionStanding> partitions = {};        ///< of all topics
};

struct Finding {
  enum class Kind : std::uint8_t {
    no_quorum_leader,
    offline_partitions,
    under_min_in_sync,
    silent_voter,
    fenced_broker,
    under_replicated,
  };
  Kind kind = Kind::under_replicated;
  std::string what = {};
  std::string advice = {};
};

/// "offline_partitions".
const char* name_of(Finding::Kind kind);

/// Empty where all is well.
std::vector<Finding> findings_of(const ClusterStanding& standing);

/// How many records `replica` lacks of what is committed; none where nobody knows.
std::optional<std::int64_t> lag_of(const client::QuorumDescription& quorum,
                                   const client::QuorumDescription::Replica& replica);

}  // namespace gregor::program
