// The voters of the metadata quorum, and the state of an election as it must survive a crash.
#pragma once

#include <optional>
#include <vector>

#include "base/ids.h"

namespace gregor::raft {

/// A voter is a node *and* its directory: a wiped disk under the same node id is another voter (KIP-853). A zero
/// directory id stands for "not known", as in static voter lists.
struct VoterKey {
  NodeId id;
  Uuid directory_id;
  auto operator<=>(const VoterKey&) const = default;
};

/// Distinct ids, sorted.
using VoterSet = std::vector<VoterKey>;

/// What quorum-state holds: the newest epoch known, and in it the leader or our vote, never both.
struct ElectionState {
  LeaderEpoch epoch{0};
  std::optional<NodeId> leader;
  std::optional<VoterKey> voted;
  bool operator==(const ElectionState&) const = default;
};

}  // namespace gregor::raft
