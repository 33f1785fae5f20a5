// Node::State: what a quorum node keeps, and what runs it: inputs step the machine, its outputs become messages and
// jobs of the disk. For the sources of this folder.
//
// The machine is stepped from fibers and from the loop; pump() then hands out all that it wants and never suspends.
// Of the log's end only perform() and install_snapshot() decide, under `disk`. Snapshots are written and old segments
// deleted beside them, under `taking_snapshot`; who answers a fetch reads meanwhile.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "env/wait.h"
#include "quorum/metadata_log.h"
#include "quorum/node.h"
#include "quorum/peers.h"
#include "quorum/quorum_state_file.h"
#include "quorum/service.h"
#include "raft/fsm.h"
#include "record/batch_view.h"

namespace gregor::quorum {

/// Requests of others that wait for the machine's answer, at most.
inline constexpr std::size_t kAskedMax = 10'000;
/// Answers to fetches that are kept until the machine says which it takes, at most.
inline constexpr std::size_t kFetchedMax = 8;

/// A batch that append() wants in the log, and what became of it.
struct Proposal {
  enum class Stage : unsigned char { waiting, appended, committed, failed };
  LeaderEpoch epoch;
  std::vector<ByteBuffer> values;
  Stage stage = Stage::waiting;
  Offset last_offset = kNoOffset;
  Error error = {};  ///< why it failed
};

struct Node::State final : PeersListener, std::enable_shared_from_this<Node::State> {
  State(const Node::Seat& at, Identity who) : seat(at), identity(std::move(who)) {}

  // node.cc: its life
  Result<void> open(env::Fiber& self);
  /// What Kafka's format step leaves in the log of a quorum's first voter: an initial snapshot that names it.
  Result<void> write_first_voter(env::Fiber& self);
  Result<Offset> append(env::Fiber& self, std::span<const ByteBuffer> values);
  Result<Offset> append_batch(env::Fiber& self, LeaderEpoch epoch, std::span<const ByteBuffer> values);
  Result<void> close(env::Fiber& self);
  /// Nothing is begun, told or heard any more. Idempotent; does not suspend.
  void end();
  [[nodiscard]] bool leads(LeaderEpoch epoch) const { return fsm->is_leader() && fsm->epoch() == epoch; }

  // node_pump.cc: between the machine and the world; nothing here suspends
  void tell(const raft::Input& input);
  void pump();
  void hand_out(raft::Output output);
  void note_changes();
  void note_voters();
  [[nodiscard]] FetchedBatches take_fetched(raft::RequestId request);
  void judge_proposal();
  void arm_timer();
  void on_timer();
  /// From now on this node runs by itself.
  void come_alive();
  void on_reply(raft::ReplyReceived received, FetchedBatches fetched) override;
  void on_failed(raft::RequestId request) override;
  void on_gone(NodeId node) override;
  [[nodiscard]] const raft::VoterSet& voters() const override { return fsm->voters(); }
  /// Suspends until the machine answers; none where the node closes first, or too many wait.
  std::optional<raft::Reply> ask(env::Fiber& self, raft::Request request);

