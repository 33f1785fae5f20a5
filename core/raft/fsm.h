// Fsm: one node's part in the metadata quorum (KRaft: KIP-595, 853, 996), as a pure machine. It is told what happened
// (step) and what time it is; what must be done comes out of take_output(). It never waits, reads a clock or a disk, or
// draws a number that its seed does not determine.
//
// Why outputs and not callbacks: a decision is complete before anything is done about it, so that a test can drive
// every order of disk completions by hand, and no half-decided state is ever seen from outside.
//
// Promises:
//   R1  nothing is said or done in an epoch, and no vote is given, before quorum-state has it on disk: take_output()
//       holds everything else back until StatePersisted (INVARIANTS 49);
//   R2  a fetch offset is the end of what is flushed, and the leader counts its own flushed end: what is committed
//       survives the power loss of all voters (48, 57);
//   R3  the high watermark rises only, and as a leader only over a record of the own epoch (Raft §5.4.2);
//   R4  a leader of a former life leads a later epoch only (50); no lease: has_lost_quorum only ends a leadership
//       (53a);
//   R5  a pre-vote changes no epoch and no timer of who is asked, and none at all of who has a leader that lives
//       (54);
//   R6  the voters change by one at a time, after a commit in this epoch and after the last change is committed (55);
//   R7  a voter is its directory too (56); a voter of a static list whose directory is new neither votes nor leads,
//       and fetches as a reader that counts for nothing, until it has seen the others commit beyond where it began,
//       or, told that the quorum is new, has heard from every other voter that it is in epoch 0 as itself;
//   R8  one thing is done to the log at a time (LogWork), and no election begins meanwhile: who wins knows its log;
//   R9  who has a node id is who came first: a leader of a static list, which knows no directories, counts one
//       directory of a voter at a time, and who is told that another has its place neither votes nor leads until it
//       has it. Nobody asks for the place of a voter that lives, either, where the log says who votes.
//
// Invariants: see raft/invariants.h.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "raft/epoch_list.h"
#include "raft/messages.h"
#include "raft/roles.h"
#include "raft/voter_history.h"
#include "raft/voters.h"

namespace gregor::raft {

// What the driver tells.

/// `state`, handed out as Output::persist, is on disk, its directory entry too. Later ones may already be on their way.
struct StatePersisted {
  ElectionState state;
};
/// One batch more stands in the log, of `epoch`; nothing is said about durability. `voters`: what its VotersRecord
/// says.
struct LogAppended {
  Offset end;
  LeaderEpoch epoch;
  std::optional<VoterSet> voters = {};
};
/// The append that was begun or asked for wrote nothing, and nothing is wrong with the log: a full disk.
struct LogUnchanged {};
/// Everything below `end` survives power loss.
struct LogFlushed {
  Offset end;
};
struct LogTruncated {
  Offset end;
};
/// A snapshot of what is committed was written, and the log trimmed to begin at `log_start` or earlier as before.
struct SnapshotTaken {
  OffsetAndEpoch id;
  OffsetAndEpoch log_start;
};
/// The log is empty and begins where the snapshot ends, durably. `voters`: what its control records say.
struct SnapshotInstalled {
  OffsetAndEpoch id;
  std::optional<VoterSet> voters = {};
};
/// The snapshot could not be fetched from this leader: fetching goes on, which may name another.
struct SnapshotFailed {};
/// The leader sent a part of the snapshot: it lives.
struct SnapshotProgressed {};
/// A replica fetches a snapshot from us, under our epoch.
struct SnapshotServed {
  VoterKey replica;
};
struct RequestReceived {
  RequestToken token;
  Request request;
};
struct ReplyReceived {
  RequestId request;
  NodeId from;
  Reply reply;
};
/// No reply will come: the connection broke, or the driver gave up.
struct RequestFailed {
  RequestId request;
};
/// The process of this node is gone, for all the driver can tell (it may be wrong: then an election is begun in vain,
/// which its pre-vote ends). Told again for as long as it seems so.
struct PeerGone {
  NodeId node;
};
/// The node stops: it gives up leading, and does not stand for election again.
struct ShutDown {};
using Input = std::variant<StatePersisted, LogAppended, LogUnchanged, LogFlushed, LogTruncated, SnapshotTaken,
                           SnapshotInstalled, SnapshotFailed, SnapshotProgressed, SnapshotServed, RequestReceived,
                           ReplyReceived, RequestFailed, PeerGone, ShutDown>;

struct Send {
  RequestId id;
  std::optional<VoterKey> to;  ///< none: any voter or bootstrap server that may know the leader, another each time
  Request request;
};
struct Answer {
  RequestToken token;
  Reply reply;
};
struct Lead {
  LeaderEpoch epoch;
  std::vector<VoterKey> granted;         ///< who voted for us, for the LeaderChange record
  std::optional<VoterSet> first_voters;  ///< to be written behind it: no record of the log says yet who votes
};
struct SnapshotWanted {
  NodeId leader;
  OffsetAndEpoch id;
};

/// What the driver must do, in this order. Where `persist` is set, nothing else is.
struct Output {
  std::optional<ElectionState> persist;
  /// The node cannot go on: what a leader says contradicts what is committed here. Halt.
  std::optional<std::string> fault;
  /// Cut the log here, then tell LogTruncated.
  std::optional<Offset> truncate;
  /// Append the batches of this fetch's reply, tell LogAppended of each, flush, tell LogFlushed.
  std::optional<RequestId> append_fetched;
  /// We lead this epoch: append its LeaderChange record, flush; then take proposals.
  std::optional<Lead> lead;
  /// Append this VotersRecord, flush.
  std::optional<VoterSet> append_voters;
  std::optional<SnapshotWanted> fetch_snapshot;
  std::vector<Send> sends;
  std::vector<Answer> answers;
  /// Everything below is committed. Only ever rises.
  std::optional<Offset> high_watermark;
  /// A new directory may vote: remember it, durably, before any state that is handed out later. It would have to catch
  /// up after a restart, where perhaps nobody is left who leads.
  bool directory_is_ready = false;
  [[nodiscard]] bool is_empty() const;
};

/// Kafka's defaults (controller.quorum.*).
struct Timing {
  Nanoseconds election_timeout = std::chrono::seconds(1);  ///< drawn from [1, 2) of it
  Nanoseconds fetch_timeout = std::chrono::seconds(2);
  Nanoseconds election_backoff_max = std::chrono::seconds(1);
  Nanoseconds request_timeout = std::chrono::seconds(2);
  Nanoseconds retry_backoff = std::chrono::milliseconds(20);

