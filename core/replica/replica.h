// Replica: one partition's role on this node and the offsets that follow from it: log end, high watermark, last stable
// offset. Pure decisions; partition/ performs them. The leader of a partition without followers is its whole ISR, so
// the high watermark is what the leader itself has made as durable as the topic asks.
//
// Invariants (checked after each change):
//   I1  log_start <= high_watermark <= log_end;
//   I2  the high watermark never falls while the replica leads in one epoch;
//   I3  last_stable_offset <= high_watermark.
#pragma once

#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "replica/producer_table.h"

namespace gregor::replica {

enum class Role : std::uint8_t { none, leader };

/// When an offset counts as held by this replica.
enum class Durability : std::uint8_t {
  written,  ///< in the file system: survives the process, not the power
  flushed,  ///< after fdatasync (flush.messages=1, log.flush.interval.messages=1)
};

/// The values are Kafka's error codes on the wire.
enum class FencingVerdict : std::int16_t {
  served = 0,
  not_leader_or_follower = 6,
  fenced_leader_epoch = 74,   ///< the asker's epoch is older than ours
  unknown_leader_epoch = 75,  ///< the asker's epoch is newer than ours
};
const char* name_of(FencingVerdict verdict);

/// How far the replica has come. Waiting requests are woken by (offset, epoch), never by the offset alone.
struct Progress {
  Offset high_watermark;
  LeaderEpoch leader_epoch;
  bool operator==(const Progress&) const = default;
};

class Replica {
 public:
  /// As recovered: [log_start, log_end) stands in the log, all of it durable; `checkpointed` is the high watermark of
  /// replication-offset-checkpoint, none where there was none. No role yet.
  Replica(Offset log_start, Offset log_end, std::optional<Offset> checkpointed, Durability durability);

  /// Leads from now on in `epoch`, which must be above any it led in. As the whole ISR it commits what it holds.
  void become_leader(LeaderEpoch epoch);
  void resign();
  void set_durability(Durability durability);

  /// May a request be served that names `asked` as the current leader epoch (-1: names none)?
  [[nodiscard]] FencingVerdict fence(LeaderEpoch asked) const;

  /// The log now ends at `log_end`. Requires that it does not fall. True when the high watermark moved.
  bool on_written(Offset log_end);
  /// Everything below `offset` survives power loss. True when the high watermark moved.
  bool on_flushed(Offset offset);
  /// DeleteRecords or retention. Requires at most the high watermark. False when it was there already.
  bool on_log_start(Offset log_start);

  [[nodiscard]] Role role() const { return role_; }
  [[nodiscard]] LeaderEpoch leader_epoch() const { return leader_epoch_; }
  [[nodiscard]] Offset log_start_offset() const { return log_start_; }
  [[nodiscard]] Offset log_end_offset() const { return log_end_; }
  [[nodiscard]] Offset flushed_offset() const { return flushed_; }
  [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
  [[nodiscard]] Progress progress() const { return {high_watermark_, leader_epoch_}; }
  /// How far a read_committed reader may go.
  [[nodiscard]] Offset last_stable_offset(const ProducerTable& producers) const;
  /// Whether a write that ended before `required` in `epoch` may be acknowledged with acks=all. None: not yet. A
  /// replica that leads in another epoch by now answers not_leader_or_follower.
  [[nodiscard]] std::optional<FencingVerdict> acknowledges(Offset required, LeaderEpoch epoch) const;

 private:
  bool advance();
  void check_invariants() const;

  Offset log_start_;
  Offset log_end_;
  Offset flushed_;
  Offset high_watermark_;
  Durability durability_;
  Role role_ = Role::none;
  LeaderEpoch leader_epoch_ = kNoLeaderEpoch;
};

}  // namespace gregor::replica
