#include "config/topic_config.h"

#include <algorithm>
#include <array>

#include "config/field.h"
#include "config/table.h"

namespace gregor::config {
namespace {

using TopicField = Field<TopicConfig>;

constexpr std::array<std::string_view, 6> kCompressionNames = {"producer", "uncompressed", "gzip",
                                                               "snappy",   "lz4",          "zstd"};

void set_cleanup_policy(TopicConfig& at, std::string_view text) {
  const std::vector<std::string> policies = parse_list(text);
  const auto holds = [&](std::string_view policy) {
    return std::find(policies.begin(), policies.end(), policy) != policies.end();
  };
  at.cleanup_policy_compact = holds("compact");
  at.cleanup_policy_delete = holds("delete");
}
std::string get_cleanup_policy(const TopicConfig& from) {
  if (from.cleanup_policy_compact && from.cleanup_policy_delete) return "compact,delete";
  return from.cleanup_policy_compact ? "compact" : from.cleanup_policy_delete ? "delete" : "";
}

void set_compression_type(TopicConfig& at, std::string_view text) {
  const auto name = std::find(kCompressionNames.begin(), kCompressionNames.end(), trimmed(text));
  CHECK(name != kCompressionNames.end());
  at.compression_type = static_cast<CompressionType>(name - kCompressionNames.begin());
}
std::string get_compression_type(const TopicConfig& from) {
  return std::string(kCompressionNames[static_cast<std::size_t>(from.compression_type)]);
}

void set_timestamp_type(TopicConfig& at, std::string_view text) {
  const bool is_append_time = trimmed(text) == "LogAppendTime";
  at.message_timestamp_type = is_append_time ? TimestampType::log_append_time : TimestampType::create_time;
}
std::string get_timestamp_type(const TopicConfig& from) {
  return from.message_timestamp_type == TimestampType::log_append_time ? "LogAppendTime" : "CreateTime";
}

constexpr TopicField::Custom kCleanupPolicy{set_cleanup_policy, get_cleanup_policy};
constexpr TopicField::Custom kCompressionType{set_compression_type, get_compression_type};
constexpr TopicField::Custom kTimestampType{set_timestamp_type, get_timestamp_type};

// clang-format off
constexpr TopicField kFields[] = {
    {"cleanup.policy", kCleanupPolicy},
    {"compression.gzip.level", &TopicConfig::compression_gzip_level},
    {"compression.lz4.level", &TopicConfig::compression_lz4_level},
    {"compression.type", kCompressionType},
    {"compression.zstd.level", &TopicConfig::compression_zstd_level},
    {"delete.retention.ms", &TopicConfig::delete_retention_ms},
    {"file.delete.delay.ms", &TopicConfig::file_delete_delay_ms},
    {"flush.messages", &TopicConfig::flush_messages},
    {"flush.ms", &TopicConfig::flush_ms},
    {"follower.replication.throttled.replicas", &TopicConfig::follower_replication_throttled_replicas},
    {"index.interval.bytes", &TopicConfig::index_interval_bytes},
    {"internal.segment.bytes", &TopicConfig::internal_segment_bytes},
    {"leader.replication.throttled.replicas", &TopicConfig::leader_replication_throttled_replicas},
    {"local.retention.bytes", &TopicConfig::local_retention_bytes},
    {"local.retention.ms", &TopicConfig::local_retention_ms},
    {"max.compaction.lag.ms", &TopicConfig::max_compaction_lag_ms},
    {"max.message.bytes", &TopicConfig::max_message_bytes},
    {"message.timestamp.after.max.ms", &TopicConfig::message_timestamp_after_max_ms},
    {"message.timestamp.before.max.ms", &TopicConfig::message_timestamp_before_max_ms},
    {"message.timestamp.type", kTimestampType},
    {"min.cleanable.dirty.ratio", &TopicConfig::min_cleanable_dirty_ratio},
    {"min.compaction.lag.ms", &TopicConfig::min_compaction_lag_ms},
    {"min.insync.replicas", &TopicConfig::min_insync_replicas},
    {"preallocate", &TopicConfig::preallocate},
    {"remote.log.copy.disable", &TopicConfig::remote_log_copy_disable},
    {"remote.log.delete.on.disable", &TopicConfig::remote_log_delete_on_disable},
    {"remote.storage.enable", &TopicConfig::remote_storage_enable},
    {"retention.bytes", &TopicConfig::retention_bytes},
    {"retention.ms", &TopicConfig::retention_ms},
    {"segment.bytes", &TopicConfig::segment_bytes},
    {"segment.index.bytes", &TopicConfig::segment_index_bytes},
    {"segment.jitter.ms", &TopicConfig::segment_jitter_ms},
    {"segment.ms", &TopicConfig::segment_ms},
    {"unclean.leader.election.enable", &TopicConfig::unclean_leader_election_enable},
};
// clang-format on

const TopicField* find_field(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(kFields), std::end(kFields), [&](const TopicField& f) { return f.name == name; });
  return found == std::end(kFields) ? nullptr : found;
}

Result<void> check_across_keys(const TopicConfig& topic) {
  if (topic.min_compaction_lag_ms > topic.max_compaction_lag_ms) {
    return fail(Errc::invalid, "conflict topic config setting min.compaction.lag.ms (" +
                                   std::to_string(topic.min_compaction_lag_ms) + ") > max.compaction.lag.ms (" +
                                   std::to_string(topic.max_compaction_lag_ms) + ")");
  }
  return {};
}

}  // namespace

Result<TopicConfig> topic_config_with(const TopicConfig& defaults, std::span<const TopicOverride> overrides) {
  TopicConfig topic = defaults;
  for (const auto& [name, value] : overrides) {
    const Key* key = find_topic_key(name);
    if (key == nullptr) return fail(Errc::invalid, "Unknown topic config name: " + name);
    TRY(check_value(*key, &value));
    const TopicField* field = find_field(name);
    CHECK(field != nullptr);
    const std::string before = field->get(defaults);
    field->set(topic, value);
    if (key->support == Support::refused && field->get(topic) != before) {
      return fail(Errc::invalid,
                  "Invalid value " + value + " for configuration " + name + ": " + std::string(key->reason));
    }
  }
  TRY(check_across_keys(topic));
  return topic;
}

Result<std::string> topic_value_text(const TopicConfig& topic, std::string_view name) {
  const TopicField* field = find_field(name);
  if (field == nullptr) return fail(Errc::not_found, "Unknown topic config name: " + std::string(name));
  return field->get(topic);
}

}  // namespace gregor::config
