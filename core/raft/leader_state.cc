#include "raft/leader_state.h"

#include <algorithm>

#include "base/mutant.h"

namespace gregor::raft {

namespace {

/// Voters go under the key of their list, which may know no directory.
VoterKey listed_key(const VoterSet& voters, const VoterKey& key) {
  const Voter* voter = find_voter(voters, key);
  return voter == nullptr ? key : voter->key;
}

}  // namespace

LeaderState::LeaderState(const VoterKey& self, MonotonicTime now, Nanoseconds check_quorum_time)
    : self_(self), check_quorum_time_(check_quorum_time), check_quorum_at_(now + check_quorum_time) {}

std::size_t LeaderState::others_needed(const VoterSet& voters) const {
  if (voters.empty()) return 0;
  return majority_of(voters) - (find_voter(voters, self_) != nullptr ? 1 : 0);
}

void LeaderState::heard(const VoterSet& voters, const VoterKey& key, MonotonicTime now) {
  if (const Voter* voter = find_voter(voters, key)) heard_.insert(voter->key);
  std::erase_if(heard_, [&](const VoterKey& other) { return find_voter(voters, other) == nullptr; });
  if (heard_.size() < others_needed(voters)) return;
  heard_.clear();
  check_quorum_at_ = now + check_quorum_time_;
}

void LeaderState::fetched(const VoterSet& voters, const VoterKey& key, Offset fetch_offset, Offset leader_end,
                          MonotonicTime now) {
  heard(voters, key, now);
  const VoterKey known = listed_key(voters, key);
  forget_silent_observers(voters, now);
  if (!replicas_.contains(known) && replicas_.size() >= kObserversMax && find_voter(voters, key) == nullptr) return;
  ReplicaProgress& progress = replicas_[known];
  if (fetch_offset >= leader_end) {
    progress.caught_up_at = now;
  } else if (progress.leader_end_at_last_fetch != kNoOffset && fetch_offset >= progress.leader_end_at_last_fetch) {
    progress.caught_up_at = std::max(progress.caught_up_at.value_or(MonotonicTime::min()), progress.last_fetch_at);
  }
  progress.leader_end_at_last_fetch = leader_end;
  progress.flushed_end = fetch_offset;
  progress.last_fetch_at = now;
  progress.directory_id = key.directory_id;
}

bool LeaderState::is_taken(const VoterSet& voters, const VoterKey& key, MonotonicTime now, Nanoseconds window) const {
  const Voter* voter = find_voter(voters, key.id);
  if (voter == nullptr || voter->key == key || key.directory_id == Uuid{}) return false;
  const auto found = replicas_.find(voter->key);
  if (found == replicas_.end() || now - found->second.last_fetch_at > window) return false;
  return found->second.directory_id != Uuid{} && found->second.directory_id != key.directory_id;
}

void LeaderState::forget_silent_observers(const VoterSet& voters, MonotonicTime now) {
  std::erase_if(replicas_, [&](const auto& replica) {
    return find_voter(voters, replica.first) == nullptr && now - replica.second.last_fetch_at > kObserverForgottenAfter;
  });
}

Offset LeaderState::end_of(const VoterKey& key) const {
  const auto found = replicas_.find(key);
  return found == replicas_.end() ? kNoOffset : found->second.flushed_end;
}

Offset LeaderState::majority_end(const VoterSet& voters, Offset own_flushed_end) const {
  if (voters.empty()) return kNoOffset;
  std::vector<Offset> ends;
  for (const Voter& voter : voters) {
    ends.push_back(is_same_voter(voter.key, self_) ? own_flushed_end : end_of(voter.key));
  }
  std::stable_sort(ends.begin(), ends.end(), std::greater<>());
  return ends[majority_of(voters) - 1];
}

bool LeaderState::has_lost_quorum(const VoterSet& voters, MonotonicTime now) const {
  if (MUTANT(leader_never_checks_its_quorum)) return false;
  return now >= quorum_lost_at(voters);
}

MonotonicTime LeaderState::quorum_lost_at(const VoterSet& voters) const {
  return others_needed(voters) == 0 ? kForever : check_quorum_at_;
}

bool LeaderState::is_caught_up(const VoterKey& key, MonotonicTime now, Nanoseconds window) const {
  const auto found = replicas_.find(key);
  return found != replicas_.end() && found->second.caught_up_at && now - *found->second.caught_up_at <= window;
}

bool LeaderState::has_fetched_since(const VoterKey& key, MonotonicTime since) const {
  const auto found = replicas_.find(key);
  return found != replicas_.end() && found->second.last_fetch_at >= since;
}

std::vector<VoterKey> LeaderState::successors(const VoterSet& voters) const {
  std::vector<VoterKey> keys;
  for (const Voter& voter : voters) {
    if (!is_same_voter(voter.key, self_)) keys.push_back(voter.key);
  }
  std::stable_sort(keys.begin(), keys.end(),
                   [this](const VoterKey& a, const VoterKey& b) { return end_of(a) > end_of(b); });
  return keys;
}

}  // namespace gregor::raft
