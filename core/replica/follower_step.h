// What a follower is told and what it does next, as values. Who performs the steps does one at a time, in the order
// given, and says how the log stands after each.
#pragma once

#include <cstdint>
#include <optional>

#include "base/epoch_history.h"
#include "replica/verdict.h"

namespace gregor::replica {

struct FollowerStep {
  enum class Kind : std::uint8_t {
    none,        ///< wait: for a flush, for an epoch, or for time to pass after a refusal
    fetch,       ///< ask the leader for what stands at `offset`
    ask_range,   ///< ask the leader (ListOffsets in the current epoch) where its log starts and ends
    append,      ///< the answer's batches, if any, then on_written() and on_replicated(); an empty log may take a batch
                 ///< that begins below the log's start and spans it
    truncate,    ///< cut the log to `offset` and its history of epochs to what began below, then on_truncated(); at the
                 ///< log's end the history alone
    start_over,  ///< drop all, begin anew at `offset`, then on_started_over()
  };
  Kind kind = Kind::none;
  Offset offset = kNoOffset;
  LeaderEpoch current_leader_epoch = kNoLeaderEpoch;
  LeaderEpoch last_fetched_epoch = kNoLeaderEpoch;  ///< for `fetch`
  std::uint64_t request = 0;                        ///< for `fetch` and `ask_range`: comes back in the answer
  bool operator==(const FollowerStep&) const = default;
};

/// A leader's answer to a fetch. The first three fields are those of the request, kept by who sent it.
struct FetchAnswer {
  std::uint64_t request = 0;
  LeaderEpoch asked_in = kNoLeaderEpoch;
  Offset asked_offset = kNoOffset;
  ReplicaVerdict verdict = ReplicaVerdict::served;
  std::optional<EpochEnd> diverging = {};
  Offset high_watermark = kNoOffset;
  Offset log_start = kNoOffset;
  Offset base_offset = kNoOffset;  ///< of the first batch; -1 where there are none
};

/// A leader's answer to ask_range.
struct RangeAnswer {
  std::uint64_t request = 0;
  LeaderEpoch asked_in = kNoLeaderEpoch;
  Offset log_start = kNoOffset;
  Offset log_end = kNoOffset;
};

}  // namespace gregor::replica
