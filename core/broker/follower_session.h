// FollowerSession: the follower's half of an incremental fetch session (KIP-227). The first request of a session names
// everything that is wanted; later ones only what is wanted otherwise than before, and what is not wanted any more. The
// leader's half is fetch_session.h. Pure: fills requests and looks at answers; nothing is sent here.
//
// Promises:
//   S1  what the leader's session holds after a request is what was wanted in it, no more and no less;
//   S2  a session that the leader does not know, counts otherwise or answered oddly ends, and the next request is
//       whole;
//   S3  what the leader told and nobody took is told again (missed()): its session would think it known.
#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "broker/fetch_session.h"
#include "wire/fetch.h"

namespace gregor::broker {

/// A partition as a follower wants it read.
struct WantedFetch {
  TopicId topic_id;
  PartitionIndex partition{0};
  Offset offset;
  LeaderEpoch current_leader_epoch = kNoLeaderEpoch;
  LeaderEpoch last_fetched_epoch = kNoLeaderEpoch;
  Offset log_start = kNoOffset;
  std::int32_t bytes_max = 0;
  Offset high_watermark = kNoOffset;  ///< that it knows: the leader answers at once where it knows a higher one
  bool operator==(const WantedFetch&) const = default;
};

class FollowerSession {
 public:
  using Key = std::pair<TopicId, PartitionIndex>;

  /// Sets the session's fields of `request`: id, epoch, topics, forgotten topics. Each partition of `wanted` once, in
  /// the order in which they are to be read.
  void ask_for(const std::vector<WantedFetch>& wanted, wire::FetchRequest& request);
  /// The answer to the last request. False: it refuses the session or does not fit it, and tells of no partition.
  bool take(const wire::FetchResponse& answer);
  /// What the last answer told of it could not be used: where the next request wants it again, it is whole.
  void missed(const Key& key);
  /// No answer came, or none will: the next request is whole, and ends what the leader may have begun.
  void lose();

  [[nodiscard]] std::int32_t id() const { return id_; }
  [[nodiscard]] std::int32_t next_epoch() const { return epoch_; }
  /// Partitions that the leader's session holds, if it has one.
  [[nodiscard]] std::size_t size() const { return asked_.size(); }

 private:
  void ask_whole(const std::vector<WantedFetch>& wanted, wire::FetchRequest& request);
  [[nodiscard]] bool fits(const wire::FetchResponse& answer) const;
  void begin_anew() { id_ = kNoFetchSession, epoch_ = kInitialFetchEpoch; }

  std::int32_t id_ = kNoFetchSession;
  std::int32_t epoch_ = kInitialFetchEpoch;  ///< of the next request; initial: it will be whole
  std::map<Key, WantedFetch> asked_;         ///< as the last request left it
  std::set<Key> missed_;                     ///< since the last request
};

}  // namespace gregor::broker
