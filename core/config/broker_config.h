// The settings that a node obeys, typed and checked. Handed down by constructor, never global; members are named as
// Kafka's keys. Keys that only give topics their defaults (log.retention.ms, message.max.bytes, ...) are in
// `topic_defaults` and nowhere else.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "config/address_limits.h"
#include "config/listener.h"
#include "config/setting_map.h"
#include "config/topic_config.h"

namespace gregor::config {

inline constexpr std::int32_t kNoLimit = std::numeric_limits<std::int32_t>::max();

/// What replica.selector.class may name, and nothing else.
inline constexpr std::string_view kLeaderSelector = "org.apache.kafka.common.replica.LeaderSelector";
inline constexpr std::string_view kRackAwareSelector = "org.apache.kafka.common.replica.RackAwareReplicaSelector";

/// A default-constructed one is what `gregor broker` runs without any setting: one combined node, PLAINTEXT://:9092.
struct BrokerConfig {
  // Who it is.
  NodeId node_id{1};             ///< Kafka has no default; Gregor's is 1
  bool is_broker = true;         ///< process.roles
  bool is_controller = true;     ///< process.roles
  std::string broker_rack = {};  ///< empty: none

  // Where it listens, and what it tells others.
  std::vector<Listener> listeners = {{"PLAINTEXT", "", 9092}};
  std::vector<Listener> advertised_listeners = {};  ///< empty: see advertised_to()
  std::vector<std::string> controller_listener_names = {"CONTROLLER"};
  std::string inter_broker_listener_name = {};       ///< empty: the first that is not a controller's
  std::vector<Voter> controller_quorum_voters = {};  ///< empty: see the next, or this node alone
  std::vector<std::string> controller_quorum_bootstrap_servers = {};
  bool controller_quorum_auto_join_enable = false;  ///< a controller asks to become a voter (KIP-1186)

  // Where it stores.
  std::vector<std::string> log_dirs = {"/tmp/kafka-logs"};
  std::string metadata_log_dir = {};  ///< empty: the first of log_dirs

  // Topics.
  TopicConfig topic_defaults = {};
  std::int32_t num_partitions = 1;
  bool auto_create_topics_enable = true;
  std::int32_t default_replication_factor = 1;
  bool delete_topic_enable = true;

  // Connections and requests.
  std::int32_t socket_request_max_bytes = 104'857'600;
  std::int32_t socket_receive_buffer_bytes = 102'400;  ///< -1: the system's choice
  std::int32_t socket_send_buffer_bytes = 102'400;
  std::int32_t socket_listen_backlog_size = 50;
  std::int32_t queued_max_requests = 500;
  std::int64_t queued_max_request_bytes = -1;  ///< -1: no limit of its own
  std::int64_t connections_max_idle_ms = 600'000;
  std::int32_t max_connections = kNoLimit;
  std::int32_t max_connections_per_ip = kNoLimit;
  AddressLimits max_connections_per_ip_overrides = {};
  std::int32_t max_connection_creation_rate = kNoLimit;  ///< per second
  std::int32_t request_timeout_ms = 30'000;
  std::int32_t max_request_partition_size_limit = 2000;
  std::int32_t telemetry_max_bytes = 1'048'576;  ///< of one push of a client's metrics

  // Fetch.
  std::int32_t fetch_max_bytes = 57'671'680;
  std::int32_t max_incremental_fetch_session_cache_slots = 1000;

  // Logs.
  std::int64_t log_retention_check_interval_ms = 300'000;
  std::int64_t log_flush_scheduler_interval_ms = kUnlimited;
  std::int32_t log_flush_offset_checkpoint_interval_ms = 60'000;
  std::int32_t log_flush_start_offset_checkpoint_interval_ms = 60'000;
  std::int64_t log_initial_task_delay_ms = 30'000;
  std::int64_t replica_high_watermark_checkpoint_interval_ms = 5'000;
  std::int32_t num_recovery_threads_per_data_dir = 2;
  bool log_cleaner_enable = true;
  std::int64_t log_cleaner_backoff_ms = 15'000;
  std::int64_t log_cleaner_dedupe_buffer_size = 134'217'728;  ///< of all shards together
  double log_cleaner_io_buffer_load_factor = 0.9;
  double log_cleaner_io_max_bytes_per_second = 1.7976931348623157E308;

  // Replicas.
  std::int32_t replica_fetch_backoff_ms = 1'000;
  std::int32_t replica_fetch_max_bytes = 1'048'576;  ///< of a partition in one answer
  std::int32_t replica_fetch_min_bytes = 1;
  std::int32_t replica_fetch_response_max_bytes = 10'485'760;
  std::int32_t replica_fetch_wait_max_ms = 500;
  std::int32_t replica_socket_timeout_ms = 30'000;
  std::int64_t replica_lag_time_max_ms = 30'000;
  std::string replica_selector_class = {};  ///< empty: the leader; see selects_by_rack()
  // Limits of copying (KIP-73), bytes a second; of a running broker alone.
  std::int64_t leader_replication_throttled_rate = kUnlimited;
  std::int64_t follower_replication_throttled_rate = kUnlimited;
  std::int64_t replica_alter_log_dirs_io_max_bytes_per_second = kUnlimited;
  std::int32_t alter_log_dirs_replication_quota_window_num = 11;
  std::int32_t alter_log_dirs_replication_quota_window_size_seconds = 1;
  std::int32_t replication_quota_window_num = 11;
  std::int32_t replication_quota_window_size_seconds = 1;

