// What a scenario's faults do to the network.
#include <algorithm>
#include <utility>

#include "scenarios/chaos.h"

namespace gregor::scenarios {

std::vector<Chaos::Link> Chaos::links_cut_by(FaultKind kind) {
  const std::optional<sim::NodeIndex> controller = watch_.controller();
  const auto nodes = static_cast<sim::NodeIndex>(node_count(scenario_));  // they come first, clients behind them
  std::vector<Link> links;
  for (sim::NodeIndex other = 0; other < world_.node_count(); ++other) {
    const bool is_node = other < nodes;
    const bool is_controller = controller == other;
    const bool is_meant = kind == FaultKind::cut_clients           ? true
                          : kind == FaultKind::cut_from_controller ? is_controller
                          : kind == FaultKind::cut_from_peers      ? is_node && !is_controller
                                                                   : is_node;
    if (other == broker_ || !is_meant) continue;
    if (kind != FaultKind::deaf) links.push_back({.from = broker_, .to = other});
    if (kind != FaultKind::mute) links.push_back({.from = other, .to = broker_});
  }
  return links;
}

void Chaos::cut_links(std::vector<Link> links, Milliseconds lasts) {
  for (const Link& link : links) world_.network().cut_one_way(link.from, link.to);
  later(lasts, [this, links = std::move(links)] {
    for (const Link& link : links) world_.network().heal_one_way(link.from, link.to);
  });
}

/// Any machine but this one: mostly another node, of those there are, else a client's.
sim::NodeIndex Chaos::draw_other() {
  const auto nodes = static_cast<std::size_t>(node_count(scenario_));
  const bool is_any = random_.chance(1, 4) || nodes == 1;
  const auto other = static_cast<sim::NodeIndex>(random_.below((is_any ? world_.node_count() : nodes) - 1));
  return other < broker_ ? other : other + 1;
}

void Chaos::slow_down_link(const Fault& fault) {
  const sim::NodeIndex other = draw_other();
  const sim::Latency added{.base = Nanoseconds(0), .spread = Milliseconds(fault.amount)};
  world_.network().slow_down(broker_, other, added);
  world_.network().slow_down(other, broker_, added);
  later(fault.lasts, [this, other] {
    world_.network().slow_down(broker_, other, {});
    world_.network().slow_down(other, broker_, {});
  });
}

void Chaos::strike_network(const Fault& fault) {
  sim::SimNetwork& network = world_.network();
  switch (fault.kind) {
    case FaultKind::cut_clients:
    case FaultKind::cut_off:
    case FaultKind::mute:
    case FaultKind::deaf:
    case FaultKind::cut_from_controller:
    case FaultKind::cut_from_peers:
      return cut_links(links_cut_by(fault.kind), fault.lasts);
    case FaultKind::late_messages:
      if (delays_) {
        const sim::SimTime until = std::min(world_.now() + fault.lasts, chaos_ends_);
        delays_->hold(static_cast<std::int16_t>(fault.amount), until);
      }
      return;
    case FaultKind::reset_connections:
      for (const std::uint64_t connection : network.connections_of(broker_)) network.reset(connection);
      return;
    case FaultKind::slow_network:
      network.law().one_way.tail_chance = sim::Chance::one_in(4);
      network.law().one_way.tail = Milliseconds(fault.amount);
      return later(fault.lasts, [this] { world_.network().law().one_way.tail_chance = {}; });
    case FaultKind::slow_link:
      return slow_down_link(fault);
    case FaultKind::clogged_link:
      return network.clog(broker_, draw_other(), fault.lasts);
    case FaultKind::short_transfers:
      network.law().short_read = network.law().short_send = sim::Chance::one_in(fault.amount);
      return later(fault.lasts, [this] { world_.network().law().short_read = world_.network().law().short_send = {}; });
    case FaultKind::unresolved_names:
      network.law().resolve_failed = sim::Chance::one_in(fault.amount);
      return later(fault.lasts, [this] { world_.network().law().resolve_failed = {}; });
    default:
      return;
  }
}

}  // namespace gregor::scenarios