  // node_work.cc: what the disk is to do
  struct Truncation {
    Offset to;
  };
  using Job = std::variant<Truncation, FetchedBatches, raft::Lead, raft::VoterSet, std::shared_ptr<Proposal>>;
  [[nodiscard]] bool has_work() const;
  /// All there is to do. Errors: what the node cannot go on after.
  Result<void> work_off(env::Fiber& self);
  /// As work_off(), but halts.
  void work_off_or_halt(env::Fiber& self);
  Result<void> perform_next(env::Fiber& self);
  Result<void> persist(env::Fiber& self);
  Result<void> tell_committed(env::Fiber& self);
  Result<void> perform(env::Fiber& self, const Truncation& truncation);
  Result<void> perform(env::Fiber& self, const FetchedBatches& fetched);
  Result<void> perform(env::Fiber& self, const raft::Lead& lead);
  Result<void> perform(env::Fiber& self, const raft::VoterSet& set);
  Result<void> perform(env::Fiber& self, const std::shared_ptr<Proposal>& proposal);
  /// Appends and flushes, telling the machine. An Error as the value: nothing was written and the log is as before (a
  /// full disk).
  Result<std::optional<Error>> write(env::Fiber& self, Bytes batch, CommittedBatch described,
                                     const std::optional<raft::VoterSet>& set = {});
  /// Halts where lists of voters disagree.
  Result<void> check_lists_agree(env::Fiber& self, const record::BatchView& batch);
  /// In the log, of a voter whose directory is new.
  void say_what_is_waited_for();
  void halt_over_lists(env::Fiber& self, const std::vector<NodeId>& counted);
  /// The append that the machine asked for did not happen.
  void give_back_log(const Error& why);

  // node_snapshots.cc: of our own, and of a leader's
  Result<void> take_snapshot(env::Fiber& self, const SnapshotId& id, std::span<const ByteBuffer> values);
  Result<void> trim(env::Fiber& self);
  Result<void> trim_held(env::Fiber& self);
  /// Of the committed batch that ends there.
  Result<WallTime> time_of_batch_before(env::Fiber& self, const SnapshotId& id);
  void begin_fetching(const raft::SnapshotWanted& wanted);
  [[nodiscard]] bool wants(const raft::SnapshotWanted& wanted) const;
  /// Suspends for as long as the leader takes. Durable under its name when it returns without error.
  Result<Snapshot> receive_snapshot(env::Fiber& self, const raft::SnapshotWanted& wanted);
  Result<void> install_snapshot(env::Fiber& self, const SnapshotId& id, Snapshot snapshot);

  Node::Seat seat;
  const Identity identity;
  std::unique_ptr<MetadataLog> log;
  QuorumState kept;                            ///< as quorum-state holds it
  std::atomic<std::int16_t> kraft_version{0};  ///< read by any shard
  std::optional<raft::Fsm> fsm;
  std::shared_ptr<Peers> peers;
  Service service{*this};

  Leadership leadership{};  ///< as the listener was told
  bool is_blank = true;
  bool is_closing = false;
  bool is_over = false;
  std::pair<Offset, raft::VoterSet> told_voters;  ///< as VotersNamed said last, with the offset
  std::set<raft::VoterKey> told_rivals;           ///< who came second under a node id, as the log was told

  std::optional<raft::ElectionState> to_persist;  ///< the newest; it stands for those before it
  std::optional<std::string> fault;
  bool readiness_is_news = false;
  std::deque<Job> jobs;
  bool may_tell = false;  ///< something below the high watermark may be untold
  env::FiberMutex disk;
  env::Fiber* worker = nullptr;  ///< none while alone: then append() and close() do the work
  env::WaitQueue work_came;

  std::map<raft::RequestId, FetchedBatches> fetched;  ///< of the newest answers, until the machine takes one
  std::map<raft::RequestToken, std::shared_ptr<env::Promise<std::optional<raft::Reply>>>> asked;
  std::uint64_t last_token = 0;

  env::FiberMutex taking_snapshot;
  env::FiberMutex receiving_snapshot;
  env::FiberMutex appending;
  std::shared_ptr<Proposal> proposal;  ///< under way
  env::WaitQueue changed;              ///< woken when the log, what is committed or who leads has changed
  env::TimerId timer = 0;
  MonotonicTime timer_at = kForever;
  /// What those who wait for `changed` look at, as it was when they were woken last.
  struct Visible {
    Offset log_end;
    Offset high_watermark;
    Offset told_end;
    LeaderEpoch epoch;
    bool is_leader = false;
    bool may_exit = false;
    Proposal::Stage proposal = Proposal::Stage::waiting;
    bool operator==(const Visible&) const = default;
  };
  Visible seen{};
};

}  // namespace gregor::quorum
