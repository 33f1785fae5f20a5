// Admin: topics, offsets and the cluster, asked once and retried until the cluster's api_timeout where that is safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "client/cluster.h"
#include "client/outcome.h"

namespace gregor::client {

struct NewTopic {
  std::string name;
  std::int32_t partition_count = -1;     ///< -1: the broker's default
  std::int16_t replication_factor = -1;  ///< -1: the broker's default
  std::map<std::string, std::string> configs;
  bool validate_only = false;
};

struct ClusterDescription {
  std::string cluster_id;
  NodeId controller{-1};
  std::vector<BrokerMetadata> brokers;
};

struct FoundOffset {
  Offset offset = kNoOffset;
  WallTime timestamp{-1};
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
};

/// Every call suspends and throws Cancelled. A change whose answer got lost is retried: then TOPIC_ALREADY_EXISTS (or
/// UNKNOWN_TOPIC_OR_PARTITION of a deletion) comes back with fate unknown, since the first try may have done it.
class Admin {
 public:
  /// `cluster` outlives the admin.
  explicit Admin(Cluster& cluster) : cluster_(cluster) {}

  /// The new topic's id.
  Outcome<TopicId> create_topic(env::Fiber& self, const NewTopic& topic);
  Outcome<void> delete_topic(env::Fiber& self, const std::string& name);
  Outcome<std::vector<TopicMetadata>> list_topics(env::Fiber& self);
  Outcome<TopicMetadata> describe_topic(env::Fiber& self, const std::string& name);
  Outcome<ClusterDescription> describe_cluster(env::Fiber& self);
  /// `timestamp_ms`: kLatestOffset, kEarliestOffset, -3 (max timestamp) or a time. Offset -1 when there is no such
  /// record.
  Outcome<FoundOffset> list_offset(env::Fiber& self, const std::string& topic, PartitionIndex partition,
                                   std::int64_t timestamp_ms);

 private:
  Cluster& cluster_;
};

}  // namespace gregor::client
