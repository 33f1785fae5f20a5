#include "scenarios/group_seat.h"

#include <algorithm>
#include <utility>

namespace gregor::scenarios {
namespace {

using wire::ErrorCode;

constexpr Milliseconds kTopicsWithin{2'000};

}  // namespace

std::set<properties::HistoryPartition> partitions_of(const client::Assignment& assignment) {
  std::set<properties::HistoryPartition> all;
  for (const auto& [topic, partitions] : assignment) {
    for (const std::int32_t partition : partitions) all.insert({topic, partition});
  }
  return all;
}

GroupSeat::GroupSeat(client::Cluster& cluster, client::MemberSettings settings)
    : place_(cluster, std::move(settings)) {}

GroupSeat::Step GroupSeat::after(ErrorCode code) {
  place_.learn_from(code);
  switch (code) {
    case ErrorCode::member_id_required:
      return Step::told_id;
    case ErrorCode::rebalance_in_progress:
    case ErrorCode::illegal_generation:
    case ErrorCode::unknown_member_id:
      return Step::again;
    case ErrorCode::fenced_instance_id:
      return Step::replaced;
    default:
      return Step::not_now;
  }
}

GroupSeat::Step GroupSeat::join(env::Fiber& self) {
  is_synced_ = false;
  const auto reply = place_.join(self);
  if (!reply) return Step::not_now;
  const auto code = wire::error_code_of(reply->body.error_code);
  if (code != ErrorCode::none) return after(code);
  leads_ = place_.leads(reply->body);
  auto subscribers = client::subscribers_of(reply->body);
  if (!subscribers) return Step::not_now;
  subscribers_ = std::move(*subscribers);
  return Step::done;
}

std::optional<std::map<std::string, client::Assignment>> GroupSeat::plan(env::Fiber& self) {
  client::Cluster& cluster = link().cluster();
  std::map<std::string, std::int32_t> counts;
  for (const std::string& topic : place_.settings().topics) {
    const auto known = cluster.topic(self, topic, cluster.deadline_in(kTopicsWithin), false);
    if (!known) return std::nullopt;
    counts[topic] = static_cast<std::int32_t>(known->partitions.size());
  }
  return client::assign_ranges(subscribers_, counts);
}

void GroupSeat::note_plan(const std::map<std::string, client::Assignment>& planned,
                          properties::History& history) const {
  for (const auto& [member_id, assignment] : planned) {
    const auto member = std::ranges::find(subscribers_, member_id, &client::Subscriber::member_id);
    history.group_parts.push_back({.group = place_.settings().group_id,
                                   .generation = generation(),
                                   .member_id = member_id,
                                   .instance_id = member == subscribers_.end() ? "" : member->instance_id.value_or(""),
                                   .assigned = partitions_of(assignment)});
  }
}

GroupSeat::Step GroupSeat::sync(env::Fiber& self, properties::History& history) {
  std::map<std::string, client::Assignment> parts;
  if (leads_) {
    auto planned = plan(self);
    if (!planned) return Step::not_now;
    parts = std::move(*planned);
    note_plan(parts, history);
  }
  const auto reply = place_.sync(self, parts);
  if (!reply) return Step::not_now;
  if (reply->body.error_code != 0) return after(wire::error_code_of(reply->body.error_code));
  const auto assignment = client::decode_assignment(reply->body.assignment);
  if (!assignment) return Step::not_now;
  assigned_ = partitions_of(*assignment);
  is_synced_ = true;
  return Step::done;
}

GroupSeat::Step GroupSeat::heartbeat(env::Fiber& self) {
  const auto code = place_.heartbeat(self);
  if (!code) return Step::not_now;
  return *code == ErrorCode::none ? Step::done : after(*code);
}

void GroupSeat::leave(env::Fiber& self) {
  is_synced_ = false;
  place_.leave(self);
}

}  // namespace gregor::scenarios
