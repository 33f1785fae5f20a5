// Admin's part that asks how the cluster itself stands: its metadata quorum and its features.
#include <map>

#include "client/admin.h"
#include "client/retried.h"
#include "wire/api_versions.h"
#include "wire/describe_cluster.h"
#include "wire/describe_quorum.h"

namespace gregor::client {

namespace {

template <class Replicas>
std::vector<QuorumDescription::Replica> replicas_of(const Replicas& from) {
  std::vector<QuorumDescription::Replica> replicas;
  for (const auto& replica : from) {
    replicas.push_back({NodeId{replica.replica_id}, Offset{replica.log_end_offset}, replica.last_caught_up_timestamp});
  }
  return replicas;
}

constexpr std::int16_t kFirstVersionWithFenced = 2;

Outcome<ClusterDescription> description_of(const wire::DescribeClusterResponse& body) {
  if (body.error_code != 0) {
    return answered(wire::error_code_of(body.error_code), std::string(body.error_message.value_or("")));
  }
  ClusterDescription description{std::string(body.cluster_id), NodeId{body.controller_id}, {}};
  for (const auto& broker : body.brokers) {
    const NodeId id{broker.broker_id};
    description.brokers.push_back({id, {std::string(broker.host), static_cast<std::uint16_t>(broker.port)}});
    if (broker.is_fenced) description.fenced.push_back(id);
  }
  return description;
}

Outcome<ClusterDescription> ask_for_brokers(env::Fiber& self, Cluster& cluster, bool with_fenced) {
  return retried(self, cluster, [&](Connection& link) -> Outcome<ClusterDescription> {
    using Request = wire::DescribeClusterRequest;
    CLIENT_TRY_ASSIGN(const std::int16_t version,
                      link.version_of(Request::kApiKey, Request::kVersionMin, Request::kVersionMax));
    Request request;
    request.include_fenced_brokers = with_fenced && version >= kFirstVersionWithFenced;
    auto reply = link.ask<Request, wire::DescribeClusterResponse>(self, request);
    if (!reply) return passed_on(std::move(reply.error()));
    return description_of(reply->body);
  });
}

}  // namespace

Outcome<ClusterDescription> Admin::describe_cluster(env::Fiber& self) {
  return ask_for_brokers(self, cluster_, false);
}

Outcome<ClusterDescription> Admin::describe_brokers(env::Fiber& self) {
  return ask_for_brokers(self, cluster_, true);
}

Outcome<QuorumDescription> Admin::describe_quorum(env::Fiber& self) {
  wire::DescribeQuorumRequest request;
  request.topics.push_back({.topic_name = "__cluster_metadata", .partitions = {{.partition_index = 0}}});
  return retried(self, cluster_, [&](Connection& link) -> Outcome<QuorumDescription> {
    auto reply = link.ask<wire::DescribeQuorumRequest, wire::DescribeQuorumResponse>(self, request);
    if (!reply) return passed_on(std::move(reply.error()));
    const auto& body = reply->body;
    if (body.error_code != 0) {
      return answered(wire::error_code_of(body.error_code), std::string(body.error_message.value_or("")));
    }
    if (body.topics.empty() || body.topics[0].partitions.empty()) {
      return failed(Errc::malformed, "DescribeQuorum: an empty answer");
    }
    const auto& partition = body.topics[0].partitions[0];
    if (partition.error_code != 0) return answered(wire::error_code_of(partition.error_code), "__cluster_metadata");
    return QuorumDescription{.leader = NodeId{partition.leader_id},
                             .leader_epoch = LeaderEpoch{partition.leader_epoch},
                             .high_watermark = Offset{partition.high_watermark},
                             .voters = replicas_of(partition.current_voters),
                             .observers = replicas_of(partition.observers)};
  });
}

Outcome<std::vector<FeatureDescription>> Admin::describe_features(env::Fiber& self) {
  wire::ApiVersionsRequest request;
  request.client_software_name = "gregor";
  request.client_software_version = "1.0";
  return retried(self, cluster_, [&](Connection& link) -> Outcome<std::vector<FeatureDescription>> {
    auto reply = link.ask<wire::ApiVersionsRequest, wire::ApiVersionsResponse>(self, request);
    if (!reply) return passed_on(std::move(reply.error()));
    const auto& body = reply->body;
    if (body.error_code != 0) return answered(wire::error_code_of(body.error_code), "ApiVersions");
    std::map<std::string, FeatureDescription> features;
    for (const auto& feature : body.supported_features) {
      features[std::string(feature.name)] = {.name = std::string(feature.name),
                                             .supported_min = feature.min_version,
                                             .supported_max = feature.max_version};
    }
    for (const auto& feature : body.finalized_features) {
      FeatureDescription& known = features[std::string(feature.name)];
      known.name = feature.name;
      known.finalized = feature.max_version_level;
    }
    std::vector<FeatureDescription> sorted;
    for (auto& [name, feature] : features) sorted.push_back(std::move(feature));
    return sorted;
  });
}

}  // namespace gregor::client
