#include "client/membership.h"

#include "wire/leave_group.h"

namespace gregor::client {
namespace {

using wire::ErrorCode;

constexpr const char* kProtocolType = "consumer";
constexpr const char* kProtocol = "range";
/// On top of the rebalance that a JoinGroup waits for.
constexpr Milliseconds kPatience{10'000};

std::optional<std::string_view> viewed(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

}  // namespace

Membership::Membership(Cluster& cluster, MemberSettings settings)
    : settings_(std::move(settings)), link_(cluster, settings_.group_id, settings_.rebalance_timeout + kPatience) {}

Outcome<Reply<wire::JoinGroupResponse>> Membership::join(env::Fiber& self) {
  const ByteBuffer subscription = encode_subscription(settings_.topics);
  wire::JoinGroupRequest request;
  request.group_id = settings_.group_id;
  request.session_timeout_ms = static_cast<std::int32_t>(settings_.session_timeout.count());
  request.rebalance_timeout_ms = static_cast<std::int32_t>(settings_.rebalance_timeout.count());
  request.member_id = member_id_;
  request.group_instance_id = viewed(settings_.instance_id);
  request.protocol_type = kProtocolType;
  request.protocols.push_back({.name = kProtocol, .metadata = Bytes(subscription)});
  auto reply = link_.ask<wire::JoinGroupRequest, wire::JoinGroupResponse>(self, request);
  if (!reply) return reply;
  const ErrorCode code = wire::error_code_of(reply->body.error_code);
  if (code == ErrorCode::none || code == ErrorCode::member_id_required) member_id_ = reply->body.member_id;
  if (code == ErrorCode::none) generation_ = reply->body.generation_id;
  return reply;
}

Outcome<Reply<wire::SyncGroupResponse>> Membership::sync(env::Fiber& self,
                                                         const std::map<std::string, Assignment>& parts) {
  wire::SyncGroupRequest request;
  request.group_id = settings_.group_id;
  request.generation_id = generation_;
  request.member_id = member_id_;
  request.group_instance_id = viewed(settings_.instance_id);
  request.protocol_type = kProtocolType;
  request.protocol_name = kProtocol;
  std::map<std::string, ByteBuffer> encoded;
  for (const auto& [member, part] : parts) encoded[member] = encode_assignment(part);
  for (const auto& [member, bytes] : encoded) {
    request.assignments.push_back({.member_id = member, .assignment = Bytes(bytes)});
  }
  return link_.ask<wire::SyncGroupRequest, wire::SyncGroupResponse>(self, request);
}

Outcome<ErrorCode> Membership::heartbeat(env::Fiber& self) {
  wire::HeartbeatRequest request;
  request.group_id = settings_.group_id;
  request.generation_id = generation_;
  request.member_id = member_id_;
  request.group_instance_id = viewed(settings_.instance_id);
  CLIENT_TRY_ASSIGN(const auto reply, (link_.ask<wire::HeartbeatRequest, wire::HeartbeatResponse>(self, request)));
  return wire::error_code_of(reply.body.error_code);
}

void Membership::leave(env::Fiber& self) {
  if (member_id_.empty() || settings_.instance_id) return;
  wire::LeaveGroupRequest request;
  request.group_id = settings_.group_id;
  request.members.push_back({.member_id = member_id_, .group_instance_id = std::nullopt});
  constexpr std::int16_t kManyMembersFrom = 3;
  const auto left = link_.ask<wire::LeaveGroupRequest, wire::LeaveGroupResponse>(self, request, kManyMembersFrom);
  static_cast<void>(left.has_value());  // the session's end does the same
  member_id_.clear();
  generation_ = -1;
}

void Membership::learn_from(ErrorCode code) {
  link_.learn_from(code);
  if (code == ErrorCode::unknown_member_id) member_id_.clear();
}

Committer Membership::committer() const {
  return {.generation = generation_, .member_id = member_id_, .instance_id = viewed(settings_.instance_id)};
}

Result<std::vector<Subscriber>> subscribers_of(const wire::JoinGroupResponse& joined) {
  std::vector<Subscriber> subscribers;
  for (const auto& member : joined.members) {
    TRY_ASSIGN(auto topics, decode_subscription(member.metadata));
    auto& subscriber = subscribers.emplace_back();
    subscriber.member_id = member.member_id;
    if (member.group_instance_id) subscriber.instance_id = std::string(*member.group_instance_id);
    subscriber.topics = std::move(topics);
  }
  return subscribers;
}

}  // namespace gregor::client
