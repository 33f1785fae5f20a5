// OffsetCommit, v2-v10: how far a group has come in these partitions. v6 leader epochs, v7 static members, v10 topics
// by id. Members commit with their generation; who has none (generation -1, no member id) may while the group is empty.
// Topics and partitions that do not exist are refused here, the rest by the group machine. Errors per partition:
// UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, OFFSET_METADATA_TOO_LARGE, INVALID_COMMIT_OFFSET_SIZE,
// ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, REBALANCE_IN_PROGRESS, FENCED_INSTANCE_ID; those of group_request.h. Suspends
// until committed.
#include "broker/api/group_request.h"
#include "broker/api/handlers.h"
#include "broker/api/place.h"
#include "wire/offset_commit.h"

namespace gregor::broker::api {
namespace {

constexpr std::int16_t kTopicIdsFrom = 10;

std::size_t partition_count(const wire::OffsetCommitRequest& asked) {
  std::size_t count = 0;
  for (const auto& topic : asked.topics) count += topic.partitions.size();
  return count;
}

/// What there is of the request, with every topic named; what there is not is refused in `refused`. Names borrow from
/// the image.
wire::OffsetCommitRequest known_part(const Request& request, const wire::OffsetCommitRequest& asked,
                                     const metadata::Image& image, group::OffsetCommitReply& refused) {
  wire::OffsetCommitRequest known = asked;
  known.topics.clear();
  for (const auto& topic : asked.topics) {
    const bool by_id = request.version() >= kTopicIdsFrom;
    auto named = topic;
    named.partitions.clear();
    group::CommittedTopic missing{.topic = std::string(topic.name), .topic_id = topic.topic_id, .partitions = {}};
    for (const auto& partition : topic.partitions) {
      const Place place = by_id ? find_place(request.shard, image, topic.topic_id, partition.partition_index)
                                : find_place(request.shard, image, topic.name, partition.partition_index);
      if (place.error != wire::ErrorCode::none) {
        missing.partitions.push_back({PartitionIndex{partition.partition_index}, place.error});
        continue;
      }
      named.name = place.topic->name;
      named.topic_id = place.topic->id;
      named.partitions.push_back(partition);
    }
    if (!missing.partitions.empty()) refused.topics.push_back(std::move(missing));
    if (!named.partitions.empty()) known.topics.push_back(std::move(named));
  }
  return known;
}

/// A commit that is more than the log takes has a code of its own.
wire::ErrorCode commit_error(wire::ErrorCode error) {
  return error == wire::ErrorCode::unknown_server_error ? wire::ErrorCode::invalid_commit_offset_size : error;
}

}  // namespace

Result<Reply> offset_commit(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::OffsetCommitRequest>());
  TRY(check_partition_count(partition_count(asked)));
  const controller::ImagePtr image = request.shard.image();
  group::OffsetCommitReply answer;
  const wire::OffsetCommitRequest known = known_part(request, asked, *image, answer);
  if (!known.topics.empty()) {
    auto reply = ask_group_for<group::OffsetCommitReply>(
        self, request, asked.group_id,
        [known, image](group::GroupMachine& groups, const group::Caller& caller, group::Now now) {
          return groups.commit_offsets(caller, known, now);
        });
    if (!reply) reply = group::failed_commit(commit_error(reply.error()), known);
    merge_topics(answer.topics, std::move(reply->topics), request.version() >= kTopicIdsFrom);
  }
  return request.answer(group::to_wire(answer));
}

}  // namespace gregor::broker::api