  // Producers.
  std::int32_t producer_id_expiration_ms = 86'400'000;
  std::int32_t producer_id_expiration_check_interval_ms = 600'000;
  bool transaction_partition_verification_enable = true;

  // Groups and their offsets.
  std::int32_t group_initial_rebalance_delay_ms = 3000;
  std::int32_t group_min_session_timeout_ms = 6000;
  std::int32_t group_max_session_timeout_ms = 1'800'000;
  std::int32_t group_max_size = kNoLimit;
  std::int32_t offset_metadata_max_bytes = 4096;
  std::int32_t offsets_retention_minutes = 10080;
  std::int64_t offsets_retention_check_interval_ms = 600'000;
  std::int32_t offsets_topic_num_partitions = 50;
  std::int16_t offsets_topic_replication_factor = 3;  ///< at most as many as brokers are registered
  std::int32_t offsets_topic_segment_bytes = 104'857'600;
  std::int32_t offsets_topic_compression_codec = 0;  ///< Kafka's number of a codec, for the coordinator's own batches

  // The metadata quorum.
  std::int32_t controller_quorum_election_timeout_ms = 1000;
  std::int32_t controller_quorum_election_backoff_max_ms = 1000;
  std::int32_t controller_quorum_fetch_timeout_ms = 2000;
  std::int32_t controller_quorum_request_timeout_ms = 2000;
  std::int32_t controller_quorum_retry_backoff_ms = 20;
  std::int32_t controller_quorum_fetch_max_bytes = 1'048'576;
  std::int32_t controller_quorum_fetch_snapshot_max_bytes = 1'048'576;

  // Brokers and their controller.
  std::int32_t broker_heartbeat_interval_ms = 2000;
  std::int32_t broker_session_timeout_ms = 9000;
  std::int32_t initial_broker_registration_timeout_ms = 60'000;
  bool controlled_shutdown_enable = true;
  std::int32_t controller_socket_timeout_ms = 30'000;
  bool auto_leader_rebalance_enable = true;
  std::int64_t leader_imbalance_check_interval_seconds = 300;
  std::int64_t unclean_leader_election_interval_ms = 300'000;

  // The metadata log.
  std::int32_t metadata_log_segment_bytes = 1'073'741'824;
  std::int32_t internal_metadata_log_segment_bytes = 0;  ///< 0: not set; where set it stands before the one above
  std::int64_t metadata_log_segment_ms = 604'800'000;
  std::int64_t metadata_max_retention_bytes = 104'857'600;
  std::int64_t metadata_max_retention_ms = 604'800'000;
  std::int64_t metadata_log_max_record_bytes_between_snapshots = 20'971'520;
  std::int64_t metadata_log_max_snapshot_interval_ms = 3'600'000;
  std::int32_t metadata_max_idle_interval_ms = 500;

  // Gregor's own.
  std::string gregor_http_listener = {};  ///< [host]:port of /metrics, /ready and /live; empty: none
  std::int32_t gregor_shards = 1;         ///< event loops, one thread each
  /// The cluster id with which every voter of a quorum that never lived formats its empty directories; it votes once
  /// each other voter has told it that it begins, too. Empty: it votes once a leader has brought it up to date.
  std::string gregor_initial_cluster = {};
  /// A controller whose directories are empty begins a quorum whose log names its voters, itself the first; others join
  /// it by AddRaftVoter (KIP-853; Kafka's `format --standalone`).
  bool gregor_initial_standalone = false;
  /// How long the port of a node whose connection ended must refuse before its process is taken as gone, without
  /// waiting for its session; zero: never. See quorum/death_signs.h.
  std::int32_t gregor_failover_probe_ms = 100;

  /// Every setting that was made, known or not, in the words it was made in: for who describes them, or lays others
  /// over.
  SettingMap assignments = {};

  /// The directory of __cluster_metadata.
  [[nodiscard]] const std::string& metadata_directory() const {
    return metadata_log_dir.empty() ? log_dirs.front() : metadata_log_dir;
  }
  /// True for the listeners that controllers serve (controller.listener.names).
  [[nodiscard]] bool is_controller_listener(std::string_view name) const;
  [[nodiscard]] bool is_controller_listener(const Listener& listener) const {
    return is_controller_listener(listener.name);
  }

  /// The name of the listener on which brokers speak to each other; empty where there is none.
  [[nodiscard]] std::string inter_broker_listener() const;

  /// Consumers are sent to a replica in their rack (KIP-392).
  [[nodiscard]] bool selects_by_rack() const { return replica_selector_class == kRackAwareSelector; }

  /// The metadata quorum is this node and nobody else, as far as the configuration knows: no other voter is named, and
  /// no bootstrap server but this node's own controller listener.
  [[nodiscard]] bool is_alone() const;

  bool operator==(const BrokerConfig&) const = default;
};

}  // namespace gregor::config
