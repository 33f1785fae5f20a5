// What a group machine answers, as values that own their text: a parked reply outlives the request it answers, and may
// cross shards. wire_reply.h turns them into Kafka's responses. Field by field they are Kafka's, before any version is
// known.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "wire/error_code.h"

namespace gregor::group {

using wire::ErrorCode;

struct JoinedMember {
  std::string member_id = {};
  std::optional<std::string> group_instance_id = {};
  ByteBuffer metadata = {};  ///< of the chosen protocol
  bool operator==(const JoinedMember&) const = default;
};

struct JoinReply {
  ErrorCode error = ErrorCode::none;
  std::int32_t generation = -1;
  std::optional<std::string> protocol_type = {};
  std::optional<std::string> protocol_name = {};
  std::string leader = {};
  bool skip_assignment = false;  ///< KIP-814
  std::string member_id = {};
  std::vector<JoinedMember> members = {};  ///< to the leader alone
};

struct SyncReply {
  ErrorCode error = ErrorCode::none;
  std::optional<std::string> protocol_type = {};
  std::optional<std::string> protocol_name = {};
  ByteBuffer assignment = {};
};

struct HeartbeatReply {
  ErrorCode error = ErrorCode::none;
};

struct LeftMember {
  std::string member_id = {};
  std::optional<std::string> group_instance_id = {};
  ErrorCode error = ErrorCode::none;
};
struct LeaveReply {
  ErrorCode error = ErrorCode::none;  ///< of the whole; below v3 a member's error is lifted to here by wire_reply.h
  std::vector<LeftMember> members = {};
};

struct CommittedPartition {
  PartitionIndex partition = {};
  ErrorCode error = ErrorCode::none;
};
struct CommittedTopic {
  std::string topic = {};
  TopicId topic_id = {};
  std::vector<CommittedPartition> partitions = {};
};
struct OffsetCommitReply {
  std::vector<CommittedTopic> topics = {};  ///< in the order of the request
};

struct FetchedOffset {
  PartitionIndex partition = {};
  Offset offset = kNoOffset;  ///< -1: none is committed
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  std::string metadata = {};
  ErrorCode error = ErrorCode::none;
};
struct FetchedTopic {
  std::string topic = {};
  TopicId topic_id = {};  ///< as asked; of an ask for everything as committed, zero where the commit carried none
  std::vector<FetchedOffset> partitions = {};
};
struct OffsetFetchReply {
  std::string group_id = {};
  ErrorCode error = ErrorCode::none;
  std::vector<FetchedTopic> topics = {};
};

struct ListedGroup {
  std::string group_id = {};
  std::string protocol_type = {};
  std::string
      state;  ///< Kafka's word: Empty, PreparingRebalance, CompletingRebalance, Stable; Unknown of a newer group type
  std::string type = {};  ///< classic; consumer, share or streams of groups that a Kafka left here
};
struct ListReply {
  std::vector<ListedGroup> groups = {};  ///< by group id
};

struct DescribedMember {
  std::string member_id = {};
  std::optional<std::string> group_instance_id = {};
  std::string client_id = {};
  std::string client_host = {};
  ByteBuffer metadata = {};  ///< of the chosen protocol, and empty while none is chosen, as the assignment
  ByteBuffer assignment = {};
};
struct DescribedGroup {
  ErrorCode error = ErrorCode::none;
  std::optional<std::string> error_message = {};
  std::string group_id = {};
  std::string state = {};  ///< Dead where there is no such group
  std::string protocol_type = {};
  std::string protocol = {};
  std::vector<DescribedMember> members = {};  ///< by member id
};
struct DescribeReply {
  std::vector<DescribedGroup> groups = {};  ///< in the order asked
};

struct DeletedGroup {
  std::string group_id = {};
  ErrorCode error = ErrorCode::none;
};
struct DeleteGroupsReply {
  std::vector<DeletedGroup> groups = {};  ///< in the order asked
};

struct OffsetDeleteReply {
  ErrorCode error = ErrorCode::none;
  std::vector<CommittedTopic> topics = {};
};

using Reply = std::variant<JoinReply, SyncReply, HeartbeatReply, LeaveReply, OffsetCommitReply, OffsetFetchReply,
                           ListReply, DescribeReply, DeleteGroupsReply, OffsetDeleteReply>;

}  // namespace gregor::group
