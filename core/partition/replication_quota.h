// ReplicationQuota: how fast a node copies what is throttled (KIP-73): at most `rate` bytes a second on average over
// the window, (replication.quota.window.num - 1) times replication.quota.window.size.seconds. Shared by the shards of a
// node; no method waits.
//
// Promises: what was copied is never refused afterwards, it delays what comes: by one window at most, however much it
// was, so that a limit that is raised counts soon.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "config/broker_config.h"

namespace gregor::partition {

struct QuotaLimit {
  std::int64_t rate = config::kUnlimited;  ///< bytes a second; 0: one piece in a window
  Nanoseconds window{};
};

class ReplicationQuota {
 public:
  void record(MonotonicTime now, std::uint64_t bytes, const QuotaLimit& limit);
  [[nodiscard]] bool is_exceeded(MonotonicTime now, const QuotaLimit& limit) const;

 private:
  std::atomic<std::int64_t> paid_until_{INT64_MIN};  ///< when the rate has made up for all that was copied
};

/// Of a node.
struct ReplicationQuotas {
  ReplicationQuota leader;
  ReplicationQuota follower;
  ReplicationQuota moves;  ///< between log directories
};

/// `rate` is one of the broker's; the window is that of replication.quota.
QuotaLimit replication_limit(const config::BrokerConfig& settings, std::int64_t rate);

/// Of replica.alter.log.dirs.io.max.bytes.per.second; the window is that of alter.log.dirs.replication.quota.
QuotaLimit move_limit(const config::BrokerConfig& settings);

/// Whether leader.replication.throttled.replicas or that of followers names this replica: "*", or "partition:broker".
bool names_replica(const std::vector<std::string>& throttled, PartitionIndex partition, NodeId broker);
/// The limit on what this broker copies of the partition, by the topic's list and the broker's rate; none where that is
/// not throttled.
std::optional<QuotaLimit> limit_on(PartitionIndex partition, const std::vector<std::string>& throttled,
                                   const config::BrokerConfig& settings, std::int64_t rate);

}  // namespace gregor::partition
