// Partition: one partition's log, the rules of its replica, and everyone who waits on it. The only writer of its log.
//
// Appends queue up; one fiber, the worker, takes all that queued since it last looked, judges them in order against the
// producer table, gives them offsets in place, and writes them at once. Then, and only then, the table, the high
// watermark and the waiters learn of them.
//
// Promises:
//   A1  offsets are given in the order of submit();
//   A2  a group that could not be written leaves no trace: producer table and log end are as before, its writers get
//       an error;
//   A3  with flush.messages=1 nothing is acknowledged (at any acks but 0) nor visible before its flush returned
//       without error; with flush.messages=N an append that makes N unflushed records flushes before it is
//       acknowledged, yet is visible before;
//   A4  a duplicate is answered behind all that was queued before it, so never before the original counts;
//   A5  once the disk failed, nothing is acknowledged any more;
//   A6  with acks=all nothing is acknowledged that some member of the ISR lacks, nor in another leader epoch than the
//       one it was appended in;
//   A7  a follower's log, producer table and epochs are those of its leader's log as far as both reach, and it fetches
//       only behind what it holds as durably as the topic asks.
//
// Roles, writes and what a leader answered are dealt with by the worker alone, one after another.
//
// Lives on one shard. Methods without a Fiber never suspend. Owned by shared_ptr: its worker and its readers keep it
// alive.
#pragma once

#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "config/broker_config.h"
#include "config/topic_config.h"
#include "env/fiber.h"
#include "env/shard.h"
#include "env/wait.h"
#include "observe/event.h"
#include "observe/log.h"
#include "partition/cluster_links.h"
#include "partition/directories.h"
#include "partition/figures.h"
#include "partition/future_log.h"
#include "partition/leader_answer.h"
#include "partition/outcome.h"
#include "partition/progress_watch.h"
#include "partition/replication_quota.h"
#include "partition/visibility.h"
#include "record/codec.h"
#include "replica/producer_table.h"
#include "replica/replica.h"
#include "storage/clean_plan.h"
#include "storage/partition_log.h"

