// What the clients of a run did and saw, in the order they saw it. Simulated and real runs record the same history, and
// the same code under properties/finally judges both.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace gregor::properties {

/// A value no other record of the run carries: the records of a history are told apart by it.
using ValueId = std::uint64_t;

struct HistoryPartition {
  std::string topic;
  std::int32_t partition = 0;
  TopicId topic_id{};  ///< zero where the run makes the topic once
  auto operator<=>(const HistoryPartition&) const = default;
};
std::string to_text(const HistoryPartition& partition);
std::string to_text(const TopicPartition& partition);

enum class Outcome : unsigned char {
  acknowledged,  ///< the broker answered without error
  refused,       ///< the broker answered with an error that promises nothing was stored
  unknown,       ///< no answer, or one that promises nothing
};

struct Sent {
  int client = 0;
  HistoryPartition partition;
  ValueId value = 0;
  std::int16_t acks = -1;
  bool idempotent = false;
  MonotonicTime invoked;
  MonotonicTime completed;
  Outcome outcome = Outcome::unknown;
  Offset offset = kNoOffset;    ///< where acknowledged with acks other than 0
  bool is_of_any_life = false;  ///< nobody can say which of the topics that bore the name it was sent to
};

/// Fills in what became of a send.
void note_delivery(Sent& sent, bool is_delivered, Offset offset, bool surely_failed, MonotonicTime now);

struct Read {
  int client = 0;
  HistoryPartition partition;
  Offset offset;
  ValueId value = 0;
  MonotonicTime at;
  MonotonicTime asked{};  ///< the broker showed it between `asked` and `at`
};

/// A moment after which unflushed records may legally be gone (power loss without flush before acknowledgement, damage
/// to the only copy). Acknowledgements before it promise nothing.
struct Loss {
  MonotonicTime at;
  std::string cause;
  bool certain = false;  ///< true: even flushed records may be gone (media damage)
};

/// A topic was asked to be made or deleted, by the only client that does so with this name.
struct TopicChange {
  bool creates = false;
  std::string topic;
  TopicId id{};  ///< of a creation that was acknowledged
  MonotonicTime invoked;
  MonotonicTime completed;
  std::uint32_t life_at_begin = 0;  ///< of the broker; nothing asked of one life happens in the next
  std::uint32_t life_at_end = 0;
  Outcome outcome = Outcome::unknown;
  bool was_retried = false;  ///< perhaps, and what was asked first may be carried out after all, later
  bool says_exists = false;  ///< refused because the topic is there
  bool says_absent = false;  ///< refused because it is not
};

/// A producer id was given to a client.
struct ProducerIdGrant {
  int client = 0;
  ProducerId id = kNoProducerId;
  MonotonicTime at;
};

/// What one life of the broker said to a batch whose producer it must know, because it acknowledged the newest batches
/// of it: the next one in order, or a copy of an earlier one.
struct SequenceAnswer {
  int client = 0;
  HistoryPartition partition;
  Sequence sequence;
  bool is_copy = false;
  std::size_t newer_batches = 0;  ///< of a copy: that were acknowledged after its original
  Offset first_told = kNoOffset;  ///< of a copy: where its original was acknowledged
  bool is_refused = false;        ///< OUT_OF_ORDER_SEQUENCE_NUMBER
  Offset told = kNoOffset;
  MonotonicTime at;
};

/// A reader asked for a partition from one offset on, after everything was healed.
struct Seek {
  HistoryPartition partition;
  Offset wanted;
  Offset got = kNoOffset;  ///< the first record that came; -1 where none did
  ValueId value = 0;
  MonotonicTime at;
};

/// What the leader of a generation planned for one member, noted before it told the group.
struct GroupPart {
  std::string group;
  std::int32_t generation = -1;
  std::string member_id;
  std::string instance_id = {};
  std::set<HistoryPartition> assigned;
};

/// The only live member of a group asked for a new generation, when nothing stood in its way.
struct LonelyRebalance {
  std::string group;
  MonotonicTime asked;
  MonotonicTime at;
};

/// A member of a group was told its part of a generation.
struct GroupSync {
  std::string group;
  std::string member_id;
  std::string instance_id = {};  ///< of a static member: it goes on under another member id
  std::int32_t generation = -1;
  std::set<HistoryPartition> assigned;
  MonotonicTime asked;
  MonotonicTime at;
};

/// A member committed an offset, of which no two commits of a partition carry the same.
struct GroupCommit {
  std::string group;
  HistoryPartition partition;
  std::int32_t generation = -1;
  Offset offset = kNoOffset;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  MonotonicTime invoked;
  MonotonicTime completed;
  Outcome outcome = Outcome::unknown;
  /// Of a former life of a static member: since when the next one has been told its part.
  std::optional<MonotonicTime> fenced_since = {};
};

/// What a group was said to have committed; -1 where nothing.
struct GroupFetch {
  std::string group;
  HistoryPartition partition;
  Offset offset = kNoOffset;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  MonotonicTime asked;
  MonotonicTime at;
};

