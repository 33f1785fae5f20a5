#include "broker/controller_link.h"

#include <algorithm>

#include "broker/api/table.h"
#include "broker/broker_shard.h"
#include "broker/inet_address.h"
#include "wire/envelope.h"
#include "wire/principal.h"
#include "wire/record_frame.h"

namespace gregor::broker {
namespace {

constexpr Milliseconds kRetryPause{100};

/// A controller that does not answer must be given up before the session that it keeps for this broker ends.
Milliseconds answer_timeout(const config::BrokerConfig& config) {
  return Milliseconds(std::max(std::min(config.controller_socket_timeout_ms, config.broker_session_timeout_ms / 2), 1));
}

/// As if it had come over a connection. Requires a whole frame with its size.
Result<FramePtr> frame_of(Bytes bytes) {
  FrameReader reader(bytes.size());
  std::array<std::byte, 4096> scratch;
  while (!bytes.empty()) {
    const MutableBytes room = reader.room(scratch);
    const std::size_t count = std::min(room.size(), bytes.size());
    std::copy_n(bytes.begin(), count, room.begin());
    TRY(reader.took(count));
    bytes = bytes.subspan(count);
  }
  return reader.take();
}

/// KafkaPrincipal of connections that did not say who they are.
ByteBuffer anonymous_principal() {
  const wire::DefaultPrincipalData principal{.type = "User", .name = "ANONYMOUS"};
  ByteBuffer bytes;
  wire::Writer to = wire::begin_prefixed(bytes, 0, wire::size_of(principal, 0));
  encode(to, principal, 0);
  to.finish();
  return bytes;
}

}  // namespace

std::optional<ControllerAddress> ConfiguredControllers::address_of(const BrokerShard& shard, NodeId node) const {
  for (const config::Voter& voter : shard.core.config.controller_quorum_voters) {
    if (NodeId{voter.id} == node) return ControllerAddress{voter.host, voter.port};
  }
  const metadata::ControllerRegistration* known = shard.image()->controllers().find(node);
  if (known == nullptr || known->listeners.empty()) return std::nullopt;
  return ControllerAddress{known->listeners.front().host, known->listeners.front().port};
}

bool ControllerLink::is_here() const {
  return leader().is_here;
}

const controller::QuorumLeader& ControllerLink::leader() const {
  return shard_.feed.leader();
}

void ControllerLink::close() {
  closed_ = true;
  if (connection_) connection_->close();  // whoever waits for an answer is told
  connection_.reset();
}

Result<ByteBuffer> ControllerLink::serve_here(env::Fiber& self, Bytes frame) {
  InFlight in_flight;
  TRY_ASSIGN(in_flight.frame, frame_of(frame));
  ClientPlace place;
  place.side = Side::controllers;
  TRY_ASSIGN(const Reply reply, api::serve(self, shard_, place, in_flight));
  const ByteBuffer whole = reply.frame.flatten();
  const Bytes answer = Bytes(whole).subspan(sizeof(std::int32_t));
  return ByteBuffer(answer.begin(), answer.end());
}

Result<std::shared_ptr<client::Connection>> ControllerLink::connect(env::Fiber& self, MonotonicTime deadline) {
  const auto held = connecting_.lock(self);
  const NodeId to = leader().id;
  if (closed_) return fail(Errc::closed, "this node stops");
  if (to < NodeId{0}) return fail(Errc::not_found, "no active controller is known");
  if (connection_ && connected_to_ == to && connection_->is_open()) return connection_;
  connection_.reset();
  if (shard_.core.controllers == nullptr) return fail(Errc::not_found, "no addresses of controllers are known");
  const auto address = shard_.core.controllers->address_of(shard_, to);
  if (!address) return fail(Errc::not_found, "controller " + std::to_string(to.value()) + " has no known address");
  env::Network& network = shard_.shard.network;
  TRY_ASSIGN(const auto addresses, network.resolve(self, address->host));
  if (addresses.empty()) return fail(Errc::not_found, address->host + " has no address");
  client::LinkSettings settings;
  settings.client_id = "broker-" + std::to_string(shard_.core.config.node_id.value());
  settings.request_timeout = answer_timeout(shard_.core.config);
  const auto left = std::chrono::duration_cast<Milliseconds>(deadline - shard_.shard.clock.now());
  settings.connect_timeout = std::clamp(left, Milliseconds{1}, settings.request_timeout);
  TRY_ASSIGN(auto opened,
             settled(client::Connection::open(self, shard_.shard, {addresses.front(), address->port}, settings)));
  if (closed_) return fail(Errc::closed, "this node stops");
  connection_ = opened;
  connected_to_ = to;
  return opened;
}

Result<void> ControllerLink::wait_for_better(env::Fiber& self, const Tries& tries, const std::string& why) {
  if (closed_) return fail(Errc::closed, "this node stops");
  const MonotonicTime now = shard_.shard.clock.now();
  if (now >= tries.deadline) return fail(Errc::timed_out, "no active controller answered in time: " + why);
  if (leader() != tries.asked) return {};
  shard_.feed.wait_for_leader(self, std::min<MonotonicTime>(tries.deadline, now + kRetryPause));
  return {};
}

Result<ByteBuffer> ControllerLink::forward(env::Fiber& self, Bytes request, const std::string& client_address,
                                           MonotonicTime deadline) {
  const ByteBuffer principal = anonymous_principal();
  ByteBuffer address = inet_bytes_of(client_address);
  if (address.empty()) address = inet_bytes_of("0.0.0.0");
  const wire::EnvelopeRequest envelope{
      .request_data = request, .request_principal = Bytes(principal), .client_host_address = Bytes(address)};
  TRY_ASSIGN(const auto reply, call<wire::EnvelopeResponse>(self, envelope, deadline));
  if (reply.body.error_code != 0 || !reply.body.response_data) {
    return fail(Errc::unsupported,
                "the controller does not take the request: error " + std::to_string(reply.body.error_code));
  }
  return ByteBuffer(reply.body.response_data->begin(), reply.body.response_data->end());
}

Result<wire::BrokerRegistrationResponse> LinkedController::register_broker(
    env::Fiber& self, const wire::BrokerRegistrationRequest& request, MonotonicTime deadline) {
  TRY_ASSIGN(auto reply, link_.call<wire::BrokerRegistrationResponse>(self, request, deadline));
  return reply.body;
}

Result<wire::BrokerHeartbeatResponse> LinkedController::heartbeat(env::Fiber& self,
                                                                  const wire::BrokerHeartbeatRequest& request,
                                                                  MonotonicTime deadline) {
  TRY_ASSIGN(auto reply, link_.call<wire::BrokerHeartbeatResponse>(self, request, deadline));
  return reply.body;
}

}  // namespace gregor::broker
