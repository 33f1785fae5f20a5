// DescribeLogDirs, v1-v5: the log directories of this broker, the partitions in each with their sizes, copies on their
// way there with what they lack, and the space of the disks below.  (KIP-113, KIP-827, KIP-1066) Errors per directory:
// KAFKA_STORAGE_ERROR, of one that is offline. Partitions that are not here are left out. Suspends: other shards and
// the disks are asked.
#include <map>
#include <set>
#include <string>

#include "broker/api/handlers.h"
#include "wire/describe_log_dirs.h"

namespace gregor::broker::api {
namespace {

struct Held {
  std::string topic;
  std::int32_t partition = 0;
  std::size_t directory = 0;
  std::int64_t bytes = 0;
  std::int64_t offset_lag = 0;
  bool is_future = false;
};
/// None: all.
using Wanted = std::optional<std::map<std::string, std::set<std::int32_t>, std::less<>>>;

Wanted wanted_in(const wire::DescribeLogDirsRequest& asked) {
  if (!asked.topics) return std::nullopt;
  Wanted wanted(std::in_place);
  for (const auto& topic : *asked.topics) {
    auto& partitions = (*wanted)[std::string(topic.topic)];
    partitions.insert(topic.partitions.begin(), topic.partitions.end());
  }
  return wanted;
}

bool is_wanted(const Wanted& wanted, const TopicPartition& id) {
  if (!wanted) return true;
  const auto topic = wanted->find(id.topic);
  return topic != wanted->end() && topic->second.contains(id.partition.value());
}

std::vector<Held> held_by(const BrokerShard& shard, const Wanted& wanted) {
  std::vector<Held> held;
  for (const auto& partition : shard.partitions.all()) {
    const auto directory = partition->directory();
    if (!directory || !is_wanted(wanted, partition->id())) continue;
    const partition::PartitionFigures figures = partition->figures();
    if (figures.is_offline) continue;
    const std::int32_t index = partition->id().partition.value();
    held.push_back({partition->id().topic, index, *directory, static_cast<std::int64_t>(figures.size_bytes)});
    const auto moving = partition->moving();
    if (!moving) continue;
    held.push_back({partition->id().topic, index, moving->directory, static_cast<std::int64_t>(moving->size_bytes),
                    moving->offset_lag, true});
  }
  return held;
}

using Sizes = std::map<std::string, std::map<std::int32_t, Held>>;

std::vector<Sizes> sizes_by_directory(env::Fiber& self, BrokerShard& here, const Wanted& wanted, std::size_t count) {
  std::vector<Sizes> sizes(count);
  for (std::size_t id = 0; id < here.core.shard_count; ++id) {
    const auto held = here.ask(self, ShardId{static_cast<std::uint32_t>(id)},
                               [wanted](env::Fiber&, BrokerShard& shard) { return held_by(shard, wanted); });
    for (const Held& one : held) {
      if (one.directory < count) sizes[one.directory][one.topic][one.partition] = one;
    }
  }
  return sizes;
}

}  // namespace

Result<Reply> describe_log_dirs(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::DescribeLogDirsRequest>());
  BrokerShard& shard = request.shard;
  const std::vector<std::string>& paths = shard.core.config.log_dirs;
  const std::vector<Sizes> sizes = sizes_by_directory(self, shard, wanted_in(asked), paths.size());
  wire::DescribeLogDirsResponse response;
  for (std::size_t index = 0; index < paths.size(); ++index) {
    auto& result = response.results.emplace_back();
    result.log_dir = paths[index];
    const auto space = shard.shard.disk.space(self, paths[index]);
    if (!shard.core.directories.is_online(index) || !space) {
      result.error_code = code(wire::ErrorCode::kafka_storage_error);
      continue;
    }
    result.total_bytes = static_cast<std::int64_t>(space->total_bytes);
    result.usable_bytes = static_cast<std::int64_t>(space->usable_bytes);
    for (const auto& [name, partitions] : sizes[index]) {
      auto& topic = result.topics.emplace_back();
      topic.name = name;
      for (const auto& [partition, held] : partitions) {
        topic.partitions.push_back({.partition_index = partition,
                                    .partition_size = held.bytes,
                                    .offset_lag = held.offset_lag,
                                    .is_future_key = held.is_future});
      }
    }
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
