// Hosts, links and listeners; network_dial.cc has how connections come about.
#include "sim/network.h"

#include <algorithm>
#include <cerrno>

#include "base/check.h"

namespace gregor::sim {
namespace {

constexpr std::uint16_t kFirstEphemeralPort = 32768;
constexpr std::uint32_t kHostsMax = 60'000;

bool is_any(const std::string& address) {
  return address == "0.0.0.0" || address == "::";
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

bool is_v6(const std::string& address) {
  return address.find(':') != std::string::npos;
}

bool is_numeric(const std::string& host) {
  return is_v6(host) || host.find_first_not_of("0123456789.") == std::string::npos;
}

/// A listener on `at` takes what is sent to `to`: dual-stack where it listens on "::".
bool takes(const env::Endpoint& at, const env::Endpoint& to) {
  if (at.port != to.port) return false;
  return at.address == to.address || at.address == "::" || (at.address == "0.0.0.0" && !is_v6(to.address));
}

}  // namespace

SimNetwork::SimNetwork(Engine& engine, const NetworkLaw& law)
    : engine_(engine), law_(law), noise_(engine.stream({.purpose = "network-noise"})) {
  CHECK(law.buffer_bytes_min > 0 && law.buffer_bytes_min <= law.buffer_bytes_max);
}

std::uint32_t SimNetwork::add_host(std::string name) {
  const auto node = static_cast<std::uint32_t>(hosts_.size());
  CHECK(node < kHostsMax);
  NetworkHost host{.name = std::move(name), .address_v4 = {}, .address_v6 = {}};
  host.address_v4 = "10.0." + std::to_string(node / 250) + "." + std::to_string(node % 250 + 1);
  host.address_v6 = "fd00::" + std::to_string(node + 1);
  hosts_.push_back(std::move(host));
  return node;
}

SimNetwork::Link& SimNetwork::link(std::uint32_t from, std::uint32_t to) {
  if (const auto found = links_.find({from, to}); found != links_.end()) return found->second;
  Link made{.stream = engine_.stream({"link", from, 0, to})};
  return links_.emplace(NodePair(from, to), made).first->second;
}

Nanoseconds SimNetwork::draw_latency(std::uint32_t from, std::uint32_t to) {
  Link& way = link(from, to);
  Nanoseconds wait = (from == to ? law_.loopback : law_.one_way).draw(way.stream);
  if (way.added.base > Nanoseconds::zero() || way.added.spread > Nanoseconds::zero()) {
    wait += way.added.draw(way.stream);
    engine_.faults().had_effect(FaultKind::slow_link);
  }
  return wait;
}

Nanoseconds SimNetwork::delay_of(const Connection& connection, Side from, Bytes bytes) const {
  Nanoseconds longest{};
  for (PieceDelayer* delayer : delayers_) longest = std::max(longest, delayer->delay_of(connection, from, bytes));
  return longest;
}

bool SimNetwork::is_blocked(std::uint32_t from, std::uint32_t to) const {
  if (from == to) return false;
  const auto found = links_.find({from, to});
  return found != links_.end() && (found->second.cuts > 0 || found->second.clogged_until > engine_.now());
}

void SimNetwork::count_blocked(std::uint32_t from, std::uint32_t to) {
  Link& way = link(from, to);
  if (way.effect_counted || !is_blocked(from, to)) return;
  way.effect_counted = true;
  engine_.faults().had_effect(way.cause);
}

void SimNetwork::block(std::uint32_t from, std::uint32_t to, FaultKind cause) {
  Link& way = link(from, to);
  way.cause = cause;
  way.effect_counted = false;
  engine_.record(from, 0, EventKind::link_changed,
                 (static_cast<std::uint64_t>(to) << 8) | static_cast<std::uint64_t>(cause));
}

void SimNetwork::cut_one_way(std::uint32_t from, std::uint32_t to) {
  ++link(from, to).cuts;
  engine_.faults().fired(FaultKind::one_way_partition);
  block(from, to, FaultKind::one_way_partition);
}

void SimNetwork::heal_one_way(std::uint32_t from, std::uint32_t to) {
  Link& way = link(from, to);
  if (way.cuts == 0 || --way.cuts > 0) return;
  engine_.record(from, 0, EventKind::link_changed, static_cast<std::uint64_t>(to) << 8 | 0xff);
  carry_on(from, to);
}

void SimNetwork::cut(std::uint32_t a, std::uint32_t b) {
  engine_.faults().fired(FaultKind::partition);
  ++link(a, b).cuts;
  ++link(b, a).cuts;
  block(a, b, FaultKind::partition);
  block(b, a, FaultKind::partition);
}

void SimNetwork::heal(std::uint32_t a, std::uint32_t b) {
  heal_one_way(a, b);
  heal_one_way(b, a);
}

void SimNetwork::heal_all() {
  for (auto& [pair, way] : links_) {
    way.cuts = 0;
    way.clogged_until = SimTime{};
    way.added = Latency{};
  }
  engine_.record(kNoNode, 0, EventKind::link_changed, 0);
  for (const auto& connection : select([](const Connection&) { return true; })) connection->carry_on();
}

void SimNetwork::clog(std::uint32_t from, std::uint32_t to, Nanoseconds wait) {
  Link& way = link(from, to);
  way.clogged_until = std::max(way.clogged_until, engine_.now() + wait);
  engine_.faults().fired(FaultKind::clog);
  block(from, to, FaultKind::clog);
  engine_.at(way.clogged_until, [this, from, to] {
    engine_.record(from, 0, EventKind::link_changed, static_cast<std::uint64_t>(to) << 8 | 0xfe);
    carry_on(from, to);
  });
}

void SimNetwork::slow_down(std::uint32_t from, std::uint32_t to, const Latency& added) {
  link(from, to).added = added;
  engine_.faults().fired(FaultKind::slow_link);
}

template <class Wanted>
std::vector<std::shared_ptr<Connection>> SimNetwork::select(Wanted wanted) const {
  std::vector<std::shared_ptr<Connection>> chosen;
  for (const auto& [id, connection] : connections_) {
    if (wanted(*connection)) chosen.push_back(connection);
  }
  return chosen;
}

/// Bytes one way and acknowledgements the other may move again.
void SimNetwork::carry_on(std::uint32_t a, std::uint32_t b) {
  const auto is_between = [&](const Connection& c) {
    const std::uint32_t from = c.end(Side::dialled).node;
    const std::uint32_t to = c.end(Side::accepted).node;
    return (from == a && to == b) || (from == b && to == a);
  };
  for (const auto& connection : select(is_between)) connection->carry_on();
}

bool SimNetwork::reset(std::uint64_t connection) {
  engine_.faults().fired(FaultKind::reset);
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return false;
  const std::shared_ptr<Connection> kept = found->second;
  if (kept->is_whole()) engine_.faults().had_effect(FaultKind::reset);
  kept->reset_both();
  return true;
}

std::vector<std::uint64_t> SimNetwork::connections_of(std::uint32_t node) const {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, connection] : connections_) {
    const bool touches = connection->end(Side::dialled).node == node || connection->end(Side::accepted).node == node;
    if (touches && connection->is_whole()) ids.push_back(id);
  }
  return ids;
}

