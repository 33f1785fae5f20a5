// LeaderState: what a leader knows of those who fetch from it, and what follows: how far a majority has the log on
// disk, and whether a majority is still there (check-quorum). It keeps no lease: time never proves leadership, only its
// loss.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/time.h"
#include "raft/voters.h"

namespace gregor::raft {

struct ReplicaProgress {
  Offset flushed_end = kNoOffset;  ///< its newest fetch offset in this epoch
  MonotonicTime last_fetch_at = MonotonicTime::min();
  Uuid directory_id;                          ///< that it named at its newest fetch
  std::optional<MonotonicTime> caught_up_at;  ///< newest time at which it had all that the leader had
  Offset leader_end_at_last_fetch = kNoOffset;
};

class LeaderState {
 public:
  static constexpr std::size_t kObserversMax = 1000;
  static constexpr Nanoseconds kObserverForgottenAfter = std::chrono::minutes(5);

  LeaderState(const VoterKey& self, MonotonicTime now, Nanoseconds check_quorum_time);

  /// `key` fetched from `fetch_offset` on, an offset that stands in our log with the epoch before it. `leader_end` is
  /// where our log ends. Too many observers: new ones are not noted.
  void fetched(const VoterSet& voters, const VoterKey& key, Offset fetch_offset, Offset leader_end, MonotonicTime now);
  /// Another directory than `key`'s fetched under its node id within `window`, and is the voter of that id as far as
  /// `voters` can tell: two processes with one node id. What each of them has on disk must not be taken for the other's.
  [[nodiscard]] bool is_taken(const VoterSet& voters, const VoterKey& key, MonotonicTime now, Nanoseconds window) const;
  /// `key` was heard from otherwise: it fetches a snapshot.
  void heard(const VoterSet& voters, const VoterKey& key, MonotonicTime now);
  /// The greatest offset below which a majority of `voters` has everything on disk; kNoOffset where none is known.
  [[nodiscard]] Offset majority_end(const VoterSet& voters, Offset own_flushed_end) const;
  /// A majority of `voters` was not heard from in time: no longer a leader.
  [[nodiscard]] bool has_lost_quorum(const VoterSet& voters, MonotonicTime now) const;
  /// kForever where no other voter is needed.
  [[nodiscard]] MonotonicTime quorum_lost_at(const VoterSet& voters) const;
  /// It fetches in this epoch and had all there was within `window`.
  [[nodiscard]] bool is_caught_up(const VoterKey& key, MonotonicTime now, Nanoseconds window) const;
  [[nodiscard]] bool has_fetched_since(const VoterKey& key, MonotonicTime since) const;
  /// The other voters, those first that have most of the log.
  [[nodiscard]] std::vector<VoterKey> successors(const VoterSet& voters) const;
  /// Voters by the key that their list knows, observers by their own.
  [[nodiscard]] const std::map<VoterKey, ReplicaProgress>& replicas() const { return replicas_; }

 private:
  [[nodiscard]] std::size_t others_needed(const VoterSet& voters) const;
  [[nodiscard]] Offset end_of(const VoterKey& key) const;
  void forget_silent_observers(const VoterSet& voters, MonotonicTime now);

  VoterKey self_;
  Nanoseconds check_quorum_time_;
  MonotonicTime check_quorum_at_;
  std::set<VoterKey> heard_;  ///< voters since check_quorum_at_ was set
  std::map<VoterKey, ReplicaProgress> replicas_;
};

}  // namespace gregor::raft
