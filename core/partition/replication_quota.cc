#include "partition/replication_quota.h"

#include <algorithm>

namespace gregor::partition {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t nanoseconds_of(MonotonicTime at) {
  return Nanoseconds(at.time_since_epoch()).count();
}

/// At most a window's worth.
std::int64_t price(std::uint64_t bytes, const QuotaLimit& limit) {
  const std::int64_t most = limit.window.count();
  if (limit.rate <= 0) return most;
  const std::uint64_t bytes_max = static_cast<std::uint64_t>(limit.rate) * static_cast<std::uint64_t>(most / kSecond);
  if (bytes >= bytes_max) return most;
  return static_cast<std::int64_t>(bytes * static_cast<std::uint64_t>(kSecond) /
                                   static_cast<std::uint64_t>(limit.rate));
}

}  // namespace

void ReplicationQuota::record(MonotonicTime now, std::uint64_t bytes, const QuotaLimit& limit) {
  if (limit.rate == config::kUnlimited || bytes == 0) return;
  const std::int64_t at = nanoseconds_of(now);
  const std::int64_t cost = price(bytes, limit);
  std::int64_t before = paid_until_.load();
  std::int64_t after = 0;
  do {
    after = std::min(std::max(before, at) + cost, at + 2 * limit.window.count());
  } while (!paid_until_.compare_exchange_weak(before, after));
}

bool ReplicationQuota::is_exceeded(MonotonicTime now, const QuotaLimit& limit) const {
  if (limit.rate == config::kUnlimited) return false;
  const std::int64_t at = nanoseconds_of(now);
  return paid_until_.load() > at + limit.window.count();
}

namespace {

/// The window that is under way does not count.
QuotaLimit limit_over(std::int64_t rate, std::int32_t window_num, std::int32_t window_size_seconds) {
  const std::int64_t windows = std::max(window_num - 1, 1);
  return {.rate = rate, .window = std::chrono::seconds(windows * window_size_seconds)};
}

}  // namespace

QuotaLimit replication_limit(const config::BrokerConfig& settings, std::int64_t rate) {
  return limit_over(rate, settings.replication_quota_window_num, settings.replication_quota_window_size_seconds);
}

QuotaLimit move_limit(const config::BrokerConfig& settings) {
  return limit_over(settings.replica_alter_log_dirs_io_max_bytes_per_second,
                    settings.alter_log_dirs_replication_quota_window_num,
                    settings.alter_log_dirs_replication_quota_window_size_seconds);
}

bool names_replica(const std::vector<std::string>& throttled, PartitionIndex partition, NodeId broker) {
  if (throttled.empty()) return false;
  if (throttled.front() == "*") return true;
  const std::string replica = std::to_string(partition.value()) + ":" + std::to_string(broker.value());
  return std::find(throttled.begin(), throttled.end(), replica) != throttled.end();
}

std::optional<QuotaLimit> limit_on(PartitionIndex partition, const std::vector<std::string>& throttled,
                                   const config::BrokerConfig& settings, std::int64_t rate) {
  if (!names_replica(throttled, partition, settings.node_id)) return std::nullopt;
  return replication_limit(settings, rate);
}

}  // namespace gregor::partition
