// What a quorum node is in its epoch, with what it must remember for as long as it is that (KIP-595, KIP-996).
//
//              timer                majority              majority, durable
//   Unattached ─────▶ Prospective ─────────▶ Candidate ─────────────────▶ Leader ─▶ Resigned
//        ▲  a leader is named: Follower ─ fetch timeout ─▶ Prospective        (no quorum, shutdown, removed)
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/time.h"
#include "raft/leader_state.h"
#include "raft/messages.h"
#include "raft/round.h"

namespace gregor::raft {

/// Follows nobody: it knows no leader of its epoch, or lost it. It may have voted (ElectionState), and asks around.
struct Unattached {
  MonotonicTime election_at = kForever;
};
/// Led this epoch, in this life or a former one; it leads only a later one again (KAFKA-10527). Tells the others, where
/// it still can, so that they need not wait.
struct Resigned {
  MonotonicTime election_at = kForever;
  Round farewell = {};
  std::vector<VoterKey> successors = {};
};
/// Asks whether it would be elected, which costs nobody an epoch (KIP-996).
struct Prospective {
  MonotonicTime gives_up_at = kForever;
  Round round = {};
};
/// Has voted for itself. The vote counts from the moment that it is durable.
struct Candidate {
  bool vote_is_durable = false;
  MonotonicTime gives_up_at = kForever;
  Round round = {};
  bool is_lost = false;  ///< too many said no: waits out its backoff
};
struct Leader {
  Offset epoch_start;                  ///< where the epoch's first record goes
  std::vector<VoterKey> granted = {};  ///< who elected us
  bool leadership_is_durable = false;  ///< quorum-state names us; before that nothing is appended
  bool is_established = false;         ///< a record of this epoch is committed: what we say of commits is true
  std::optional<LeaderState> others = {};
  Round heralds = {};  ///< BeginQuorumEpoch to who does not fetch
};
/// A voter or an observer that knows its leader and fetches from it.
struct Follower {
  NodeId leader;
  MonotonicTime fetch_timeout_at = kForever;
  bool has_fetched = false;  ///< the leader answered in this epoch: it lives, for all we know
  Offset leader_high_watermark = kNoOffset;
  std::optional<OffsetAndEpoch> snapshot = {};  ///< being fetched by the driver
};
using Role = std::variant<Unattached, Resigned, Prospective, Candidate, Leader, Follower>;

}  // namespace gregor::raft
