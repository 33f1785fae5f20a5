// Topics, made and unmade. Each call is one request with its answer; nothing is retried but what cannot have happened.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "client/cluster.h"
#include "client/outcome.h"

namespace gregor::client {

struct NewTopic {
  std::string name;
  std::int32_t partitions = -1;          ///< -1: the broker's num.partitions
  std::int16_t replication_factor = -1;  ///< -1: the broker's default
  std::vector<std::pair<std::string, std::string>> configs;
};

/// How one topic fared; certainty unknown when no answer came.
struct TopicOutcome {
  std::string name;
  Certainty certainty = Certainty::unknown;
  wire::ErrorCode error = wire::ErrorCode::none;
  std::string text;
  TopicId id;
};

struct BrokerDescription {
  NodeId node;
  std::string host;
  std::int32_t port = 0;
};
struct ClusterDescription {
  std::string cluster_id;
  NodeId controller;
  std::vector<BrokerDescription> brokers;
};

class Admin {
 public:
  explicit Admin(Cluster& cluster) : cluster_(cluster) {}

  /// Suspends, at most `timeout`. One outcome per topic, in the order asked.
  std::vector<TopicOutcome> create_topics(env::Fiber& self, const std::vector<NewTopic>& topics, Nanoseconds timeout);
  std::vector<TopicOutcome> delete_topics(env::Fiber& self, const std::vector<std::string>& names, Nanoseconds timeout);
  /// Suspends. Errors: closed, timed_out.
  Result<ClusterDescription> describe_cluster(env::Fiber& self);

 private:
  Cluster& cluster_;
};

}  // namespace gregor::client
