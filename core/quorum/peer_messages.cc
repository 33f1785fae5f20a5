#include "quorum/peer_messages.h"

#include <array>
#include <utility>

#include "quorum/node.h"

namespace gregor::quorum {

namespace {

using raft::Verdict;
using wire::ErrorCode;

constexpr std::array<std::pair<Verdict, ErrorCode>, 10> kVerdicts{{
    {Verdict::none, ErrorCode::none},
    {Verdict::fenced_leader_epoch, ErrorCode::fenced_leader_epoch},
    {Verdict::unknown_leader_epoch, ErrorCode::unknown_leader_epoch},
    {Verdict::not_leader_or_follower, ErrorCode::not_leader_or_follower},
    {Verdict::invalid_voter_key, ErrorCode::invalid_voter_key},
    {Verdict::invalid_request, ErrorCode::invalid_request},
    {Verdict::request_timed_out, ErrorCode::request_timed_out},
    {Verdict::duplicate_voter, ErrorCode::duplicate_voter},
    {Verdict::voter_not_found, ErrorCode::voter_not_found},
    {Verdict::unsupported_version, ErrorCode::unsupported_version},
}};

/// A request of one partition.
template <class Request>
auto& only_partition(Request& request) {
  auto& topic = request.topics.emplace_back();
  if constexpr (requires { topic.topic_name; }) {
    topic.topic_name = kMetadataTopicName;
  } else {
    topic.topic = kMetadataTopicName;
    topic.topic_id = kMetadataTopicId;
  }
  return topic.partitions.emplace_back();
}

template <class Request>
void add_listeners(Request& request, const std::vector<raft::Endpoint>& listeners) {
  for (const raft::Endpoint& at : listeners) {
    if constexpr (requires { request.leader_endpoints; }) {
      request.leader_endpoints.push_back({.name = at.listener, .host = at.host, .port = at.port});
    } else {
      request.listeners.push_back({.name = at.listener, .host = at.host, .port = at.port});
    }
  }
}

tl::unexpected<Error> refused(const char* message, std::int16_t code) {
  const wire::ErrorCode error = wire::error_code_of(code);
  std::string text = std::string(message) + " was answered " + std::string(name_of(error));
  if (error == wire::ErrorCode::inconsistent_cluster_id) {
    text +=
        ": this node's directories are of another cluster; correct controller.quorum.*, or choose log.dirs of theirs";
  }
  return fail(Errc::invalid, text);
}

std::optional<NodeId> leader_of(std::int32_t id) {
  return id < 0 ? std::nullopt : std::optional(NodeId{id});
}

/// What a response of one partition says of its sender. Errors: invalid.
template <class Response>
Result<raft::Standing> standing_of(const Response& response) {
  if (response.error_code != 0) return refused(Response::kName, response.error_code);
  if (response.topics.size() != 1 || response.topics[0].partitions.size() != 1) {
    return fail(Errc::invalid, std::string(Response::kName) + " of another partition");
  }
  const auto& partition = response.topics[0].partitions[0];
  const auto verdict = verdict_of(partition.error_code);
  if (!verdict) return refused(Response::kName, partition.error_code);
  return raft::Standing{*verdict, LeaderEpoch{partition.leader_epoch}, leader_of(partition.leader_id)};
}

template <class Response>
Response response_of(const raft::Standing& standing) {
  Response response;
  auto& partition = only_partition(response);
  partition.error_code = wire_code(error_of(standing.error));
  partition.leader_id = standing.leader ? standing.leader->value() : -1;
  partition.leader_epoch = standing.epoch.value();
  return response;
}

/// Of an answer that names no epoch: all that it says is whether it worked.
template <class Response>
Result<raft::Reply> change_reply(const Response& response) {
  const auto verdict = verdict_of(response.error_code);
  if (!verdict) return refused(Response::kName, response.error_code);
  return raft::VoterChangeReply{{*verdict, LeaderEpoch{0}, {}}};
}

}  // namespace

ErrorCode error_of(Verdict verdict) {
  for (const auto& [known, code] : kVerdicts) {
    if (known == verdict) return code;
  }
  return ErrorCode::unknown_server_error;
}

std::optional<Verdict> verdict_of(std::int16_t code) {
  for (const auto& [verdict, known] : kVerdicts) {
    if (wire_code(known) == code) return verdict;
  }
  return std::nullopt;
}

wire::VoteRequest to_wire(const raft::VoteRequest& request, const Context& context) {
  wire::VoteRequest asked{.cluster_id = context.cluster_id, .voter_id = request.voter.id.value()};
  auto& partition = only_partition(asked);
  partition.replica_epoch = request.epoch.value();
  partition.replica_id = request.candidate.id.value();
  partition.replica_directory_id = request.candidate.directory_id;
  partition.voter_directory_id = request.voter.directory_id;
  partition.last_offset_epoch = request.log_end.epoch.value();
  partition.last_offset = request.log_end.offset.value();
  partition.pre_vote = request.is_pre_vote;
  return asked;
}

wire::BeginQuorumEpochRequest to_wire(const raft::BeginQuorumEpochRequest& request, const Context& context) {
  wire::BeginQuorumEpochRequest begun{.cluster_id = context.cluster_id, .voter_id = request.voter.id.value()};
  auto& partition = only_partition(begun);
  partition.voter_directory_id = request.voter.directory_id;
  partition.leader_id = request.leader.value();
  partition.leader_epoch = request.epoch.value();
  add_listeners(begun, context.listeners);
  return begun;
}

wire::EndQuorumEpochRequest to_wire(const raft::EndQuorumEpochRequest& request, const Context& context) {
  wire::EndQuorumEpochRequest ended{.cluster_id = context.cluster_id};
  auto& partition = only_partition(ended);
  partition.leader_id = request.leader.value();
  partition.leader_epoch = request.epoch.value();
  for (const raft::VoterKey& key : request.preferred_successors) {
    partition.preferred_successors.push_back(key.id.value());
    partition.preferred_candidates.push_back(
        {.candidate_id = key.id.value(), .candidate_directory_id = key.directory_id});
  }
  add_listeners(ended, context.listeners);
  return ended;
}

wire::FetchRequest to_wire(const raft::FetchRequest& request, const Context& context) {
  wire::FetchRequest asked{.cluster_id = context.cluster_id};
  if (request.replica) asked.replica_state.replica_id = request.replica->id.value();
  asked.max_wait_ms = static_cast<std::int32_t>(context.fetch_wait_max.count());
  asked.max_bytes = context.fetch_bytes_max;
  auto& partition = only_partition(asked);
  partition.current_leader_epoch = request.leader_epoch.value();
  partition.fetch_offset = request.fetch_offset.value();
  partition.last_fetched_epoch = request.last_fetched_epoch.value();
  partition.partition_max_bytes = context.fetch_bytes_max;
  if (request.replica) partition.replica_directory_id = request.replica->directory_id;
  partition.high_watermark = request.high_watermark.value();
  return asked;
}

wire::UpdateRaftVoterRequest to_wire(const raft::UpdateVoterRequest& request, const Context& context) {
  wire::UpdateRaftVoterRequest update{.cluster_id = context.cluster_id,
                                      .current_leader_epoch = request.epoch.value(),
                                      .voter_id = request.voter.key.id.value(),
                                      .voter_directory_id = request.voter.key.directory_id};
  add_listeners(update, request.voter.endpoints);
  update.kraft_version_feature = {.min_supported_version = request.voter.kraft_version_min,
                                  .max_supported_version = request.voter.kraft_version_max};
  return update;
}

wire::AddRaftVoterRequest to_wire(const raft::AddVoterRequest& request, const Context& context) {
  wire::AddRaftVoterRequest add{.cluster_id = context.cluster_id,
                                .timeout_ms = static_cast<std::int32_t>(context.request_timeout.count()),
                                .voter_id = request.voter.key.id.value(),
                                .voter_directory_id = request.voter.key.directory_id};
  add_listeners(add, request.voter.endpoints);
  add.ack_when_committed = request.is_answered_when_committed;
  return add;
}

wire::RemoveRaftVoterRequest to_wire(const raft::RemoveVoterRequest& request, const Context& context) {
  return {.cluster_id = context.cluster_id,
          .voter_id = request.voter.id.value(),
          .voter_directory_id = request.voter.directory_id};
}

Result<raft::Reply> from_wire(const wire::VoteResponse& response) {
  TRY_ASSIGN(const raft::Standing standing, standing_of(response));
  return raft::VoteReply{standing, response.topics[0].partitions[0].vote_granted};
}

Result<raft::Reply> from_wire(const wire::BeginQuorumEpochResponse& response) {
  TRY_ASSIGN(const raft::Standing standing, standing_of(response));
  return raft::BeginQuorumEpochReply{standing};
}

Result<raft::Reply> from_wire(const wire::EndQuorumEpochResponse& response) {
  TRY_ASSIGN(const raft::Standing standing, standing_of(response));
  return raft::EndQuorumEpochReply{standing};
}

Result<raft::Reply> from_wire(const wire::FetchResponse& response) {
  if (response.error_code != 0) return refused(response.kName, response.error_code);
  if (response.responses.size() != 1 || response.responses[0].partitions.size() != 1) {
    return fail(Errc::invalid, "a fetch was answered for another partition");
  }
  const auto& partition = response.responses[0].partitions[0];
  const auto verdict = verdict_of(partition.error_code);
  if (!verdict) return refused(response.kName, partition.error_code);
  const auto& current = partition.current_leader;
  raft::FetchReply reply{.standing = {*verdict, LeaderEpoch{current.leader_epoch}, leader_of(current.leader_id)}};
  reply.high_watermark = Offset{partition.high_watermark};
  const auto& diverging = partition.diverging_epoch;
  if (diverging.epoch >= 0) {
    reply.diverging = {Offset{diverging.end_offset}, LeaderEpoch{diverging.epoch}};
  } else if (partition.snapshot_id.epoch >= 0 && partition.snapshot_id.end_offset >= 0) {
    reply.snapshot = {Offset{partition.snapshot_id.end_offset}, LeaderEpoch{partition.snapshot_id.epoch}};
  }
  return reply;
}

Bytes records_in(const wire::FetchResponse& response) {
  if (response.responses.empty() || response.responses[0].partitions.empty()) return {};
  return response.responses[0].partitions[0].records.value_or(Bytes());
}

Result<raft::Reply> from_wire(const wire::UpdateRaftVoterResponse& response) {
  const auto verdict = verdict_of(response.error_code);
  if (!verdict) return refused(response.kName, response.error_code);
  const auto& current = response.current_leader;
  const LeaderEpoch epoch{current.leader_epoch < 0 ? 0 : current.leader_epoch};
  return raft::VoterChangeReply{{*verdict, epoch, leader_of(current.leader_id)}};
}

Result<raft::Reply> from_wire(const wire::AddRaftVoterResponse& response) {
  return change_reply(response);
}

Result<raft::Reply> from_wire(const wire::RemoveRaftVoterResponse& response) {
  return change_reply(response);
}

raft::VoteRequest from_wire(const wire::VoteRequest& request, const raft::VoterKey& self) {
  const auto& partition = request.topics[0].partitions[0];
  raft::VoteRequest asked{.candidate = {NodeId{partition.replica_id}, partition.replica_directory_id},
                          .epoch = LeaderEpoch{partition.replica_epoch},
                          .voter = self,
                          .log_end = {Offset{partition.last_offset}, LeaderEpoch{partition.last_offset_epoch}},
                          .is_pre_vote = partition.pre_vote};
  if (request.voter_id >= 0) asked.voter = {NodeId{request.voter_id}, partition.voter_directory_id};
  return asked;
}

raft::BeginQuorumEpochRequest from_wire(const wire::BeginQuorumEpochRequest& request, const raft::VoterKey& self) {
  const auto& partition = request.topics[0].partitions[0];
  raft::BeginQuorumEpochRequest begun{NodeId{partition.leader_id}, LeaderEpoch{partition.leader_epoch}, self};
  if (request.voter_id >= 0) begun.voter = {NodeId{request.voter_id}, partition.voter_directory_id};
  return begun;
}

raft::EndQuorumEpochRequest from_wire(const wire::EndQuorumEpochRequest& request) {
  const auto& partition = request.topics[0].partitions[0];
  raft::EndQuorumEpochRequest ended{NodeId{partition.leader_id}, LeaderEpoch{partition.leader_epoch}, {}};
  for (const auto& candidate : partition.preferred_candidates) {
    ended.preferred_successors.push_back({NodeId{candidate.candidate_id}, candidate.candidate_directory_id});
  }
  if (!ended.preferred_successors.empty()) return ended;
  for (const std::int32_t id : partition.preferred_successors) ended.preferred_successors.push_back({NodeId{id}, {}});
  return ended;
}

raft::FetchRequest from_wire(const wire::FetchRequest& request) {
  const auto& partition = request.topics[0].partitions[0];
  const std::int32_t id = request.replica_state.replica_id >= 0 ? request.replica_state.replica_id : request.replica_id;
  raft::FetchRequest asked{.replica = {},
                           .leader_epoch = LeaderEpoch{partition.current_leader_epoch},
                           .fetch_offset = Offset{partition.fetch_offset},
                           .last_fetched_epoch = LeaderEpoch{partition.last_fetched_epoch},
                           .high_watermark = Offset{partition.high_watermark}};
  if (id >= 0) asked.replica = {NodeId{id}, partition.replica_directory_id};
  return asked;
}

wire::VoteResponse to_wire(const raft::VoteReply& reply) {
  auto response = response_of<wire::VoteResponse>(reply.standing);
  response.topics[0].partitions[0].vote_granted = reply.is_granted;
  return response;
}

wire::BeginQuorumEpochResponse to_wire(const raft::BeginQuorumEpochReply& reply) {
  return response_of<wire::BeginQuorumEpochResponse>(reply.standing);
}

wire::EndQuorumEpochResponse to_wire(const raft::EndQuorumEpochReply& reply) {
  return response_of<wire::EndQuorumEpochResponse>(reply.standing);
}

wire::FetchResponse to_wire(const raft::FetchReply& reply, std::int16_t version) {
  constexpr std::int16_t kTopicIdsFrom = 13;
  wire::FetchResponse response;
  auto& topic = response.responses.emplace_back();
  if (version < kTopicIdsFrom) topic.topic = kMetadataTopicName;
  if (version >= kTopicIdsFrom) topic.topic_id = kMetadataTopicId;
  auto& partition = topic.partitions.emplace_back();
  partition.error_code = wire_code(error_of(reply.standing.error));
  partition.high_watermark = reply.high_watermark.value();
  partition.last_stable_offset = reply.high_watermark.value();
  partition.aborted_transactions = std::nullopt;
  partition.current_leader.leader_epoch = reply.standing.epoch.value();
  partition.current_leader.leader_id = reply.standing.leader ? reply.standing.leader->value() : -1;
  if (reply.diverging) {
    partition.diverging_epoch = {.epoch = reply.diverging->epoch.value(),
                                 .end_offset = reply.diverging->offset.value()};
  }
  if (reply.snapshot) {
    partition.snapshot_id = {.end_offset = reply.snapshot->offset.value(), .epoch = reply.snapshot->epoch.value()};
  }
  return response;
}

}  // namespace gregor::quorum
