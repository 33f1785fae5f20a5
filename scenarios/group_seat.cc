#include "scenarios/group_seat.h"

#include <algorithm>
#include <utility>

#include "wire/heartbeat.h"
#include "wire/leave_group.h"
#include "wire/sync_group.h"

namespace gregor::scenarios {
namespace {

using wire::ErrorCode;

constexpr const char* kProtocolType = "consumer";
constexpr const char* kProtocol = "range";
/// On top of the rebalance that a JoinGroup waits for.
constexpr Milliseconds kPatience{10'000};
constexpr Milliseconds kTopicsWithin{2'000};

std::optional<std::string_view> viewed(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

}  // namespace

std::set<properties::HistoryPartition> partitions_of(const client::Assignment& assignment) {
  std::set<properties::HistoryPartition> all;
  for (const auto& [topic, partitions] : assignment) {
    for (const std::int32_t partition : partitions) all.insert({topic, partition});
  }
  return all;
}

GroupSeat::GroupSeat(client::Cluster& cluster, client::MemberSettings settings)
    : settings_(std::move(settings)), link_(cluster, settings_.group_id, settings_.rebalance_timeout + kPatience) {}

GroupSeat::Step GroupSeat::after(ErrorCode code) {
  link_.learn_from(code);
  switch (code) {
    case ErrorCode::member_id_required:
      return Step::told_id;
    case ErrorCode::rebalance_in_progress:
    case ErrorCode::illegal_generation:
      return Step::again;
    case ErrorCode::unknown_member_id:
      member_id_.clear();
      return Step::again;
    case ErrorCode::fenced_instance_id:
      return Step::replaced;
    default:
      return Step::not_now;
  }
}

GroupSeat::Step GroupSeat::join(env::Fiber& self) {
  is_synced_ = false;
  const ByteBuffer subscription = client::encode_subscription(settings_.topics);
  wire::JoinGroupRequest request;
  request.group_id = settings_.group_id;
  request.session_timeout_ms = static_cast<std::int32_t>(settings_.session_timeout.count());
  request.rebalance_timeout_ms = static_cast<std::int32_t>(settings_.rebalance_timeout.count());
  request.member_id = member_id_;
  request.group_instance_id = viewed(settings_.instance_id);
  request.protocol_type = kProtocolType;
  request.protocols.push_back({.name = kProtocol, .metadata = Bytes(subscription)});
  const auto reply = link_.ask<wire::JoinGroupRequest, wire::JoinGroupResponse>(self, request);
  if (!reply) return Step::not_now;
  const auto code = wire::error_code_of(reply->body.error_code);
  if (code == ErrorCode::member_id_required) member_id_ = reply->body.member_id;
  if (code != ErrorCode::none) return after(code);
  member_id_ = reply->body.member_id;
  generation_ = reply->body.generation_id;
  leads_ = reply->body.leader == member_id_ && !reply->body.skip_assignment;
  subscribers_.clear();
  for (const auto& member : reply->body.members) {
    auto topics = client::decode_subscription(member.metadata);
    if (!topics) return Step::not_now;
    client::Subscriber subscriber{std::string(member.member_id), std::nullopt, std::move(*topics)};
    if (member.group_instance_id) subscriber.instance_id = std::string(*member.group_instance_id);
    subscribers_.push_back(std::move(subscriber));
  }
  return Step::done;
}

std::optional<std::map<std::string, client::Assignment>> GroupSeat::plan(env::Fiber& self) {
  client::Cluster& cluster = link_.cluster();
  std::map<std::string, std::int32_t> counts;
  for (const std::string& topic : settings_.topics) {
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
    history.group_parts.push_back({.group = settings_.group_id,
                                   .generation = generation_,
                                   .member_id = member_id,
                                   .instance_id = member == subscribers_.end() ? "" : member->instance_id.value_or(""),
                                   .assigned = partitions_of(assignment)});
  }
}

GroupSeat::Step GroupSeat::sync(env::Fiber& self, properties::History& history) {
  wire::SyncGroupRequest request;
  request.group_id = settings_.group_id;
  request.generation_id = generation_;
  request.member_id = member_id_;
  request.group_instance_id = viewed(settings_.instance_id);
  request.protocol_type = kProtocolType;
  request.protocol_name = kProtocol;
  std::map<std::string, ByteBuffer> encoded;
  if (leads_) {
    const auto planned = plan(self);
    if (!planned) return Step::not_now;
    note_plan(*planned, history);
    for (const auto& [member, assignment] : *planned) encoded[member] = client::encode_assignment(assignment);
    for (const auto& [member, bytes] : encoded) {
      request.assignments.push_back({.member_id = member, .assignment = Bytes(bytes)});
    }
  }
  const auto reply = link_.ask<wire::SyncGroupRequest, wire::SyncGroupResponse>(self, request);
  if (!reply) return Step::not_now;
  if (reply->body.error_code != 0) return after(wire::error_code_of(reply->body.error_code));
  const auto assignment = client::decode_assignment(reply->body.assignment);
  if (!assignment) return Step::not_now;
  assigned_ = partitions_of(*assignment);
  is_synced_ = true;
  return Step::done;
}

GroupSeat::Step GroupSeat::heartbeat(env::Fiber& self) {
  wire::HeartbeatRequest request;
  request.group_id = settings_.group_id;
  request.generation_id = generation_;
  request.member_id = member_id_;
  request.group_instance_id = viewed(settings_.instance_id);
  const auto reply = link_.ask<wire::HeartbeatRequest, wire::HeartbeatResponse>(self, request);
  if (!reply) return Step::not_now;
  const auto code = wire::error_code_of(reply->body.error_code);
  return code == ErrorCode::none ? Step::done : after(code);
}

void GroupSeat::leave(env::Fiber& self) {
  is_synced_ = false;
  if (member_id_.empty() || settings_.instance_id) return;
  wire::LeaveGroupRequest request;
  request.group_id = settings_.group_id;
  request.members.push_back({.member_id = member_id_, .group_instance_id = std::nullopt});
  constexpr std::int16_t kManyMembersFrom = 3;
  const auto left = link_.ask<wire::LeaveGroupRequest, wire::LeaveGroupResponse>(self, request, kManyMembersFrom);
  static_cast<void>(left.has_value());  // the session's end does the same
  member_id_.clear();
}

}  // namespace gregor::scenarios
