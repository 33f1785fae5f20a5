#include <algorithm>

#include "base/check.h"
#include "base/mutant.h"
#include "raft/voters.h"

namespace gregor::raft {

namespace {

auto place_of(VoterSet& voters, NodeId id) {
  return std::lower_bound(voters.begin(), voters.end(), id,
                          [](const Voter& voter, NodeId sought) { return voter.key.id < sought; });
}

}  // namespace

bool is_same_voter(const VoterKey& listed, const VoterKey& key) {
  if (listed.id != key.id) return false;
  if (MUTANT(voter_is_its_node_id)) return true;
  return listed.directory_id.is_zero() || listed.directory_id == key.directory_id;
}

const Voter* find_voter(const VoterSet& voters, const VoterKey& key) {
  const Voter* found = find_voter(voters, key.id);
  return found != nullptr && is_same_voter(found->key, key) ? found : nullptr;
}

const Voter* find_voter(const VoterSet& voters, NodeId id) {
  const auto found =
      std::find_if(voters.begin(), voters.end(), [id](const Voter& voter) { return voter.key.id == id; });
  return found == voters.end() ? nullptr : &*found;
}

std::size_t majority_of(const VoterSet& voters) {
  CHECK(!voters.empty());
  return voters.size() / 2 + 1;
}

VoterSet with_voter(VoterSet voters, const Voter& voter) {
  const auto place = place_of(voters, voter.key.id);
  if (place != voters.end() && place->key.id == voter.key.id) {
    *place = voter;
  } else {
    voters.insert(place, voter);
  }
  return voters;
}

VoterSet without_voter(VoterSet voters, NodeId id) {
  std::erase_if(voters, [id](const Voter& voter) { return voter.key.id == id; });
  return voters;
}

void sort_voters(VoterSet& voters) {
  std::stable_sort(voters.begin(), voters.end(), [](const Voter& a, const Voter& b) { return a.key.id < b.key.id; });
}

}  // namespace gregor::raft
