#include "group/machine.h"

#include <utility>
#include <variant>

#include "base/check.h"
#include "base/mutant.h"
#include "group/machine_body.h"
#include "group/stored_record.h"
#include "group/wire_reply.h"
#include "wire/record_frame.h"

namespace gregor::group {

GroupMachine::GroupMachine(GroupSettings settings) : body_(std::make_unique<Body>(settings)) {}
GroupMachine::GroupMachine(GroupMachine&&) noexcept = default;
GroupMachine& GroupMachine::operator=(GroupMachine&&) noexcept = default;
GroupMachine::~GroupMachine() = default;

ClassicGroup* GroupMachine::Body::find(std::string_view group_id) {
  const auto found = groups.find(group_id);
  return found == groups.end() ? nullptr : &found->second;
}

const ClassicGroup* GroupMachine::Body::find(std::string_view group_id) const {
  const auto found = groups.find(group_id);
  return found == groups.end() ? nullptr : &found->second;
}

ClassicGroup& GroupMachine::Body::create(std::string_view group_id, WallTime now) {
  ClassicGroup group{.group_id = std::string(group_id)};
  group.state_timestamp = now;
  const auto [place, added] = groups.emplace(group.group_id, std::move(group));
  CHECK(added);
  return place->second;
}

void GroupMachine::Body::erase(const std::string& group_id) {
  timers.cancel_group(group_id);
  groups.erase(group_id);
}

namespace {

/// An offset's key and value, of the present schema or of the first one. No `stored`: a tombstone.
struct OffsetRecord {
  std::string_view group;
  std::string_view topic;
  PartitionIndex partition;
  std::optional<StoredOffset> stored;
};

template <class Key, class Value>
Result<OffsetRecord> offset_in(const Key& key, const std::optional<Bytes>& bytes) {
  OffsetRecord record{key.group, key.topic, PartitionIndex{key.partition}, {}};
  if (!bytes) return record;
  Value value;
  TRY(wire::decode_versioned(*bytes, value));
  record.stored = offset_of(value);
  return record;
}

}  // namespace

Result<void> GroupMachine::apply(const StoredRecord& record, Now now) {
  TRY_ASSIGN(const wire::GroupRecordKey any, wire::decode_group_record_key(record.key));
  if (const auto* key = std::get_if<wire::GroupMetadataKey>(&any)) {
    if (!record.value) {
      body_->groups.erase(std::string(key->group));
      return {};
    }
    wire::GroupMetadataValue value;
    TRY(wire::decode_versioned(*record.value, value));
    TRY_ASSIGN(ClassicGroup group, group_of(key->group, value));
    if (!body_->others.contains(key->group)) body_->groups.insert_or_assign(std::string(key->group), std::move(group));
    return {};
  }
  const auto take = [&](OffsetRecord offset) {
    if (!offset.stored) return body_->offsets.remove(offset.group, offset.topic, offset.partition);
    // Consumers without a membership leave offsets and nothing else: they are a group all the same.
    if (body_->find(offset.group) == nullptr && !body_->others.contains(offset.group))
      body_->create(offset.group, now.wall);
    if (record.producer_id != kNoProducerId)
      return body_->offsets.commit_pending(record.producer_id, offset.group, offset.topic, offset.partition,
                                           std::move(*offset.stored));
    if (MUTANT(load_keeps_first_offset) && body_->offsets.find(offset.group, offset.topic, offset.partition) != nullptr)
      return;
    body_->offsets.commit(offset.group, offset.topic, offset.partition, std::move(*offset.stored));
  };
  if (const auto* key = std::get_if<wire::OffsetCommitKey>(&any)) {
    TRY_ASSIGN(OffsetRecord offset, (offset_in<wire::OffsetCommitKey, wire::OffsetCommitValue>(*key, record.value)));
    take(std::move(offset));
    return {};
  }
  if (const auto* key = std::get_if<wire::LegacyOffsetCommitKey>(&any)) {
    TRY_ASSIGN(OffsetRecord offset,
               (offset_in<wire::LegacyOffsetCommitKey, wire::LegacyOffsetCommitValue>(*key, record.value)));
    take(std::move(offset));
    return {};
  }
  const std::string_view appeared = body_->others.note(any, record.value.has_value());
  if (!appeared.empty()) body_->groups.erase(std::string(appeared));
  return {};
}

void GroupMachine::end_transaction(ProducerId producer_id, bool committed) {
  body_->offsets.end_transaction(producer_id, committed);
}

Outcome GroupMachine::finish_load(Now now) {
  Outcome out;
  out.atomic = false;
  const Body::Step step{now, out};
  for (auto& [id, group] : body_->groups) {
    for (const auto& [member_id, member] : group.members) body_->start_session(group, member, step);
    // The limit was lowered since: everyone may commit and come back, as many as there is room for.
    if (group.members.size() > static_cast<std::size_t>(body_->settings.members_max))
      body_->prepare_rebalance(group, step);
  }
  return out;
}

MonotonicTime GroupMachine::next_deadline() const {
  return body_->timers.next_deadline();
}

Outcome GroupMachine::tick(Now now) {
  Outcome out;
  out.atomic = false;
  const Body::Step step{now, out};
  const std::uint64_t mark = body_->timers.mark();
  for (int ran = 0; ran < kTimersPerTick; ++ran) {
    const std::optional<TimerName> due = body_->timers.take_due(now.monotonic, mark);
    if (!due) break;
    ClassicGroup* group = body_->find(due->group_id);
    if (group == nullptr) continue;
    switch (due->kind) {
      case TimerKind::session:
        body_->expire_session(*group, due->member_id, step);
        break;
      case TimerKind::sync:
        body_->expire_syncs(*group, step);
        break;
      case TimerKind::join:
        if (group->previous_state == GroupState::empty) {
          body_->end_initial_delay(*group, step);
        } else {
          body_->complete_join(*group, step);
        }
        break;
    }
  }
  return out;
}

std::vector<Answer> GroupMachine::abandon(ErrorCode error) {
  std::vector<Answer> answers;
  for (auto& [id, group] : body_->groups) {
    for (auto& [member_id, member] : group.members) {
      if (const auto token = group.take_join(member)) answers.push_back({*token, failed_join(error, member_id)});
      if (const auto token = std::exchange(member.awaiting_sync, std::nullopt)) {
        answers.push_back({*token, failed_sync(error)});
      }
    }
  }
  return answers;
}

}  // namespace gregor::group
