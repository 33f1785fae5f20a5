#include "client/group_link.h"

#include <utility>

#include "wire/find_coordinator.h"

namespace gregor::client {
namespace {

constexpr std::int8_t kGroupKey = 0;
constexpr std::int16_t kManyKeysFrom = 4;

}  // namespace

GroupLink::GroupLink(Cluster& cluster, std::string group_id, Milliseconds patience)
    : cluster_(cluster), group_id_(std::move(group_id)), settings_(cluster.settings().link) {
  settings_.request_timeout = patience;
}

void GroupLink::forget() {
  if (link_) link_->close();
  link_.reset();
}

void GroupLink::learn_from(wire::ErrorCode code) {
  const bool is_elsewhere =
      code == wire::ErrorCode::not_coordinator || code == wire::ErrorCode::coordinator_not_available;
  if (is_elsewhere) forget();
}

Outcome<HostPort> GroupLink::find_coordinator(env::Fiber& self) {
  CLIENT_TRY_ASSIGN(const auto link, cluster_.any_link(self));
  CLIENT_TRY_ASSIGN(const std::int16_t version,
                    link->version_of(wire::ApiKey::find_coordinator, wire::FindCoordinatorRequest::kVersionMin,
                                     wire::FindCoordinatorRequest::kVersionMax));
  wire::FindCoordinatorRequest request;
  request.key_type = kGroupKey;
  version >= kManyKeysFrom ? request.coordinator_keys.assign(1, group_id_) : void(request.key = group_id_);
  CLIENT_TRY_ASSIGN(const auto reply,
                    (link->ask<wire::FindCoordinatorRequest, wire::FindCoordinatorResponse>(self, request)));
  if (version < kManyKeysFrom) {
    if (reply.body.error_code != 0) return answered(wire::error_code_of(reply.body.error_code), "FindCoordinator");
    return HostPort{std::string(reply.body.host), static_cast<std::uint16_t>(reply.body.port)};
  }
  if (reply.body.coordinators.empty()) return failed(Errc::malformed, "FindCoordinator: an empty answer");
  const auto& found = reply.body.coordinators.front();
  if (found.error_code != 0) return answered(wire::error_code_of(found.error_code), "FindCoordinator");
  return HostPort{std::string(found.host), static_cast<std::uint16_t>(found.port)};
}

Outcome<std::shared_ptr<Connection>> GroupLink::connect(env::Fiber& self) {
  if (link_ && link_->is_open()) return link_;
  CLIENT_TRY_ASSIGN(const HostPort address, find_coordinator(self));
  const auto addresses = cluster_.shard().network.resolve(self, address.host);
  if (!addresses) return failed(addresses.error(), Fate::failed);
  Outcome<std::shared_ptr<Connection>> link = failed(Errc::not_found, address.host + " has no address");
  for (const std::string& numeric : *addresses) {
    link = Connection::open(self, cluster_.shard(), {numeric, address.port}, settings_);
    if (link) break;
  }
  if (link) link_ = *link;
  return link;
}

}  // namespace gregor::client
