#include "tests/group/support/group_rig.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gregor::group {

GroupRig::GroupRig(GroupSettings chosen) : settings(chosen), machine(chosen) {}

Caller GroupRig::caller(std::int16_t version) {
  return {.token = Token{next_token_++}, .api_version = version, .client_id = "app", .client_host = "/127.0.0.1"};
}

void GroupRig::take(Outcome outcome) {
  for (NewRecord& record : outcome.records) log.push_back(std::move(record));
  for (Answer& answer : outcome.answers) {
    const bool is_first = replies.emplace(answer.token, std::move(answer.reply)).second;
    EXPECT_TRUE(is_first) << "a request was answered twice";
  }
  EXPECT_EQ(machine.broken_invariant(), "");
}

Token GroupRig::join(const JoinWords& words) {
  wire::JoinGroupRequest request{.group_id = words.group,
                                 .session_timeout_ms = words.session_ms,
                                 .rebalance_timeout_ms = words.rebalance_ms,
                                 .member_id = words.member,
                                 .group_instance_id = words.instance,
                                 .protocol_type = words.type};
  for (const std::string& name : words.protocols)
    request.protocols.push_back({.name = name, .metadata = bytes_of(words.metadata)});
  const Caller asker = caller(words.version);
  take(machine.join(asker, request, Uuid{0, next_id_++}, now));
  return asker.token;
}

Token GroupRig::sync(std::string_view member, int generation,
                     std::vector<std::pair<std::string, std::string>> assignments, std::optional<std::string> instance,
                     std::string_view group) {
  wire::SyncGroupRequest request{
      .group_id = group, .generation_id = generation, .member_id = member, .group_instance_id = instance};
  for (const auto& [id, assignment] : assignments)
    request.assignments.push_back({.member_id = id, .assignment = bytes_of(assignment)});
  const Caller asker = caller(3);
  take(machine.sync(asker, request, now));
  return asker.token;
}

ErrorCode GroupRig::heartbeat(std::string_view member, int generation, std::optional<std::string> instance) {
  const wire::HeartbeatRequest request{
      .group_id = "g", .generation_id = generation, .member_id = member, .group_instance_id = instance};
  const Caller asker = caller(4);
  take(machine.heartbeat(asker, request, now));
  return reply<HeartbeatReply>(asker.token)->error;
}

LeaveReply GroupRig::leave(std::vector<std::pair<std::string, std::optional<std::string>>> members,
                           std::int16_t version) {
  wire::LeaveGroupRequest request{.group_id = "g"};
  if (version < 3) request.member_id = members.front().first;
  for (const auto& [id, instance] : members)
    request.members.push_back({.member_id = id, .group_instance_id = instance});
  const Caller asker = caller(version);
  take(machine.leave(asker, request, now));
  return *reply<LeaveReply>(asker.token);
}

ErrorCode GroupRig::commit(std::int64_t offset, std::string_view member, int generation, std::int16_t version,
                           std::string_view topic, std::string_view group) {
  wire::OffsetCommitRequest request{
      .group_id = group, .generation_id_or_member_epoch = generation, .member_id = member};
  request.topics.push_back({.name = topic, .partitions = {{.committed_offset = offset, .committed_leader_epoch = 3}}});
  const Caller asker = caller(version);
  take(machine.commit_offsets(asker, request, now));
  return reply<OffsetCommitReply>(asker.token)->topics.at(0).partitions.at(0).error;
}

ErrorCode GroupRig::commit_in_transaction(std::int64_t offset, std::int64_t producer, std::string_view member,
                                          int generation) {
  wire::TxnOffsetCommitRequest request{
      .group_id = "g", .producer_id = producer, .generation_id = generation, .member_id = member};
  request.topics.push_back({.name = "t", .partitions = {{.committed_offset = offset}}});
  const Caller asker = caller(3);
  Outcome outcome = machine.commit_transactional_offsets(asker, request, now);
  EXPECT_EQ(outcome.producer.has_value(), !outcome.records.empty());
  outcome.records.clear();  // of a transaction: not for reloaded()
  take(std::move(outcome));
  return reply<OffsetCommitReply>(asker.token)->topics.at(0).partitions.at(0).error;
}

FetchedOffset GroupRig::fetch(std::string_view group, bool require_stable, TopicId topic_id, std::string_view topic) {
  AskedOffsets asked{.group_id = group, .require_stable = require_stable};
  asked.topics = {{.topic = topic, .topic_id = topic_id, .partitions = {0}}};
  const Caller asker = caller(8);
  take(machine.fetch_offsets(asker, asked, now));
  return reply<OffsetFetchReply>(asker.token)->topics.at(0).partitions.at(0);
}

DescribedGroup GroupRig::describe(std::string_view group, std::int16_t version) {
  const std::array<std::string_view, 1> asked{group};
  const Caller asker = caller(version);
  take(machine.describe_groups(asker, asked));
  return reply<DescribeReply>(asker.token)->groups.at(0);
}

void GroupRig::pass(Milliseconds time) {
  const MonotonicTime until = now.monotonic + time;
  const WallTime wall_until{now.wall.ms + time.count()};
  while (machine.next_deadline() <= until) {
    const MonotonicTime due = std::max(machine.next_deadline(), now.monotonic);
    now.wall.ms += std::chrono::duration_cast<Milliseconds>(due - now.monotonic).count();
    now.monotonic = due;
    take(machine.tick(now));
  }
  now = {until, wall_until};
}

GroupMachine GroupRig::reloaded() const {
  GroupMachine again(settings);
  for (const NewRecord& record : log) {
    const auto applied = again.apply(
        {.key = record.key, .value = record.value ? std::optional<Bytes>(*record.value) : std::nullopt}, now);
    EXPECT_TRUE(applied.has_value());
  }
  return again;
}

void GroupRig::restart() {
  for (Answer& answer : machine.abandon(ErrorCode::not_coordinator))
    replies.emplace(answer.token, std::move(answer.reply));
  machine = reloaded();
  take(machine.finish_load(now));
}

const JoinReply& GroupRig::joined(Token token) const {
  static const JoinReply kNone{.error = ErrorCode::request_timed_out};
  const auto* found = reply<JoinReply>(token);
  EXPECT_NE(found, nullptr) << "the join still waits";
  return found == nullptr ? kNone : *found;
}

const SyncReply& GroupRig::synced(Token token) const {
  static const SyncReply kNone{.error = ErrorCode::request_timed_out};
  const auto* found = reply<SyncReply>(token);
  EXPECT_NE(found, nullptr) << "the sync still waits";
  return found == nullptr ? kNone : *found;
}

std::string GroupRig::settled_member(JoinWords words) {
  const Token token = join(words);
  pass(settings.initial_rebalance_delay);
  const std::string member = joined(token).member_id;
  const int generation = joined(token).generation;
  sync(member, generation, {{member, "plan"}}, words.instance);
  return member;
}

}  // namespace gregor::group
