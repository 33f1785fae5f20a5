#include "group/wire_reply.h"

#include <utility>

namespace gregor::group {
namespace {

constexpr std::int16_t kNullProtocolSince = 7;  // JoinGroup
constexpr std::int16_t kManyMembersSince = 3;   // LeaveGroup
constexpr std::int16_t kManyGroupsSince = 8;    // OffsetFetch
constexpr std::int16_t kGroupErrorSince = 2;    // OffsetFetch

std::int16_t code(ErrorCode error) {
  return wire::wire_code(error);
}

template <class Partition>
Partition fetched_partition(const FetchedOffset& offset, ErrorCode group_error) {
  return {.partition_index = offset.partition.value(),
          .committed_offset = offset.offset.value(),
          .committed_leader_epoch = offset.leader_epoch.value(),
          .metadata = offset.metadata,
          .error_code = code(group_error == ErrorCode::none ? offset.error : group_error)};
}

template <class Topic>
AskedOffsets::Topic asked_topic(const Topic& topic) {
  AskedOffsets::Topic asked{.topic = topic.name, .partitions = topic.partition_indexes};
  if constexpr (requires { topic.topic_id; }) asked.topic_id = topic.topic_id;
  return asked;
}

template <class Topics>
std::optional<std::vector<AskedOffsets::Topic>> asked_topics(const std::optional<Topics>& topics) {
  if (!topics) return std::nullopt;
  std::vector<AskedOffsets::Topic> asked;
  asked.reserve(topics->size());
  for (const auto& topic : *topics) asked.push_back(asked_topic(topic));
  return asked;
}

}  // namespace

wire::JoinGroupResponse to_wire(const JoinReply& reply, std::int16_t api_version) {
  wire::JoinGroupResponse response{.error_code = code(reply.error),
                                   .generation_id = reply.generation,
                                   .protocol_type = reply.protocol_type,
                                   .protocol_name = reply.protocol_name,
                                   .leader = reply.leader,
                                   .skip_assignment = reply.skip_assignment,
                                   .member_id = reply.member_id};
  if (api_version < kNullProtocolSince && !response.protocol_name) response.protocol_name = "";
  response.members.reserve(reply.members.size());
  for (const JoinedMember& member : reply.members) {
    response.members.push_back(
        {.member_id = member.member_id, .group_instance_id = member.group_instance_id, .metadata = member.metadata});
  }
  return response;
}

wire::SyncGroupResponse to_wire(const SyncReply& reply) {
  return {.error_code = code(reply.error),
          .protocol_type = reply.protocol_type,
          .protocol_name = reply.protocol_name,
          .assignment = reply.assignment};
}

wire::HeartbeatResponse to_wire(const HeartbeatReply& reply) {
  return {.error_code = code(reply.error)};
}

wire::LeaveGroupResponse to_wire(const LeaveReply& reply, std::int16_t api_version) {
  wire::LeaveGroupResponse response{.error_code = code(reply.error)};
  if (api_version < kManyMembersSince) {
    if (reply.error == ErrorCode::none && !reply.members.empty())
      response.error_code = code(reply.members.front().error);
    return response;
  }
  for (const LeftMember& member : reply.members) {
    response.members.push_back({.member_id = member.member_id,
                                .group_instance_id = member.group_instance_id,
                                .error_code = code(member.error)});
  }
  return response;
}

wire::OffsetCommitResponse to_wire(const OffsetCommitReply& reply) {
  wire::OffsetCommitResponse response;
  for (const CommittedTopic& topic : reply.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.topic;
    answered.topic_id = topic.topic_id;
    for (const CommittedPartition& partition : topic.partitions) {
      answered.partitions.push_back(
          {.partition_index = partition.partition.value(), .error_code = code(partition.error)});
    }
  }
  return response;
}

wire::DescribeGroupsResponse to_wire(const DescribeReply& reply) {
  wire::DescribeGroupsResponse response;
  for (const DescribedGroup& group : reply.groups) {
    auto& answered = response.groups.emplace_back();
    answered.error_code = code(group.error);
    answered.error_message = group.error_message;
    answered.group_id = group.group_id;
    answered.group_state = group.state;
    answered.protocol_type = group.protocol_type;
    answered.protocol_data = group.protocol;
    for (const DescribedMember& member : group.members) {
      answered.members.push_back({.member_id = member.member_id,
                                  .group_instance_id = member.group_instance_id,
                                  .client_id = member.client_id,
                                  .client_host = member.client_host,
                                  .member_metadata = member.metadata,
                                  .member_assignment = member.assignment});
    }
  }
  return response;
}

wire::DeleteGroupsResponse to_wire(const DeleteGroupsReply& reply) {
  wire::DeleteGroupsResponse response;
  for (const DeletedGroup& group : reply.groups) {
    response.results.push_back({.group_id = group.group_id, .error_code = code(group.error)});
  }
  return response;
}

wire::OffsetDeleteResponse to_wire(const OffsetDeleteReply& reply) {
  wire::OffsetDeleteResponse response{.error_code = code(reply.error)};
  for (const CommittedTopic& topic : reply.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.topic;
    for (const CommittedPartition& partition : topic.partitions) {
      answered.partitions.push_back(
          {.partition_index = partition.partition.value(), .error_code = code(partition.error)});
    }
  }
  return response;
}

void append_wire(wire::ListGroupsResponse& to, const ListReply& reply) {
  for (const ListedGroup& group : reply.groups) {
    to.groups.push_back({.group_id = group.group_id,
                         .protocol_type = group.protocol_type,
                         .group_state = group.state,
                         .group_type = group.type});
  }
}

std::vector<AskedOffsets> asked_offsets(const wire::OffsetFetchRequest& request, std::int16_t api_version) {
  std::vector<AskedOffsets> asked;
  if (api_version < kManyGroupsSince) {
    asked.push_back({.group_id = request.group_id,
                     .topics = asked_topics(request.topics),
                     .require_stable = request.require_stable});
    return asked;
  }
  asked.reserve(request.groups.size());
  for (const auto& group : request.groups) {
    asked.push_back({.group_id = group.group_id,
                     .member_id = group.member_id,
                     .member_epoch = group.member_epoch,
                     .topics = asked_topics(group.topics),
                     .require_stable = request.require_stable});
  }
  return asked;
}

void append_wire(wire::OffsetFetchResponse& to, const OffsetFetchReply& reply, std::int16_t api_version) {
  if (api_version < kManyGroupsSince) {
    const ErrorCode lowered = api_version < kGroupErrorSince ? reply.error : ErrorCode::none;
    to.error_code = code(reply.error);
    if (to.error_code != 0 && api_version >= kGroupErrorSince) return;
    for (const FetchedTopic& topic : reply.topics) {
      auto& answered = to.topics.emplace_back();
      answered.name = topic.topic;
      for (const FetchedOffset& offset : topic.partitions) {
        answered.partitions.push_back(
            fetched_partition<wire::OffsetFetchResponse::OffsetFetchResponsePartition>(offset, lowered));
      }
    }
    return;
  }
  auto& group = to.groups.emplace_back();
  group.group_id = reply.group_id;
  group.error_code = code(reply.error);
  if (reply.error != ErrorCode::none) return;
  for (const FetchedTopic& topic : reply.topics) {
    auto& answered = group.topics.emplace_back();
    answered.name = topic.topic;
    answered.topic_id = topic.topic_id;
    for (const FetchedOffset& offset : topic.partitions) {
      answered.partitions.push_back(
          fetched_partition<wire::OffsetFetchResponse::OffsetFetchResponsePartitions>(offset, ErrorCode::none));
    }
  }
}

JoinReply failed_join(ErrorCode error, std::string_view member_id) {
  return {.error = error, .member_id = std::string(member_id)};
}

SyncReply failed_sync(ErrorCode error) {
  return {.error = error};
}

OffsetFetchReply failed_fetch(ErrorCode error, const AskedOffsets& asked) {
  OffsetFetchReply reply{.group_id = std::string(asked.group_id), .error = error};
  if (!asked.topics) return reply;
  for (const AskedOffsets::Topic& topic : *asked.topics) {
    FetchedTopic& failed =
        reply.topics.emplace_back(FetchedTopic{.topic = std::string(topic.topic), .topic_id = topic.topic_id});
    for (const std::int32_t partition : topic.partitions)
      failed.partitions.push_back({.partition = PartitionIndex{partition}});
  }
  return reply;
}

}  // namespace gregor::group
