// Replies as Kafka's responses, and OffsetFetch requests of every version as one shape. Responses borrow from the
// reply, and asked offsets from the request: keep those alive until the response is encoded.
#pragma once

#include <cstdint>
#include <vector>

#include "group/machine.h"
#include "group/reply.h"
#include "wire/delete_groups.h"
#include "wire/describe_groups.h"
#include "wire/heartbeat.h"
#include "wire/join_group.h"
#include "wire/leave_group.h"
#include "wire/list_groups.h"
#include "wire/offset_commit.h"
#include "wire/offset_delete.h"
#include "wire/offset_fetch.h"
#include "wire/sync_group.h"

namespace gregor::group {

/// Empty or null where a version wants the one or the other.
wire::JoinGroupResponse to_wire(const JoinReply& reply, std::int16_t api_version);
wire::SyncGroupResponse to_wire(const SyncReply& reply);
wire::HeartbeatResponse to_wire(const HeartbeatReply& reply);
/// Below v3 the one member's error is the response's.
wire::LeaveGroupResponse to_wire(const LeaveReply& reply, std::int16_t api_version);
wire::OffsetCommitResponse to_wire(const OffsetCommitReply& reply);
wire::DescribeGroupsResponse to_wire(const DescribeReply& reply);
wire::DeleteGroupsResponse to_wire(const DeleteGroupsReply& reply);
wire::OffsetDeleteResponse to_wire(const OffsetDeleteReply& reply);
/// Several partitions' shares are one response: appended in the order of the calls.
void append_wire(wire::ListGroupsResponse& to, const ListReply& reply);

/// One entry a group: v1-7 ask for one, v8 and newer for many. v10 names topics by id: the caller sets each `topic`.
std::vector<AskedOffsets> asked_offsets(const wire::OffsetFetchRequest& request, std::int16_t api_version);
/// One group's answer, put where `api_version` wants it: at the top below v8, else appended to `groups`. At v1, which
/// has no place for the group's error, every asked partition carries it.
void append_wire(wire::OffsetFetchResponse& to, const OffsetFetchReply& reply, std::int16_t api_version);

/// The same reply with an error alone, for requests that never reached a machine (NOT_COORDINATOR, INVALID_GROUP_ID,
/// ...).
JoinReply failed_join(ErrorCode error, std::string_view member_id);
SyncReply failed_sync(ErrorCode error);
OffsetCommitReply failed_commit(ErrorCode error, const wire::OffsetCommitRequest& request);
OffsetFetchReply failed_fetch(ErrorCode error, const AskedOffsets& asked);

}  // namespace gregor::group
