// How groups and offsets go: DeleteGroups v0-v2, OffsetDelete v0, deleted topics, and age.  (KIP-211, KIP-229, KIP-496)
// Errors: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, GROUP_SUBSCRIBED_TO_TOPIC.
#include <utility>

#include "base/mutant.h"
#include "group/machine_body.h"
#include "group/stored_record.h"

namespace gregor::group {
namespace {

ErrorCode check_deletion(const ClassicGroup* group, bool is_other) {
  if (is_other) return ErrorCode::non_empty_group;  // not ours to delete
  if (group == nullptr) return ErrorCode::group_id_not_found;
  return group->state == GroupState::empty ? ErrorCode::none : ErrorCode::non_empty_group;
}

/// Of a group with members only consumers' subscriptions can be read: of others nothing is deleted.
ErrorCode check_offset_deletion(const ClassicGroup* group, bool is_other) {
  if (is_other) return ErrorCode::non_empty_group;
  if (group == nullptr) return ErrorCode::group_id_not_found;
  return group->state == GroupState::empty || group->speaks_consumer_protocol() ? ErrorCode::none
                                                                                : ErrorCode::non_empty_group;
}

/// Since when an offset may be forgotten, as KIP-211 has it: of simple consumers since its commit; of an empty group
/// since it became so; of a live group of consumers since its commit, and then only topics that nobody reads any more;
/// else never.
std::optional<WallTime> idle_since(const ClassicGroup& group, std::string_view topic, const StoredOffset& stored) {
  if (MUTANT(live_offsets_expire)) return stored.commit_time;
  if (group.is_subscribed_to(topic)) return std::nullopt;
  if (!group.protocol_type) return stored.commit_time;
  if (group.state == GroupState::empty) return group.state_timestamp.value_or(stored.commit_time);
  const bool knows_its_topics = group.speaks_consumer_protocol() && group.subscribed_topics.has_value();
  if (group.state == GroupState::stable && knows_its_topics) return stored.commit_time;
  return std::nullopt;
}

}  // namespace

void GroupMachine::Body::drop_offsets(const std::string& group_id, Outcome& out) {
  for (const auto& [topic, partition] : offsets.partitions_of(group_id)) {
    out.records.push_back(offset_tombstone(group_id, topic, partition));
    offsets.remove(group_id, topic, partition);
  }
}

Outcome GroupMachine::delete_groups(const Caller& caller, std::span<const std::string_view> group_ids) {
  Outcome out;
  out.atomic = false;
  DeleteGroupsReply reply;
  for (const std::string_view asked : group_ids) {
    const std::string group_id(asked);
    const ErrorCode error = check_deletion(body_->find(group_id), body_->others.contains(group_id));
    if (error == ErrorCode::none) {
      body_->drop_offsets(group_id, out);
      out.records.push_back(group_tombstone(group_id));
      body_->erase(group_id);
    }
    reply.groups.push_back({group_id, error});
  }
  out.answers.push_back({caller.token, std::move(reply)});
  return out;
}

Outcome GroupMachine::delete_offsets(const Caller& caller, const wire::OffsetDeleteRequest& request, Now) {
  Outcome out;
  out.atomic = false;
  OffsetDeleteReply reply{.topics = {}};
  const ClassicGroup* group = body_->find(request.group_id);
  reply.error = check_offset_deletion(group, body_->others.contains(request.group_id));
  if (reply.error == ErrorCode::none) {
    for (const auto& topic : request.topics) {
      CommittedTopic& answered = reply.topics.emplace_back(CommittedTopic{.topic = std::string(topic.name)});
      const bool is_read = group->is_subscribed_to(topic.name);
      for (const auto& asked : topic.partitions) {
        const PartitionIndex partition{asked.partition_index};
        answered.partitions.push_back({partition, is_read ? ErrorCode::group_subscribed_to_topic : ErrorCode::none});
        const bool is_there = body_->offsets.find(request.group_id, topic.name, partition) != nullptr ||
                              body_->offsets.is_pending(request.group_id, topic.name, partition);
        if (is_read || !is_there) continue;
        out.records.push_back(offset_tombstone(request.group_id, topic.name, partition));
        body_->offsets.remove(request.group_id, topic.name, partition);
      }
    }
  }
  out.answers.push_back({caller.token, std::move(reply)});
  return out;
}

/// True when no offset is left, and none is pending.
bool GroupMachine::Body::expire_offsets(const ClassicGroup& group, WallTime now, Outcome& out) {
  const OffsetTable::ByTopic* topics = offsets.of(group.group_id);
  std::vector<std::pair<std::string, PartitionIndex>> expired;
  bool all_expired = true;
  if (topics != nullptr) {
    for (const auto& [topic, partitions] : *topics) {
      for (const auto& [partition, entry] : partitions) {
        const std::optional<WallTime> since = idle_since(group, topic, entry.stored);
        const bool is_over =
            since && (entry.stored.expire_time ? now.ms >= entry.stored.expire_time->ms
                                               : now.ms - since->ms >= settings.offsets_retention.count());
        if (is_over && !offsets.is_pending(group.group_id, topic, partition)) {
          expired.emplace_back(topic, partition);
        } else {
          all_expired = false;
        }
      }
    }
  }
  for (const auto& [topic, partition] : expired) {
    out.records.push_back(offset_tombstone(group.group_id, topic, partition));
    offsets.remove(group.group_id, topic, partition);
  }
  return all_expired && !offsets.has_open_transaction(group.group_id);
}

Outcome GroupMachine::expire(Now now) {
  Outcome out;
  out.atomic = false;
  std::vector<std::string> emptied;
  for (const auto& [id, group] : body_->groups) {
    const bool has_none = body_->expire_offsets(group, now.wall, out);
    if (has_none && group.state == GroupState::empty && group.pending_joins.empty()) emptied.push_back(id);
  }
  for (const std::string& id : emptied) {
    out.records.push_back(group_tombstone(id));
    body_->erase(id);
  }
  return out;
}

Outcome GroupMachine::forget_topics(std::span<const std::string> topics) {
  Outcome out;
  out.atomic = false;
  for (const std::string& topic : topics) {
    for (const std::string& group_id : body_->offsets.groups_of(topic)) {
      if (body_->others.contains(group_id)) continue;
      for (const auto& [name, partition] : body_->offsets.partitions_of(group_id)) {
        if (name != topic) continue;
        out.records.push_back(offset_tombstone(group_id, topic, partition));
        body_->offsets.remove(group_id, topic, partition);
      }
    }
  }
  return out;
}

}  // namespace gregor::group