/// A transaction of one producer in one partition that promises flush before acknowledgement.
struct Transaction {
  enum class Fate : unsigned char { open, committed, aborted };
  struct Value {
    ValueId value = 0;
    Offset offset = kNoOffset;  ///< where it was acknowledged
  };
  HistoryPartition partition;
  ProducerId producer = kNoProducerId;
  ProducerEpoch epoch{0};
  std::vector<Value> values = {};
  Fate fate = Fate::open;  ///< as its end was first asked for
  MonotonicTime decided{};
  bool is_acknowledged = false;  ///< the end
};

/// A marker that came too late for its transaction, while a newer one was open.
struct LateMarker {
  HistoryPartition partition;
  ProducerId producer = kNoProducerId;
  ProducerEpoch epoch{0};
  bool of_old_coordinator = false;
  bool is_accepted = false;
  MonotonicTime at;
};

/// What an answer said of a partition's offsets; in the order of the answers.
struct StableOffset {
  HistoryPartition partition;
  Offset last_stable;
  Offset high_watermark;
  Offset log_start;
  MonotonicTime asked;
  MonotonicTime at;
  bool is_final = false;  ///< after every transaction had ended
};

/// A log began at this offset from then on: a retention or a deletion moved it, or the log was opened so.
struct LogStartMove {
  HistoryPartition partition;
  Offset to;
  MonotonicTime at;
};

/// A reader was told that there is no such offset.
struct OutOfRange {
  HistoryPartition partition;
  Offset offset;
  MonotonicTime at;
};

/// A DeleteRecords that was acknowledged.
struct Deletion {
  HistoryPartition partition;
  Offset log_start;
  MonotonicTime at;
};

/// A write to a compacted topic that promises flush before acknowledgement. The number travels in a header, so that
/// tombstones carry it too.
struct KeyedWrite {
  HistoryPartition partition;
  std::string key;
  ValueId value = 0;
  Offset offset = kNoOffset;  ///< where it was acknowledged
  MonotonicTime acknowledged{};
};

/// A compacted topic as one reader found it, from its start to its end.
struct KeyedRead {
  struct Record {
    Offset offset;
    std::string key;
    ValueId value = 0;
  };
  HistoryPartition partition;
  MonotonicTime begun;
  MonotonicTime at{};
  std::vector<Record> records;
};

/// One step of the only client that changes these configs: a change, an answer about one config, or a write to the
/// topic.
struct ConfigStep {
  enum class Kind : unsigned char { change, seen, write };
  Kind kind = Kind::change;
  std::string resource;                   ///< "topic t", "broker 1"
  std::string name;                       ///< of the config; empty for a write
  std::optional<std::string> value = {};  ///< asked for or told; none: not set for this resource
  MonotonicTime asked{};
  MonotonicTime at{};
  std::uint32_t life_at_begin = 0;  ///< of the broker
  std::uint32_t life_at_end = 0;
  Outcome outcome = Outcome::unknown;  ///< of a change
  // Of a write that was answered: one batch of one record.
  ValueId written = 0;
  std::int32_t bytes = 0;
  bool has_key = false;
  std::int16_t code = 0;
  bool is_stamped = false;  ///< with the time of the append
};

struct History {
  std::vector<Sent> sent;
  std::vector<Read> reads;
  /// Brokers carried what clients asked of the controller to it.
  bool is_of_cluster = false;
  /// What was asked before it may have been answered by a node that others had replaced without its knowing: such an
  /// answer may be old, but is never false. Of one broker alone: never.
  MonotonicTime fresh_from = MonotonicTime::min();
  /// Legal losses in order of time; empty while the run stays inside its fault budget.
  std::vector<Loss> losses;
  /// Where logs begin at the end, by partition, where a retention moved their start: what stood below may be gone.
  std::map<HistoryPartition, Offset> log_starts;
  std::vector<TopicChange> topic_changes;
  /// At the end, of the topics that topic_changes names; those that are not there are left out.
  std::map<std::string, TopicId> final_topics;
  /// Incarnations whose deletion was asked for.
  std::set<TopicId> deleted_topics;
  std::vector<ProducerIdGrant> producer_ids;
  std::vector<SequenceAnswer> sequence_answers;
  std::vector<Seek> seeks;
  std::vector<GroupPart> group_parts;
  std::vector<GroupSync> group_syncs;
  std::vector<LonelyRebalance> lonely_rebalances;
  std::vector<GroupCommit> group_commits;
  std::vector<GroupFetch> group_fetches;
  std::vector<Transaction> transactions;
  std::vector<LateMarker> late_markers;
  std::vector<StableOffset> stable_offsets;
  std::vector<Deletion> deletions;
  std::vector<LogStartMove> log_start_moves;
  std::vector<OutOfRange> out_of_range;
  std::vector<KeyedWrite> keyed_writes;
  std::vector<KeyedRead> keyed_reads;
  std::vector<ConfigStep> config_steps;
  /// By resource: what stood in the topics that config_steps writes to, before their size was bounded.
  std::map<std::string, std::set<ValueId>> configured_logs;
  /// By readers of committed records.
  std::vector<Read> committed_reads;
  std::map<HistoryPartition, std::vector<Read>> final_committed;
  /// Every record that stands at the end, by partition, in offset order: read after all faults were healed.
  std::map<HistoryPartition, std::vector<Read>> final_log;

  /// True when a legal loss lies in [from, until]: what was acknowledged before it may be forgotten behind it.
  bool lost_between(MonotonicTime from, MonotonicTime until = kForever) const;
};

}  // namespace gregor::properties
