// How a connection comes about: a first packet, its repetitions, the answer, and the offer to one of those who listen.
#include <algorithm>
#include <cerrno>

#include "sim/network.h"
#include "sim/network_port.h"

namespace gregor::sim {
namespace {

/// Waits between repetitions double until here.
constexpr std::uint32_t kDoublingsMax = 6;

}  // namespace

void Dial::decide() {
  decided = true;
  if (fiber != nullptr) fiber->wake();
}

void SimNetwork::dial(const std::shared_ptr<Dial>& dial) {
  const std::int64_t target = node_of(dial->node, dial->to.address);
  if (target < 0) {
    dial->error = {Errc::io, "no route to " + to_text(dial->to), EHOSTUNREACH};
    dial->decide();
    return;
  }
  dial->target = static_cast<std::uint32_t>(target);
  send_syn(dial, draw_latency(dial->node, dial->target));
}

void SimNetwork::send_syn(const std::shared_ptr<Dial>& dial, Nanoseconds wait) {
  engine_.after(wait, [this, dial] { syn_arrives(dial); });
}

void SimNetwork::syn_arrives(const std::shared_ptr<Dial>& dial) {
  if (dial->fiber == nullptr || dial->decided) return;
  engine_.record(dial->target, 0, EventKind::syn_arrived, dial->to.port);
  // Half an exchange is none: without a way back this end would answer into the void.
  if (is_blocked(dial->node, dial->target) || is_blocked(dial->target, dial->node) || !host(dial->target).up) {
    count_blocked(dial->node, dial->target);
    count_blocked(dial->target, dial->node);
    send_syn_again(dial);
    return;
  }
  const bool is_heard = !listeners_at(dial->target, dial->to).empty();
  engine_.after(draw_latency(dial->target, dial->node), [this, dial, is_heard] {
    if (dial->fiber == nullptr || dial->decided) return;
    engine_.record(dial->node, 0, EventKind::connect_answered, dial->to.port);
    if (is_blocked(dial->target, dial->node) || !host(dial->target).up) {
      send_syn_again(dial);
    } else if (is_heard) {
      establish(dial);
    } else {
      refuse(dial);
    }
  });
}

void SimNetwork::send_syn_again(const std::shared_ptr<Dial>& dial) {
  const std::uint32_t doublings = std::min(dial->attempts++, kDoublingsMax);
  send_syn(dial, law_.syn_retry_first * (std::int64_t{1} << doublings));
}

void SimNetwork::refuse(const std::shared_ptr<Dial>& dial) {
  engine_.faults().fired_with_effect(FaultKind::connect_refused);
  dial->error = {Errc::closed, to_text(dial->to) + " refused the connection", ECONNREFUSED};
  dial->decide();
}

void SimNetwork::establish(const std::shared_ptr<Dial>& dial) {
  const bool is_v6 = dial->to.address.find(':') != std::string::npos;
  const NetworkHost& caller = host(dial->node);
  env::Endpoint from{dial->node == dial->target ? dial->to.address : is_v6 ? caller.address_v6 : caller.address_v4, 0};
  from.port = take_port(dial->node);
  const auto draw_buffer = [&] {
    return static_cast<std::size_t>(noise_.between(static_cast<std::int64_t>(law_.buffer_bytes_min),
                                                   static_cast<std::int64_t>(law_.buffer_bytes_max)));
  };
  Connection::Buffers buffers{};
  buffers.send_bytes_max = draw_buffer();
  buffers.receive_bytes_max = draw_buffer();
  ConnectionEnd here{.node = dial->node, .lane = dial->lane, .local = from, .peer = dial->to, .taken = true};
  ConnectionEnd there{.node = dial->target, .local = dial->to, .peer = from};
  dial->connection = std::make_shared<Connection>(*this, ++last_id_, buffers, here, there);
  connections_.emplace(dial->connection->id(), dial->connection);
  engine_.after(draw_latency(dial->node, dial->target), [this, connection = dial->connection] { offer(connection); });
  dial->decide();
}

/// The last packet of the handshake has arrived: one of the shards that listen gets the connection.
void SimNetwork::offer(const std::shared_ptr<Connection>& connection) {
  const ConnectionEnd& end = connection->end(Side::accepted);
  if (!end.open) return;
  const std::vector<std::uint64_t> ids = listeners_at(end.node, end.local);
  if (!host(end.node).up) {
    connection->vanish(Side::accepted);
    return;
  }
  if (ids.empty()) {
    connection->close(Side::accepted, true);
    return;
  }
  const std::uint64_t id = ids[noise_.below(ids.size())];
  Lane& lane = *listeners_.at(id).lane;
  connection->give_to(Side::accepted, lane);
  engine_.post(lane, EventKind::connection_offered, connection->id(), [this, id, connection, &lane] {
    const auto listener = listeners_.find(id);
    if (listener == listeners_.end()) {
      connection->close(Side::accepted, true);
      return;
    }
    connection->take(Side::accepted);
    listener->second.acceptor->on_accept(std::make_unique<SocketPort>(lane, connection, Side::accepted));
  });
}

}  // namespace gregor::sim
