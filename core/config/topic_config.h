// What is in force for one topic: its own settings over the broker's log.* defaults over Kafka's.
// A value, made whole and checked; whoever holds one need not look at text again.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace gregor::config {

enum class CompressionType : std::uint8_t { producer, uncompressed, gzip, snappy, lz4, zstd };
enum class TimestampType : std::uint8_t { create_time = 0, log_append_time = 1 };
inline constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

/// Members are named as the topic keys. A default-constructed one holds Kafka's defaults.
struct TopicConfig {
  bool cleanup_policy_compact = false;
  bool cleanup_policy_delete = true;
  CompressionType compression_type = CompressionType::producer;
  std::int32_t compression_gzip_level = -1;
  std::int32_t compression_lz4_level = 9;
  std::int32_t compression_zstd_level = 3;
  std::int64_t delete_retention_ms = 86'400'000;
  std::int64_t file_delete_delay_ms = 60'000;
  std::int64_t flush_messages = kUnlimited;  ///< fsync at least every so many records; 1: before each acknowledgement
  std::int64_t flush_ms = kUnlimited;
  std::vector<std::string> follower_replication_throttled_replicas = {};
  std::int32_t index_interval_bytes = 4096;
  std::int32_t internal_segment_bytes = 0;  ///< 0: not set; where set it stands before segment_bytes
  std::vector<std::string> leader_replication_throttled_replicas = {};
  std::int64_t local_retention_bytes = -2;
  std::int64_t local_retention_ms = -2;
  std::int64_t max_compaction_lag_ms = kUnlimited;
  std::int32_t max_message_bytes = 1'048'588;  ///< of a batch, its header included
  std::int64_t message_timestamp_after_max_ms = 3'600'000;
  std::int64_t message_timestamp_before_max_ms = kUnlimited;
  TimestampType message_timestamp_type = TimestampType::create_time;
  double min_cleanable_dirty_ratio = 0.5;
  std::int64_t min_compaction_lag_ms = 0;
  std::int32_t min_insync_replicas = 1;
  bool preallocate = false;
  bool remote_log_copy_disable = false;
  bool remote_log_delete_on_disable = false;
  bool remote_storage_enable = false;
  std::int64_t retention_bytes = -1;        ///< -1: no limit
  std::int64_t retention_ms = 604'800'000;  ///< -1: no limit
  std::int32_t segment_bytes = 1'073'741'824;
  std::int32_t segment_index_bytes = 10'485'760;
  std::int64_t segment_jitter_ms = 0;
  std::int64_t segment_ms = 604'800'000;
  bool unclean_leader_election_enable = false;

  /// The size at which a segment rolls, bytes.
  [[nodiscard]] std::int32_t segment_bytes_in_force() const {
    return internal_segment_bytes > 0 ? internal_segment_bytes : segment_bytes;
  }
  bool operator==(const TopicConfig&) const = default;
};

/// A topic's own settings, as CreateTopics and the metadata log carry them: (name, value).
using TopicOverride = std::pair<std::string, std::string>;

/// `overrides` over `defaults`, which are BrokerConfig::topic_defaults. Errors: invalid, in the words of Kafka's
/// INVALID_CONFIG where it has such ("Unknown topic config name: x"); the later of two settings of one key wins; checks
/// across keys are made.
Result<TopicConfig> topic_config_with(const TopicConfig& defaults, std::span<const TopicOverride> overrides);

/// One setting as text, as DescribeConfigs and `gregor topic describe` show it. Errors: not_found for unknown names.
Result<std::string> topic_value_text(const TopicConfig& topic, std::string_view name);

}  // namespace gregor::config
