// Service: answers what other nodes (and tools) ask of this node of the quorum: decoded requests of the wire in,
// responses out.
//
// Promises: as quorum/node.h; a request that names another cluster, topic or partition never reaches the machine; a
// fetch answers with bytes of the log as it was in the epoch that it names, or with an error. Never encodes or decodes
// frames, and never checks who may ask.
//
// Every call that takes a fiber suspends (the machine may have to write first; a fetch waits up to max_wait_ms for
// news) and may be made from any fiber of the node's shard; it throws Cancelled. Responses borrow from the arena.
#pragma once

#include <memory>

#include "env/fiber.h"
#include "quorum/node.h"
#include "wire/add_raft_voter.h"
#include "wire/arena.h"
#include "wire/begin_quorum_epoch.h"
#include "wire/describe_quorum.h"
#include "wire/end_quorum_epoch.h"
#include "wire/fetch.h"
#include "wire/fetch_snapshot.h"
#include "wire/remove_raft_voter.h"
#include "wire/update_raft_voter.h"
#include "wire/vote.h"

namespace gregor::quorum {

class Service {
 public:
  explicit Service(Node::State& state) : state_(state) {}
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  wire::VoteResponse vote(env::Fiber& self, const wire::VoteRequest& request, wire::Arena& arena);
  wire::BeginQuorumEpochResponse begin_quorum_epoch(env::Fiber& self, const wire::BeginQuorumEpochRequest& request,
                                                    wire::Arena& arena);
  wire::EndQuorumEpochResponse end_quorum_epoch(env::Fiber& self, const wire::EndQuorumEpochRequest& request,
                                                wire::Arena& arena);
  /// Of __cluster_metadata-0 alone, by name or topic id. `version` tells which of the two the answer names.
  wire::FetchResponse fetch(env::Fiber& self, const wire::FetchRequest& request, std::int16_t version,
                            wire::Arena& arena);
  wire::FetchSnapshotResponse fetch_snapshot(env::Fiber& self, const wire::FetchSnapshotRequest& request,
                                             wire::Arena& arena);
  /// Of a leader: voters and observers with their log ends and times. Else NOT_LEADER_OR_FOLLOWER.
  wire::DescribeQuorumResponse describe_quorum(const wire::DescribeQuorumRequest& request, wire::Arena& arena);
  wire::AddRaftVoterResponse add_raft_voter(env::Fiber& self, const wire::AddRaftVoterRequest& request,
                                            wire::Arena& arena);
  wire::RemoveRaftVoterResponse remove_raft_voter(env::Fiber& self, const wire::RemoveRaftVoterRequest& request,
                                                  wire::Arena& arena);
  wire::UpdateRaftVoterResponse update_raft_voter(env::Fiber& self, const wire::UpdateRaftVoterRequest& request,
                                                  wire::Arena& arena);

 private:
  Node::State& state_;
};

}  // namespace gregor::quorum
