// What stands behind GroupMachine: its tables, and the steps that several requests share. The steps are spread over
// machine.cc (loading, time), join.cc, rebalance.cc, sync.cc, leave.cc, commit.cc, offset_fetch.cc, look.cc and
// expire.cc.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "group/classic_group.h"
#include "group/machine.h"
#include "group/offset_table.h"
#include "group/other_groups.h"
#include "group/timer_table.h"

namespace gregor::group {

/// How long a rebalance that nobody joined waits at least before it looks again, whatever its members ask for.
inline constexpr Milliseconds kRebalanceRetryMin{100};
/// Ids given out to members that have not come back with them, of one group.
inline constexpr std::size_t kPendingJoinsMax = 100'000;
/// Deadlines that one tick() runs.
inline constexpr int kTimersPerTick = 1'000;

struct GroupMachine::Body {
  explicit Body(GroupSettings chosen) : settings(chosen) {}

  GroupSettings settings;
  std::map<std::string, ClassicGroup, std::less<>> groups;
  OffsetTable offsets;
  TimerTable timers;
  OtherGroups others;
  std::uint64_t rebalances = 0;

  /// One call at work: when it is, and what it comes to.
  struct Step {
    Now now;
    Outcome& out;
    void answer(Token token, Reply reply) const { out.answers.push_back({token, std::move(reply)}); }
  };
  struct Joining {
    const Caller& caller;
    const wire::JoinGroupRequest& request;
    Uuid fresh_id;
    const Step& step;
    void refuse(ErrorCode error, std::string_view member_id) const;
  };

  [[nodiscard]] ClassicGroup* find(std::string_view group_id);
  [[nodiscard]] const ClassicGroup* find(std::string_view group_id) const;
  ClassicGroup& create(std::string_view group_id, WallTime now);
  void erase(const std::string& group_id);

  // join.cc
  void join(const Joining& joining);
  [[nodiscard]] bool accepts(const ClassicGroup& group, std::string_view member_id) const;
  void join_new(ClassicGroup& group, const Joining& joining);
  void join_again(ClassicGroup& group, const Joining& joining);
  void rejoin_settled(ClassicGroup& group, Member& member, const Joining& joining);
  void add_member(ClassicGroup& group, const std::string& member_id, const Joining& joining);
  void update_member(ClassicGroup& group, Member& member, const Joining& joining);
  void ask_to_return(ClassicGroup& group, const std::string& member_id, const Joining& joining);
  void replace_static(ClassicGroup& group, const std::string& old_member_id, const std::string& new_member_id,
                      const Joining& joining);
  void keep_static_in_place(ClassicGroup& group, Member& member, const std::string& old_leader, const Joining& joining);

  // rebalance.cc
  void rebalance_or_complete(ClassicGroup& group, const Step& step);
  void prepare_rebalance(ClassicGroup& group, const Step& step);
  void maybe_complete_join(ClassicGroup& group, const Step& step);
  void complete_join(ClassicGroup& group, const Step& step);
  void end_initial_delay(ClassicGroup& group, const Step& step);
  void expire_session(ClassicGroup& group, const std::string& member_id, const Step& step);
  void expire_syncs(ClassicGroup& group, const Step& step);
  /// Takes a member out, pending or not; what it waits for ends with UNKNOWN_MEMBER_ID.
  void drop_member(ClassicGroup& group, const std::string& member_id, const Step& step);
  void start_session(const ClassicGroup& group, const Member& member, const Step& step);

  // sync.cc
  void take_assignments(ClassicGroup& group, const wire::SyncGroupRequest& request, const Step& step);
  void spread_assignments(ClassicGroup& group, const Step& step, ErrorCode error);
  void note_synced(ClassicGroup& group, std::string_view member_id);

  // expire.cc
  void drop_offsets(const std::string& group_id, Outcome& out);
  [[nodiscard]] bool expire_offsets(const ClassicGroup& group, WallTime now, Outcome& out);

  static TimerName session_of(const ClassicGroup& group, std::string_view member_id) {
    return {.group_id = group.group_id, .kind = TimerKind::session, .member_id = std::string(member_id)};
  }
  static TimerName join_timer_of(const ClassicGroup& group) {
    return {.group_id = group.group_id, .kind = TimerKind::join, .member_id = {}};
  }
  static TimerName sync_timer_of(const ClassicGroup& group) {
    return {.group_id = group.group_id, .kind = TimerKind::sync, .member_id = {}};
  }
};

/// What a member gets that is told the present generation; `with_members` makes it the leader's.
JoinReply join_reply(const ClassicGroup& group, const Member& member, bool with_members);

}  // namespace gregor::group
