// Rebalances: everyone joins, a generation begins, everyone syncs; and what happens to those who do not.
#include <algorithm>
#include <utility>

#include "base/mutant.h"
#include "group/machine_body.h"
#include "group/stored_record.h"
#include "group/wire_reply.h"

namespace gregor::group {

void GroupMachine::Body::start_session(const ClassicGroup& group, const Member& member, const Step& step) {
  timers.set(session_of(group, member.member_id), step.now.monotonic + member.session_timeout);
}

void GroupMachine::Body::rebalance_or_complete(ClassicGroup& group, const Step& step) {
  group.state == GroupState::preparing_rebalance ? maybe_complete_join(group, step) : prepare_rebalance(group, step);
}

void GroupMachine::Body::prepare_rebalance(ClassicGroup& group, const Step& step) {
  if (group.state == GroupState::completing_rebalance)
    spread_assignments(group, step, ErrorCode::rebalance_in_progress);
  group.pending_syncs.clear();
  timers.cancel(sync_timer_of(group));
  const bool is_first = group.state == GroupState::empty;
  group.enter(GroupState::preparing_rebalance, step.now.wall);
  if (!is_first) {
    if (group.all_joined()) return complete_join(group, step);
    timers.set(join_timer_of(group), step.now.monotonic + group.rebalance_timeout());
    return;
  }
  // A new group's members come one by one: they are given time, so that they do not rebalance once each.
  group.new_member_added = false;
  group.initial_delay = settings.initial_rebalance_delay;
  group.initial_remaining = std::max(group.rebalance_timeout() - settings.initial_rebalance_delay, Milliseconds{0});
  timers.set(join_timer_of(group), step.now.monotonic + group.initial_delay);
}

/// The first rebalance is held back by its delay alone.
void GroupMachine::Body::maybe_complete_join(ClassicGroup& group, const Step& step) {
  if (group.state != GroupState::preparing_rebalance || group.previous_state == GroupState::empty) return;
  if (group.all_joined()) complete_join(group, step);
}

/// The delay starts over while members keep coming, within the longest rebalance timeout that was asked for at its
/// start.
void GroupMachine::Body::end_initial_delay(ClassicGroup& group, const Step& step) {
  if (!group.new_member_added || group.initial_remaining == Milliseconds{0}) return complete_join(group, step);
  group.new_member_added = false;
  const Milliseconds spent = group.initial_delay;
  group.initial_delay = std::min(settings.initial_rebalance_delay, group.initial_remaining);
  group.initial_remaining = std::max(group.initial_remaining - spent, Milliseconds{0});
  timers.set(join_timer_of(group), step.now.monotonic + group.initial_delay);
}

void GroupMachine::Body::complete_join(ClassicGroup& group, const Step& step) {
  timers.cancel(join_timer_of(group));
  std::vector<std::string> absent;
  for (const auto& [id, member] : group.members) {
    if (!member.awaiting_join && !member.is_static()) absent.push_back(id);
  }
  for (const std::string& id : absent) drop_member(group, id, step);
  if (!group.members.empty() && !group.elect_joined_leader()) {
    // Only static members are left, and none came: wait for one of them, or for their sessions to end.
    timers.set(join_timer_of(group), step.now.monotonic + std::max(group.rebalance_timeout(), kRebalanceRetryMin));
    return;
  }
  group.begin_generation(step.now.wall);
  ++rebalances;
  if (group.members.empty()) {
    step.out.records.push_back(group_record(group));
    return;
  }
  for (auto& [id, member] : group.members) {
    if (const auto token = group.take_join(member)) step.answer(*token, join_reply(group, member, group.is_leader(id)));
    start_session(group, member, step);
    member.is_new = false;
    group.pending_syncs.insert(id);
  }
  timers.set(sync_timer_of(group), step.now.monotonic + group.rebalance_timeout());
}

void GroupMachine::Body::expire_session(ClassicGroup& group, const std::string& member_id, const Step& step) {
  const Member* member = group.find(member_id);
  if (member != nullptr && member->is_kept_by_waiting()) return;
  if (member == nullptr && !group.is_pending(member_id)) return;
  drop_member(group, member_id, step);
  if (group.state == GroupState::preparing_rebalance) {
    if (group.all_joined()) complete_join(group, step);
  } else if (member != nullptr && group.state != GroupState::empty) {
    prepare_rebalance(group, step);
  }
}

void GroupMachine::Body::expire_syncs(ClassicGroup& group, const Step& step) {
  if (group.state != GroupState::completing_rebalance && group.state != GroupState::stable) return;
  if (group.pending_syncs.empty()) return;
  const std::vector<std::string> silent(group.pending_syncs.begin(), group.pending_syncs.end());
  for (const std::string& id : silent) drop_member(group, id, step);
  prepare_rebalance(group, step);
}

void GroupMachine::Body::drop_member(ClassicGroup& group, const std::string& member_id, const Step& step) {
  timers.cancel(session_of(group, member_id));
  if (Member* member = group.find(member_id)) {
    if (const auto token = group.take_join(*member)) {
      step.answer(*token, failed_join(ErrorCode::unknown_member_id, ""));
    }
    if (const auto token = std::exchange(member->awaiting_sync, std::nullopt)) {
      step.answer(*token, failed_sync(ErrorCode::unknown_member_id));
    }
  }
  group.remove(member_id);
}

}  // namespace gregor::group
