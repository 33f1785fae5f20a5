#include "quorum/peers.h"

#include <algorithm>
#include <charconv>
#include <range/v3/view/enumerate.hpp>
#include <utility>

#include "base/check.h"
#include "quorum/voter_list.h"

namespace gregor::quorum {

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kReconnectBackoffMax = 200ms;
constexpr std::size_t kAnswerBytesMax = 128u << 20;
/// Servers of the bootstrap list go under ids of their own until they say who they are: -2, -3, ...
constexpr int kFirstBootstrapId = -2;
constexpr NodeId kNowhere{-1};
/// A leader of a former life is believed to lead until the others have noticed: so many fetch timeouts at most.
constexpr int kNoticedAfter = 4;
/// Controllers whose addresses others told, at most: anybody may tell them.
constexpr std::size_t kLearntMax = 1'000;

bool is_fetch(const raft::Send& send) {
  return std::holds_alternative<raft::FetchRequest>(send.request);
}

}  // namespace

Peers::Peers(const Seat& seat, std::weak_ptr<PeersListener> listener)
    : seat_(seat),
      context_{.cluster_id = seat.cluster_id,
               .listeners = own_endpoints(seat.config),
               .fetch_bytes_max = seat.config.controller_quorum_fetch_max_bytes,
               .request_timeout = Milliseconds(seat.config.controller_quorum_request_timeout_ms)},
      listener_(std::move(listener)),
      probe_(seat.config.gregor_failover_probe_ms),
      bootstrap_(bootstrap_addresses(seat.config)) {}

Peers::~Peers() = default;

void Peers::close() {
  is_closed_ = true;
  for (const auto& [key, lane] : lanes_) {
    if (lane->link) lane->link->close();
    lane->news.wake_all();
  }
}

void Peers::learn(NodeId node, Address address) {
  if (node == seat_.self || node.value() < 0 || address.host.empty()) return;
  if (learnt_.size() >= kLearntMax && !learnt_.contains(node)) return;
  learnt_.insert_or_assign(node, std::move(address));
}

std::optional<Address> Peers::address_of(NodeId node) const {
  const auto listener = listener_.lock();
  if (const raft::Voter* voter = listener ? raft::find_voter(listener->voters(), node) : nullptr) {
    if (auto address = address_in(*voter, seat_.config)) return address;
  }
  for (const config::Voter& listed : seat_.config.controller_quorum_voters) {
    if (NodeId{listed.id} == node) return Address{listed.host, listed.port};
  }
  const auto learnt = learnt_.find(node);
  if (learnt != learnt_.end()) return learnt->second;
  const auto place = static_cast<std::size_t>(kFirstBootstrapId - node.value());
  if (node.value() <= kFirstBootstrapId && place < bootstrap_.size()) return bootstrap_[place];
  return std::nullopt;
}

/// Voters first, then the bootstrap list, another each time.
NodeId Peers::any_node() {
  std::vector<NodeId> candidates;
  const auto listener = listener_.lock();
  if (!listener) return kNowhere;
  for (const raft::Voter& voter : listener->voters()) {
    if (voter.key.id != seat_.self && address_of(voter.key.id)) candidates.push_back(voter.key.id);
  }
  for (std::size_t i = 0; i < bootstrap_.size(); ++i) {
    candidates.push_back(NodeId{kFirstBootstrapId - static_cast<int>(i)});
  }
  if (candidates.empty()) return kNowhere;
  return candidates[asked_any_++ % candidates.size()];
}

void Peers::send(raft::Send send) {
  CHECK(!is_closed_);
  const NodeId node = send.to ? send.to->id : any_node();
  const Kind kind = is_fetch(send) ? Kind::fetch : Kind::other;
  auto& lane = lanes_[{node, kind}];
  if (!lane) {
    lane = std::make_shared<Lane>(node, probe_);
    seat_.shard.fibers.spawn(
        "quorum.peer", [peers = shared_from_this(), owned = lane](env::Fiber& fiber) { run(fiber, peers, owned); });
  }
  lane->next = std::move(send);
  // The machine wants no answer of the fetch before any more; it may be a long wait.
  if (kind == Kind::fetch && lane->is_asking_fetch && lane->link) lane->link->close();
  lane->news.wake_all();
}

void Peers::run(env::Fiber& self, const std::shared_ptr<Peers>& peers, const std::shared_ptr<Lane>& lane) {
  while (!peers->is_closed_) {
    if (lane->next) {
      peers->serve(self, *lane);
    } else {
      lane->news.wait(self);
    }
  }
}

