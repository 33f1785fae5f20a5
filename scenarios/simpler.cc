#include "scenarios/simpler.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <utility>

namespace gregor::scenarios {
namespace {

constexpr Milliseconds kShortestChaos{100};

/// Collects what differs from the scenario it was made of.
class Ways {
 public:
  explicit Ways(const Scenario& from) : from_(from) {}

  /// `change(Scenario&)` makes one candidate.
  void add(auto change) {
    Scenario candidate = from_;
    change(candidate);
    if (candidate != from_) all_.push_back(std::move(candidate));
  }
  /// A number on its way to `least`: at once, by half, by one.
  void add_less(auto member, std::int64_t least) {
    const std::int64_t value = std::invoke(member, from_);
    if (value <= least) return;
    for (const std::int64_t less : {least, least + (value - least) / 2, value - 1}) {
      add([&](Scenario& scenario) {
        auto& place = std::invoke(member, scenario);
        place = static_cast<std::remove_reference_t<decltype(place)>>(less);
      });
    }
  }
  /// Without one element of a list, which keeps `least` of them.
  void add_without_one(auto list, std::size_t least) {
    for (std::size_t i = std::invoke(list, from_).size(); i > 0 && std::invoke(list, from_).size() > least; --i) {
      add([&](Scenario& scenario) {
        auto& all = std::invoke(list, scenario);
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(i - 1));
      });
    }
  }
  std::vector<Scenario> take() { return std::move(all_); }

