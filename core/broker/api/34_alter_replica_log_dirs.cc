// AlterReplicaLogDirs, v1-v2: these partitions are to lie in those log directories of this broker (KIP-113). Answered
// when the copying has begun; DescribeLogDirs shows how far it is. The directory that a partition lies in ends a move.
// Errors per partition: LOG_DIR_NOT_FOUND (not among log.dirs), KAFKA_STORAGE_ERROR (a directory or the partition's own
// is offline, or there is no room), UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION (its name is too long for a
// copy's folder, KAFKA-4893), REPLICA_NOT_AVAILABLE (no replica here: should one be made in this life, it is made in
// that directory). Suspends.
#include <algorithm>

#include "broker/api/handlers.h"
#include "broker/api/place.h"
#include "storage/topic_folder.h"
#include "wire/alter_replica_log_dirs.h"

namespace gregor::broker::api {
namespace {

/// One partition, asked for on the shard that owns it or would.
wire::ErrorCode move_on_owner(env::Fiber& self, BrokerShard& owner, const TopicPartition& id, std::size_t directory) {
  using partition::PartitionError;
  const auto partition = owner.partitions.find(id.topic_id, id.partition);
  if (!partition) owner.core.directories.prefer(self, owner.shard, id, directory);
  const auto error = partition ? partition->move_to(self, directory) : PartitionError::not_leader_or_follower;
  // As Kafka answers this request, for the sake of old clients.
  if (error == PartitionError::not_leader_or_follower) return wire::ErrorCode::replica_not_available;
  return static_cast<wire::ErrorCode>(error);
}

wire::ErrorCode move_one(env::Fiber& self, Request& request, const metadata::Image& image, const std::string& topic,
                         std::int32_t index, std::size_t directory) {
  if (!storage::has_future_name(topic, PartitionIndex{index})) return wire::ErrorCode::invalid_topic_exception;
  if (!request.shard.core.directories.is_online(directory)) return wire::ErrorCode::kafka_storage_error;
  const Place place = find_place(request.shard, image, topic, index);
  if (place.error != wire::ErrorCode::none) return place.error;
  const TopicPartition id{topic, place.topic->id, place.index};
  return request.shard.ask(self, place.owner, [id, directory](env::Fiber& fiber, BrokerShard& owner) {
    return move_on_owner(fiber, owner, id, directory);
  });
}

}  // namespace

Result<Reply> alter_replica_log_dirs(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::AlterReplicaLogDirsRequest>());
  std::size_t count = 0;
  for (const auto& directory : asked.dirs) {
    for (const auto& topic : directory.topics) count += topic.partitions.size();
  }
  TRY(check_partition_count(count));
  const controller::ImagePtr image = request.shard.image();
  const std::vector<std::string>& paths = request.shard.core.config.log_dirs;
  wire::AlterReplicaLogDirsResponse response;
  for (const auto& wanted : asked.dirs) {
    const auto found = std::find(paths.begin(), paths.end(), wanted.path);
    const auto directory = static_cast<std::size_t>(found - paths.begin());
    for (const auto& topic : wanted.topics) {
      auto& answered = response.results.emplace_back();
      answered.topic_name = topic.name;
      const std::string name(topic.name);
      for (const std::int32_t index : topic.partitions) {
        const auto error = found == paths.end() ? wire::ErrorCode::log_dir_not_found
                                                : move_one(self, request, *image, name, index, directory);
        answered.partitions.push_back({.partition_index = index, .error_code = code(error)});
      }
    }
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