void Peers::serve(env::Fiber& self, Lane& lane) {
  const raft::Send send = *std::exchange(lane.next, std::nullopt);
  if (!connect(self, lane) || lane.next) return fail_request(send.id);  // a newer one came meanwhile
  lane.is_asking_fetch = is_fetch(send);
  exchange(self, lane, send);
  lane.is_asking_fetch = false;
}

void Peers::fail_request(raft::RequestId request) {
  const auto listener = listener_.lock();
  if (listener && !is_closed_) listener->on_failed(request);
}

client::LinkSettings Peers::link_settings() const {
  const Milliseconds timeout(seat_.config.controller_quorum_request_timeout_ms);
  return {.client_id = "raft-client-" + std::to_string(seat_.self.value()),
          .connect_timeout = timeout,
          .request_timeout = timeout,
          .response_bytes_max = kAnswerBytesMax};
}

Peers::Dialled Peers::dial(env::Fiber& self, NodeId node) {
  const auto address = address_of(node);
  if (!address) return {};
  const auto resolved = seat_.shard.network.resolve(self, address->host);
  if (!resolved) return {.link = nullptr, .why_not = resolved.error().text};
  Dialled none{.link = nullptr, .is_refused = !resolved->empty()};
  for (const std::string& numeric : *resolved) {
    auto link = client::Connection::open(self, seat_.shard, {numeric, address->port}, link_settings());
    if (link) return {std::move(*link)};
    none.is_refused = none.is_refused && is_refusal(link.error().error);
    none.why_not = link.error().to_text();
    if (is_closed_) return {};
  }
  return none;
}

Result<std::shared_ptr<client::Connection>> Peers::open_link(env::Fiber& self, NodeId node) {
  Dialled dialled = dial(self, node);
  if (dialled.link) return std::move(dialled.link);
  return fail(Errc::closed, "node " + std::to_string(node.value()) + " cannot be reached: " + dialled.why_not);
}

std::shared_ptr<client::Connection> Peers::dial_watched(env::Fiber& self, Lane& lane) {
  for (;;) {
    Dialled dialled = dial(self, lane.node);
    if (is_closed_) return nullptr;
    if (dialled.link) {
      lane.signs.connected();
    } else if (dialled.is_refused) {
      lane.signs.refused(seat_.shard.clock.now());
    } else {
      lane.signs.unclear();
    }
    const auto listener = listener_.lock();
    if (listener && lane.signs.is_gone()) listener->on_gone(lane.node);
    if (dialled.link || !lane.signs.wants_dial()) return std::move(dialled.link);
    env::sleep_for(self, seat_.shard.clock, lane.signs.pause());
    if (is_closed_) return nullptr;
  }
}

void Peers::note_end(Lane& lane) {
  if (!lane.link) return;
  lane.link.reset();
  lane.signs.ended();
}

bool Peers::connect(env::Fiber& self, Lane& lane) {
  const auto address = address_of(lane.node);
  if (lane.link && lane.link->is_open() && lane.linked_to == address) return true;
  note_end(lane);
  if (lane.linked_to != address) lane.signs = DeathSigns(probe_);
  if (lane.failures > 0) {
    const Nanoseconds first = Milliseconds(seat_.config.controller_quorum_retry_backoff_ms);
    env::sleep_for(self, seat_.shard.clock, std::min(first * (1 << std::min(lane.failures, 8)), kReconnectBackoffMax));
  }
  if (is_closed_) return false;
  auto link = dial_watched(self, lane);
  lane.failures = link ? 0 : lane.failures + 1;
  if (is_closed_ || !link) return false;
  lane.link = std::move(link);
  lane.linked_to = address;
  return true;
}

void Peers::note_unanswered(PeersListener& listener, const Lane& lane, raft::RequestId id, const client::Failure& why) {
  seat_.log.line(observe::Level::debug, "quorum.unanswered", {{"node", lane.node.value()}, {"reason", why.to_text()}});
  listener.on_failed(id);
}

void Peers::note_refused(Lane& lane, const std::string& reason) {
  if (lane.refused_for == reason) return;
  lane.refused_for = reason;
  seat_.log.warn("quorum.refused", {{"node", lane.node.value()}, {"reason", reason}});
}

