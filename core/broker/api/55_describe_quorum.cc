// DescribeQuorum, v0-v2: how the metadata quorum stands: leader, epoch, high watermark, and how far each voter is
// (KIP-595, KIP-836 times, KIP-853 directories and addresses).
// Errors per partition: UNKNOWN_TOPIC_OR_PARTITION for all but __cluster_metadata-0. Suspends: the quorum lives on
// shard 0.
#include "broker/api/handlers.h"
#include "wire/describe_quorum.h"

namespace gregor::broker::api {
namespace {

constexpr std::string_view kMetadataTopic = "__cluster_metadata";
constexpr std::int16_t kNodesFrom = 2;

using Partition = wire::DescribeQuorumResponse::PartitionData;

Partition unknown(std::int32_t index) {
  Partition partition{.partition_index = index, .error_code = code(wire::ErrorCode::unknown_topic_or_partition)};
  partition.error_message = "This server does not host this topic-partition.";
  return partition;
}

Partition known(const controller::QuorumStanding& standing, std::int64_t now_ms) {
  Partition partition{.partition_index = 0,
                      .leader_id = standing.leader.value(),
                      .leader_epoch = standing.epoch.value(),
                      .high_watermark = standing.high_watermark.value()};
  partition.error_message = std::nullopt;
  partition.current_voters.push_back({.replica_id = standing.leader.value(),
                                      .replica_directory_id = standing.directory_id,
                                      .log_end_offset = standing.log_end.value(),
                                      .last_fetch_timestamp = now_ms,
                                      .last_caught_up_timestamp = now_ms});
  return partition;
}

/// Addresses of the controller's listeners, where it has such.
wire::DescribeQuorumResponse::Node node_of(const config::BrokerConfig& config) {
  wire::DescribeQuorumResponse::Node node{.node_id = config.node_id.value()};
  const auto& told = config.advertised_listeners.empty() ? config.listeners : config.advertised_listeners;
  for (const config::Listener& listener : told) {
    if (!config.is_controller_listener(listener)) continue;
    const std::string_view host = listener.host.empty() ? std::string_view("localhost") : listener.host;
    node.listeners.push_back({.name = listener.name, .host = host, .port = listener.port});
  }
  return node;
}

}  // namespace

Result<Reply> describe_quorum(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::DescribeQuorumRequest>());
  const auto standing = request.shard.core.controller->describe_quorum(self, request.shard.feed);
  wire::DescribeQuorumResponse response;
  response.error_message = std::nullopt;
  if (!standing) {
    response.error_code = code(wire::ErrorCode::request_timed_out);
    response.error_message = standing.error().text;
    return request.answer(response);
  }
  const std::int64_t now_ms = request.shard.shard.clock.wall_now().ms;
  for (const auto& topic : asked.topics) {
    auto& answered = response.topics.emplace_back();
    answered.topic_name = topic.topic_name;
    for (const auto& partition : topic.partitions) {
      const bool is_known = topic.topic_name == kMetadataTopic && partition.partition_index == 0;
      answered.partitions.push_back(is_known ? known(*standing, now_ms) : unknown(partition.partition_index));
    }
  }
  if (request.version() >= kNodesFrom) response.nodes.push_back(node_of(request.shard.core.config));
  return request.answer(response);
}

}  // namespace gregor::broker::api
