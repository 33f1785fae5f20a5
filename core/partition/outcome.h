// What a partition answers to those who write to it and read from it. Errors are Kafka's codes on the wire.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/time.h"
#include "record/batch_check.h"
#include "replica/producer_table.h"
#include "replica/read_choice.h"
#include "replica/verdict.h"

namespace gregor::partition {

enum class PartitionError : std::int16_t {
  none = 0,
  offset_out_of_range = 1,
  corrupt_message = 2,
  unknown_topic_or_partition = 3,
  not_leader_or_follower = 6,
  request_timed_out = 7,
  message_too_large = 10,
  not_enough_replicas = 19,
  unsupported_version = 35,
  policy_violation = 44,
  invalid_transaction_state = 48,
  storage_error = 56,
  fenced_leader_epoch = 74,
  unknown_leader_epoch = 75,
  offset_not_available = 78,
};

struct AppendOutcome {
  std::int16_t error = 0;  ///< Kafka's code: a PartitionError, a record::BatchVerdict or a replica::ProducerVerdict
  Offset base_offset = kNoOffset;
  Offset last_offset = kNoOffset;
  WallTime log_append_time{-1};  ///< set where the topic stamps it, and for duplicates (the stored batch's time)
  Offset log_start_offset = kNoOffset;
  std::vector<record::RecordError> record_errors = {};
  std::string error_message = {};
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
};

enum class Isolation : std::uint8_t { read_uncommitted = 0, read_committed = 1 };

/// Who reads: how far it may see depends on it.
enum class Reader : std::uint8_t {
  consumer,  ///< up to the high watermark
  follower,  ///< up to the log's end
};

/// A fetch of a replica; what it says of itself counts (see replica/follower_book.h).
struct FollowerAsk {
  NodeId replica;
  BrokerEpoch broker_epoch = kNoBrokerEpoch;
  Offset log_start = kNoOffset;
  /// The same request looks again after a wait: it says nothing new of the follower.
  bool is_repeat = false;
};

struct ReadAsk {
  Offset offset{0};
  LeaderEpoch current_leader_epoch = kNoLeaderEpoch;
  LeaderEpoch last_fetched_epoch = kNoLeaderEpoch;
  std::size_t bytes_max = 0;
  bool whole_first_batch = true;
  Isolation isolation = Isolation::read_uncommitted;
  std::optional<FollowerAsk> follower = {};                       ///< none: a consumer
  replica::AnsweredBy answered_by = replica::AnsweredBy::leader;  ///< of consumers
  bool wants_candidates = false;  ///< the leader names the replicas that could be read from instead (KIP-392)
};

struct AbortedRange {
  ProducerId producer_id;
  Offset first_offset;
};

struct ReadOutcome {
  PartitionError error = PartitionError::none;
  Offset high_watermark = kNoOffset;
  Offset last_stable_offset = kNoOffset;
  Offset log_start_offset = kNoOffset;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  /// The reader's history parted from ours: where its last epoch ended here.
  struct Diverging {
    LeaderEpoch epoch;
    Offset end_offset;
  };
  std::optional<Diverging> diverging = {};
  std::vector<AbortedRange> aborted = {};
  Bytes records = {};  ///< whole batches; borrowed from `owner`
  std::shared_ptr<const void> owner = {};
  std::uint64_t visible_bytes = 0;  ///< for Partition::watch(): how much could be seen when this was read
  std::vector<replica::ReadCandidate> candidates = {};
};

struct OffsetAnswer {
  PartitionError error = PartitionError::none;
  std::int64_t timestamp_ms = -1;
  Offset offset = kNoOffset;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
};

/// OffsetForLeaderEpoch: where the greatest epoch at or below the asked one ended. -1 and -1: nothing is known of it.
struct EpochAnswer {
  PartitionError error = PartitionError::none;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  Offset end_offset = kNoOffset;
};

/// DeleteRecords.
struct DeletionAnswer {
  PartitionError error = PartitionError::none;
  Offset log_start_offset = kNoOffset;  ///< -1 after an error
  Offset before = kNoOffset;            ///< what the ask's offset came to; -1 where it was refused
};
/// In place of an offset: everything below the high watermark.
inline constexpr Offset kDeleteToHighWatermark{-1};

/// DescribeProducers.
struct ProducersAnswer {
  PartitionError error = PartitionError::none;
  std::vector<replica::ProducerEntry> producers = {};  ///< in order of their ids
};

/// The special timestamps of ListOffsets.
inline constexpr std::int64_t kLatestTimestamp = -1;
inline constexpr std::int64_t kEarliestTimestamp = -2;
inline constexpr std::int64_t kMaxTimestamp = -3;
inline constexpr std::int64_t kEarliestLocalTimestamp = -4;
inline constexpr std::int64_t kLatestTieredTimestamp = -5;
inline constexpr std::int64_t kEarliestPendingUploadTimestamp = -6;

}  // namespace gregor::partition
