// GroupLink: a link of its own to the broker that coordinates one group, found when it is needed and given up when it
// proves wrong. Of its own because a JoinGroup may be answered late, and nothing else should wait behind it.
#pragma once

#include <memory>
#include <string>

#include "client/cluster.h"

namespace gregor::client {

class GroupLink {
 public:
  /// `cluster` outlives it. An answer later than `patience` kills the link.
  GroupLink(Cluster& cluster, std::string group_id, Milliseconds patience);

  [[nodiscard]] const std::string& group_id() const { return group_id_; }
  [[nodiscard]] Cluster& cluster() const { return cluster_; }

  /// The coordinator asked once, at the highest version within [version_min, Request::kVersionMax]. A failed link is
  /// given up. Suspends. Failures: those of the link, COORDINATOR_NOT_AVAILABLE and its like from the search.
  template <class Request, class Response>
  Outcome<Reply<Response>> ask(env::Fiber& self, const Request& request,
                               std::int16_t version_min = Request::kVersionMin) {
    CLIENT_TRY_ASSIGN(const auto link, connect(self));
    CLIENT_TRY_ASSIGN(const std::int16_t version,
                      link->version_of(Request::kApiKey, version_min, Request::kVersionMax));
    auto call = link->start(self, request, version);
    if (!call) return give_up(std::move(call.error()));
    auto frame = (*call)->await(self);
    if (!frame) return give_up(std::move(frame.error()));
    return Connection::decode_reply<Response>(std::move(*frame), version);
  }

  /// Whether the group may live elsewhere by now; then the next ask looks for it.
  void learn_from(wire::ErrorCode code);
  void forget();

 private:
  Outcome<std::shared_ptr<Connection>> connect(env::Fiber& self);
  Outcome<HostPort> find_coordinator(env::Fiber& self);
  tl::unexpected<Failure> give_up(Failure failure) {
    forget();
    return passed_on(std::move(failure));
  }

  Cluster& cluster_;
  std::string group_id_;
  LinkSettings settings_;
  std::shared_ptr<Connection> link_;
};

}  // namespace gregor::client
