// What quorum nodes say to each other, as values (KIP-595, KIP-853, KIP-996): the wire's messages without cluster id,
// topic and endpoints, which are the driver's. Each names the epoch that it belongs to and, where only one voter may
// answer, that voter; a reply belongs to one request, known by its RequestId.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "raft/epoch_list.h"
#include "raft/voters.h"

namespace gregor::raft {

/// Of a request that this node sent; used once in a life. The driver ties it to the connection and the correlation id,
/// so that a reply comes from whom it was sent to or is not told at all.
using RequestId = Tagged<std::uint64_t, struct RequestIdTag>;
/// The driver's name for a request that came in; the answer carries it back.
using RequestToken = Tagged<std::uint64_t, struct RequestTokenTag>;

/// Kafka's error codes, as far as the quorum's rules give them.
enum class Verdict : unsigned char {
  none,
  fenced_leader_epoch,     ///< the request's epoch is over
  unknown_leader_epoch,    ///< the request's epoch has not begun here
  not_leader_or_follower,  ///< only a leader answers this
  invalid_voter_key,       ///< meant for another voter: id or directory differ (KIP-853)
  invalid_request,
  request_timed_out,  ///< not now; asking again may succeed
  duplicate_voter,    ///< the voter is there already; of a fetch: another directory fetches under this node id
  voter_not_found,
  unsupported_version,
};

/// What every reply says of its sender: the newest epoch that it knows, and the leader in it.
struct Standing {
  Verdict error = Verdict::none;
  LeaderEpoch epoch;
  std::optional<NodeId> leader;
  bool operator==(const Standing&) const = default;
};

struct VoteRequest {
  VoterKey candidate;
  LeaderEpoch epoch;       ///< to be led; in a pre-vote the candidate's present one
  VoterKey voter;          ///< who is asked
  OffsetAndEpoch log_end;  ///< the candidate's
  bool is_pre_vote = false;
};
struct VoteReply {
  Standing standing;
  bool is_granted = false;
};

struct BeginQuorumEpochRequest {
  NodeId leader;
  LeaderEpoch epoch;
  VoterKey voter;
};
struct BeginQuorumEpochReply {
  Standing standing;
};

struct EndQuorumEpochRequest {
  NodeId leader;
  LeaderEpoch epoch;
  std::vector<VoterKey> preferred_successors;  ///< best first
};
struct EndQuorumEpochReply {
  Standing standing;
};

struct FetchRequest {
  std::optional<VoterKey> replica;  ///< none: counts for nothing, as a reader's
  LeaderEpoch leader_epoch;         ///< the newest that the fetcher knows
  Offset fetch_offset;              ///< where its flushed log ends: all before it survives power loss
  LeaderEpoch last_fetched_epoch;   ///< of the record before
  Offset high_watermark;            ///< what it knows; a leader that knows more need not wait (KIP-1166)
};
/// One batch as it stands in the log; it is of one epoch.
struct Batch {
  Offset end;  ///< the offset behind its last record
  LeaderEpoch epoch;
  bool operator==(const Batch&) const = default;
};
struct FetchReply {
  Standing standing;
  Offset high_watermark = kNoOffset;
  /// Set by a leader that serves: the driver adds the records from there on, none where the log ends.
  std::optional<Offset> read_from = {};
  std::optional<OffsetAndEpoch> diverging = {};  ///< where the leader's log parted from the fetcher's
  std::optional<OffsetAndEpoch> snapshot = {};   ///< to be fetched instead of records
  std::vector<Batch> batches = {};               ///< what the driver added, from the fetch offset on, without gaps
};

struct AddVoterRequest {
  Voter voter;
  /// Otherwise answered as soon as the leader has written it: who adds itself fetches over the same connection what it
  /// would wait for (KIP-1186).
  bool is_answered_when_committed = true;
};
struct RemoveVoterRequest {
  VoterKey voter;
};
struct UpdateVoterRequest {
  LeaderEpoch epoch;
  Voter voter;
};
struct VoterChangeReply {
  Standing standing;
};

using Request = std::variant<VoteRequest, BeginQuorumEpochRequest, EndQuorumEpochRequest, FetchRequest, AddVoterRequest,
                             RemoveVoterRequest, UpdateVoterRequest>;
using Reply = std::variant<VoteReply, BeginQuorumEpochReply, EndQuorumEpochReply, FetchReply, VoterChangeReply>;

}  // namespace gregor::raft
