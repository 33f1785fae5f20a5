// GroupMachine: all classic consumer groups of one partition of __consumer_offsets: membership and generations (KIP-62,
// 134, 345, 394, 429, 814), committed offsets (KIP-211, 447, 496), and their stored form. Pure: time comes with each
// call, records and answers go out by value, nothing waits. One owner, no concurrent calls. What driver and machine owe
// each other about records and answers is in outcome.h.
//
// Why changes are made at once and undone by a reload: a group's state is a fold of its records plus what is in memory
// only (who waits, timers). A failed append is rare and already means that clients must look for the coordinator again,
// so the log itself is the undo record; snapshots of every map would be paid for on every heartbeat.
//
// Invariants:
//   I1  a member id is in a group once, and a static instance id maps to one member;
//   I2  a group's generation never falls, and rises with every completed rebalance;
//   I3  the leader of a group that has members in CompletingRebalance or Stable is one of them, and all of them
//       support its protocol;
//   I4  every parked token is answered once: by an Outcome or by abandon();
//   I5  a machine that replayed the records of another equals it in offsets, and in each group as it was last stored;
//   I6  groups of types that this machine does not run, and their offsets, are never changed.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "group/outcome.h"
#include "group/settings.h"
#include "wire/heartbeat.h"
#include "wire/join_group.h"
#include "wire/leave_group.h"
#include "wire/offset_commit.h"
#include "wire/offset_delete.h"
#include "wire/sync_group.h"
#include "wire/txn_offset_commit.h"

namespace gregor::group {

/// Who sent a request.
struct Caller {
  Token token = {};
  std::int16_t api_version = 0;
  std::string_view client_id = {};    ///< empty where the header had none
  std::string_view client_host = {};  ///< as Kafka stores it: "/127.0.0.1"
};

/// A record of the log, for replay. Borrows for the call.
struct StoredRecord {
  Bytes key = {};
  std::optional<Bytes> value = {};         ///< none: a tombstone
  ProducerId producer_id = kNoProducerId;  ///< of a transactional batch, else -1
};

struct AskedOffsets {
  struct Topic {
    std::string_view topic = {};
    TopicId topic_id = {};  ///< zero below v10; offsets committed for another id read as none
    std::vector<std::int32_t> partitions = {};
  };
  std::string_view group_id = {};
  std::optional<std::string_view> member_id = {};  ///< v9 and newer
  std::int32_t member_epoch = -1;
  std::optional<std::vector<Topic>> topics = {};  ///< none: all that the group has
  bool require_stable = false;                    ///< KIP-447: UNSTABLE_OFFSET_COMMIT where a transaction is open
};

struct ListFilter {
  std::span<const std::string_view> states;  ///< any case; empty: all
  std::span<const std::string_view> types;
};

class GroupMachine {
 public:
  explicit GroupMachine(GroupSettings settings);
  GroupMachine(GroupMachine&&) noexcept;
  GroupMachine& operator=(GroupMachine&&) noexcept;
  ~GroupMachine();

  // --- Loading: apply() each record in log order, end_transaction() each marker, then finish_load() once. ---

  /// Replays one record. unsupported: a key type that no Kafka up to 4.3 writes; malformed: bytes that do not parse;
  /// the machine is unchanged by either and the driver may go on. Records of newer group types are taken note of and
  /// kept out of the way: see other_records().
  Result<void> apply(const StoredRecord& record, Now now);
  /// A marker for `producer_id`, read on load or written since: its pending offsets count, or are dropped.
  void end_transaction(ProducerId producer_id, bool committed);
  /// Starts every member's session anew; a group over its size limit is told to rebalance.
  Outcome finish_load(Now now);

  // --- Requests. Each answers with errors as Kafka's coordinator does; none fails otherwise. ---

  /// JoinGroup v0-9. `fresh_id` must be new: a member id is made of it. Parks until the rebalance completes.
  Outcome join(const Caller& caller, const wire::JoinGroupRequest& request, Uuid fresh_id, Now now);
  /// SyncGroup v0-5. A follower parks until the leader's assignment is there.
  Outcome sync(const Caller& caller, const wire::SyncGroupRequest& request, Now now);
  Outcome heartbeat(const Caller& caller, const wire::HeartbeatRequest& request, Now now);
  /// LeaveGroup v0-5. Below v3 the request's own member_id leaves.
  Outcome leave(const Caller& caller, const wire::LeaveGroupRequest& request, Now now);

  /// OffsetCommit v2-10. The caller has taken out topics and partitions that do not exist and set every `name`.
  Outcome commit_offsets(const Caller& caller, const wire::OffsetCommitRequest& request, Now now);
  /// TxnOffsetCommit v0-5: offsets pend until end_transaction(). Answers with an OffsetCommitReply. Topics as above.
  Outcome commit_transactional_offsets(const Caller& caller, const wire::TxnOffsetCommitRequest& request, Now now);
  /// One group of an OffsetFetch v1-10. Changes nothing.
  Outcome fetch_offsets(const Caller& caller, const AskedOffsets& asked, Now now) const;
  /// OffsetDelete v0 (KIP-496). Topics as for commit_offsets().
  Outcome delete_offsets(const Caller& caller, const wire::OffsetDeleteRequest& request, Now now);

  /// This partition's share of ListGroups v0-5. Changes nothing.
  Outcome list_groups(const Caller& caller, const ListFilter& filter) const;
  /// DescribeGroups v0-6: error codes for unknown groups from v6 on. Changes nothing.
  Outcome describe_groups(const Caller& caller, std::span<const std::string_view> group_ids) const;
  /// DeleteGroups v0-2, with all their offsets.
  Outcome delete_groups(const Caller& caller, std::span<const std::string_view> group_ids);

  // --- Time. ---

  /// When tick() has something to do next; kForever when never. Changes with every call above.
  [[nodiscard]] MonotonicTime next_deadline() const;
  /// Runs what is due: sessions, rebalances, pending members and SyncGroups. May leave some for the next call: ask
  /// next_deadline() again.
  Outcome tick(Now now);
  /// The sweep of offsets.retention.check.interval.ms: expired offsets, and groups empty of members and offsets.
  Outcome expire(Now now);
  /// Topics that are gone: tombstones for all their offsets, pending ones too.
  Outcome forget_topics(std::span<const std::string> topics);

  // --- The end. ---

  /// Answers every parked request with `error` (NOT_COORDINATOR and its like). The machine is of no use afterwards.
  std::vector<Answer> abandon(ErrorCode error);

  // --- Looking on: logs, metrics, checkers. ---

  struct Counts {
    std::size_t groups = 0;
    std::size_t empty = 0, preparing_rebalance = 0, completing_rebalance = 0, stable = 0;
    std::size_t members = 0;
    std::size_t offsets = 0;
    std::size_t parked = 0;
    std::uint64_t rebalances = 0;  ///< completed since the machine was made
  };
  [[nodiscard]] Counts counts() const;
  /// How many records of each newer type were replayed, by Kafka's name of the record's key
  /// ("ConsumerGroupMetadataKey").
  [[nodiscard]] const std::map<std::string, std::uint64_t>& other_records() const;
  /// I5: where `reloaded`, a machine that replayed all records of this one, differs from it; empty when it does not. A
  /// group in the middle of a rebalance may be ahead of its reloaded self, never behind.
  [[nodiscard]] std::string difference_from(const GroupMachine& reloaded) const;
  /// Empty when I1 to I3 hold, else what is wrong.
  [[nodiscard]] std::string broken_invariant() const;

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace gregor::group