  /// A leader that no majority fetched from for so long resigns.
  [[nodiscard]] Nanoseconds check_quorum_time() const { return fetch_timeout * 3 / 2; }
  /// How often a leader names itself to voters that do not fetch.
  [[nodiscard]] Nanoseconds herald_interval() const { return fetch_timeout / 2; }
  /// Who found another in its place tries again after so long: longer than a new leader takes to hear from all, or who
  /// came second would be first there.
  [[nodiscard]] Nanoseconds place_is_free_after() const { return fetch_timeout * 3; }
};

class Fsm {
 public:
  struct Start {
    VoterKey self;
    VoterHistory voters;                          ///< of the configuration, the snapshot and the log, oldest first
    int kraft_version = 0;                        ///< 1 where the log says who votes: only then voters can change
    ElectionState state = {};                     ///< as read from quorum-state; default where there is none
    EpochList log = EpochList();                  ///< of the recovered log; all of it is flushed
    std::optional<OffsetAndEpoch> snapshot = {};  ///< the newest; none for the initial one, which ends at 0
    Timing timing = {};
    std::uint64_t seed = 0;         ///< of the jitter of elections; another for each node and life
    bool directory_is_new = false;  ///< formatted in this life, and nothing says that it may vote
    bool quorum_is_new = false;     ///< as somebody says; what the voters say counts more
    /// Ourselves as a VotersRecord should say it; where the list says otherwise, a follower asks for the change
    /// (KIP-853). Without endpoints nothing is asked.
    Voter described = {};
    /// Where the list says nothing of us, we ask to be put there (KIP-1186). Kafka's default is that somebody else does.
    bool joins = false;
  };
  /// Errors: invalid (a voter listed twice), limit (more than kVotersMax).
  static Result<Fsm> make(const Start& start, MonotonicTime now);

  void tick(MonotonicTime now);
  /// Requires that what `input` claims is possible: a flush within the log, a state that was handed out, work on the
  /// log that was asked for.
  void step(const Input& input, MonotonicTime now);
  /// What is to be done since the last call. Nothing but `persist` while the newest state is not on disk (R1).
  Output take_output();

  /// May the driver append a batch of proposals, as leader of `epoch`? From then until LogAppended or LogUnchanged the
  /// log is its. False where we do not lead that epoch, or something else is being done to the log.
  bool begin_append(LeaderEpoch epoch);
  /// May it replace the log by the snapshot that it fetched? Until SnapshotInstalled the log is its. False where the
  /// snapshot is no longer wanted.
  bool begin_install(const OffsetAndEpoch& id);

