// What the answers to all kinds of peers' requests have in common: whom a request must mean, and where the leader is
// that an answer names. For the service's own sources.
#pragma once

#include <optional>
#include <string_view>

#include "quorum/node_state.h"
#include "quorum/voter_list.h"
#include "wire/arena.h"
#include "wire/error_code.h"

namespace gregor::quorum {

inline bool is_our_cluster(const Node::State& state, const std::optional<std::string_view>& cluster_id) {
  return !cluster_id || *cluster_id == state.identity.cluster_id;
}

/// Of one partition, which must be ours: Kafka's answer to anything else is INVALID_REQUEST.
template <class Topics>
bool is_our_partition(const Topics& topics) {
  if (topics.size() != 1 || topics[0].partitions.size() != 1) return false;
  const auto& topic = topics[0];
  const auto& partition = topic.partitions[0];
  if constexpr (requires { topic.topic_name; }) {
    return topic.topic_name == kMetadataTopicName && partition.partition_index == 0;
  } else if constexpr (requires { topic.topic_id; }) {
    return (topic.topic == kMetadataTopicName || topic.topic_id == kMetadataTopicId) && partition.partition == 0;
  } else {
    return topic.name == kMetadataTopicName && partition.partition == 0;
  }
}

template <class Request>
wire::ErrorCode check_request(const Node::State& state, const Request& request) {
  if (!is_our_cluster(state, request.cluster_id)) return wire::ErrorCode::inconsistent_cluster_id;
  if (!is_our_partition(request.topics)) return wire::ErrorCode::invalid_request;
  return wire::ErrorCode::none;
}

/// Where the controller of a voter, or our own, listens.
inline std::optional<Address> controller_address(const Node::State& state, NodeId node) {
  if (node != state.identity.node) return state.peers->address_of(node);
  const auto& listeners = state.peers->context().listeners;
  if (listeners.empty()) return std::nullopt;
  return Address{listeners.front().host, listeners.front().port};
}

/// Says where the leader of `standing` is, for who has yet to find it.
template <class Response>
void name_leader(const Node::State& state, Response& response, const raft::Standing& standing, wire::Arena& arena) {
  if (!standing.leader) return;
  const auto at = controller_address(state, *standing.leader);
  if (!at) return;
  auto& node = response.node_endpoints.emplace_back();
  node.node_id = standing.leader->value();
  node.host = arena.keep(at->host);
  node.port = at->port;
}

}  // namespace gregor::quorum
