#include "client/group_member.h"

namespace gregor::client {

using wire::ErrorCode;

GroupMember::GroupMember(Cluster& cluster, MemberSettings settings) : place_(cluster, std::move(settings)) {}

Outcome<void> GroupMember::join(env::Fiber& self, MonotonicTime deadline) {
  Cluster& cluster = link().cluster();
  Backoff waits = cluster.backoff();
  for (;;) {
    auto next = try_to_join(self, deadline);
    if (next && *next == Next::done) return {};
    if (!next && !is_retriable(next.error())) return passed_on(std::move(next.error()));
    const bool waits_first = !next || *next == Next::later;
    if (waits_first && !cluster.back_off(self, waits, deadline)) {
      return next ? Outcome<void>(failed(Errc::timed_out, "the group did not let us in in time"))
                  : Outcome<void>(passed_on(std::move(next.error())));
    }
  }
}

Outcome<GroupMember::Next> GroupMember::after(ErrorCode code, const char* api) {
  place_.learn_from(code);
  switch (code) {
    case ErrorCode::member_id_required:
    case ErrorCode::rebalance_in_progress:
    case ErrorCode::illegal_generation:
    case ErrorCode::unknown_member_id:
      return Next::at_once;
    case ErrorCode::not_coordinator:
    case ErrorCode::coordinator_not_available:
    case ErrorCode::coordinator_load_in_progress:
      return Next::later;
    default:
      return answered(code, api);
  }
}

Outcome<GroupMember::Next> GroupMember::try_to_join(env::Fiber& self, MonotonicTime deadline) {
  CLIENT_TRY_ASSIGN(const auto reply, place_.join(self));
  const ErrorCode code = wire::error_code_of(reply.body.error_code);
  if (code != ErrorCode::none) return after(code, "JoinGroup");
  return sync(self, reply.body, deadline);
}

/// Who gets what, by the subscriptions of all and the partitions there are.
Outcome<std::map<std::string, Assignment>> GroupMember::plan(env::Fiber& self, const wire::JoinGroupResponse& joined,
                                                             MonotonicTime deadline) {
  auto subscribers = subscribers_of(joined);
  if (!subscribers) return failed(std::move(subscribers.error()), Fate::failed);
  std::map<std::string, std::int32_t> counts;
  for (const Subscriber& subscriber : *subscribers) {
    for (const std::string& topic : subscriber.topics) counts.try_emplace(topic, 0);
  }
  for (auto& [topic, count] : counts) {
    const auto known = link().cluster().topic(self, topic, deadline, false);
    const bool is_absent = !known && known.error().code == ErrorCode::unknown_topic_or_partition;
    if (!known && !is_absent) return passed_on(known.error());
    if (known) count = static_cast<std::int32_t>(known->partitions.size());
  }
  return assign_ranges(std::move(*subscribers), counts);
}

Outcome<GroupMember::Next> GroupMember::sync(env::Fiber& self, const wire::JoinGroupResponse& joined,
                                             MonotonicTime deadline) {
  std::map<std::string, Assignment> parts;
  if (place_.leads(joined)) {
    CLIENT_TRY_ASSIGN(parts, plan(self, joined, deadline));
  }
  CLIENT_TRY_ASSIGN(const auto reply, place_.sync(self, parts));
  if (reply.body.error_code != 0) return after(wire::error_code_of(reply.body.error_code), "SyncGroup");
  auto assigned = decode_assignment(reply.body.assignment);
  if (!assigned) return failed(std::move(assigned.error()), Fate::failed);
  assignment_ = std::move(*assigned);
  return Next::done;
}

Outcome<bool> GroupMember::heartbeat(env::Fiber& self) {
  CLIENT_TRY_ASSIGN(const ErrorCode code, place_.heartbeat(self));
  if (code == ErrorCode::none) return true;
  CLIENT_TRY_ASSIGN(const Next next, after(code, "Heartbeat"));
  if (next == Next::later) return answered(code, "Heartbeat");
  return false;
}

Outcome<void> GroupMember::commit(env::Fiber& self, const std::vector<CommittedOffset>& offsets) {
  return commit_offsets(self, link(), place_.committer(), offsets);
}

Outcome<std::vector<CommittedOffset>> GroupMember::committed(env::Fiber& self) {
  return fetch_committed(self, link(), &assignment_);
}

void GroupMember::leave(env::Fiber& self) {
  place_.leave(self);
  if (place_.member_id().empty()) assignment_.clear();
}

}  // namespace gregor::client