 private:
  const Scenario& from_;
  std::vector<Scenario> all_;
};

void add_fewer_clients(const Scenario& from, Ways& ways) {
  ways.add_less(&Scenario::sequence_clients, 0);
  ways.add_less(&Scenario::transaction_clients, 0);
  ways.add_less(&Scenario::compaction_clients, 0);
  ways.add_less(&Scenario::config_clients, 0);
  ways.add_less(&Scenario::reassignment_clients, 0);
  ways.add_less(&Scenario::directory_clients, 0);
  ways.add_less(&Scenario::churned_topics, 0);
  ways.add([](Scenario& scenario) { scenario.groups.clear(); });
  ways.add([](Scenario& scenario) { scenario.consumers.clear(); });
  ways.add_without_one(&Scenario::groups, 0);
  ways.add_without_one(&Scenario::consumers, 0);
  ways.add_without_one(&Scenario::producers, 0);
  for (std::size_t i = 0; i < from.groups.size(); ++i) {
    if (from.groups[i].members > from.groups[i].static_members && from.groups[i].members > 1)
      ways.add([i](Scenario& scenario) { --scenario.groups[i].members; });
  }
}

/// Fewer records, of the plainest kind.
void add_plainer_producers(const Scenario& from, Ways& ways) {
  const ProducerPlan plain;
  for (std::size_t i = 0; i < from.producers.size(); ++i) {
    for (const std::int32_t records : {1, from.producers[i].records / 4, from.producers[i].records / 2}) {
      if (records > 0) ways.add([&](Scenario& scenario) { scenario.producers[i].records = records; });
    }
    ways.add([&](Scenario& scenario) { scenario.producers[i].codec = plain.codec; });
    ways.add([&](Scenario& scenario) { scenario.producers[i].linger = plain.linger; });
    ways.add([&](Scenario& scenario) { scenario.producers[i].value_bytes = plain.value_bytes; });
    ways.add([&](Scenario& scenario) { scenario.producers[i].batch_bytes = plain.batch_bytes; });
  }
  for (std::size_t i = 0; i < from.consumers.size(); ++i)
    ways.add([i](Scenario& scenario) { scenario.consumers[i] = ConsumerPlan{}; });
}

void add_fewer_topics(const Scenario& from, Ways& ways) {
  ways.add_without_one(&Scenario::topics, 1);
  for (std::size_t i = 0; i < from.topics.size(); ++i) {
    ways.add([i](Scenario& scenario) { scenario.topics[i].partitions = 1; });
    ways.add([i](Scenario& scenario) { scenario.topics[i].configs.clear(); });
    for (std::size_t config = 0; config < from.topics[i].configs.size(); ++config) {
      ways.add([&](Scenario& scenario) {
        auto& configs = scenario.topics[i].configs;
        configs.erase(configs.begin() + static_cast<std::ptrdiff_t>(config));
      });
    }
  }
  ways.add_without_one(&Scenario::settings, 0);
}

/// Takes node `number` away, from 1; those behind it move up. Nothing where a fault names it.
void remove_node(Scenario& scenario, std::int32_t number) {
  const auto is_named = [number](const Fault& fault) { return fault.target.empty() && fault.broker == number; };
  if (std::ranges::any_of(scenario.faults, is_named)) return;
  for (Fault& fault : scenario.faults) {
    if (fault.broker >= number && fault.broker > 1) --fault.broker;
  }
  --(number <= scenario.brokers ? scenario.brokers : scenario.controllers);
}

/// A cluster stays one: a broker alone is another machine, which its controller shares.
void add_fewer_nodes(const Scenario& from, Ways& ways) {
  for (std::int32_t number = from.brokers; number > 0 && from.brokers > 2; --number) {
    if (from.replication_factor < from.brokers)
      ways.add([number](Scenario& scenario) { remove_node(scenario, number); });
  }
  const bool names_controllers = std::ranges::any_of(
      from.faults, [&](const Fault& fault) { return fault.target.empty() && fault.broker > from.brokers; });
  if (!names_controllers) {
    ways.add([](Scenario& scenario) {
      scenario.controllers = 0;
      for (Fault& fault : scenario.faults) fault.broker = std::min(fault.broker, scenario.brokers);
    });
  }
  for (std::int32_t number = node_count(from); number > from.brokers && from.controllers > 1; --number)
    ways.add([number](Scenario& scenario) { remove_node(scenario, number); });
  ways.add([](Scenario& scenario) { scenario.shards = 1; });
  ways.add([](Scenario& scenario) { scenario.racks = 0; });
  ways.add([](Scenario& scenario) { scenario.log_directories = 1; });
  ways.add([](Scenario& scenario) { scenario.tracks_elr = true; });
  ways.add([](Scenario& scenario) { scenario.voters_join = false; });
}

void add_plainer_world(const Scenario& from, Ways& ways) {
  ways.add([](Scenario& scenario) { scenario.scheduler = "fifo"; });
  for (const std::int64_t latency_us : {1000, 50}) {
    ways.add(
        [latency_us](Scenario& scenario) { scenario.latency_us_max = std::min(scenario.latency_us_max, latency_us); });
  }
  // The chaos ends no earlier than the last fault begins: a fault that never comes should have been left out.
  const Milliseconds last = from.faults.empty() ? Milliseconds(0) : from.faults.back().at;
  for (const Milliseconds rest : {kShortestChaos, (from.chaos - last) / 4, (from.chaos - last) / 2}) {
    const Milliseconds chaos = last + std::max(rest, kShortestChaos);
    ways.add([&](Scenario& scenario) { scenario.chaos = std::min(chaos, scenario.chaos); });
  }
}

/// `value` at the nearest round number at or below it, coarse first.
std::array<std::int64_t, 3> rounder(std::int64_t value) {
  return {value / 1000 * 1000, value / 100 * 100, value / 10 * 10};
}

void add_rounder_fault(const Scenario& from, std::size_t i, Ways& ways) {
  const Fault& fault = from.faults[i];
  for (const std::int64_t lasts : {std::int64_t{0}, fault.lasts.count() / 4, fault.lasts.count() / 2})
    ways.add([&](Scenario& scenario) { scenario.faults[i].lasts = Milliseconds(lasts); });
  for (const std::int64_t lasts : rounder(fault.lasts.count()))
    ways.add([&](Scenario& scenario) { scenario.faults[i].lasts = Milliseconds(lasts); });
  for (const std::int64_t amount : {std::int64_t{0}, std::int64_t{1}, fault.amount / 2}) {
    if (std::abs(amount) < std::abs(fault.amount))
      ways.add([&](Scenario& scenario) { scenario.faults[i].amount = amount; });
  }
  for (const std::int64_t at : rounder(fault.at.count())) {
    // Faults stay in order of their time.
    if (i > 0 && Milliseconds(at) < from.faults[i - 1].at) continue;
    ways.add([&](Scenario& scenario) { scenario.faults[i].at = Milliseconds(at); });
  }
}

}  // namespace

std::vector<Scenario> with_less_around(const Scenario& scenario) {
  Ways ways(scenario);
  add_fewer_clients(scenario, ways);
  add_fewer_topics(scenario, ways);
  add_fewer_nodes(scenario, ways);
  add_plainer_world(scenario, ways);
  add_plainer_producers(scenario, ways);
  return ways.take();
}

std::vector<Scenario> with_rounder_faults(const Scenario& scenario) {
  Ways ways(scenario);
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) add_rounder_fault(scenario, i, ways);
  return ways.take();
}

}  // namespace gregor::scenarios