void SimNetwork::set_up(std::uint32_t node, bool up) {
  if (hosts_.at(node).up == up) return;
  hosts_[node].up = up;
  if (!up) return;
  const auto touches = [&](const Connection& c) {
    return c.end(Side::dialled).node == node || c.end(Side::accepted).node == node;
  };
  for (const auto& connection : select(touches)) connection->carry_on();
}

void SimNetwork::close_all_of(Lane& lane) {
  std::erase_if(listeners_, [&](const auto& entry) { return entry.second.lane == &lane; });
  for (const auto& connection : select([](const Connection&) { return true; })) {
    for (const Side side : {Side::dialled, Side::accepted}) {
      if (connection->end(side).lane == &lane) connection->close(side, !connection->end(side).taken);
    }
  }
}

void SimNetwork::vanish_all_of(Lane& lane) {
  std::erase_if(listeners_, [&](const auto& entry) { return entry.second.lane == &lane; });
  for (const auto& connection : select([](const Connection&) { return true; })) {
    for (const Side side : {Side::dialled, Side::accepted}) {
      if (connection->end(side).lane == &lane) connection->vanish(side);
    }
  }
}

bool SimNetwork::is_local(std::uint32_t node, const std::string& address) const {
  const NetworkHost& here = host(node);
  return is_any(address) || is_loopback(address) || address == here.address_v4 || address == here.address_v6;
}

std::int64_t SimNetwork::node_of(std::uint32_t asking, const std::string& address) const {
  if (is_local(asking, address)) return asking;
  for (std::size_t node = 0; node < hosts_.size(); ++node) {
    if (hosts_[node].address_v4 == address || hosts_[node].address_v6 == address)
      return static_cast<std::int64_t>(node);
  }
  return -1;
}

std::uint16_t SimNetwork::take_port(std::uint32_t node) {
  NetworkHost& here = hosts_.at(node);
  while (true) {
    const std::uint16_t port = here.next_port;
    here.next_port = port == UINT16_MAX ? kFirstEphemeralPort : static_cast<std::uint16_t>(port + 1);
    const bool is_taken = std::any_of(listeners_.begin(), listeners_.end(), [&](const auto& entry) {
      return entry.second.lane->node == node && entry.second.at.port == port;
    });
    if (!is_taken) return port;
  }
}

Result<SimNetwork::Listening> SimNetwork::add_listener(Lane& lane, const env::Endpoint& at, env::Acceptor& acceptor) {
  if (!is_local(lane.node, at.address)) {
    return fail(Errc::invalid, at.address + " is no address of this machine", EADDRNOTAVAIL);
  }
  env::Endpoint chosen = at;
  if (chosen.port == 0) chosen.port = take_port(lane.node);
  for (const auto& [id, listener] : listeners_) {
    const bool overlaps = takes(listener.at, chosen) || takes(chosen, listener.at);
    if (listener.lane == &lane && overlaps) return fail(Errc::exists, to_text(chosen) + " is in use", EADDRINUSE);
  }
  const std::uint64_t id = ++last_id_;
  listeners_.emplace(id, Listener{&lane, chosen, &acceptor});
  return Listening{id, chosen};
}

void SimNetwork::remove_listener(std::uint64_t id) {
  listeners_.erase(id);
}

std::vector<std::uint64_t> SimNetwork::listeners_at(std::uint32_t node, const env::Endpoint& to) const {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, listener] : listeners_) {
    if (listener.lane->node == node && takes(listener.at, to)) ids.push_back(id);
  }
  return ids;
}

Result<std::vector<std::string>> SimNetwork::resolve(std::uint32_t asking, const std::string& host_name) const {
  using Addresses = std::vector<std::string>;
  if (host_name.empty()) return fail(Errc::not_found, "an empty host name", 0);
  if (is_numeric(host_name)) return Addresses{host_name};
  if (host_name == "localhost") return Addresses{"127.0.0.1", "::1"};
  if (host_name == hosts_.at(asking).name) return Addresses{hosts_[asking].address_v4, hosts_[asking].address_v6};
  for (const NetworkHost& there : hosts_) {
    if (there.name == host_name) return Addresses{there.address_v4, there.address_v6};
  }
  return fail(Errc::not_found, "nobody is called " + host_name, 0);
}

}  // namespace gregor::sim