void Peers::note_rival(const Lane& lane, const raft::Standing& standing) {
  const MonotonicTime now = seat_.shard.clock.now();
  if (standing.leader != seat_.self) {
    named_leader_since_.reset();
  } else if (!named_leader_since_) {
    named_leader_since_ = now;
  }
  const Nanoseconds noticed_after = kNoticedAfter * Milliseconds(seat_.config.controller_quorum_fetch_timeout_ms);
  const bool leads_elsewhere = named_leader_since_ && now - *named_leader_since_ > noticed_after;
  if (!leads_elsewhere && standing.error != raft::Verdict::duplicate_voter) return;
  if (std::exchange(is_rival_told_, true)) return;
  seat_.log.error("quorum.id_is_taken", {{"node_id", seat_.self.value()},
                                         {"by", lane.node.value()},
                                         {"hint",
                                          "another process with this node.id is at work, and this one neither "
                                          "votes nor counts: give each node a node.id of its own, and this one "
                                          "empty directories"}});
}

template <class Response, class Request>
void Peers::ask(env::Fiber& self, Lane& lane, raft::RequestId id, const Request& request) {
  const auto link = lane.link;  // outlives what close() or a newer address does to the lane
  const auto answered = link->ask<Request, Response>(self, request);
  const auto listener = listener_.lock();
  if (is_closed_ || !listener) return;
  if (!answered) return note_unanswered(*listener, lane, id, answered.error());
  const Response& response = answered->body;
  auto reply = from_wire(response);
  if (!reply) {
    note_refused(lane, reply.error().text);
    return listener->on_failed(id);
  }
  if (auto leader = leader_named_by(response)) learn(leader->node, std::move(leader->address));
  lane.refused_for.clear();
  listener->on_reply({id, lane.node, std::move(*reply)}, {});
}

template <>
void Peers::ask<wire::FetchResponse>(env::Fiber& self, Lane& lane, raft::RequestId id,
                                     const wire::FetchRequest& request) {
  const auto link = lane.link;
  auto answered = link->ask<wire::FetchRequest, wire::FetchResponse>(self, request);
  const auto listener = listener_.lock();
  if (is_closed_ || !listener) return;
  if (!answered) return note_unanswered(*listener, lane, id, answered.error());
  const wire::FetchResponse& response = answered->body;
  auto reply = from_wire(response);
  const Offset from{request.topics[0].partitions[0].fetch_offset};
  auto pieces = check_fetched(records_in(response), from);
  if (!reply || !pieces) {
    note_refused(lane, reply ? pieces.error().text : reply.error().text);
    return listener->on_failed(id);
  }
  if (auto leader = leader_named_by(response)) learn(leader->node, std::move(leader->address));
  auto& fetched = std::get<raft::FetchReply>(*reply);
  note_rival(lane, fetched.standing);
  for (const auto& piece : *pieces) fetched.batches.push_back(piece.batch);
  FetchedBatches batches{std::move(answered->frame), std::move(*pieces)};
  listener->on_reply({id, lane.node, std::move(*reply)}, std::move(batches));
}

void Peers::exchange(env::Fiber& self, Lane& lane, const raft::Send& send) {
  const auto id = send.id;
  struct Asking {
    Peers& peers;
    env::Fiber& self;
    Lane& lane;
    raft::RequestId id;
    void operator()(const raft::VoteRequest& request) const {
      peers.ask<wire::VoteResponse>(self, lane, id, to_wire(request, peers.context_));
    }
    void operator()(const raft::BeginQuorumEpochRequest& request) const {
      peers.ask<wire::BeginQuorumEpochResponse>(self, lane, id, to_wire(request, peers.context_));
    }
    void operator()(const raft::EndQuorumEpochRequest& request) const {
      peers.ask<wire::EndQuorumEpochResponse>(self, lane, id, to_wire(request, peers.context_));
    }
    void operator()(const raft::FetchRequest& request) const {
      peers.ask<wire::FetchResponse>(self, lane, id, to_wire(request, peers.context_));
    }
    void operator()(const raft::UpdateVoterRequest& request) const {
      peers.ask<wire::UpdateRaftVoterResponse>(self, lane, id, to_wire(request, peers.context_));
    }
    void operator()(const raft::AddVoterRequest& request) const {
      peers.ask<wire::AddRaftVoterResponse>(self, lane, id, to_wire(request, peers.context_));
    }
    void operator()(const raft::RemoveVoterRequest& request) const {
      peers.ask<wire::RemoveRaftVoterResponse>(self, lane, id, to_wire(request, peers.context_));
    }
  };
  std::visit(Asking{*this, self, lane, id}, send.request);
}

}  // namespace gregor::quorum
