// Which partition of __consumer_offsets holds a group, and which requests Kafka refuses before it asks a coordinator.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/ids.h"
#include "group/settings.h"
#include "wire/error_code.h"
#include "wire/join_group.h"
#include "wire/sync_group.h"

namespace gregor::group {

/// java.lang.String.hashCode() of `text`, which is UTF-8 (Java hashes UTF-16 units). Bytes that are not UTF-8 count as
/// U+FFFD each.
std::int32_t java_hash(std::string_view text);

/// Requires partitions > 0: offsets.topic.num.partitions as the topic has them.
PartitionIndex partition_of(std::string_view group_id, std::int32_t partitions);

// Refusals that precede "is this node the coordinator, and has it loaded?"; `none` means: go on. The machine itself
// does not repeat them: whoever takes requests from clients asks here first.

/// INVALID_GROUP_ID, INVALID_SESSION_TIMEOUT.
wire::ErrorCode refusal_of_join(const wire::JoinGroupRequest& request, const GroupSettings& settings);
/// INCONSISTENT_GROUP_PROTOCOL where v5 lacks type or name, INVALID_GROUP_ID.
wire::ErrorCode refusal_of_sync(const wire::SyncGroupRequest& request, std::int16_t api_version);
/// Heartbeat, LeaveGroup, OffsetDelete: INVALID_GROUP_ID for the empty id. OffsetCommit, OffsetFetch, DescribeGroups
/// and DeleteGroups take it: consumers without a group used it once.
wire::ErrorCode refusal_of_group_id(std::string_view group_id);

}  // namespace gregor::group