  [[nodiscard]] const Role& role() const { return role_; }
  [[nodiscard]] bool is_leader() const { return std::holds_alternative<Leader>(role_); }
  [[nodiscard]] bool is_voter() const { return find_voter(voters(), self_) != nullptr; }
  /// It may vote and lead: its directory is not new, or has caught up, and no other has its place.
  [[nodiscard]] bool is_ready() const { return is_ready_; }
  /// Of the present epoch, ourselves included while we lead.
  [[nodiscard]] std::optional<NodeId> leader() const;
  [[nodiscard]] LeaderEpoch epoch() const { return state_.epoch; }
  [[nodiscard]] const ElectionState& state() const { return state_; }
  /// The newest state known to be on disk.
  [[nodiscard]] const ElectionState& durable_state() const { return durable_state_; }
  [[nodiscard]] const VoterKey& self() const { return self_; }
  /// In force, which is not to say committed.
  [[nodiscard]] const VoterSet& voters() const { return voters_.latest(); }
  /// What the records below `end`, a place in the log, say: for a snapshot that ends there.
  [[nodiscard]] const VoterSet& voters_before(Offset end) const { return voters_.before(end); }
  [[nodiscard]] Offset voters_offset() const { return voters_.latest_offset(); }
  /// The greatest known in this life; -1 before the first.
  [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
  [[nodiscard]] const EpochList& log() const { return log_; }
  [[nodiscard]] Offset log_end() const { return log_.end(); }
  [[nodiscard]] Offset flushed_end() const { return flushed_end_; }
  /// When tick() next has something to do; kForever where only an input can change anything.
  [[nodiscard]] MonotonicTime next_tick() const;
  /// After ShutDown: nobody is left to be told.
  [[nodiscard]] bool may_exit() const;

 private:
  /// What is being done to the log, by us or at our word (R8).
  enum class LogWork : unsigned char { none, lead, proposal, voters, fetched, truncation, snapshot };
  struct Fetching {
    RequestId id;
    NodeId leader{-1};  ///< -1: whoever answers
    MonotonicTime gives_up_at;
    Offset from;
    bool counts;  ///< it named us
  };
  struct VoterChange {
    RequestToken token;
    VoterSet voters;
    MonotonicTime gives_up_at;
    bool is_asked_for = false;       ///< the driver was told to append its record
    std::optional<Offset> end = {};  ///< of its record, once that is appended
    bool is_answered = false;
    bool is_answered_when_committed = true;
  };

  explicit Fsm(const Start& start, MonotonicTime now);

  // fsm.cc: inputs about the disk, timers, what is said
  void on(const StatePersisted& persisted, MonotonicTime now);
  void on(const LogAppended& appended, MonotonicTime now);
  void on(const LogUnchanged& unchanged, MonotonicTime now);
  void on(const LogFlushed& flushed, MonotonicTime now);
  void on(const LogTruncated& truncated, MonotonicTime now);
  void on(const RequestReceived& received, MonotonicTime now);
  void on(const ReplyReceived& received, MonotonicTime now);
  void on(const RequestFailed& failed, MonotonicTime now);
  void on(const PeerGone& gone, MonotonicTime now);
  void on(const ShutDown& shut_down, MonotonicTime now);
  void advance(MonotonicTime now);
  void persist(ElectionState state);
  void change_role(Role role);
  [[nodiscard]] bool is_durable() const { return state_ == durable_state_; }
  [[nodiscard]] Standing standing(Verdict error = Verdict::none) const;
  void answer(RequestToken token, Reply reply);
  RequestId send(std::optional<VoterKey> to, Request request);
  void ask_due(Round& round, MonotonicTime now, const Request& request);
  void raise_high_watermark(Offset to);
  [[nodiscard]] Round* round();

  // election.cc: from losing a leader to leading
  void advance_role(Unattached& unattached, MonotonicTime now);
  void advance_role(Prospective& prospective, MonotonicTime now);
  void advance_role(Candidate& candidate, MonotonicTime now);
  void become_unattached(LeaderEpoch epoch, MonotonicTime now);
  void become_prospective(MonotonicTime now);
  void become_candidate(MonotonicTime now);
  void become_leader();
  void give_up_election(MonotonicTime now);
  void count_votes(MonotonicTime now);
  [[nodiscard]] bool may_stand() const;
  [[nodiscard]] bool is_alone() const;
  [[nodiscard]] bool has_live_leader() const;
  [[nodiscard]] bool may_grant(const VoteRequest& asked) const;
  [[nodiscard]] Nanoseconds draw_election_timeout();
  [[nodiscard]] Nanoseconds draw_backoff();
  void on_request(RequestToken token, const VoteRequest& asked, MonotonicTime now);
  void on_reply(const ReplyReceived& received, const VoteReply& reply, MonotonicTime now);
  /// `from` names an epoch and perhaps its leader: what we learn from it. That a leader we lost still leads, we believe
  /// from itself alone.
  void learn(NodeId from, LeaderEpoch epoch, std::optional<NodeId> named, MonotonicTime now);
  void learn(const ReplyReceived& received, const Standing& named, MonotonicTime now) {
    learn(received.from, named.epoch, named.leader, now);
  }

  // follower.cc: following
  void advance_role(Follower& follower, MonotonicTime now);
  void become_follower(LeaderEpoch epoch, NodeId leader, MonotonicTime now);
  void fetch_if_due(MonotonicTime now);
  [[nodiscard]] bool fetch_counts(MonotonicTime now) const;
  [[nodiscard]] FetchRequest fetch_request(bool counts) const;
  void yield_place(MonotonicTime now);
  void take_place(MonotonicTime now);
  [[nodiscard]] bool may_fetch() const;
  [[nodiscard]] Nanoseconds delay_after_death() const;
  [[nodiscard]] Nanoseconds succession_delay(const std::vector<VoterKey>& successors) const;
  void on_request(RequestToken token, const BeginQuorumEpochRequest& begun, MonotonicTime now);
  void on_request(RequestToken token, const EndQuorumEpochRequest& ended, MonotonicTime now);
  void on_reply(const ReplyReceived& received, const FetchReply& reply, MonotonicTime now);
  void on_reply(const ReplyReceived& received, const VoterChangeReply& reply, MonotonicTime now);
  void take_fetched(const ReplyReceived& received, const FetchReply& reply, Offset from);
  void take_divergence(const OffsetAndEpoch& diverging, MonotonicTime now);
  void note_readiness();
  void note_beginner(NodeId from, LeaderEpoch epoch);
  void on(const SnapshotInstalled& installed, MonotonicTime now);
  void on(const SnapshotFailed& failed, MonotonicTime now);
  void on(const SnapshotProgressed& progressed, MonotonicTime now);

  // leader.cc: leading
  void advance_role(Leader& leader, MonotonicTime now);
  void advance_role(Resigned& resigned, MonotonicTime now);
  void begin_epoch(MonotonicTime now);
  void resign(MonotonicTime now);
  void commit();
  void on_request(RequestToken token, const FetchRequest& asked, MonotonicTime now);
  void on_reply(const ReplyReceived& received, const BeginQuorumEpochReply& reply, MonotonicTime now);
  void on_reply(const ReplyReceived& received, const EndQuorumEpochReply& reply, MonotonicTime now);
  [[nodiscard]] FetchReply judge_fetch(const FetchRequest& asked) const;
  void on(const SnapshotTaken& taken, MonotonicTime now);
  void on(const SnapshotServed& served, MonotonicTime now);

  // voter_changes.cc: KIP-853
  void on_request(RequestToken token, const AddVoterRequest& asked, MonotonicTime now);
  void on_request(RequestToken token, const RemoveVoterRequest& asked, MonotonicTime now);
  void on_request(RequestToken token, const UpdateVoterRequest& asked, MonotonicTime now);
  [[nodiscard]] Verdict may_change_voters() const;
  [[nodiscard]] std::optional<Request> wanted_change() const;
  void ask_for_change_if_due(MonotonicTime now);
  void begin_voter_change(RequestToken token, VoterSet voters, MonotonicTime now);
  void advance_voter_change(MonotonicTime now);
  void answer_voter_change(Verdict verdict);

  VoterKey self_;
  VoterHistory voters_;
  int kraft_version_;
  Timing timing_;
  RandomStream random_;
  Role role_ = Unattached{};
  ElectionState state_;
  ElectionState durable_state_;
  EpochList log_;
  Offset flushed_end_;
  Offset high_watermark_ = kNoOffset;
  std::optional<OffsetAndEpoch> snapshot_;
  LogWork log_work_ = LogWork::none;
  Offset fetched_end_ = kNoOffset;  ///< where LogWork::fetched will have brought the log
  std::optional<Fetching> fetching_;
  MonotonicTime fetch_again_at_ = MonotonicTime::min();
  std::optional<VoterChange> change_;
  Voter described_;
  bool joins_;
  LeaderEpoch counted_in_ = kNoLeaderEpoch;  ///< the last epoch whose leader answered a fetch that named us
  MonotonicTime change_again_at_ = MonotonicTime::min();
  bool has_caught_up_;  ///< its directory is not new, or saw the others commit beyond where it began: it may count
  bool is_ready_;
  bool may_begin_;              ///< a new directory's, told that the quorum is new
  std::set<NodeId> beginners_;  ///< the other voters that were heard to be in epoch 0, in this life
  MonotonicTime counts_again_at_ = MonotonicTime::min();
  bool is_shutting_down_ = false;
  int elections_lost_ = 0;              ///< in a row: the backoff doubles with each
  Offset seen_leader_end_ = kNoOffset;  ///< a new directory's: where the log of the leader of seen_epoch_ ended
  LeaderEpoch seen_epoch_ = kNoLeaderEpoch;
  std::uint64_t last_request_ = 0;
  Output output_;
};

}  // namespace gregor::raft