namespace gregor::partition {

/// What the partitions of one shard share. All of it outlives them.
struct PartitionSeat {
  env::Shard& shard;
  Directories& directories;
  observe::Observer& observer;
  observe::Log& log;
  record::CodecScratch& codec;
  const config::BrokerConfig& settings;   ///< as they are now: a dynamic change shows in the same object
  std::size_t openings_max = 8;           ///< logs of one shard that open at the same time
  IsrChannel* isr = nullptr;              ///< none: no ISR is ever proposed
  FollowerListener* followers = nullptr;  ///< none: nobody fetches for followers
  ReplicationQuotas* quotas = nullptr;    ///< none: copying is never throttled
  PlaceListener* places = nullptr;        ///< none: nobody hears of moves
  env::FiberMutex* copying = nullptr;     ///< none: copies to other directories do not wait for each other
};

using AppendDone = UniqueFunction<void(AppendOutcome)>;

/// In place of a high watermark that was seen: none is higher.
inline constexpr std::int64_t kNoneHigher = std::numeric_limits<std::int64_t>::max();

/// Of writes whose writer names none: the broker's own.
inline constexpr Milliseconds kAppendTimeout{5'000};

/// Whether a batch that begins a transaction needs a transaction coordinator's word that the partition is part of it
/// (KIP-890). Batches of a transaction that is open here never do.
enum class TransactionCheck : std::uint8_t {
  needed,  ///< nobody asked: refused, NOT_ENOUGH_REPLICAS, so that the client tries again
  waived,  ///< transaction.partition.verification.enable=false, or the coordinator said yes
};

struct AppendAsk {
  MutableBytes records;               ///< the records field of a Produce; offsets are put in place
  std::shared_ptr<const void> owner;  ///< keeps them
  std::int16_t produce_version = 13;
  std::int16_t acks = -1;
  LeaderEpoch only_in = kNoLeaderEpoch;  ///< not -1: refused, NOT_LEADER_OR_FOLLOWER, in any other epoch
  TransactionCheck transaction_check = TransactionCheck::needed;
  /// How long acks=-1 may wait for the ISR: then REQUEST_TIMED_OUT, and the batch stands in the log all the same.
  Milliseconds timeout = kAppendTimeout;
};

/// What a transaction coordinator asks for in WriteTxnMarkers.
struct EndTransaction {
  ProducerId producer_id;
  ProducerEpoch epoch;
  std::int32_t coordinator_epoch = 0;
  bool is_abort = false;
  std::int16_t transaction_version = 0;
};

class Partition : public std::enable_shared_from_this<Partition> {
 public:
  Partition(const PartitionSeat& seat, TopicPartition id, const config::TopicConfig& config);
  ~Partition();

  [[nodiscard]] const TopicPartition& id() const { return id_; }
  /// Where its folder is; none before it has one.
  [[nodiscard]] std::optional<std::size_t> directory() const {
    return placement_ ? std::optional(placement_->directory) : std::nullopt;
  }

  /// Before start(): another life of the same replica on this broker is on its way out. This one opens its log when
  /// that one's folder is gone (KAFKA-9539).
  void come_after(std::shared_ptr<Partition> former) { former_ = std::move(former); }
  /// Begins to open the log, once. Requests may come at once; they wait.
  void start();
  /// What the metadata says of it: leads, follows or neither from now on. What is not newer than before is ignored.
  void apply(const replica::PartitionState& state);
  void configure(const config::TopicConfig& config);

  /// Checks one batch and queues it; `done` is called once, on the loop or a fiber of this shard, perhaps before this
  /// returns.
  void submit(AppendAsk ask, AppendDone done);

  /// Appends the marker that ends the producer's transaction here, as acks=all does; in line with what submit() queued.
  /// A marker without an open transaction is written all the same. Refusals: those of replica::ProducerVerdict.
  void submit_marker(const EndTransaction& end, AppendDone done);

  /// Whole batches below the high watermark (or last stable offset; for followers the log's end), possibly none.
  /// Suspends; throws Cancelled.
  ReadOutcome read(env::Fiber& self, const ReadAsk& ask);
  /// Calls back when more than `seen` (ReadOutcome::visible_bytes) can be seen by such a reader, at once where that is
  /// so already. A follower hears of a moved high watermark too.
  [[nodiscard]] WatchList::Watch watch(std::uint64_t seen, ProgressCallback callback, Reader reader = Reader::consumer,
                                       Offset seen_high_watermark = Offset{kNoneHigher});
  /// ListOffsets; for followers the latest offset is the log's end. Suspends.
  OffsetAnswer find_offset(env::Fiber& self, std::int64_t timestamp_ms, Isolation isolation,
                           LeaderEpoch current_leader_epoch, Reader reader = Reader::consumer);

  // ---- The follower ----

  /// Whom it follows; -1 while it follows nobody or cannot.
  [[nodiscard]] NodeId following() const;
  /// What to ask the leader: `fetch`, `ask_range` or `none` (it is at work on an answer or a flush; ask again soon).
  /// What was asked before is given up: an answer to it is late. Does not suspend.
  [[nodiscard]] replica::FollowerStep next_step();
  /// It has no next step while follower.replication.throttled.rate is used up and it lags (KIP-73).
  [[nodiscard]] bool is_held_back() const;
  /// The answer to the last step: its batches go into the log as they stand, checked; or the log is cut. In line with
  /// changes of role.
  void replicate(LeaderAnswer answer, AnswerDone done);
  void learn_range(const replica::RangeAnswer& answer, AnswerDone done);

  // ---- Its place ----

  /// The copy here is damaged, and others are known to have the records: the controller is to hear that it is lost.
  [[nodiscard]] bool is_given_up() const;

  /// Begins to copy the log into that directory, where it is to lie then; where it lies there already, a move elsewhere
  /// is given up. A move goes on in the next life. Errors: storage_error (the directory is offline, or has no room),
  /// and what keeps the partition from being used. Suspends until the copying has begun.
  PartitionError move_to(env::Fiber& self, std::size_t directory);
  /// None: it is not being moved.
  [[nodiscard]] std::optional<MoveFigures> moving() const;

  /// For what is derived from a partition's records by its leader (coordinators): every batch that stands in the log by
  /// now, in order, checked. `visit` may suspend. Suspends. Errors: closed (this node does not lead), those of
  /// PartitionLog::scan() and of `visit`.
  Result<void> walk(env::Fiber& self, storage::BatchVisitor visit);
  [[nodiscard]] const config::TopicConfig& config() const { return config_; }

  /// OffsetForLeaderEpoch. Suspends.
  EpochAnswer end_of_epoch(env::Fiber& self, LeaderEpoch asked, LeaderEpoch current_leader_epoch);
  /// DescribeProducers. Suspends.
  ProducersAnswer active_producers(env::Fiber& self);
  /// DeleteRecords: nothing below `before` (kDeleteToHighWatermark: the high watermark) is served any more, in no later
  /// life either. Errors: offset_out_of_range (below 0 or beyond the high watermark), policy_violation (cleanup.policy
  /// lacks delete), not_leader_or_follower, storage_error, request_timed_out (it is so here, and not yet on every
  /// replica in sync). Suspends until it is durable, and until each replica in sync has told that it begins no lower,
  /// or to the deadline. The answer is the lowest of their starts.
  DeletionAnswer delete_records(env::Fiber& self, Offset before, MonotonicTime deadline = kForever);

  /// Suspends until the log is open and no change of role is pending. Errors: what kept it from opening.
  Result<void> settled(env::Fiber& self);

  /// A failure of this partition that the node lives with: a damaged copy where others may have the records, or a
  /// directory that is offline while another serves.
  [[nodiscard]] bool is_bearable(const Error& failure) const;

  /// Flushes what flush.ms says is due, forgets expired producers, deletes what retention allows. Errors are dealt with
  /// inside.
  void maintain(env::Fiber& self);
  /// What there is to compact, where enough has gathered by the topic's rules. Suspends.
  std::optional<storage::CleanWork> cleanable(env::Fiber& self);
  /// One round of compaction over it. `pace`: see storage::CleanAsk. False where it did not come to its end: what
  /// goes wrong is logged, and damage keeps the partition from being cleaned in this life.
  bool clean(env::Fiber& self, const storage::CleanWork& work, std::uint64_t map_bytes_max,
             std::uint64_t map_load_percent, UniqueFunction<bool(env::Fiber&, std::uint64_t)> pace);
  /// For the checkpoint files; none while the log is not open.
  [[nodiscard]] std::optional<CheckpointLine> checkpoint_line() const;

  /// The end of a clean stop: what is queued is written, then the log is closed with a producer snapshot. Errors: io,
  /// ...
  Result<void> close(env::Fiber& self);
  /// Refuses everything from now on and removes the folder as soon as nobody uses it. With `error`:
  /// UNKNOWN_TOPIC_OR_PARTITION where the topic was deleted; NOT_LEADER_OR_FOLLOWER where other replicas have the
  /// records, those that a refused writer waits for among them.
  void retire(PartitionError error);
  [[nodiscard]] bool is_retiring() const { return retiring_ && !is_retired_; }
  /// Suspends until the worker has nothing left to do and nobody reads.
  void wait_until_idle(env::Fiber& self);

  /// For metrics. Sizes are zero while the log is not open.
  [[nodiscard]] PartitionFigures figures() const;

  // For tests and checkers.
  [[nodiscard]] const replica::ProducerTable& producers() const { return producers_; }
  [[nodiscard]] const replica::Replica* replica() const { return replica_ ? &*replica_ : nullptr; }
  [[nodiscard]] std::size_t waiting_for_isr() const { return waiting_.size(); }

 private:
  enum class Stage : std::uint8_t { fresh, open, failed, closed, retired };
  enum class Verdict : std::uint8_t { queued, accepted, duplicate, refused };
  struct Entry {
    AppendAsk ask;
    AppendDone done;
    record::BatchCheck check;
    std::optional<replica::EndMarker> marker = {};  ///< none: a client's batch
    Verdict verdict = Verdict::queued;
    AppendOutcome outcome;
  };
  struct Group {
    std::deque<Entry> entries;
    std::vector<Bytes> batches;  ///< of the accepted ones
    std::vector<storage::AbortedTransaction> aborted;
    Offset end_before;
    Offset end_after;
  };
  /// A write that stands in the log and not yet on the whole ISR.
  struct Waiting {
    Entry entry;
    env::TimerId timer = 0;
  };
  /// By the offset that the high watermark must reach, then in order of their coming.
  using WaitingKey = std::pair<Offset, std::uint64_t>;
  /// What the follower is to do next, and who wants to know.
  struct Job {
    std::variant<LeaderAnswer, replica::RangeAnswer, replica::FollowerStep> work;
    AnswerDone done;
  };
  /// RecoveryPoints of a log whose directory may live on another shard.
  struct RecoveryPointLink final : storage::RecoveryPoints {
    explicit RecoveryPointLink(Partition& partition) : owner(partition) {}
    Result<void> lower(env::Fiber& self, const TopicPartition& partition, Offset to) override;
    Partition& owner;
  };
  /// Of the log by a fiber that may suspend meanwhile: the log stays as long as there is one.
  class Use {
   public:
    /// Suspends while the log is being exchanged for its copy in another directory.
    Use(env::Fiber& self, Partition& partition);
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use();

   private:
    Partition& partition_;
    std::shared_ptr<Partition> keep_;
  };

  // partition.cc: life and work.
  void kick();
  void work(env::Fiber& self);
  bool work_once(env::Fiber& self);
  Result<void> open(env::Fiber& self);
  /// The log failed for want of space alone.
  [[nodiscard]] bool may_open_again() const;
  void try_again_later();
  void give_up_log(env::Fiber& self);
  void forget_log();
  Result<void> rebuild_producers(env::Fiber& self);
  Result<Offset> load_producers(env::Fiber& self, Offset at_most, replica::ProducerTable& into);
  /// `aborted`, where there is one, takes the transactions that markers on the way aborted.
  Result<void> walk_producers(env::Fiber& self, Offset from, replica::ProducerTable& table,
                              std::vector<storage::AbortedTransaction>* aborted);
  Result<void> apply_role(env::Fiber& self);
  void tell_role(replica::RoleChange change);
  void finish_retirement(env::Fiber& self);
  void remove_folder(env::Fiber& self);
  void fail(env::Fiber& self, const Error& error);
  Result<void> retain(env::Fiber& self, WallTime now);
  void upkeep_failed(env::Fiber& self, const Error& error);
  void refuse_queue(PartitionError error);
  [[nodiscard]] PartitionError unusable() const;

  // partition_read.cc
  PartitionError refusal(env::Fiber& self, LeaderEpoch current);
  PartitionError readiness(env::Fiber& self);
  replica::FetchRuling judge_read(const ReadAsk& ask);
  [[nodiscard]] bool is_ahead_of_follower(const ReadAsk& ask, const replica::FetchRuling& ruling) const;
  [[nodiscard]] Offset end_for(const ReadAsk& ask, const ReadOutcome& outcome) const;
  void hand_out(const ReadAsk& ask, storage::LogRead read, ReadOutcome& outcome);
  [[nodiscard]] bool holds_back(const FollowerAsk& follower) const;

  // partition.cc
  [[nodiscard]] bool role_is_pending() const { return state_wanted_.has_value(); }
  [[nodiscard]] bool leads() const { return replica_ && replica_->role() == replica::Role::leader; }
  /// What the checkpoints of that directory are to say of the log. Requires an open one.
  [[nodiscard]] CheckpointLine line_in(std::size_t directory, Offset recovery_point) const;
  /// Of the log in its present place.
  [[nodiscard]] storage::LogSeat log_seat();
  [[nodiscard]] storage::LogConfig log_config() const;
  [[nodiscard]] replica::Durability durability() const;

  // partition_append.cc: a group's way into the log.
  [[nodiscard]] bool lacks_transaction_check(const AppendAsk& ask) const;
  void judge_marker(Group& group, Entry& entry, const record::BatchView& batch);
  [[nodiscard]] record::BatchPolicy policy(std::int16_t produce_version) const;
  [[nodiscard]] PartitionError early_refusal() const;
  /// What can be said before the batch waits for its turn. None: `check` holds the batch as it will be written.
  std::optional<AppendOutcome> refused_at_once(const AppendAsk& ask, record::BatchCheck& check);
  void write_group(env::Fiber& self);
  Group take_group();
  void judge(Group& group, Entry& entry);
  void stamp(Group& group, Entry& entry, const record::BatchView& batch);
  Result<void> append(env::Fiber& self, Group& group);
  Result<void> make_durable(env::Fiber& self);
  void publish();
  Result<void> snapshot_rolls(env::Fiber& self, const Group& group, const std::vector<Offset>& rolled_at);
  void finish(env::Fiber& self, Group& group, const Result<void>& written);
  void acknowledge(Entry& entry);
  void count(const Entry& entry);
  [[nodiscard]] std::optional<std::int16_t> verdict_on(const Entry& entry) const;

  // partition_wait.cc: writes that wait for the ISR, and the ISR itself.
  void wait_for_isr(Entry& entry);
  void settle_waiting();
  void refuse_waiting(PartitionError error);
  void on_timeout(const WaitingKey& key);
  void answer(Entry& entry, std::int16_t error);
  void tend_isr();
  void arm_tick();

  // partition_follow.cc: what a follower takes from its leader.
  void take_job(Job job);
  void note_copied(const LeaderAnswer& answer);
  void follow(env::Fiber& self);
  Result<Followed> perform(env::Fiber& self, const LeaderAnswer& answer);
  Result<Followed> perform(env::Fiber& self, const replica::RangeAnswer& answer);
  Result<Followed> perform(env::Fiber& self, const replica::FollowerStep& step);
  Result<Followed> follow_log_start(env::Fiber& self, Offset start);
  /// Makes durable that the log will begin there at the least; the partition fails where the disk does.
  Result<void> keep_log_start(env::Fiber& self, Offset start);
  DeletionAnswer delete_here(env::Fiber& self, Offset before);
  DeletionAnswer await_low_watermark(env::Fiber& self, Offset to, MonotonicTime deadline);
  Result<void> take_batches(env::Fiber& self, const LeaderAnswer& answer);
  Result<void> begin_below(env::Fiber& self, const LeaderAnswer& answer);
  Result<void> admit_gaps(env::Fiber& self, const Group& group);
  Result<void> truncate(env::Fiber& self, Offset to);
  Result<void> start_over(env::Fiber& self, Offset at);
  Result<void> rebuild_after_cut(env::Fiber& self);
  [[nodiscard]] std::span<const EpochEntry> history() const { return log_->leader_epochs().entries(); }

  // partition_move.cc
  struct Move {
    std::size_t directory = 0;
    std::string folder;
    std::unique_ptr<FutureLog> log = {};
    MoveOutcome outcome = {};
    bool is_running = false;
    bool is_abandoned = false;
    bool is_done = false;  ///< the copy is the log now
  };
  Uuid name_of_move(std::string_view purpose);
  void begin_copy(const FuturePlacement& to);
  void stop_copying(env::Fiber& self);
  bool give_up_move(env::Fiber& self);
  [[nodiscard]] bool may_copy(const Move& move) const;
  void rest_of_move(env::Fiber& self, const Move& move, Milliseconds wait);
  void run_move(env::Fiber& self, Move& move);
  Result<std::size_t> copy_some(env::Fiber& self, Move& move);
  bool bears(env::Fiber& self, Move& move, const Error& error);
  void remove_former_folder(env::Fiber& self, const Move& move);
  void swap(env::Fiber& self);
  void swap_in(env::Fiber& self, Move& move);
  Result<void> complete_copy(env::Fiber& self, Move& move);
  Result<void> open_moved(env::Fiber& self);

  // partition_damage.cc
  /// Of an error that reading from there on met; nothing where it tells of no damage.
  void note_damage(const Error& error, Offset from);
  void follow_up_damage();
  void remember_damage(env::Fiber& self);
  [[nodiscard]] bool may_mend() const;
  void mend(env::Fiber& self);
  /// What came of opening the log.
  void end_mending(const Result<void>& opened);

  // partition_clean.cc
  [[nodiscard]] bool may_be_cleaned() const;
  [[nodiscard]] std::optional<storage::LastOfProducer> last_of(ProducerId id) const;
  Result<void> begin_cleaning(env::Fiber& self);
  void give_up_cleaning(env::Fiber& self, const Error& error);

  const PartitionSeat seat_;
  const TopicPartition id_;
  config::TopicConfig config_;
  RecoveryPointLink recovery_points_{*this};
  Stage stage_ = Stage::fresh;
  std::optional<Error> failure_;

  std::optional<Placement> placement_;
  std::unique_ptr<storage::PartitionLog> log_;
  replica::ProducerTable producers_;
  std::optional<replica::Replica> replica_;
  std::optional<replica::PartitionState> state_wanted_;  ///< the newest that the worker has not applied
  std::optional<replica::PartitionState> state_known_;   ///< the newest of all
  std::optional<Offset> committed_before_;               ///< the high watermark of a log that was given up
  bool opens_again_ = false;
  std::optional<Offset> damage_;  ///< the copy may be damaged at or above this
  bool damage_is_news_ = false;
  bool is_mending_ = false;         ///< what is opened next is the log up to the damage
  bool is_beyond_mending_ = false;  ///< in this life
  env::TimerId retry_ = 0;

  std::deque<Entry> queue_;
  std::map<WaitingKey, Waiting> waiting_;
  std::uint64_t waited_ = 0;
  env::TimerId tick_ = 0;
  MonotonicTime tick_due_ = kForever;
  std::optional<Job> job_;
  bool is_following_ = false;  ///< the worker is at a job
  bool lags_ = true;           ///< by the leader's last answer its high watermark lies beyond this log's end
  bool flush_wanted_ = false;
  bool started_ = false;
  bool is_placing_ = false;  ///< the directories look for its place
  bool working_ = false;
  bool closing_ = false;
  bool retiring_ = false;
  PartitionError retired_with_ = PartitionError::none;
  bool is_retired_ = false;            ///< what could be removed is removed
  std::shared_ptr<Partition> former_;  ///< none, or it is gone
  env::WaitQueue worked_;              ///< woken whenever the worker did something
  env::WaitQueue followed_;            ///< woken whenever a follower has fetched
  std::size_t uses_ = 0;
  std::shared_ptr<Move> move_;  ///< none: it stays where it is
  env::FiberMutex moving_;
  std::uint64_t moves_ = 0;
  std::size_t movers_ = 0;  ///< fibers that copy, or remove what was copied from
  bool swap_wanted_ = false;
  bool is_swapping_ = false;  ///< whoever comes to use the log waits
  Visibility visibility_;
  Offset log_start_wanted_{0};  ///< durable already or about to be
  std::shared_ptr<WatchList> watchers_ = std::make_shared<WatchList>();
  std::shared_ptr<WatchList> follower_watchers_ = std::make_shared<WatchList>();
  MonotonicTime last_flush_{};
  std::optional<Offset> cleaned_up_to_;  ///< none: never compacted
  std::uint64_t cleanings_ = 0;
  bool is_uncleanable_ = false;
  Traffic traffic_;
};

}  // namespace gregor::partition
