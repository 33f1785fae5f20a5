// Admin: topics, offsets and the cluster, asked once and retried until the cluster's api_timeout where that is safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
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
  std::vector<NodeId> fenced = {};  ///< of `brokers`; describe_brokers() alone tells of them
};

struct FoundOffset {
  Offset offset = kNoOffset;
  WallTime timestamp{-1};
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
};

/// A configured thing, with Kafka's numbers of kinds.
struct ConfigTarget {
  enum class Kind : std::int8_t { topic = 2, broker = 4, broker_logger = 8, client_metrics = 16, group = 32 };
  Kind kind = Kind::topic;
  std::string name = {};  ///< of a broker its id; empty: the cluster's default
};
struct ConfigRow {
  std::string name = {};
  std::optional<std::string> value = {};
  std::int8_t source = 5;  ///< Kafka's number
  bool read_only = false;
  bool is_sensitive = false;
  struct Synonym {
    std::string name = {};
    std::optional<std::string> value = {};
    std::int8_t source = 0;
  };
  std::vector<Synonym> synonyms = {};
};
/// "TOPIC", "DYNAMIC_BROKER", "DEFAULT", ...
std::string_view name_of_config_source(std::int8_t source);

struct ConfigEdit {
  enum class Kind : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };
  Kind kind = Kind::set;
  std::string name = {};
  std::string value = {};
};

struct QuorumDescription {
  NodeId leader{-1};
  LeaderEpoch leader_epoch{-1};
  Offset high_watermark = kNoOffset;
  struct Replica {
    NodeId id{-1};
    Offset log_end_offset = kNoOffset;
    std::int64_t last_caught_up_ms = -1;
  };
  std::vector<Replica> voters = {};
  std::vector<Replica> observers = {};
};

struct FeatureDescription {
  std::string name = {};
  std::int16_t supported_min = 0;
  std::int16_t supported_max = 0;
  std::int16_t finalized = 0;  ///< 0: not finalized
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
  /// As describe_cluster(), with the fenced brokers too (Kafka 4.0, KIP-1073); of an older cluster without them.
  Outcome<ClusterDescription> describe_brokers(env::Fiber& self);
  /// More partitions, `count` in all.
  Outcome<void> create_partitions(env::Fiber& self, const std::string& topic, std::int32_t count);

  /// In order of names. A broker is asked of itself.
  Outcome<std::vector<ConfigRow>> describe_configs(env::Fiber& self, const ConfigTarget& target);
  /// All edits or none.
  Outcome<void> alter_configs(env::Fiber& self, const ConfigTarget& target, const std::vector<ConfigEdit>& edits,
                              bool validate_only = false);

  Outcome<QuorumDescription> describe_quorum(env::Fiber& self);
  /// In order of names.
  Outcome<std::vector<FeatureDescription>> describe_features(env::Fiber& self);

  /// `timestamp_ms`: kLatestOffset, kEarliestOffset, -3 (max timestamp) or a time. Offset -1 when there is no such
  /// record.
  Outcome<FoundOffset> list_offset(env::Fiber& self, const std::string& topic, PartitionIndex partition,
                                   std::int64_t timestamp_ms);

 private:
  Cluster& cluster_;
};

}  // namespace gregor::client
