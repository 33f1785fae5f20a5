// OffsetCommit v2-v10 and TxnOffsetCommit v0-v5: who may commit, and what is kept.  (KIP-98, 211, 320, 447)
// Errors, of every partition asked: GROUP_ID_NOT_FOUND (v9 and newer) or ILLEGAL_GENERATION for an unknown group,
// UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS, UNKNOWN_SERVER_ERROR (more than one
// append takes); of one partition: OFFSET_METADATA_TOO_LARGE.
#include <utility>

#include "base/mutant.h"
#include "group/machine_body.h"
#include "group/stored_record.h"

namespace gregor::group {
namespace {

constexpr std::int16_t kGroupNotFoundSince = 9;
constexpr std::int64_t kDefaultRetentionMs = -1;

/// What both kinds of commit have in common.
struct Commit {
  std::string_view group_id;
  std::int32_t generation = -1;
  std::string_view member_id;
  std::optional<std::string_view> instance_id;
  bool is_transactional = false;

  /// Consumers without a group, and tools, name no generation and no member.
  [[nodiscard]] bool is_from_outside() const { return generation < 0 && member_id.empty() && !instance_id; }
};

/// Characters as Java counts them: UTF-16 units.
std::int64_t utf16_length(std::string_view text) {
  std::int64_t units = 0;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if ((byte & 0xc0U) != 0x80U) units += byte >= 0xf0U ? 2 : 1;
  }
  return units;
}

ErrorCode check(const ClassicGroup& group, const Commit& commit) {
  if (commit.generation < 0 && group.state == GroupState::empty) return ErrorCode::none;
  if (commit.is_from_outside()) {
    // Of a transaction: an old producer that does not know the group's members (KIP-447).
    if (!commit.is_transactional) return ErrorCode::unknown_member_id;
  } else {
    const ErrorCode error = group.check_member(commit.member_id, commit.instance_id);
    if (error != ErrorCode::none) return error;
    if (commit.generation != group.generation && !MUTANT(old_generation_commits)) return ErrorCode::illegal_generation;
  }
  const bool between_rounds = !commit.is_transactional && group.state == GroupState::completing_rebalance;
  return between_rounds ? ErrorCode::rebalance_in_progress : ErrorCode::none;
}

/// `no_group` is told to a member of a group that nobody knows.
ErrorCode check(bool is_of_newer_type, const ClassicGroup* group, const Commit& commit, ErrorCode no_group) {
  if (is_of_newer_type) return ErrorCode::unknown_member_id;
  if (group != nullptr) return check(*group, commit);
  return commit.generation >= 0 ? no_group : ErrorCode::none;
}

template <class Topics>
OffsetCommitReply all_failed(ErrorCode error, const Topics& topics) {
  OffsetCommitReply reply;
  for (const auto& topic : topics) {
    CommittedTopic& failed = reply.topics.emplace_back(CommittedTopic{.topic = std::string(topic.name)});
    if constexpr (requires { topic.topic_id; }) failed.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions)
      failed.partitions.push_back({PartitionIndex{partition.partition_index}, error});
  }
  return reply;
}

struct Accepted {
  std::string_view topic;
  PartitionIndex partition;
  StoredOffset stored;
};

/// The offsets to keep; what is refused of them stands in `reply`.
template <class Topics>
std::vector<Accepted> accepted_of(const Topics& topics, const GroupSettings& settings, WallTime now,
                                  std::optional<WallTime> expire_time, OffsetCommitReply& reply) {
  std::vector<Accepted> accepted;
  reply = all_failed(ErrorCode::none, topics);
  for (std::size_t at = 0; at < topics.size(); ++at) {
    const auto& topic = topics[at];
    for (std::size_t place = 0; place < topic.partitions.size(); ++place) {
      const auto& asked = topic.partitions[place];
      const std::string_view metadata = asked.committed_metadata.value_or("");
      if (utf16_length(metadata) > settings.offset_metadata_bytes_max) {
        reply.topics[at].partitions[place].error = ErrorCode::offset_metadata_too_large;
        continue;
      }
      StoredOffset stored{.offset = Offset{asked.committed_offset},
                          .leader_epoch = LeaderEpoch{asked.committed_leader_epoch},
                          .metadata = std::string(metadata),
                          .commit_time = now,
                          .expire_time = expire_time};
      if constexpr (requires { topic.topic_id; }) stored.topic_id = topic.topic_id;
      accepted.push_back({topic.name, PartitionIndex{asked.partition_index}, std::move(stored)});
    }
  }
  return accepted;
}

