// Replica: one partition's role on this node and the offsets that follow from it: log end, high watermark, last stable
// offset; the leader's count of its followers, the follower's next step. Pure decisions; partition/ performs them.
//
// Invariants (I1 is checked as offsets change):
//   I1  log_start <= high_watermark <= log_end;
//   I2  the high watermark never falls while the replica leads in one epoch, and elsewhere only with the log's end;
//   I3  last_stable_offset <= high_watermark;
//   I4  what the leader calls committed is held by every replica that can be in the ISR (see leadership.h);
//   I5  a follower takes nothing from an answer but that to its last request, asked in this epoch at its log's end.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "replica/epoch_rule.h"
#include "replica/follower_step.h"
#include "replica/leadership.h"
#include "replica/partition_state.h"
#include "replica/producer_table.h"
#include "replica/read_choice.h"
#include "replica/verdict.h"

namespace gregor::replica {

enum class Role : std::uint8_t { none, leader, follower };

/// What became of a PartitionState.
enum class RoleChange : std::uint8_t {
  ignored,  ///< not newer than what is known
  updated,  ///< the same role in the same leader epoch: other replicas, another ISR
  leads,    ///< in a new leader epoch
  follows,  ///< in a new leader epoch
  left,     ///< no role: not a replica, or nobody leads
};

/// When an offset counts as held by this replica.
enum class Durability : std::uint8_t {
  written,  ///< in the file system: survives the process, not the power
  flushed,  ///< after fdatasync (flush.messages=1, log.flush.interval.messages=1)
};

/// How far the replica has come. Waiting requests are woken by (offset, epoch), never by the offset alone.
struct Progress {
  Offset high_watermark;
  LeaderEpoch leader_epoch;
  bool operator==(const Progress&) const = default;
};

/// Of this node. The times are Kafka's defaults.
struct ReplicaSeat {
  NodeId self{0};
  Nanoseconds lag_time_max = Milliseconds(30'000);     ///< replica.lag.time.max.ms
  Nanoseconds proposal_timeout = Milliseconds(5'000);  ///< after it an AlterPartition is sent anew
};

/// The newest offset that ListOffsets may name.
struct LatestOffset {
  ReplicaVerdict verdict = ReplicaVerdict::served;
  Offset offset = kNoOffset;
};

class Replica {
 public:
  /// As recovered: [log_start, log_end) stands in the log, all of it durable; `checkpointed` is the high watermark of
  /// replication-offset-checkpoint, none where there was none. No role yet.
  Replica(Offset log_start, Offset log_end, std::optional<Offset> checkpointed, Durability durability,
          ReplicaSeat seat = {});

  // ---- What the metadata says ----

  /// Before a state that makes this node the leader is applied, its epoch stands in the log's history, begun at the
  /// log's end (KAFKA-7415). What is not newer is ignored.
  RoleChange apply(const PartitionState& state, MonotonicTime now);
  /// Whether apply() would make this node the leader of an epoch it does not lead yet.
  [[nodiscard]] bool would_lead(const PartitionState& state) const;
  /// Leads from now on in `epoch`, which must be above any it led in, as the one replica there is.
  void become_leader(LeaderEpoch epoch);
  void resign();
  void set_durability(Durability durability);
  /// True when the high watermark moved.
  bool set_min_insync_replicas(int count);

  // ---- What became of the log ----

  /// The log now ends at `log_end`. Requires that it does not fall. True when the high watermark moved.
  bool on_written(Offset log_end);
  /// Everything below `offset` survives power loss. True when the high watermark moved.
  bool on_flushed(Offset offset);
  /// DeleteRecords or retention. Requires at most the high watermark. False when it was there already.
  bool on_log_start(Offset log_start);
  /// A follower's log was cut: it ends at `log_end`, and may start there too where it started beyond.
  void on_truncated(Offset log_end);
  /// A follower's log is empty and begins at `offset`.
  void on_started_over(Offset offset);

  // ---- Asked of any replica ----

  /// May a request be served that names `asked` as the current leader epoch (-1: names none)?
  [[nodiscard]] ReplicaVerdict fence(LeaderEpoch asked, AnsweredBy by = AnsweredBy::leader) const;
  /// A consumer's fetch: it names an epoch or none, and where it stands.
  [[nodiscard]] FetchRuling judge_read(const ReaderPosition& reader, LeaderEpoch asked, AnsweredBy by,
                                       std::span<const EpochEntry> history) const;
  /// OffsetForLeaderEpoch. Requires fence().
  [[nodiscard]] EpochEnd end_of_epoch(LeaderEpoch asked, std::span<const EpochEntry> history) const;
  /// Where a reader's records end.
  [[nodiscard]] Offset readable_end() const;
  /// ListOffsets(latest) of clients. Requires fence().
  [[nodiscard]] LatestOffset latest_offset() const;
  /// How far a read_committed reader may go.
  [[nodiscard]] Offset last_stable_offset(const ProducerTable& producers) const;

  // ---- The leader ----

  [[nodiscard]] bool has_min_isr() const { return leadership_.has_min_isr(min_insync_); }
  /// May a write be appended? Kafka asks for the ISR of acks=all alone.
  [[nodiscard]] ReplicaVerdict admits_append(bool acks_all) const;
  /// Whether a write that ended before `required` in `epoch` may be acknowledged with acks=all. None: not yet. A
  /// replica that leads in another epoch by now answers not_leader_or_follower.
  [[nodiscard]] std::optional<ReplicaVerdict> acknowledges(Offset required, LeaderEpoch epoch) const;
  /// Before the answer is read from the log. Only one whose history agrees with ours is counted.
  FetchRuling on_follower_fetch(const FollowerFetch& fetch, std::span<const EpochEntry> history, MonotonicTime now);
  /// What to send to the controller now, if anything; asked after each fetch, answer and tick.
  std::optional<AlterPartition> take_alter_partition(const BrokerView& brokers, MonotonicTime now);
  /// True when the high watermark moved.
  bool on_alter_partition(const AlterPartitionAnswer& answer, MonotonicTime now);
  /// When take_alter_partition() is to be asked though nothing happened; kForever where this replica does not lead.
  [[nodiscard]] MonotonicTime next_tick() const;
  /// Replicas that hold `offset` and are in the ISR, this one among them, for preferred_read_replica(); racks unset.
  [[nodiscard]] std::vector<ReadCandidate> read_candidates(Offset offset, MonotonicTime now) const;

  // ---- The follower ----

  /// What to do while no request is under way, or the last one is given up: an answer to it is late from now on.
  [[nodiscard]] FollowerStep next_step(std::span<const EpochEntry> history);
  /// What to do with an answer. `none`: it is late or absurd; forget it and ask next_step().
  FollowerStep judge(const FetchAnswer& answer, std::span<const EpochEntry> history);
  FollowerStep judge(const RangeAnswer& answer);
  /// The answer's batches stand in the log, or it had none, and on_written() was told. True when the high watermark
  /// moved.
  bool on_replicated(const FetchAnswer& answer);
  /// After on_replicated(): where the leader's log begins, as far as what is known to be committed here goes, and never
  /// below our own. The driver makes it durable before it tells on_log_start(): what the next fetch says of it lets the
  /// leader promise that what was deleted stays so.
  [[nodiscard]] Offset log_start_to_follow(const FetchAnswer& answer) const;

  [[nodiscard]] Role role() const { return role_; }
  [[nodiscard]] NodeId leader() const { return leader_; }
  [[nodiscard]] LeaderEpoch leader_epoch() const { return leader_epoch_; }
  [[nodiscard]] PartitionEpoch partition_epoch() const;
  [[nodiscard]] Offset log_start_offset() const { return log_start_; }
  /// Below it nothing is shown again by who leads next: the lowest log start of the replicas that may be in sync. Of
  /// the leader; -1 while one has not fetched in this epoch, and while the ISR is below min.insync.replicas, when
  /// eligible leader replicas may lead that the leader knows nothing of (KIP-966).
  [[nodiscard]] Offset low_watermark() const;
  [[nodiscard]] Offset log_end_offset() const { return log_end_; }
  [[nodiscard]] Offset flushed_offset() const { return flushed_; }
  [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
  [[nodiscard]] Progress progress() const { return {high_watermark_, leader_epoch_}; }
  /// Of the epoch this replica leads in, or led in last.
  [[nodiscard]] const Leadership& leadership() const { return leadership_; }

 private:
  [[nodiscard]] LogView view(std::span<const EpochEntry> history) const { return {log_start_, log_end_, history}; }
  [[nodiscard]] Offset held() const;
  [[nodiscard]] bool needs_flush() const;
  [[nodiscard]] bool is_awaited(std::uint64_t request, LeaderEpoch asked_in) const;
  FollowerStep ask(FollowerStep::Kind kind, Offset offset);
  [[nodiscard]] FollowerStep step(FollowerStep::Kind kind, Offset offset) const;
  [[nodiscard]] FollowerStep cut(Offset offset, std::span<const EpochEntry> history) const;
  RoleChange take_role(const PartitionState& state, MonotonicTime now);
  void learn_high_watermark(Offset leaders);
  bool advance();
  void check_invariants() const;

  ReplicaSeat seat_;
  Offset log_start_;
  Offset log_end_;
  Offset flushed_;
  Offset high_watermark_;
  Durability durability_;
  int min_insync_ = 1;
  Role role_ = Role::none;
  NodeId leader_ = kNoNodeId;
  LeaderEpoch leader_epoch_ = kNoLeaderEpoch;
  PartitionEpoch partition_epoch_ = kNoPartitionEpoch;
  std::uint64_t requests_ = 0;       ///< made so far; the last may be under way
  bool agrees_with_leader_ = false;  ///< the leader of this epoch has compared its history with ours
  bool is_out_of_range_ = false;     ///< of the leader's log, by its last answer
  Leadership leadership_;
};

}  // namespace gregor::replica
