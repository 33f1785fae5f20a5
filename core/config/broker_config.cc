#include "config/broker_config.h"

#include <algorithm>

#include "config/broker_fields.h"

namespace gregor::config {
namespace {

void set_overrides(BrokerConfig& at, std::string_view text) {
  auto limits = parse_address_limits(text);
  CHECK(limits.has_value());
  at.max_connections_per_ip_overrides = std::move(*limits);
}
std::string get_overrides(const BrokerConfig& from) {
  return to_text(from.max_connections_per_ip_overrides);
}
constexpr Field<BrokerConfig>::Custom kOverrides{set_overrides, get_overrides};

// clang-format off
constexpr BrokerField kFields[] = {
    {"broker.rack", &BrokerConfig::broker_rack},
    {"controller.listener.names", &BrokerConfig::controller_listener_names},
    {"inter.broker.listener.name", &BrokerConfig::inter_broker_listener_name},
    {"controller.quorum.bootstrap.servers", &BrokerConfig::controller_quorum_bootstrap_servers},
    {"metadata.log.dir", &BrokerConfig::metadata_log_dir},
    {"num.partitions", &BrokerConfig::num_partitions},
    {"auto.create.topics.enable", &BrokerConfig::auto_create_topics_enable},
    {"default.replication.factor", &BrokerConfig::default_replication_factor},
    {"delete.topic.enable", &BrokerConfig::delete_topic_enable},
    {"socket.request.max.bytes", &BrokerConfig::socket_request_max_bytes},
    {"socket.receive.buffer.bytes", &BrokerConfig::socket_receive_buffer_bytes},
    {"socket.send.buffer.bytes", &BrokerConfig::socket_send_buffer_bytes},
    {"socket.listen.backlog.size", &BrokerConfig::socket_listen_backlog_size},
    {"queued.max.requests", &BrokerConfig::queued_max_requests},
    {"queued.max.request.bytes", &BrokerConfig::queued_max_request_bytes},
    {"connections.max.idle.ms", &BrokerConfig::connections_max_idle_ms},
    {"max.connections", &BrokerConfig::max_connections},
    {"max.connections.per.ip", &BrokerConfig::max_connections_per_ip},
    {"max.connections.per.ip.overrides", kOverrides},
    {"max.connection.creation.rate", &BrokerConfig::max_connection_creation_rate},
    {"request.timeout.ms", &BrokerConfig::request_timeout_ms},
    {"max.request.partition.size.limit", &BrokerConfig::max_request_partition_size_limit},
    {"telemetry.max.bytes", &BrokerConfig::telemetry_max_bytes},
    {"fetch.max.bytes", &BrokerConfig::fetch_max_bytes},
    {"max.incremental.fetch.session.cache.slots", &BrokerConfig::max_incremental_fetch_session_cache_slots},
    {"log.retention.check.interval.ms", &BrokerConfig::log_retention_check_interval_ms},
    {"log.flush.scheduler.interval.ms", &BrokerConfig::log_flush_scheduler_interval_ms},
    {"log.flush.offset.checkpoint.interval.ms", &BrokerConfig::log_flush_offset_checkpoint_interval_ms},
    {"log.flush.start.offset.checkpoint.interval.ms", &BrokerConfig::log_flush_start_offset_checkpoint_interval_ms},
    {"log.initial.task.delay.ms", &BrokerConfig::log_initial_task_delay_ms},
    {"replica.high.watermark.checkpoint.interval.ms", &BrokerConfig::replica_high_watermark_checkpoint_interval_ms},
    {"replica.fetch.backoff.ms", &BrokerConfig::replica_fetch_backoff_ms},
    {"replica.fetch.max.bytes", &BrokerConfig::replica_fetch_max_bytes},
    {"replica.fetch.min.bytes", &BrokerConfig::replica_fetch_min_bytes},
    {"replica.fetch.response.max.bytes", &BrokerConfig::replica_fetch_response_max_bytes},
    {"replica.fetch.wait.max.ms", &BrokerConfig::replica_fetch_wait_max_ms},
    {"replica.socket.timeout.ms", &BrokerConfig::replica_socket_timeout_ms},
    {"replica.lag.time.max.ms", &BrokerConfig::replica_lag_time_max_ms},
    {"leader.replication.throttled.rate", &BrokerConfig::leader_replication_throttled_rate},
    {"follower.replication.throttled.rate", &BrokerConfig::follower_replication_throttled_rate},
    {"replica.alter.log.dirs.io.max.bytes.per.second", &BrokerConfig::replica_alter_log_dirs_io_max_bytes_per_second},
    {"alter.log.dirs.replication.quota.window.num", &BrokerConfig::alter_log_dirs_replication_quota_window_num},
    {"alter.log.dirs.replication.quota.window.size.seconds", &BrokerConfig::alter_log_dirs_replication_quota_window_size_seconds},
    {"replication.quota.window.num", &BrokerConfig::replication_quota_window_num},
    {"replication.quota.window.size.seconds", &BrokerConfig::replication_quota_window_size_seconds},
    {"replica.selector.class", &BrokerConfig::replica_selector_class},
    {"num.recovery.threads.per.data.dir", &BrokerConfig::num_recovery_threads_per_data_dir},
    {"log.cleaner.enable", &BrokerConfig::log_cleaner_enable},
    {"log.cleaner.backoff.ms", &BrokerConfig::log_cleaner_backoff_ms},
    {"log.cleaner.dedupe.buffer.size", &BrokerConfig::log_cleaner_dedupe_buffer_size},
    {"log.cleaner.io.buffer.load.factor", &BrokerConfig::log_cleaner_io_buffer_load_factor},
    {"log.cleaner.io.max.bytes.per.second", &BrokerConfig::log_cleaner_io_max_bytes_per_second},
    {"producer.id.expiration.ms", &BrokerConfig::producer_id_expiration_ms},
    {"producer.id.expiration.check.interval.ms", &BrokerConfig::producer_id_expiration_check_interval_ms},
    {"transaction.partition.verification.enable", &BrokerConfig::transaction_partition_verification_enable},
    {"group.initial.rebalance.delay.ms", &BrokerConfig::group_initial_rebalance_delay_ms},
    {"group.min.session.timeout.ms", &BrokerConfig::group_min_session_timeout_ms},
    {"group.max.session.timeout.ms", &BrokerConfig::group_max_session_timeout_ms},
    {"group.max.size", &BrokerConfig::group_max_size},
    {"offset.metadata.max.bytes", &BrokerConfig::offset_metadata_max_bytes},
    {"offsets.retention.minutes", &BrokerConfig::offsets_retention_minutes},
    {"offsets.retention.check.interval.ms", &BrokerConfig::offsets_retention_check_interval_ms},
    {"offsets.topic.num.partitions", &BrokerConfig::offsets_topic_num_partitions},
    {"offsets.topic.replication.factor", &BrokerConfig::offsets_topic_replication_factor},
    {"offsets.topic.segment.bytes", &BrokerConfig::offsets_topic_segment_bytes},
    {"offsets.topic.compression.codec", &BrokerConfig::offsets_topic_compression_codec},
    {"controller.quorum.election.timeout.ms", &BrokerConfig::controller_quorum_election_timeout_ms},
    {"controller.quorum.election.backoff.max.ms", &BrokerConfig::controller_quorum_election_backoff_max_ms},
    {"controller.quorum.fetch.timeout.ms", &BrokerConfig::controller_quorum_fetch_timeout_ms},
    {"controller.quorum.auto.join.enable", &BrokerConfig::controller_quorum_auto_join_enable},
    {"controller.quorum.request.timeout.ms", &BrokerConfig::controller_quorum_request_timeout_ms},
    {"controller.quorum.retry.backoff.ms", &BrokerConfig::controller_quorum_retry_backoff_ms},
    {"controller.quorum.fetch.max.bytes", &BrokerConfig::controller_quorum_fetch_max_bytes},
    {"controller.quorum.fetch.snapshot.max.bytes", &BrokerConfig::controller_quorum_fetch_snapshot_max_bytes},
    {"broker.heartbeat.interval.ms", &BrokerConfig::broker_heartbeat_interval_ms},
    {"broker.session.timeout.ms", &BrokerConfig::broker_session_timeout_ms},
    {"initial.broker.registration.timeout.ms", &BrokerConfig::initial_broker_registration_timeout_ms},
    {"controlled.shutdown.enable", &BrokerConfig::controlled_shutdown_enable},
    {"controller.socket.timeout.ms", &BrokerConfig::controller_socket_timeout_ms},
    {"auto.leader.rebalance.enable", &BrokerConfig::auto_leader_rebalance_enable},
    {"leader.imbalance.check.interval.seconds", &BrokerConfig::leader_imbalance_check_interval_seconds},
    {"unclean.leader.election.interval.ms", &BrokerConfig::unclean_leader_election_interval_ms},
    {"metadata.log.segment.bytes", &BrokerConfig::metadata_log_segment_bytes},
    {"metadata.log.segment.ms", &BrokerConfig::metadata_log_segment_ms},
    {"metadata.max.retention.bytes", &BrokerConfig::metadata_max_retention_bytes},
    {"metadata.max.retention.ms", &BrokerConfig::metadata_max_retention_ms},
    {"metadata.log.max.record.bytes.between.snapshots", &BrokerConfig::metadata_log_max_record_bytes_between_snapshots},
    {"metadata.log.max.snapshot.interval.ms", &BrokerConfig::metadata_log_max_snapshot_interval_ms},
    {"metadata.max.idle.interval.ms", &BrokerConfig::metadata_max_idle_interval_ms},
    {"gregor.failover.probe.ms", &BrokerConfig::gregor_failover_probe_ms},
    {"gregor.http.listener", &BrokerConfig::gregor_http_listener},
    {"gregor.initial.cluster", &BrokerConfig::gregor_initial_cluster},
    {"gregor.initial.standalone", &BrokerConfig::gregor_initial_standalone},
    {"gregor.shards", &BrokerConfig::gregor_shards},
};
// clang-format on

}  // namespace

std::span<const BrokerField> broker_fields() {
  return kFields;
}

bool BrokerConfig::is_alone() const {
  if (!is_controller || controller_quorum_voters.size() > 1) return false;
  if (!controller_quorum_voters.empty()) return true;
  const auto is_own = [this](const std::string& server) {
    return std::any_of(listeners.begin(), listeners.end(), [&](const Listener& own) {
      if (!is_controller_listener(own)) return false;
      const auto colon = server.rfind(':');
      const std::string host = server.substr(0, colon);
      const bool is_here = host == "localhost" || host == "127.0.0.1" || host == "[::1]" || host == own.host;
      return is_here && (own.port == 0 || server.substr(colon + 1) == std::to_string(own.port));
    });
  };
  return std::all_of(controller_quorum_bootstrap_servers.begin(), controller_quorum_bootstrap_servers.end(), is_own);
}

bool BrokerConfig::is_controller_listener(std::string_view name) const {
  return std::find(controller_listener_names.begin(), controller_listener_names.end(), name) !=
         controller_listener_names.end();
}

std::string BrokerConfig::inter_broker_listener() const {
  if (!inter_broker_listener_name.empty()) return inter_broker_listener_name;
  const auto own = std::find_if(listeners.begin(), listeners.end(),
                                [this](const Listener& listener) { return !is_controller_listener(listener); });
  return own == listeners.end() ? std::string() : own->name;
}

}  // namespace gregor::config
