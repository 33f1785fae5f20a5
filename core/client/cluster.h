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

/// A handle: copies are the same cluster, so that a fiber that is being unwound keeps what it stands on.
class Cluster {
 public:
  Cluster(env::Shard& shard, ClusterSettings settings);

  /// The topic as cached, or asked for when it is not cached or old. Retries until `deadline`. Suspends.
  /// Failures: UNKNOWN_TOPIC_OR_PARTITION and other codes, links (fate failed). Throws Cancelled.
  Outcome<TopicMetadata> topic(env::Fiber& self, const std::string& name, MonotonicTime deadline, bool may_create);

  struct Leader {
    std::shared_ptr<Connection> link;
    NodeId node_id;
    LeaderEpoch epoch;
    TopicId topic_id;
  };
  /// Who leads the partition, with an open link to it. Retries until `deadline`. Suspends. Failures: as topic().
  Outcome<Leader> leader_of(env::Fiber& self, const std::string& topic, PartitionIndex partition,
                            MonotonicTime deadline, bool may_create = false);
  /// A link to any broker, known ones and the bootstrap list, beginning anywhere. Tries each once; suspends.
  Outcome<std::shared_ptr<Connection>> any_link(env::Fiber& self);
  /// Requires a node that a broker told of. Suspends.
  Outcome<std::shared_ptr<Connection>> link_to(env::Fiber& self, NodeId node);

  struct Refreshed {
    std::vector<TopicMetadata> topics;
    std::map<std::string, wire::ErrorCode> errors;
    NodeId controller{-1};
    std::string cluster_id;
  };
  /// All topics (`names` null), or those named, straight from a broker; refreshes the cache. One try. A topic that
  /// failed is in `errors`. Suspends.
  Outcome<Refreshed> refresh(env::Fiber& self, const std::vector<std::string>* names, bool may_create);
  /// What was said of this topic's leaders is no longer believed; the next ask goes to a broker.
  void forget(const std::string& topic);

  [[nodiscard]] const std::vector<BrokerMetadata>& brokers() const;
  [[nodiscard]] const ClusterSettings& settings() const;
  [[nodiscard]] env::Shard& shard() const;
  [[nodiscard]] MonotonicTime deadline_in(Milliseconds wait) const;
  [[nodiscard]] Backoff backoff() const { return {settings().retry_backoff, settings().retry_backoff_max}; }
  /// Sleeps for the next backoff, at most until `deadline`; false when that has come. Suspends.
  bool back_off(env::Fiber& self, Backoff& backoff, MonotonicTime deadline);
  /// Closes every link.
  void close();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace gregor::client
