// OffsetFetch v1-v10, ListGroups v0-v5, DescribeGroups v0-v6: what there is. Nothing here changes a group.
#include <algorithm>
#include <map>
#include <utility>

#include "group/machine_body.h"

namespace gregor::group {
namespace {

constexpr std::int16_t kDescribeErrorsSince = 6;
constexpr std::string_view kClassicType = "classic";
constexpr std::string_view kDead = "Dead";

FetchedOffset fetched(PartitionIndex partition, const StoredOffset* stored) {
  if (stored == nullptr) return {.partition = partition};
  return {.partition = partition,
          .offset = stored->offset,
          .leader_epoch = stored->leader_epoch,
          .metadata = stored->metadata};
}

FetchedOffset unstable(PartitionIndex partition) {
  return {.partition = partition, .error = ErrorCode::unstable_offset_commit};
}

/// Committed for a topic of this name that is not the one asked for: deleted and made again.
bool is_of_another_topic(const StoredOffset* stored, TopicId asked) {
  return stored != nullptr && !asked.is_zero() && !stored->topic_id.is_zero() && stored->topic_id != asked;
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& letter : lowered) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return lowered;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool passes(std::span<const std::string_view> filter, std::string_view word) {
  return filter.empty() || std::any_of(filter.begin(), filter.end(),
                                       [&](std::string_view asked) { return lower(trimmed(asked)) == lower(word); });
}

DescribedGroup describe(const ClassicGroup& group) {
  DescribedGroup described{.error_message = {},
                           .group_id = group.group_id,
                           .state = std::string(name_of(group.state)),
                           .protocol_type = group.protocol_type.value_or("")};
  const bool is_stable = group.state == GroupState::stable;
  if (is_stable) described.protocol = group.protocol.value_or("");
  for (const auto& [id, member] : group.members) {
    const ByteBuffer* metadata = is_stable && group.protocol ? member.metadata_for(*group.protocol) : nullptr;
    described.members.push_back({.member_id = member.member_id,
                                 .group_instance_id = member.group_instance_id,
                                 .client_id = member.client_id,
                                 .client_host = member.client_host,
                                 .metadata = metadata == nullptr ? ByteBuffer{} : *metadata,
                                 .assignment = member.assignment});
  }
  return described;
}

DescribedGroup no_such_group(std::string_view group_id, bool is_other_type, std::int16_t api_version) {
  DescribedGroup dead{.error_message = {}, .group_id = std::string(group_id), .state = std::string(kDead)};
  if (api_version < kDescribeErrorsSince) return dead;
  dead.error = ErrorCode::group_id_not_found;
  dead.error_message = "Group " + dead.group_id + (is_other_type ? " is not a classic group." : " not found.");
  return dead;
}

}  // namespace

Outcome GroupMachine::fetch_offsets(const Caller& caller, const AskedOffsets& asked, Now) const {
  OffsetFetchReply reply{.group_id = std::string(asked.group_id)};
  const bool is_known = body_->find(asked.group_id) != nullptr || body_->others.contains(asked.group_id);
  const OffsetTable& offsets = body_->offsets;
  const auto is_unstable = [&](std::string_view topic, PartitionIndex partition) {
    return asked.require_stable && offsets.is_pending(asked.group_id, topic, partition);
  };
  if (asked.topics) {
    for (const AskedOffsets::Topic& topic : *asked.topics) {
      FetchedTopic& answered =
          reply.topics.emplace_back(FetchedTopic{.topic = std::string(topic.topic), .topic_id = topic.topic_id});
      for (const std::int32_t index : topic.partitions) {
        const PartitionIndex partition{index};
        const StoredOffset* stored = is_known ? offsets.find(asked.group_id, topic.topic, partition) : nullptr;
        if (is_of_another_topic(stored, topic.topic_id)) stored = nullptr;
        answered.partitions.push_back(is_unstable(topic.topic, partition) ? unstable(partition)
                                                                          : fetched(partition, stored));
      }
    }
  } else if (const OffsetTable::ByTopic* topics = is_known ? offsets.of(asked.group_id) : nullptr) {
    for (const auto& [topic, partitions] : *topics) {
      FetchedTopic& answered = reply.topics.emplace_back(FetchedTopic{.topic = topic});
      for (const auto& [partition, entry] : partitions) {
        answered.topic_id = entry.stored.topic_id;
        answered.partitions.push_back(is_unstable(topic, partition) ? unstable(partition)
                                                                    : fetched(partition, &entry.stored));
      }
    }
  }
  Outcome out;
  out.answers.push_back({caller.token, std::move(reply)});
  return out;
}

Outcome GroupMachine::list_groups(const Caller& caller, const ListFilter& filter) const {
  std::map<std::string, ListedGroup> listed;  // no id is both a classic group's and another's
  const auto list = [&](ListedGroup group) {
    if (!passes(filter.states, group.state) || !passes(filter.types, group.type)) return;
    const std::string id = group.group_id;
    listed.emplace(id, std::move(group));
  };
  for (const auto& [id, group] : body_->groups) {
    list({.group_id = id,
          .protocol_type = group.protocol_type.value_or(""),
          .state = std::string(name_of(group.state)),
          .type = std::string(kClassicType)});
  }
  for (const auto& [id, group] : body_->others.groups()) {
    list({.group_id = id,
          .protocol_type = group.type,
          .state = group.members.empty() ? "Empty" : "Unknown",
          .type = group.type});
  }
  ListReply reply;
  for (auto& [id, group] : listed) reply.groups.push_back(std::move(group));
  Outcome out;
  out.answers.push_back({caller.token, std::move(reply)});
  return out;
}

Outcome GroupMachine::describe_groups(const Caller& caller, std::span<const std::string_view> group_ids) const {
  DescribeReply reply;
  for (const std::string_view group_id : group_ids) {
    const ClassicGroup* group = body_->find(group_id);
    reply.groups.push_back(group != nullptr
                               ? describe(*group)
                               : no_such_group(group_id, body_->others.contains(group_id), caller.api_version));
  }
  Outcome out;
  out.answers.push_back({caller.token, std::move(reply)});
  return out;
}

}  // namespace gregor::group
