// OffsetFetch, v1-v10: how far groups have come. v2 everything a group has, v7 only what no open transaction may change
// (KIP-447), v8 several groups (KIP-709), v9 members of newer groups, v10 topics by id.
// Errors per partition: UNKNOWN_TOPIC_ID, UNSTABLE_OFFSET_COMMIT; per group those of the machine and of
// group_request.h. Suspends.
#include <algorithm>

#include "broker/api/group_request.h"
#include "broker/api/handlers.h"
#include "wire/offset_fetch.h"

namespace gregor::broker::api {
namespace {

constexpr std::int16_t kTopicIdsFrom = 10;

std::size_t partition_count(const std::vector<group::AskedOffsets>& asked) {
  std::size_t count = asked.size();
  for (const auto& group : asked) {
    if (!group.topics) continue;
    for (const auto& topic : *group.topics) count += topic.partitions.size();
  }
  return count;
}

group::FetchedTopic unknown_topic(const group::AskedOffsets::Topic& asked) {
  group::FetchedTopic topic{.topic = {}, .topic_id = asked.topic_id, .partitions = {}};
  for (const std::int32_t partition : asked.partitions) {
    topic.partitions.push_back({.partition = PartitionIndex{partition},
                                .offset = kNoOffset,
                                .leader_epoch = kNoLeaderEpoch,
                                .metadata = {},
                                .error = wire::ErrorCode::unknown_topic_id});
  }
  return topic;
}

/// Names the topics that are there, takes out the others. Names borrow from the image.
std::vector<group::FetchedTopic> resolve_ids(group::AskedOffsets& asked, const metadata::Image& image) {
  std::vector<group::FetchedTopic> unknown;
  if (!asked.topics) return unknown;
  std::vector<group::AskedOffsets::Topic> known;
  for (auto& topic : *asked.topics) {
    const metadata::Topic* found = image.find_topic(topic.topic_id);
    if (found == nullptr) {
      unknown.push_back(unknown_topic(topic));
      continue;
    }
    topic.topic = found->name;
    known.push_back(std::move(topic));
  }
  asked.topics = std::move(known);
  return unknown;
}

/// By id, a topic that has none any more cannot be spoken of.
void give_ids(group::OffsetFetchReply& reply, const metadata::Image& image) {
  std::erase_if(reply.topics, [&image](group::FetchedTopic& topic) {
    if (!topic.topic_id.is_zero()) return false;
    const metadata::Topic* found = image.find_topic(topic.topic);
    if (found != nullptr) topic.topic_id = found->id;
    return found == nullptr;
  });
}

group::OffsetFetchReply fetch_group(env::Fiber& self, Request& request, group::AskedOffsets asked) {
  const controller::ImagePtr image = request.shard.image();
  const bool by_id = request.version() >= kTopicIdsFrom;
  auto unknown = by_id ? resolve_ids(asked, *image) : std::vector<group::FetchedTopic>{};
  auto reply = ask_group_for<group::OffsetFetchReply>(
      self, request, asked.group_id,
      [asked, image](group::GroupMachine& groups, const group::Caller& caller, group::Now now) {
        return groups.fetch_offsets(caller, asked, now);
      });
  if (!reply) return group::failed_fetch(reply.error(), asked);
  if (reply->error != wire::ErrorCode::none) return std::move(*reply);
  if (by_id) give_ids(*reply, *image);
  for (group::FetchedTopic& topic : unknown) reply->topics.push_back(std::move(topic));
  return std::move(*reply);
}

}  // namespace

Result<Reply> offset_fetch(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::OffsetFetchRequest>());
  auto groups = group::asked_offsets(asked, request.version());
  TRY(check_partition_count(partition_count(groups)));
  const auto replies = std::make_shared<std::vector<group::OffsetFetchReply>>();
  for (group::AskedOffsets& group : groups) replies->push_back(fetch_group(self, request, std::move(group)));
  wire::OffsetFetchResponse response;
  for (const group::OffsetFetchReply& reply : *replies) group::append_wire(response, reply, request.version());
  return request.answer(response, {replies});
}

}  // namespace gregor::broker::api
