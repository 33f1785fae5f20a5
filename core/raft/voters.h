// The voters of the metadata quorum, and the state of an election as it must survive a crash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"

namespace gregor::raft {

inline constexpr std::size_t kVotersMax = 99;  ///< a quorum is small; this bounds what a damaged record may claim

/// A voter is a node *and* its directory: a wiped disk under the same node id is another voter (KIP-853). A zero
/// directory id stands for "not known", as in static voter lists.
struct VoterKey {
  NodeId id;
  Uuid directory_id;
  auto operator<=>(const VoterKey&) const = default;
};

/// Where a voter's controller listens, by the name of the listener.
struct Endpoint {
  std::string listener;
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

/// What a VotersRecord says of one voter (KIP-853).
struct Voter {
  VoterKey key;
  std::vector<Endpoint> endpoints = {};  ///< empty in static lists, whose addresses the configuration holds
  std::int16_t kraft_version_min = 0;    ///< the versions of the kraft.version feature that the voter supports
  std::int16_t kraft_version_max = 1;
  bool operator==(const Voter&) const = default;
};

/// Distinct ids, sorted by them.
using VoterSet = std::vector<Voter>;

/// Whether who calls itself `key` is the voter that is listed as `listed`: the id alone decides where the list knows
/// no directory.
bool is_same_voter(const VoterKey& listed, const VoterKey& key);
/// None where `key` does not vote. The pointer lives as long as `voters` stays as it is.
const Voter* find_voter(const VoterSet& voters, const VoterKey& key);
const Voter* find_voter(const VoterSet& voters, NodeId id);
/// How many votes decide. Requires at least one voter.
std::size_t majority_of(const VoterSet& voters);
/// The set with `voter` instead of the one of the same id, or beside the others.
VoterSet with_voter(VoterSet voters, const Voter& voter);
VoterSet without_voter(VoterSet voters, NodeId id);
/// Sorts by id. Requires distinct ids.
void sort_voters(VoterSet& voters);

/// What quorum-state holds: the newest epoch known, and in it the leader or our vote, never both.
struct ElectionState {
  LeaderEpoch epoch{0};
  std::optional<NodeId> leader = {};
  std::optional<VoterKey> voted = {};
  bool operator==(const ElectionState&) const = default;
};

}  // namespace gregor::raft
