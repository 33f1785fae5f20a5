#include "client/group_offsets.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "wire/offset_commit.h"
#include "wire/offset_fetch.h"

namespace gregor::client {
namespace {

using wire::ErrorCode;

constexpr std::int16_t kManyGroupsFrom = 8;

/// Names by id, for answers that speak of ids alone.
using TopicIds = std::map<TopicId, std::string>;

Outcome<TopicIds> ids_of(env::Fiber& self, Cluster& cluster, const std::vector<std::string>& names) {
  TopicIds ids;
  const MonotonicTime deadline = cluster.deadline_in(cluster.settings().api_timeout);
  for (const std::string& name : names) {
    CLIENT_TRY_ASSIGN(const TopicMetadata topic, cluster.topic(self, name, deadline, false));
    ids.emplace(topic.topic_id, name);
  }
  return ids;
}

Outcome<TopicIds> all_ids(env::Fiber& self, Cluster& cluster) {
  CLIENT_TRY_ASSIGN(const Cluster::Refreshed refreshed, cluster.refresh(self, nullptr, false));
  TopicIds ids;
  for (const TopicMetadata& topic : refreshed.topics) ids.emplace(topic.topic_id, topic.name);
  return ids;
}

std::vector<std::string> names_of(const Assignment& wanted) {
  std::vector<std::string> names;
  for (const auto& [topic, partitions] : wanted) names.push_back(topic);
  return names;
}

TopicId id_of(const TopicIds& ids, const std::string& name) {
  const auto found = std::find_if(ids.begin(), ids.end(), [&name](const auto& entry) { return entry.second == name; });
  return found == ids.end() ? TopicId{} : found->first;
}

Outcome<std::vector<CommittedOffset>> offsets_in(const wire::OffsetFetchResponse& response, const TopicIds& ids) {
  std::vector<CommittedOffset> offsets;
  for (const auto& group : response.groups) {
    if (group.error_code != 0) return answered(wire::error_code_of(group.error_code), "OffsetFetch");
    for (const auto& topic : group.topics) {
      const auto named = ids.find(topic.topic_id);
      const std::string name(topic.name.empty() && named != ids.end() ? named->second : topic.name);
      for (const auto& partition : topic.partitions) {
        if (partition.error_code != 0) return answered(wire::error_code_of(partition.error_code), "OffsetFetch");
        if (partition.committed_offset < 0) continue;
        offsets.push_back({name, PartitionIndex{partition.partition_index}, Offset{partition.committed_offset},
                           LeaderEpoch{partition.committed_leader_epoch}});
      }
    }
  }
  std::stable_sort(offsets.begin(), offsets.end(), [](const CommittedOffset& a, const CommittedOffset& b) {
    return std::tie(a.topic, a.partition) < std::tie(b.topic, b.partition);
  });
  return offsets;
}

}  // namespace

Outcome<std::vector<CommittedOffset>> fetch_committed(env::Fiber& self, GroupLink& link, const Assignment* wanted) {
  CLIENT_TRY_ASSIGN(const TopicIds ids, wanted == nullptr ? all_ids(self, link.cluster())
                                                          : ids_of(self, link.cluster(), names_of(*wanted)));
  wire::OffsetFetchRequest request;
  auto& group = request.groups.emplace_back();
  group.group_id = link.group_id();
  group.topics.reset();
  if (wanted != nullptr) {
    group.topics.emplace();
    for (const auto& [topic, partitions] : *wanted) {
      group.topics->push_back({.name = topic, .topic_id = id_of(ids, topic), .partition_indexes = partitions});
    }
  }
  auto reply = link.ask<wire::OffsetFetchRequest, wire::OffsetFetchResponse>(self, request, kManyGroupsFrom);
  if (!reply) return passed_on(std::move(reply.error()));
  auto offsets = offsets_in(reply->body, ids);
  if (!offsets) link.learn_from(offsets.error().code);
  return offsets;
}

Outcome<void> commit_offsets(env::Fiber& self, GroupLink& link, const Committer& committer,
                             const std::vector<CommittedOffset>& offsets) {
  std::map<std::string, std::vector<const CommittedOffset*>> by_topic;
  std::vector<std::string> names;
  for (const CommittedOffset& one : offsets) by_topic[one.topic].push_back(&one);
  for (const auto& [topic, parts] : by_topic) names.push_back(topic);
  CLIENT_TRY_ASSIGN(const TopicIds ids, ids_of(self, link.cluster(), names));
  wire::OffsetCommitRequest request;
  request.group_id = link.group_id();
  request.generation_id_or_member_epoch = committer.generation;
  request.member_id = committer.member_id;
  request.group_instance_id = committer.instance_id;
  for (const auto& [topic, parts] : by_topic) {
    auto& asked = request.topics.emplace_back();
    asked.name = topic;
    asked.topic_id = id_of(ids, topic);
    for (const CommittedOffset* one : parts) {
      asked.partitions.push_back({.partition_index = one->partition.value(),
                                  .committed_offset = one->offset.value(),
                                  .committed_leader_epoch = one->leader_epoch.value(),
                                  .committed_metadata = ""});
    }
  }
  const auto reply = link.ask<wire::OffsetCommitRequest, wire::OffsetCommitResponse>(self, request);
  if (!reply) return passed_on(reply.error());
  for (const auto& topic : reply->body.topics) {
    for (const auto& partition : topic.partitions) {
      const ErrorCode code = wire::error_code_of(partition.error_code);
      if (code == ErrorCode::none) continue;
      link.learn_from(code);
      return answered(code, "OffsetCommit");
    }
  }
  return {};
}

}  // namespace gregor::client