std::vector<NewRecord> records_of(std::string_view group_id, const std::vector<Accepted>& accepted) {
  std::vector<NewRecord> records;
  records.reserve(accepted.size());
  for (const Accepted& offset : accepted)
    records.push_back(offset_record(group_id, offset.topic, offset.partition, offset.stored));
  return records;
}

}  // namespace

Outcome GroupMachine::commit_offsets(const Caller& caller, const wire::OffsetCommitRequest& request, Now now) {
  Outcome out;
  const Body::Step step{now, out};
  const Commit commit{.group_id = request.group_id,
                      .generation = request.generation_id_or_member_epoch,
                      .member_id = request.member_id,
                      .instance_id = request.group_instance_id};
  ClassicGroup* group = body_->find(request.group_id);
  const ErrorCode no_group =
      caller.api_version >= kGroupNotFoundSince ? ErrorCode::group_id_not_found : ErrorCode::illegal_generation;
  const ErrorCode error = check(body_->others.contains(request.group_id), group, commit, no_group);
  if (error != ErrorCode::none) {
    step.answer(caller.token, all_failed(error, request.topics));
    return out;
  }
  std::optional<WallTime> expire_time;
  if (request.retention_time_ms != kDefaultRetentionMs) expire_time = WallTime{now.wall.ms + request.retention_time_ms};
  OffsetCommitReply reply;
  std::vector<Accepted> accepted = accepted_of(request.topics, body_->settings, now.wall, expire_time, reply);
  out.records = records_of(request.group_id, accepted);
  if (append_bytes(out.records) > body_->settings.append_bytes_max) {
    out.records.clear();
    step.answer(caller.token, all_failed(ErrorCode::unknown_server_error, request.topics));
    return out;
  }
  if (group != nullptr && (group->state == GroupState::stable || group->state == GroupState::preparing_rebalance)) {
    if (const Member* member = group->find(request.member_id)) body_->start_session(*group, *member, step);
  }
  if (group == nullptr && !accepted.empty()) body_->create(request.group_id, now.wall);
  for (Accepted& offset : accepted) {
    body_->offsets.commit(request.group_id, offset.topic, offset.partition, std::move(offset.stored));
  }
  step.answer(caller.token, std::move(reply));
  return out;
}

Outcome GroupMachine::commit_transactional_offsets(const Caller& caller, const wire::TxnOffsetCommitRequest& request,
                                                   Now now) {
  Outcome out;
  const Body::Step step{now, out};
  const Commit commit{.group_id = request.group_id,
                      .generation = request.generation_id,
                      .member_id = request.member_id,
                      .instance_id = request.group_instance_id,
                      .is_transactional = true};
  const ClassicGroup* group = body_->find(request.group_id);
  ErrorCode error = check(body_->others.contains(request.group_id), group, commit, ErrorCode::illegal_generation);
  OffsetCommitReply reply;
  std::vector<Accepted> accepted;
  if (error == ErrorCode::none) {
    accepted = accepted_of(request.topics, body_->settings, now.wall, std::nullopt, reply);
    out.records = records_of(request.group_id, accepted);
    if (append_bytes(out.records) > body_->settings.append_bytes_max) error = ErrorCode::unknown_server_error;
  }
  if (error != ErrorCode::none) {
    out.records.clear();
    step.answer(caller.token, all_failed(error, request.topics));
    return out;
  }
  if (group == nullptr && !accepted.empty()) body_->create(request.group_id, now.wall);
  const ProducerId producer{request.producer_id};
  for (Accepted& offset : accepted) {
    body_->offsets.commit_pending(producer, request.group_id, offset.topic, offset.partition, std::move(offset.stored));
  }
  if (!out.records.empty()) out.producer = TransactionalProducer{producer, ProducerEpoch{request.producer_epoch}};
  step.answer(caller.token, std::move(reply));
  return out;
}

OffsetCommitReply failed_commit(ErrorCode error, const wire::OffsetCommitRequest& request) {
  return all_failed(error, request.topics);
}

}  // namespace gregor::group
