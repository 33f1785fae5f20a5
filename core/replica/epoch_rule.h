// Where two logs part: what a leader says to a fetch at (offset, last fetched epoch), and how far a follower cuts its
// log for a leader's answer (KIP-101, KIP-279, KIP-320, KIP-595). Pure rules over epoch histories; neither log is held.
#pragma once

#include <optional>
#include <span>

#include "base/epoch_history.h"
#include "replica/verdict.h"

namespace gregor::replica {

/// A log as far as these rules see it. `history` is borrowed.
struct LogView {
  Offset log_start;
  Offset log_end;
  std::span<const EpochEntry> history;
};

/// Where a reader stands: below `offset` it has everything, the last of it from `last_fetched_epoch` (-1: it does not
/// say, and nothing is compared).
struct ReaderPosition {
  Offset offset;
  LeaderEpoch last_fetched_epoch = kNoLeaderEpoch;
};

struct FetchRuling {
  ReplicaVerdict verdict = ReplicaVerdict::served;
  std::optional<EpochEnd> diverging = {};  ///< with `served`: no records, cut your log first
  bool high_watermark_moved = false;
  /// The reader's log agrees with ours up to where it stands.
  [[nodiscard]] bool agrees() const { return verdict == ReplicaVerdict::served && !diverging; }
};

/// The answer of OffsetForLeaderEpoch: end of `asked`, or of the greatest epoch below it with records here, and which.
EpochEnd epoch_end_in(const LogView& log, LeaderEpoch asked);
/// Below the log's start nothing is compared (KAFKA-12996): a reader that cannot read on need not know where it parted.
FetchRuling judge_position(const LogView& log, const ReaderPosition& reader);
/// Whether `log`, which agrees with a follower at this position, has compared all that the follower holds. It has not
/// where the follower's last epoch ended below what `log` still knows, and the follower's own log starts lower: then
/// its end may be of another history, which it drops only with the answer, when it learns where the log starts.
bool has_compared(const LogView& log, const ReaderPosition& follower, Offset followers_log_start);
/// Where a follower with log `own` cuts for the leader's `answer`. Where it knows nothing of the epoch answered it cuts
/// to the end of what it has below, and the next fetch asks on: each round comes nearer, however many it takes.
/// At most the log's end; below the log's start where nothing is shared.
Offset truncation_offset(const LogView& own, const EpochEnd& answer);

}  // namespace gregor::replica
