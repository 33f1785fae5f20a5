// OffsetDelete, v0: forgets a group's offsets of topics that it does not read (KIP-496).
// Errors: INVALID_GROUP_ID, GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP for the whole; per partition
// UNKNOWN_TOPIC_OR_PARTITION, GROUP_SUBSCRIBED_TO_TOPIC; those of group_request.h. Suspends.
#include "broker/api/group_request.h"
#include "broker/api/handlers.h"
#include "broker/api/place.h"
#include "group/group_id.h"
#include "wire/offset_delete.h"

namespace gregor::broker::api {
namespace {

/// What there is of the request; what there is not is refused in `refused`.
wire::OffsetDeleteRequest known_part(const Request& request, const wire::OffsetDeleteRequest& asked,
                                     group::OffsetDeleteReply& refused) {
  const controller::ImagePtr image = request.shard.image();
  wire::OffsetDeleteRequest known{.group_id = asked.group_id};
  for (const auto& topic : asked.topics) {
    group::CommittedTopic missing{.topic = std::string(topic.name), .topic_id = {}, .partitions = {}};
    auto there = topic;
    there.partitions.clear();
    for (const auto& partition : topic.partitions) {
      const Place place = find_place(request.shard, *image, topic.name, partition.partition_index);
      if (place.error == wire::ErrorCode::none) {
        there.partitions.push_back(partition);
      } else {
        missing.partitions.push_back({PartitionIndex{partition.partition_index}, place.error});
      }
    }
    if (!there.partitions.empty()) known.topics.push_back(std::move(there));
    if (!missing.partitions.empty()) refused.topics.push_back(std::move(missing));
  }
  return known;
}

std::size_t partition_count(const wire::OffsetDeleteRequest& asked) {
  std::size_t count = 0;
  for (const auto& topic : asked.topics) count += topic.partitions.size();
  return count;
}

}  // namespace

Result<Reply> offset_delete(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::OffsetDeleteRequest>());
  TRY(check_partition_count(partition_count(asked)));
  group::OffsetDeleteReply answer;
  const wire::OffsetDeleteRequest known = known_part(request, asked, answer);
  if (known.topics.empty()) return request.answer(group::to_wire(answer));
  answer.error = group::refusal_of_group_id(asked.group_id);
  if (answer.error == wire::ErrorCode::none) {
    auto reply = ask_group_for<group::OffsetDeleteReply>(
        self, request, asked.group_id,
        [known](group::GroupMachine& groups, const group::Caller& caller, group::Now now) {
          return groups.delete_offsets(caller, known, now);
        });
    answer.error = reply ? reply->error : reply.error();
    if (reply) merge_topics(answer.topics, std::move(reply->topics), false);
  }
  if (answer.error != wire::ErrorCode::none) answer.topics.clear();
  return request.answer(group::to_wire(answer));
}

}  // namespace gregor::broker::api
