#include "group/stored_record.h"

#include <utility>

#include "base/check.h"
#include "base/mutant.h"
#include "wire/record_frame.h"

namespace gregor::group {
namespace {

constexpr std::int16_t kGroupVersion = 3;           // without flexible fields, as Kafka writes it still
constexpr std::int16_t kOffsetVersion = 4;          // with a topic id
constexpr std::int16_t kExpiringOffsetVersion = 1;  // the only one with an expiry time
constexpr std::int64_t kBatchHeaderBytes = 61;
constexpr std::int64_t kRecordOverheadBytes = 40;  // lengths, deltas and attributes as varints, at their longest

template <class Key>
ByteBuffer key_bytes(const Key& key) {
  Result<ByteBuffer> bytes = wire::encode_key(key);
  CHECK(bytes.has_value());
  return std::move(*bytes);
}

template <class Value>
ByteBuffer value_bytes(const Value& value, std::int16_t version) {
  Result<ByteBuffer> bytes = wire::encode_versioned(value, version);
  CHECK(bytes.has_value());
  return std::move(*bytes);
}

wire::OffsetCommitKey offset_key(std::string_view group_id, std::string_view topic, PartitionIndex partition) {
  return {.group = group_id, .topic = topic, .partition = partition.value()};
}

std::int32_t milliseconds(Milliseconds duration) {
  return static_cast<std::int32_t>(duration.count());
}

Member member_of(const wire::GroupMetadataValue::MemberMetadata& stored, std::string_view protocol) {
  const std::int32_t rebalance_timeout =
      stored.rebalance_timeout == -1 ? stored.session_timeout : stored.rebalance_timeout;
  Member member{.member_id = std::string(stored.member_id),
                .client_id = std::string(stored.client_id),
                .client_host = std::string(stored.client_host),
                .rebalance_timeout = Milliseconds(rebalance_timeout),
                .session_timeout = Milliseconds(stored.session_timeout),
                .assignment = ByteBuffer(stored.assignment.begin(), stored.assignment.end())};
  if (stored.group_instance_id) member.group_instance_id = std::string(*stored.group_instance_id);
  member.protocols.push_back(
      {.name = std::string(protocol), .metadata = ByteBuffer(stored.subscription.begin(), stored.subscription.end())});
  return member;
}

}  // namespace

NewRecord group_record(const ClassicGroup& group) {
  wire::GroupMetadataValue value{.protocol_type = group.protocol_type ? std::string_view(*group.protocol_type) : "",
                                 .generation = group.generation,
                                 .protocol = group.protocol,
                                 .leader = group.leader,
                                 .current_state_timestamp = group.state_timestamp ? group.state_timestamp->ms : -1};
  value.members.reserve(group.members.size());
  for (const auto& [id, member] : group.members) {
    const ByteBuffer* metadata = group.protocol ? member.metadata_for(*group.protocol) : nullptr;
    CHECK(metadata != nullptr);
    value.members.push_back({.member_id = member.member_id,
                             .group_instance_id = member.group_instance_id,
                             .client_id = member.client_id,
                             .client_host = member.client_host,
                             .rebalance_timeout = milliseconds(member.rebalance_timeout),
                             .session_timeout = milliseconds(member.session_timeout),
                             .subscription = *metadata,
                             .assignment = member.assignment});
  }
  return {key_bytes(wire::GroupMetadataKey{.group = group.group_id}), value_bytes(value, kGroupVersion)};
}

NewRecord new_group_record(const ClassicGroup& group) {
  const wire::GroupMetadataValue value{
      .protocol_type = "",
      .generation = 0,
      .protocol = std::nullopt,
      .leader = std::nullopt,
      .current_state_timestamp = group.state_timestamp ? group.state_timestamp->ms : -1};
  return {key_bytes(wire::GroupMetadataKey{.group = group.group_id}), value_bytes(value, kGroupVersion)};
}

NewRecord group_tombstone(std::string_view group_id) {
  return {key_bytes(wire::GroupMetadataKey{.group = group_id}), std::nullopt};
}

NewRecord offset_record(std::string_view group_id, std::string_view topic, PartitionIndex partition,
                        const StoredOffset& stored) {
  const wire::OffsetCommitValue value{.offset = stored.offset.value(),
                                      .leader_epoch = stored.leader_epoch.value(),
                                      .metadata = stored.metadata,
                                      .commit_timestamp = stored.commit_time.ms,
                                      .expire_timestamp = stored.expire_time ? stored.expire_time->ms : -1,
                                      .topic_id = stored.topic_id};
  return {key_bytes(offset_key(group_id, topic, partition)),
          value_bytes(value, stored.expire_time ? kExpiringOffsetVersion : kOffsetVersion)};
}

NewRecord offset_tombstone(std::string_view group_id, std::string_view topic, PartitionIndex partition) {
  return {key_bytes(offset_key(group_id, topic, partition)), std::nullopt};
}

Result<ClassicGroup> group_of(std::string_view group_id, const wire::GroupMetadataValue& value) {
  ClassicGroup group{.group_id = std::string(group_id)};
  group.state = value.members.empty() ? GroupState::empty : GroupState::stable;
  group.generation = value.generation;
  if (value.protocol) group.protocol = std::string(*value.protocol);
  if (value.leader) group.leader = std::string(*value.leader);
  if (value.current_state_timestamp != -1) group.state_timestamp = WallTime{value.current_state_timestamp};
  for (const auto& stored : value.members) {
    if (group.has(stored.member_id))
      return fail(Errc::malformed,
                  "group " + group.group_id + " holds the member " + std::string(stored.member_id) + " twice");
    group.add(member_of(stored, value.protocol.value_or("")), value.protocol_type);
  }
  if (!value.members.empty() && !group.protocol) group.protocol = "";
  if (group.leader && !group.has(*group.leader)) {
    group.leader = group.members.empty() ? std::nullopt : std::optional(group.members.begin()->first);
  }
  if (value.protocol_type.empty()) {
    group.protocol_type.reset();
  } else {
    group.protocol_type = std::string(value.protocol_type);
  }
  group.note_subscriptions();
  return group;
}

StoredOffset offset_of(const wire::OffsetCommitValue& value) {
  StoredOffset stored{.offset = Offset{value.offset},
                      .leader_epoch = LeaderEpoch{value.leader_epoch},
                      .metadata = std::string(value.metadata),
                      .commit_time = WallTime{value.commit_timestamp},
                      .topic_id = value.topic_id};
  if (value.expire_timestamp != -1) stored.expire_time = WallTime{value.expire_timestamp};
  if (MUTANT(leader_epoch_lost_on_load)) stored.leader_epoch = kNoLeaderEpoch;
  return stored;
}

StoredOffset offset_of(const wire::LegacyOffsetCommitValue& value) {
  return {.offset = Offset{value.offset},
          .metadata = std::string(value.metadata),
          .commit_time = WallTime{value.commit_timestamp}};
}

std::int64_t append_bytes(std::span<const NewRecord> records) {
  std::int64_t bytes = kBatchHeaderBytes;
  for (const NewRecord& record : records) {
    bytes += kRecordOverheadBytes + static_cast<std::int64_t>(record.key.size());
    bytes += record.value ? static_cast<std::int64_t>(record.value->size()) : 0;
  }
  return bytes;
}

}  // namespace gregor::group
