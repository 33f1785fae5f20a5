// Cluster: the brokers behind a bootstrap list, who leads what, and a link to each. Shared by the producers, consumers
// and admins of one shard; they must not outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"
#include "client/connection.h"
#include "client/outcome.h"
#include "env/shard.h"

namespace gregor::client {

/// A host name or numeric address, and a port.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
  auto operator<=>(const HostPort&) const = default;
};
/// "host:port, [::1]:port". Errors: invalid, naming the piece.
Result<std::vector<HostPort>> parse_bootstrap(std::string_view text);

struct ClusterSettings {
  std::vector<HostPort> bootstrap;
  LinkSettings link;
  Milliseconds retry_backoff{100};  ///< the first; doubles, with a fifth of jitter
  Milliseconds retry_backoff_max{1'000};
  Milliseconds metadata_max_age{300'000};
  Milliseconds api_timeout{60'000};  ///< how long Cluster and Admin calls retry
  bool auto_create_topics = true;    ///< asked of the broker when a producer meets an unknown topic
};

struct PartitionMetadata {
  PartitionIndex partition;
  NodeId leader{-1};  ///< -1: none now
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  std::vector<NodeId> replicas;
  std::vector<NodeId> in_sync;
};
struct TopicMetadata {
  std::string name;
  TopicId topic_id;
  bool is_internal = false;
  std::vector<PartitionMetadata> partitions;  ///< in order of index, dense
};
struct BrokerMetadata {
  NodeId node_id;
  HostPort address;
};

/// Waits between tries: exponential with jitter, drawn from the caller's stream.
class Backoff {
 public:
  Backoff(Milliseconds first, Milliseconds most) : next_(first), most_(most) {}
  /// The next wait, 80% to 120% of the nominal one.
  Nanoseconds draw(RandomStream& random);

 private:
  Milliseconds next_;
  Milliseconds most_;
};

class Cluster {
 public:
  Cluster(env::Shard& shard, ClusterSettings settings);
  ~Cluster();

  /// The topic as cached, or asked for when it is not cached, has no leader for some partition, or is old. Retries
  /// until `deadline`. Suspends. Failures: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, links (fate failed).
  /// Throws Cancelled.
  Outcome<TopicMetadata> topic(env::Fiber& self, const std::string& name, MonotonicTime deadline, bool may_create);
  /// The leader's link and epoch. Suspends.
  struct Leader {
    std::shared_ptr<Connection> link;
    NodeId node_id;
    LeaderEpoch epoch;
    TopicId topic_id;
  };
  Outcome<Leader> leader_of(env::Fiber& self, const std::string& topic, PartitionIndex partition,
                            MonotonicTime deadline, bool may_create = false);
  /// A link to any broker: known ones first, then the bootstrap list. One try round each; suspends.
  Outcome<std::shared_ptr<Connection>> any_link(env::Fiber& self);
  Outcome<std::shared_ptr<Connection>> link_to(env::Fiber& self, NodeId node);
  /// All topics, or those named, straight from a broker; refreshes the cache. One try. A topic that failed is in
  /// `errors`.
  struct Refreshed {
    std::vector<TopicMetadata> topics;
    std::map<std::string, wire::ErrorCode> errors;
    NodeId controller{-1};
    std::string cluster_id;
  };
  Outcome<Refreshed> refresh(env::Fiber& self, const std::vector<std::string>* names, bool may_create);
  /// What was said of this topic's leaders is no longer believed; the next ask goes to a broker.
  void forget(const std::string& topic);

  [[nodiscard]] const std::vector<BrokerMetadata>& brokers() const { return brokers_; }
  [[nodiscard]] const ClusterSettings& settings() const { return settings_; }
  [[nodiscard]] env::Shard& shard() { return shard_; }
  [[nodiscard]] MonotonicTime deadline_in(Milliseconds wait) const;
  [[nodiscard]] Backoff backoff() const { return {settings_.retry_backoff, settings_.retry_backoff_max}; }
  /// Sleeps for the next backoff, at most until `deadline`; false when that has come. Suspends.
  bool back_off(env::Fiber& self, Backoff& backoff, MonotonicTime deadline);
  /// Closes every link.
  void close();

 private:
  struct Known {
    TopicMetadata metadata;
    MonotonicTime learned;
  };
  struct Link {
    std::shared_ptr<Connection> connection;
    std::unique_ptr<env::FiberMutex> opening;
  };
  Outcome<std::shared_ptr<Connection>> link_at(env::Fiber& self, const HostPort& address);
  Outcome<std::shared_ptr<Connection>> open(env::Fiber& self, const HostPort& address);

  env::Shard& shard_;
  ClusterSettings settings_;
  RandomStream random_;
  std::map<HostPort, Link> links_;
  std::vector<BrokerMetadata> brokers_;
  std::map<std::string, Known> topics_;
};

}  // namespace gregor::client
