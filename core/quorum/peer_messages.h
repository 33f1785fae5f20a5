// What quorum nodes say to each other, between the machine's values (raft/messages.h) and the wire's: the driver's side
// of KIP-595, 853 and 996 adds cluster id, topic, directory ids and addresses. Pure.
//
// Wire messages made here borrow: texts from the Context and the arena, which outlive them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "quorum/address.h"
#include "raft/messages.h"
#include "wire/add_raft_voter.h"
#include "wire/begin_quorum_epoch.h"
#include "wire/end_quorum_epoch.h"
#include "wire/error_code.h"
#include "wire/fetch.h"
#include "wire/remove_raft_voter.h"
#include "wire/update_raft_voter.h"
#include "wire/vote.h"

namespace gregor::quorum {

inline constexpr std::string_view kMetadataTopicName = "__cluster_metadata";

/// What a node's own requests say beside the machine's words.
struct Context {
  std::string cluster_id;
  std::vector<raft::Endpoint> listeners;  ///< of our controller
  Milliseconds fetch_wait_max{500};       ///< as Kafka's
  std::int32_t fetch_bytes_max = 1 << 20;
  Milliseconds request_timeout{2000};  ///< that a leader may take to add us to the voters
};

/// Where a leader that an answer names can be reached.
struct NamedLeader {
  NodeId node;
  Address address;
};

wire::ErrorCode error_of(raft::Verdict verdict);
/// None for a code that is no verdict of the quorum's rules.
std::optional<raft::Verdict> verdict_of(std::int16_t code);

// Our requests.
wire::VoteRequest to_wire(const raft::VoteRequest& request, const Context& context);
wire::BeginQuorumEpochRequest to_wire(const raft::BeginQuorumEpochRequest& request, const Context& context);
wire::EndQuorumEpochRequest to_wire(const raft::EndQuorumEpochRequest& request, const Context& context);
/// Can be written since version 15 (Kafka 3.5).
wire::FetchRequest to_wire(const raft::FetchRequest& request, const Context& context);
wire::UpdateRaftVoterRequest to_wire(const raft::UpdateVoterRequest& request, const Context& context);
wire::AddRaftVoterRequest to_wire(const raft::AddVoterRequest& request, const Context& context);
wire::RemoveRaftVoterRequest to_wire(const raft::RemoveVoterRequest& request, const Context& context);

// Answers to them. Errors: invalid (an error code that is no verdict, another partition).
Result<raft::Reply> from_wire(const wire::VoteResponse& response);
Result<raft::Reply> from_wire(const wire::BeginQuorumEpochResponse& response);
Result<raft::Reply> from_wire(const wire::EndQuorumEpochResponse& response);
/// Without its batches: see fetched_batches.h.
Result<raft::Reply> from_wire(const wire::FetchResponse& response);
Result<raft::Reply> from_wire(const wire::UpdateRaftVoterResponse& response);
Result<raft::Reply> from_wire(const wire::AddRaftVoterResponse& response);
Result<raft::Reply> from_wire(const wire::RemoveRaftVoterResponse& response);
/// The records of the answer to a fetch.
Bytes records_in(const wire::FetchResponse& response);

/// Where the answer says that its leader is reached.
template <class Response>
std::optional<NamedLeader> leader_named_by(const Response& response) {
  if constexpr (requires { response.node_endpoints; }) {
    for (const auto& node : response.node_endpoints) {
      return NamedLeader{NodeId{node.node_id}, {std::string(node.host), static_cast<std::uint16_t>(node.port)}};
    }
  }
  return std::nullopt;
}

// Requests of others, whose cluster and partition are ours. `self`: whom they mean where their version cannot say it.
raft::VoteRequest from_wire(const wire::VoteRequest& request, const raft::VoterKey& self);
raft::BeginQuorumEpochRequest from_wire(const wire::BeginQuorumEpochRequest& request, const raft::VoterKey& self);
raft::EndQuorumEpochRequest from_wire(const wire::EndQuorumEpochRequest& request);
raft::FetchRequest from_wire(const wire::FetchRequest& request);

// Answers to those.
wire::VoteResponse to_wire(const raft::VoteReply& reply);
wire::BeginQuorumEpochResponse to_wire(const raft::BeginQuorumEpochReply& reply);
wire::EndQuorumEpochResponse to_wire(const raft::EndQuorumEpochReply& reply);
/// Without records.
wire::FetchResponse to_wire(const raft::FetchReply& reply, std::int16_t version);

}  // namespace gregor::quorum
