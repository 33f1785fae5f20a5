// What the nodes of the metadata quorum ask of each other, and who may vote: Vote, BeginQuorumEpoch, EndQuorumEpoch,
// Fetch and FetchSnapshot of __cluster_metadata, AddRaftVoter, RemoveRaftVoter, UpdateRaftVoter.  (KIP-595, 630, 853)
// Served on controller listeners. Suspend: the quorum lives on shard 0, and what it says may have to be durable first.
#include "broker/api/at_quorum.h"
#include "broker/api/handlers.h"

namespace gregor::broker::api {
namespace {

template <class Response, class Asked>
Result<Reply> ask_quorum(env::Fiber& self, const Request& request,
                         Response (quorum::Service::*answer)(env::Fiber&, const Asked&, wire::Arena&)) {
  return on_shard_0<Asked>(
      self, request, [answer](env::Fiber& fiber, quorum::Service& service, const Asked& asked, wire::Arena& arena) {
        return (service.*answer)(fiber, asked, arena);
      });
}

}  // namespace

Result<Reply> quorum_fetch(env::Fiber& self, Request& request) {
  return on_shard_0<wire::FetchRequest>(
      self, request,
      [version = request.version()](env::Fiber& fiber, quorum::Service& service, const wire::FetchRequest& asked,
                                    wire::Arena& arena) { return service.fetch(fiber, asked, version, arena); });
}

Result<Reply> vote(env::Fiber& self, Request& request) {
  return ask_quorum(self, request, &quorum::Service::vote);
}

Result<Reply> begin_quorum_epoch(env::Fiber& self, Request& request) {
  return ask_quorum(self, request, &quorum::Service::begin_quorum_epoch);
}

Result<Reply> end_quorum_epoch(env::Fiber& self, Request& request) {
  return ask_quorum(self, request, &quorum::Service::end_quorum_epoch);
}

Result<Reply> fetch_snapshot(env::Fiber& self, Request& request) {
  return ask_quorum(self, request, &quorum::Service::fetch_snapshot);
}

Result<Reply> add_raft_voter(env::Fiber& self, Request& request) {
  return ask_quorum(self, request, &quorum::Service::add_raft_voter);
}

Result<Reply> remove_raft_voter(env::Fiber& self, Request& request) {
  return ask_quorum(self, request, &quorum::Service::remove_raft_voter);
}

Result<Reply> update_raft_voter(env::Fiber& self, Request& request) {
  return ask_quorum(self, request, &quorum::Service::update_raft_voter);
}

}  // namespace gregor::broker::api
