// Fsm: one node's part in the metadata quorum (KRaft, KIP-595), as a pure machine. It is told what happened (step) and
// what time it is (tick); what must be done comes out of take_output(). It never waits, reads a clock or a disk.
//
// Why outputs and not callbacks: a decision is complete before anything is done about it, so that a test can drive
// every order of disk completions by hand, and no half-decided state is ever seen from outside.
//
// How large a quorum: one voter. Its rules are those that hold for any number (a vote counts when it is durable, the
// high watermark counts flushed copies and waits for a record of the leader's own epoch), but the messages between
// voters are not here yet, and make() refuses a larger set instead of pretending.
//
// Invariants: see raft/invariants.h.
#pragma once

#include <optional>
#include <variant>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "raft/voters.h"

namespace gregor::raft {

/// Knows an epoch but no leader, and has given no vote in it.
struct Unattached {
  bool operator==(const Unattached&) const = default;
};
/// Led or voted in this epoch in a former life; it may do so again only in a later one (KAFKA-10527).
struct Resigned {
  bool operator==(const Resigned&) const = default;
};
/// Has voted for itself. The vote counts from the moment that it is durable.
struct Candidate {
  bool vote_is_durable = false;
  bool operator==(const Candidate&) const = default;
};
struct Leader {
  Offset epoch_start;                  ///< where the epoch's first record goes
  bool leadership_is_durable = false;  ///< quorum-state names us; before that nothing is appended
  bool operator==(const Leader&) const = default;
};
using Role = std::variant<Unattached, Resigned, Candidate, Leader>;

// What the driver tells.
/// The state handed out as Output::persist is on disk, its directory entry too.
struct StatePersisted {
  LeaderEpoch epoch;
};
/// The log now ends at `end`; nothing is said about durability.
struct LogAppended {
  Offset end;
};
/// Everything below `end` survives power loss.
struct LogFlushed {
  Offset end;
};
using Input = std::variant<StatePersisted, LogAppended, LogFlushed>;

/// What the driver must do, in this order. `persist` comes before anything else, and nothing else may be done in its
/// epoch before step(StatePersisted).
struct Output {
  std::optional<ElectionState> persist;
  /// We lead this epoch: append its LeaderChange record, then take proposals.
  std::optional<LeaderEpoch> lead;
  /// Everything below is committed. Only ever rises.
  std::optional<Offset> high_watermark;
  [[nodiscard]] bool is_empty() const { return !persist && !lead && !high_watermark; }
};

class Fsm {
 public:
  struct Start {
    VoterKey self;
    VoterSet voters;
    ElectionState state;    ///< as read from quorum-state; default where there is none
    Offset log_end;         ///< of the recovered log; all of it is flushed
    LeaderEpoch log_epoch;  ///< of its last record; 0 for an empty log
    Nanoseconds election_timeout;
  };
  /// Errors: unsupported (more than one voter), invalid (we are not the voter, or it is under another directory).
  static Result<Fsm> make(const Start& start, MonotonicTime now);

  void tick(MonotonicTime now);
  /// Requires that what `input` claims is possible: a flush within the log, a persisted epoch that was handed out.
  void step(const Input& input);
  /// What is to be done since the last call.
  Output take_output();

  [[nodiscard]] const Role& role() const { return role_; }
  [[nodiscard]] bool is_leader() const { return std::holds_alternative<Leader>(role_); }
  [[nodiscard]] LeaderEpoch epoch() const { return state_.epoch; }
  [[nodiscard]] const ElectionState& state() const { return state_; }
  /// The newest state known to be on disk.
  [[nodiscard]] const ElectionState& durable_state() const { return durable_state_; }
  [[nodiscard]] const VoterKey& self() const { return self_; }
  [[nodiscard]] const VoterSet& voters() const { return voters_; }
  /// -1 until a record of our own epoch is committed: what a former life committed is not known before.
  [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
  [[nodiscard]] Offset log_end() const { return log_end_; }
  [[nodiscard]] Offset flushed_end() const { return flushed_end_; }
  /// When tick() next has something to do; kForever while we lead.
  [[nodiscard]] MonotonicTime next_tick() const { return election_at_; }

 private:
  explicit Fsm(const Start& start, MonotonicTime now);
  void on(const StatePersisted& persisted);
  void on(const LogAppended& appended);
  void on(const LogFlushed& flushed);
  void become_candidate();
  void become_leader();
  void count_votes();
  void raise_high_watermark();
  void persist(ElectionState state);

  VoterKey self_;
  VoterSet voters_;
  Role role_ = Unattached{};
  ElectionState state_;
  ElectionState durable_state_;
  Offset log_end_;
  Offset flushed_end_;
  Offset high_watermark_ = kNoOffset;
  Nanoseconds election_timeout_;
  MonotonicTime election_at_;
  Output output_;
};

}  // namespace gregor::raft
