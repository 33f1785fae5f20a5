// FindCoordinator, v0-v6: which broker looks after a group, a transactional id or a share partition. v1 other kinds of
// keys, v4 several keys at once (KIP-699), v6 share partitions (KIP-932).
// The first question for a group makes __consumer_offsets. Transactional ids and share partitions have no coordinator
// in this version: COORDINATOR_NOT_AVAILABLE, as of a cluster whose coordinators have not come up. Errors besides:
// INVALID_REQUEST for kinds of keys that the version does not know. Suspends while the topic is being made.
#include "broker/api/handlers.h"
#include "broker/group_shard.h"
#include "broker/internal_topics.h"
#include "group/group_id.h"
#include "wire/arena.h"
#include "wire/find_coordinator.h"

namespace gregor::broker::api {
namespace {

constexpr std::int8_t kGroup = 0;
constexpr std::int8_t kShare = 2;
constexpr std::int16_t kManyKeysFrom = 4;
constexpr std::int16_t kShareFrom = 6;
constexpr std::int32_t kNoNode = -1;
constexpr std::int32_t kNoPort = -1;

struct Found {
  wire::ErrorCode error = wire::ErrorCode::none;
  std::string_view message;
  std::int32_t node_id = kNoNode;
  std::string host;
  std::int32_t port = kNoPort;
};

wire::ErrorCode judge(std::int8_t key_type, std::int16_t version) {
  const bool is_known = key_type >= 0 && (key_type < kShare || (key_type == kShare && version >= kShareFrom));
  if (!is_known) return wire::ErrorCode::invalid_request;
  return key_type == kGroup ? wire::ErrorCode::none : wire::ErrorCode::coordinator_not_available;
}

Found none_found(wire::ErrorCode error, std::string_view why) {
  return {.error = error, .message = why, .node_id = kNoNode, .host = {}, .port = kNoPort};
}

/// The leader of the partition that holds the group.
Found coordinator_of(const Request& request, const metadata::Image& image, std::string_view group_id) {
  constexpr auto kUnavailable = wire::ErrorCode::coordinator_not_available;
  const metadata::Topic* topic = image.find_topic(kOffsetsTopic);
  if (topic == nullptr) return none_found(kUnavailable, "The topic of groups is being made.");
  const auto count = static_cast<std::int32_t>(topic->partitions.size());
  const metadata::Partition* partition = topic->partitions.find(group::partition_of(group_id, count));
  const auto leader = partition == nullptr ? std::nullopt : broker_for(request, image, partition->leader);
  if (!leader) return none_found(kUnavailable, "The group's partition has no leader.");
  return {.error = wire::ErrorCode::none,
          .message = "",
          .node_id = leader->id.value(),
          .host = leader->host,
          .port = leader->port};
}

Found find(const Request& request, const metadata::Image& image, wire::ErrorCode error, std::string_view key) {
  if (error != wire::ErrorCode::none) return none_found(error, "There is no coordinator of this kind.");
  return coordinator_of(request, image, key);
}

Result<Reply> answer_one(const Request& request, const Found& found) {
  wire::FindCoordinatorResponse response;
  response.error_code = code(found.error);
  response.error_message = found.error == wire::ErrorCode::none ? "NONE" : found.message;
  response.node_id = found.node_id;
  response.host = found.host;
  response.port = found.port;
  return request.answer(response);
}

}  // namespace

Result<Reply> find_coordinator(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::FindCoordinatorRequest>());
  const wire::ErrorCode error = judge(asked.key_type, request.version());
  if (error == wire::ErrorCode::none && request.shard.image()->find_topic(kOffsetsTopic) == nullptr) {
    make_internal_topic(self, request.shard, kOffsetsTopic);
  }
  const controller::ImagePtr image = request.shard.image();
  if (request.version() < kManyKeysFrom) return answer_one(request, find(request, *image, error, asked.key));
  wire::FindCoordinatorResponse response;
  wire::Arena texts;
  for (const std::string_view key : asked.coordinator_keys) {
    Found found = find(request, *image, error, key);
    response.coordinators.push_back({.key = key,
                                     .node_id = found.node_id,
                                     .host = texts.keep(std::move(found.host)),
                                     .port = found.port,
                                     .error_code = code(found.error),
                                     .error_message = found.message});
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
