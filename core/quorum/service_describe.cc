// DescribeQuorum: how far everybody is, as the leader sees it (KIP-595, times of KIP-836, directories and addresses of
// KIP-853).
#include "quorum/node_state.h"
#include "quorum/peer_messages.h"
#include "quorum/service.h"
#include "quorum/service_parts.h"

namespace gregor::quorum {

namespace {

using wire::ErrorCode;

constexpr std::int64_t kNeverMs = -1;

using ReplicaState = wire::DescribeQuorumResponse::ReplicaState;

/// A time of the machine's clock as the wall would have shown it.
std::int64_t wall_ms(const env::Clock& clock, MonotonicTime time) {
  const auto ago = std::chrono::duration_cast<Milliseconds>(clock.now() - time);
  return clock.wall_now().ms - ago.count();
}

ReplicaState describe_replica(const env::Clock& clock, const raft::VoterKey& key,
                              const raft::ReplicaProgress* progress) {
  ReplicaState state{.replica_id = key.id.value(), .replica_directory_id = key.directory_id, .log_end_offset = -1};
  state.last_fetch_timestamp = kNeverMs;
  state.last_caught_up_timestamp = kNeverMs;
  if (progress == nullptr) return state;
  state.log_end_offset = progress->flushed_end.value();
  if (progress->last_fetch_at != MonotonicTime::min()) {
    state.last_fetch_timestamp = wall_ms(clock, progress->last_fetch_at);
  }
  const bool was_caught_up = progress->caught_up_at && *progress->caught_up_at != MonotonicTime::min();
  if (was_caught_up) state.last_caught_up_timestamp = wall_ms(clock, *progress->caught_up_at);
  return state;
}

void describe_replicas(wire::DescribeQuorumResponse::PartitionData& partition, const Node::State& state,
                       const raft::LeaderState& others) {
  const env::Clock& clock = state.seat.shard.clock;
  const auto& replicas = others.replicas();
  for (const raft::Voter& voter : state.fsm->voters()) {
    const auto found = replicas.find(voter.key);
    auto described = describe_replica(clock, voter.key, found == replicas.end() ? nullptr : &found->second);
    if (raft::is_same_voter(voter.key, state.fsm->self())) {
      described.log_end_offset = state.log->end().value();
      described.last_fetch_timestamp = clock.wall_now().ms;
      described.last_caught_up_timestamp = clock.wall_now().ms;
    }
    partition.current_voters.push_back(std::move(described));
  }
  for (const auto& [key, progress] : replicas) {
    if (raft::find_voter(state.fsm->voters(), key) != nullptr) continue;
    partition.observers.push_back(describe_replica(clock, key, &progress));
  }
}

/// Where the voters' controllers listen: all that their log says, or what the configuration does.
void describe_nodes(wire::DescribeQuorumResponse& response, const Node::State& state, wire::Arena& arena) {
  const auto& names = state.seat.config.controller_listener_names;
  for (const raft::Voter& voter : state.fsm->voters()) {
    auto& node = response.nodes.emplace_back();
    node.node_id = voter.key.id.value();
    for (const raft::Endpoint& at : voter.endpoints) {
      node.listeners.push_back({.name = arena.keep(at.listener), .host = arena.keep(at.host), .port = at.port});
    }
    const auto at = controller_address(state, voter.key.id);
    if (!node.listeners.empty() || !at || names.empty()) continue;
    node.listeners.push_back({.name = names.front(), .host = arena.keep(at->host), .port = at->port});
  }
}

/// Everything that was asked for gets the same error.
void refuse_all(wire::DescribeQuorumResponse& response, const wire::DescribeQuorumRequest& request, ErrorCode code,
                wire::Arena& arena) {
  for (const auto& topic : request.topics) {
    auto& refused = response.topics.emplace_back();
    refused.topic_name = arena.keep(std::string(topic.topic_name));
    for (const auto& partition : topic.partitions) {
      auto& told = refused.partitions.emplace_back();
      told.partition_index = partition.partition_index;
      told.error_code = wire_code(code);
      told.error_message = "This server does not host this topic-partition.";
    }
  }
}

}  // namespace

wire::DescribeQuorumResponse Service::describe_quorum(const wire::DescribeQuorumRequest& request, wire::Arena& arena) {
  wire::DescribeQuorumResponse response;
  response.error_message = std::nullopt;
  const Node::State& state = state_;
  if (!is_our_partition(request.topics)) {
    refuse_all(response, request, ErrorCode::unknown_topic_or_partition, arena);
    return response;
  }
  auto& topic = response.topics.emplace_back();
  topic.topic_name = kMetadataTopicName;
  auto& partition = topic.partitions.emplace_back();
  partition.error_message = std::nullopt;
  partition.leader_id = state.fsm->leader() ? state.fsm->leader()->value() : -1;
  partition.leader_epoch = state.fsm->epoch().value();
  const auto* leading = std::get_if<raft::Leader>(&state.fsm->role());
  if (leading == nullptr || !leading->others) {
    partition.error_code = wire_code(ErrorCode::not_leader_or_follower);
    return response;
  }
  partition.high_watermark = leading->is_established ? state.fsm->high_watermark().value() : -1;
  describe_replicas(partition, state, *leading->others);
  describe_nodes(response, state, arena);
  return response;
}

}  // namespace gregor::quorum
