// Elections and changes of voters; fetches are in service_fetch.cc.
#include "quorum/service.h"

#include <string>

#include "quorum/node_state.h"
#include "quorum/peer_messages.h"
#include "quorum/service_parts.h"

namespace gregor::quorum {

namespace {

using wire::ErrorCode;

/// The whole request is refused, or nobody is here to answer it.
template <class Response>
Response refusal(ErrorCode code) {
  Response response;
  response.error_code = wire_code(code);
  return response;
}

/// What came of a change of voters, for those who read it.
template <class Response>
Response change_response(const std::optional<raft::Reply>& reply, wire::Arena& arena) {
  const auto verdict = reply ? std::get<raft::VoterChangeReply>(*reply).standing.error : raft::Verdict::none;
  const ErrorCode code = reply ? error_of(verdict) : ErrorCode::broker_not_available;
  auto response = refusal<Response>(code);
  if constexpr (requires { response.error_message; }) {
    response.error_message = std::nullopt;
    if (code != ErrorCode::none) response.error_message = arena.keep(std::string(name_of(code)));
  }
  return response;
}

template <class Listeners>
std::vector<raft::Endpoint> endpoints_of(const Listeners& listeners) {
  std::vector<raft::Endpoint> endpoints;
  for (const auto& at : listeners) endpoints.push_back({std::string(at.name), std::string(at.host), at.port});
  return endpoints;
}

/// A leader says where it listens; the first of its listeners that we know by name.
template <class Request>
void learn_leader(Node::State& state, const Request& request) {
  const NodeId leader{request.topics[0].partitions[0].leader_id};
  const raft::Voter told{.key = {leader, {}}, .endpoints = endpoints_of(request.leader_endpoints)};
  if (auto address = address_in(told, state.seat.config)) state.peers->learn(leader, std::move(*address));
}

}  // namespace

wire::VoteResponse Service::vote(env::Fiber& self, const wire::VoteRequest& request, wire::Arena& arena) {
  const auto state = state_.shared_from_this();
  if (const ErrorCode code = check_request(*state, request); code != ErrorCode::none) {
    return refusal<wire::VoteResponse>(code);
  }
  const auto reply = state->ask(self, from_wire(request, state->fsm->self()));
  if (!reply) return refusal<wire::VoteResponse>(ErrorCode::broker_not_available);
  const auto& vote = std::get<raft::VoteReply>(*reply);
  auto response = to_wire(vote);
  name_leader(*state, response, vote.standing, arena);
  return response;
}

wire::BeginQuorumEpochResponse Service::begin_quorum_epoch(env::Fiber& self,
                                                           const wire::BeginQuorumEpochRequest& request,
                                                           wire::Arena& arena) {
  const auto state = state_.shared_from_this();
  if (const ErrorCode code = check_request(*state, request); code != ErrorCode::none) {
    return refusal<wire::BeginQuorumEpochResponse>(code);
  }
  learn_leader(*state, request);
  const auto reply = state->ask(self, from_wire(request, state->fsm->self()));
  if (!reply) return refusal<wire::BeginQuorumEpochResponse>(ErrorCode::broker_not_available);
  const auto& begun = std::get<raft::BeginQuorumEpochReply>(*reply);
  auto response = to_wire(begun);
  name_leader(*state, response, begun.standing, arena);
  return response;
}

wire::EndQuorumEpochResponse Service::end_quorum_epoch(env::Fiber& self, const wire::EndQuorumEpochRequest& request,
                                                       wire::Arena& arena) {
  const auto state = state_.shared_from_this();
  if (const ErrorCode code = check_request(*state, request); code != ErrorCode::none) {
    return refusal<wire::EndQuorumEpochResponse>(code);
  }
  learn_leader(*state, request);
  const auto reply = state->ask(self, from_wire(request));
  if (!reply) return refusal<wire::EndQuorumEpochResponse>(ErrorCode::broker_not_available);
  const auto& ended = std::get<raft::EndQuorumEpochReply>(*reply);
  auto response = to_wire(ended);
  name_leader(*state, response, ended.standing, arena);
  return response;
}

wire::AddRaftVoterResponse Service::add_raft_voter(env::Fiber& self, const wire::AddRaftVoterRequest& request,
                                                   wire::Arena& arena) {
  const auto state = state_.shared_from_this();
  if (!is_our_cluster(*state, request.cluster_id)) {
    return refusal<wire::AddRaftVoterResponse>(ErrorCode::inconsistent_cluster_id);
  }
  const raft::Voter voter{.key = {NodeId{request.voter_id}, request.voter_directory_id},
                          .endpoints = endpoints_of(request.listeners)};
  if (request.voter_id < 0 || !address_in(voter, state->seat.config)) {
    return refusal<wire::AddRaftVoterResponse>(ErrorCode::invalid_request);  // nobody could reach it
  }
  return change_response<wire::AddRaftVoterResponse>(
      state->ask(self, raft::AddVoterRequest{voter, request.ack_when_committed}), arena);
}

wire::RemoveRaftVoterResponse Service::remove_raft_voter(env::Fiber& self, const wire::RemoveRaftVoterRequest& request,
                                                         wire::Arena& arena) {
  const auto state = state_.shared_from_this();
  if (!is_our_cluster(*state, request.cluster_id)) {
    return refusal<wire::RemoveRaftVoterResponse>(ErrorCode::inconsistent_cluster_id);
  }
  const raft::RemoveVoterRequest removal{{NodeId{request.voter_id}, request.voter_directory_id}};
  return change_response<wire::RemoveRaftVoterResponse>(state->ask(self, removal), arena);
}

wire::UpdateRaftVoterResponse Service::update_raft_voter(env::Fiber& self, const wire::UpdateRaftVoterRequest& request,
                                                         wire::Arena& arena) {
  const auto state = state_.shared_from_this();
  if (!is_our_cluster(*state, request.cluster_id)) {
    return refusal<wire::UpdateRaftVoterResponse>(ErrorCode::inconsistent_cluster_id);
  }
  const auto& feature = request.kraft_version_feature;
  const raft::Voter voter{.key = {NodeId{request.voter_id}, request.voter_directory_id},
                          .endpoints = endpoints_of(request.listeners),
                          .kraft_version_min = feature.min_supported_version,
                          .kraft_version_max = feature.max_supported_version};
  const auto reply = state->ask(self, raft::UpdateVoterRequest{LeaderEpoch{request.current_leader_epoch}, voter});
  auto response = change_response<wire::UpdateRaftVoterResponse>(reply, arena);
  if (!reply) return response;
  const raft::Standing& standing = std::get<raft::VoterChangeReply>(*reply).standing;
  response.current_leader.leader_epoch = standing.epoch.value();
  if (!standing.leader) return response;
  response.current_leader.leader_id = standing.leader->value();
  if (const auto at = controller_address(*state, *standing.leader)) {
    response.current_leader.host = arena.keep(at->host);
    response.current_leader.port = at->port;
  }
  return response;
}

}  // namespace gregor::quorum
