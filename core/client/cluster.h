// A client's view of a cluster: connections to its brokers, and who leads what. Shared by the producer, the consumer
// and the admin client of one application. All of it lives on one shard.
//
// Promises: requests to one broker are pipelined and answered in order; a broken connection is opened again with a
// drawn, bounded back-off; stale metadata is refreshed when an answer says so. Never retries by itself a request whose
// effect might then happen twice.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "env/network.h"
#include "env/shard.h"

namespace gregor::client {

struct ClusterOptions {
  std::vector<env::Endpoint> bootstrap;  ///< host names are resolved at each attempt
  std::string client_id = "gregor";
  Nanoseconds request_timeout = std::chrono::seconds(30);
  Nanoseconds connect_timeout = std::chrono::seconds(10);
  Nanoseconds retry_backoff_min = Milliseconds(50);
  Nanoseconds retry_backoff_max = std::chrono::seconds(1);
  Nanoseconds metadata_age_max = std::chrono::minutes(5);
  std::size_t response_bytes_max = std::size_t{128} << 20;
};

struct PartitionLeader {
  NodeId node;
  LeaderEpoch epoch;
};

struct TopicDescription {
  std::string name;
  TopicId id;
  std::vector<PartitionLeader> partitions;  ///< by index; node -1 where there is no leader
};

class Cluster {
 public:
  /// `shard` outlives the cluster. Opens nothing yet.
  Cluster(env::Shard& shard, ClusterOptions options);
  /// Closes all connections; requires that no request is under way.
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// What is known of a topic, asking the cluster when it isn't known or `refresh` is set. Suspends.
  /// Errors: not_found (no such topic, and it was not created), invalid (bad name), closed and timed_out (no broker
  /// reached).
  Result<TopicDescription> topic(env::Fiber& self, const std::string& name, bool refresh = false, bool create = false);
  /// All topics. Suspends.
  Result<std::vector<TopicDescription>> topics(env::Fiber& self);

  struct State;
  /// For the parts of this layer.
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

}  // namespace gregor::client
