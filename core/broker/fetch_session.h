// Incremental fetch sessions (KIP-227): what a consumer or a follower reads is told once, later requests name only what
// changes, and answers only what is new. Pure: partitions are named, nobody is asked about them. All that was said of a
// partition holds for each read of it, the leader epoch too (KAFKA-9338).
//
// A session lives in a slot of a bounded cache. It makes room when it was not used for two minutes, or after two
// minutes of life for a larger one; a consumer's at any time for a follower's, a follower's never for a consumer's
// within them. A request that finds no session gets an error and the client begins anew.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"

namespace gregor::broker {

inline constexpr std::int32_t kNoFetchSession = 0;
inline constexpr std::int32_t kInitialFetchEpoch = 0;  ///< asks for a full fetch and a new session
inline constexpr std::int32_t kFinalFetchEpoch = -1;   ///< asks for a full fetch, and the end of the session
inline constexpr Milliseconds kFetchSessionEviction{120'000};

/// How the request names a partition: by topic name below version 13, by topic id from there on. The other is empty.
struct FetchTarget {
  std::string topic;
  TopicId topic_id;
  std::int32_t partition = 0;
  auto operator<=>(const FetchTarget&) const = default;
};

/// What an answer tells of a partition beside its records; a session remembers the last one it told.
struct FetchedState {
  std::int64_t high_watermark = -1;
  std::int64_t log_start_offset = -1;
  bool operator==(const FetchedState&) const = default;
};

struct FetchAsk {
  FetchTarget target;
  std::int64_t fetch_offset = 0;
  std::int32_t current_leader_epoch = -1;
  std::int32_t last_fetched_epoch = -1;
  std::int64_t log_start_offset = -1;  ///< of a follower
  std::int32_t partition_max_bytes = 0;
  std::int64_t high_watermark = std::numeric_limits<std::int64_t>::max();  ///< that a follower knows (KIP-1166)
  /// A follower would learn more from an answer that told it where its leader is: it knows at most what it holds, and
  /// who tells no log start (a consumer) follows none.
  [[nodiscard]] bool would_learn(const FetchedState& of_leader) const {
    const bool follows_start =
        log_start_offset >= 0 && log_start_offset < std::min(of_leader.log_start_offset, fetch_offset);
    return follows_start || high_watermark < std::min(of_leader.high_watermark, fetch_offset);
  }
};

class FetchSession {
 public:
  struct Entry {
    FetchAsk ask;
    FetchedState told;
    bool must_tell = true;  ///< it was named since the last answer
  };

  [[nodiscard]] std::int32_t id() const { return id_; }
  /// In the order in which they are to be read: those that gave records last go last.
  [[nodiscard]] const std::list<Entry>& entries() const { return entries_; }
  [[nodiscard]] bool uses_topic_ids() const { return uses_topic_ids_; }

  /// Decides whether an incremental answer names `target`, and notes what it tells. No-op and false when it was
  /// forgotten.
  bool tell(const FetchTarget& target, const FetchedState& state, bool has_records, bool has_error);

 private:
  friend class FetchSessionCache;
  void update(const std::vector<FetchAsk>& asked, const std::vector<FetchTarget>& forgotten);

  std::int32_t id_ = kNoFetchSession;
  std::int32_t epoch_ = 1;  ///< of the next request
  bool uses_topic_ids_ = false;
  bool is_followers_ = false;
  std::size_t size_at_birth_ = 0;
  MonotonicTime born_{};
  MonotonicTime last_used_{};
  std::list<Entry> entries_;
  std::map<FetchTarget, std::list<Entry>::iterator> by_target_;
};

enum class FetchSessionError : unsigned char { none, session_not_found, invalid_epoch, topic_id_mismatch };

struct FetchSessionRequest {
  std::int32_t session_id = kNoFetchSession;
  std::int32_t session_epoch = kFinalFetchEpoch;
  bool uses_topic_ids = false;
  bool is_followers = false;
  std::vector<FetchAsk> asked;
  std::vector<FetchTarget> forgotten;
};

/// What to read for one request, and under which session to answer.
struct FetchPlan {
  FetchSessionError error = FetchSessionError::none;
  std::vector<FetchAsk> asks;
  bool incremental = false;               ///< the answer leaves out what tell() says no to
  bool wants_session = false;             ///< a full fetch that may be remembered: see remember()
  std::shared_ptr<FetchSession> session;  ///< of an incremental fetch
};

class FetchSessionCache {
 public:
  FetchSessionCache(std::size_t slots, RandomStream ids) : slots_(slots), ids_(std::move(ids)) {}

  FetchPlan plan(const FetchSessionRequest& request, MonotonicTime now);
  /// Keeps a full fetch as a session if there is a slot; null if not. Call tell() on it for each partition answered.
  std::shared_ptr<FetchSession> remember(const FetchSessionRequest& request, MonotonicTime now);
  [[nodiscard]] std::size_t size() const { return sessions_.size(); }

 private:
  bool make_room(const FetchSessionRequest& request, MonotonicTime now);
  FetchPlan plan_incremental(const FetchSessionRequest& request, MonotonicTime now);

  std::size_t slots_;
  RandomStream ids_;
  std::map<std::int32_t, std::shared_ptr<FetchSession>> sessions_;
};

}  // namespace gregor::broker
