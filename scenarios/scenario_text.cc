// Scenarios as TOML, both ways. Writing names every value; reading refuses what it does not know.
#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <sstream>

#include "scenarios/fault_traits.h"
#include "scenarios/roles.h"
#include "scenarios/run_counts.h"
#include "scenarios/scenario.h"

namespace gregor::scenarios {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// As a table where its order of keys is that of the pairs, else as a list of pairs: their order is part of what runs.
void put_pairs(toml::table& into, const char* key, const Pairs& pairs) {
  if (std::ranges::adjacent_find(pairs, std::ranges::greater_equal{}, &Pairs::value_type::first) == pairs.end()) {
    toml::table table;
    for (const auto& [name, value] : pairs) table.insert_or_assign(name, value);
    into.insert_or_assign(key, std::move(table));
    return;
  }
  toml::array list;
  for (const auto& [name, value] : pairs) list.push_back(toml::array{name, value});
  into.insert_or_assign(key, std::move(list));
}

toml::table expects_of(const Scenario& scenario) {
  toml::table table;
  for (const auto& [name, least] : scenario.expects) table.insert_or_assign(name, least);
  return table;
}

toml::array topics_of(const Scenario& scenario) {
  toml::array array;
  for (const TopicPlan& topic : scenario.topics) {
    toml::table table{{"name", topic.name}, {"partitions", topic.partitions}};
    put_pairs(table, "configs", topic.configs);
    array.push_back(std::move(table));
  }
  return array;
}

toml::array producers_of(const Scenario& scenario) {
  toml::array array;
  for (const ProducerPlan& plan : scenario.producers) {
    array.push_back(toml::table{{"records", plan.records},
                                {"gap_ms", plan.gap.count()},
                                {"acks", plan.acks},
                                {"idempotent", plan.idempotent},
                                {"codec", plan.codec},
                                {"value_bytes", plan.value_bytes},
                                {"batch_bytes", plan.batch_bytes},
                                {"linger_ms", plan.linger.count()}});
  }
  return array;
}

toml::array consumers_of(const Scenario& scenario) {
  toml::array array;
  for (const ConsumerPlan& plan : scenario.consumers) {
    array.push_back(
        toml::table{{"bytes_max", plan.bytes_max}, {"bytes_min", plan.bytes_min}, {"wait_ms", plan.wait.count()}});
  }
  return array;
}

toml::array groups_of(const Scenario& scenario) {
  toml::array array;
  for (const GroupPlan& plan : scenario.groups) {
    array.push_back(toml::table{{"members", plan.members},
                                {"static_members", plan.static_members},
                                {"session_ms", plan.session.count()},
                                {"rebalance_ms", plan.rebalance.count()},
                                {"is_steady", plan.is_steady}});
  }
  return array;
}

toml::array faults_of(const Scenario& scenario) {
  toml::array array;
  for (const Fault& fault : scenario.faults) {
    array.push_back(toml::table{{"kind", std::string(name_of(fault.kind))},
                                {"at_ms", fault.at.count()},
                                {"lasts_ms", fault.lasts.count()},
                                {"amount", fault.amount},
                                {"broker", fault.broker},
                                {"target", fault.target}});
  }
  return array;
}

/// Reads the fields of one table; the first thing wrong with it is kept.
class Reader {
 public:
  Reader(const toml::table& table, std::string where, Error& error, bool& failed)
      : table_(table), where_(std::move(where)), error_(error), failed_(failed) {}

  void number(const char* key, auto& into, std::int64_t low, std::int64_t high) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < low || *value > high) {
      return refuse(key, "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    }
    into = static_cast<std::remove_cvref_t<decltype(into)>>(*value);
  }
  void text(const char* key, std::string& into) {
    if (const toml::node* node = find(key)) {
      const auto value = node->value_exact<std::string>();
      value ? void(into = *value) : refuse(key, "a text");
    }
  }
  void flag(const char* key, bool& into) {
    if (const toml::node* node = find(key)) {
      const auto value = node->value_exact<bool>();
      value ? void(into = *value) : refuse(key, "true or false");
    }
  }
  void pairs(const char* key, Pairs& into) {
    constexpr const char* kWanted = "a table of texts, or a list of pairs of texts";
    const toml::node* node = find(key);
    if (node == nullptr) return;
    if (const toml::array* list = node->as_array()) {
      for (const toml::node& element : *list) {
        const toml::array* pair = element.as_array();
        const bool is_pair = pair != nullptr && pair->size() == 2 && (*pair)[0].is_string() && (*pair)[1].is_string();
        if (!is_pair) return refuse(key, kWanted);
        into.emplace_back(*(*pair)[0].value_exact<std::string>(), *(*pair)[1].value_exact<std::string>());
      }
      return;
    }
    if (!node->is_table()) return refuse(key, kWanted);
    for (const auto& [name, value] : *node->as_table()) {
      const auto text_value = value.value_exact<std::string>();
      if (!text_value) return refuse(key, kWanted);
      into.emplace_back(std::string(name.str()), *text_value);
    }
  }
  /// Calls `each(name, node)` for every entry of a table.
  void entries(const char* key, auto each) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    if (!node->is_table()) return refuse(key, "a table");
    for (const auto& [name, value] : *node->as_table()) each(std::string(name.str()), value);
  }
  /// Calls `each(Reader&)` for every table of an array.
  void tables(const char* key, std::size_t count_max, auto each) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    if (!node->is_array() || node->as_array()->size() > count_max)
      return refuse(key, "an array of at most " + std::to_string(count_max) + " tables");
    for (const toml::node& element : *node->as_array()) {
      if (!element.is_table()) return refuse(key, "an array of tables");
      Reader inner(*element.as_table(), where_ + key + ".", error_, failed_);
      each(inner);
      inner.refuse_unknown();
    }
  }
  void refuse(std::string_view key, const std::string& wanted) {
    if (std::exchange(failed_, true)) return;
    error_ = {Errc::invalid, where_ + std::string(key) + " must be " + wanted};
  }
  void refuse_unknown() {
    for (const auto& [key, value] : table_) {
      if (!asked_.contains(std::string(key.str()))) refuse(key.str(), "left out: no such key");
    }
  }

 private:
  const toml::node* find(const char* key) {
    asked_.insert(key);
    return table_.get(key);
  }
  const toml::table& table_;
  std::string where_;
  Error& error_;
  bool& failed_;
  std::set<std::string> asked_;
};

constexpr std::int64_t kMsMax = 3'600'000;
constexpr std::int64_t kBytesMax = 1 << 26;

void read_ms(Reader& reader, const char* key, Milliseconds& into) {
  std::int64_t ms = into.count();
  reader.number(key, ms, 0, kMsMax);
  into = Milliseconds(ms);
}

void read_clients(Reader& top, Scenario& scenario) {
  top.tables("producers", kClientsMax, [&](Reader& reader) {
    ProducerPlan plan;
    reader.number("records", plan.records, 0, 1'000'000);
    read_ms(reader, "gap_ms", plan.gap);
    reader.number("acks", plan.acks, -1, 1);
    reader.flag("idempotent", plan.idempotent);
    reader.text("codec", plan.codec);
    reader.number("value_bytes", plan.value_bytes, 0, kBytesMax);
    reader.number("batch_bytes", plan.batch_bytes, 1, kBytesMax);
    read_ms(reader, "linger_ms", plan.linger);
    scenario.producers.push_back(plan);
  });
  top.tables("consumers", kClientsMax, [&](Reader& reader) {
    ConsumerPlan plan;
    reader.number("bytes_max", plan.bytes_max, 1, kBytesMax);
    reader.number("bytes_min", plan.bytes_min, 0, kBytesMax);
    read_ms(reader, "wait_ms", plan.wait);
    scenario.consumers.push_back(plan);
  });
  top.tables("groups", kClientsMax, [&](Reader& reader) {
    GroupPlan plan;
    reader.number("members", plan.members, 1, kClientsMax);
    reader.number("static_members", plan.static_members, 0, plan.members);
    read_ms(reader, "session_ms", plan.session);
    read_ms(reader, "rebalance_ms", plan.rebalance);
    reader.flag("is_steady", plan.is_steady);
    scenario.groups.push_back(plan);
  });
}

void read_fault(Reader& reader, Scenario& scenario) {
  Fault fault;
  std::string kind;
  reader.text("kind", kind);
  const auto known = fault_kind_of(kind);
  if (!known) return reader.refuse("kind", "one of the fault kinds, not \"" + kind + "\"");
  fault.kind = *known;
  if (scenario.brokers == 1 && traits_of(fault.kind).cost == FaultCost::disk) {
    return reader.refuse("kind", "one that leaves a copy somewhere: with one broker " + kind + " does not");
  }
  read_ms(reader, "at_ms", fault.at);
  read_ms(reader, "lasts_ms", fault.lasts);
  reader.number("amount", fault.amount, -1'000'000'000, 1'000'000'000);
  reader.number("broker", fault.broker, 1, node_count(scenario));
  reader.text("target", fault.target);
  if (!fault.target.empty() && !is_target(fault.target)) {
    return reader.refuse("target", "a part that a node plays (controller, leader:TOPIC:PARTITION, follower:..., " +
                                       std::string("acknowledger, newcomer, everybody, or next ...), not \"") +
                                       fault.target + "\"");
  }
  scenario.faults.push_back(fault);
}

void read_expects(Reader& top, Scenario& scenario) {
  top.entries("expects", [&](const std::string& name, const toml::node& node) {
    const auto least = node.value_exact<std::int64_t>();
    if (!RunCounts{}.find(name)) return top.refuse("expects", "of what is counted or a fault kind, not " + name);
    if (!least || *least < 1) return top.refuse("expects", "whole numbers from 1 on, as " + name + " is not");
    scenario.expects.emplace_back(name, *least);
  });
}

void read_scenario(Reader& top, Scenario& scenario) {
  top.text("name", scenario.name);
  top.text("why", scenario.why);
  top.number("seed", scenario.seed, 0, std::numeric_limits<std::int64_t>::max());
  top.text("scheduler", scenario.scheduler);
  if (scenario.scheduler != "random" && scenario.scheduler != "fifo" && scenario.scheduler != "pct")
    top.refuse("scheduler", "random, fifo or pct");
  top.number("latency_us_max", scenario.latency_us_max, 1, 10'000'000);
  top.number("shards", scenario.shards, 1, kShardsMax);
  top.number("brokers", scenario.brokers, 1, kBrokersMax);
  top.number("controllers", scenario.controllers, 0, scenario.brokers > 1 ? kControllersMax : 0);
  top.number("log_directories", scenario.log_directories, 1, kLogDirectoriesMax);
  top.number("racks", scenario.racks, 0, kBrokersMax);
  top.number("replication_factor", scenario.replication_factor, 1, scenario.brokers);
  top.number("min_insync_replicas", scenario.min_insync_replicas, 1, scenario.replication_factor);
  top.number("sequence_clients", scenario.sequence_clients, 0, kClientsMax);
  top.number("churned_topics", scenario.churned_topics, 0, kClientsMax);
  top.number("compaction_clients", scenario.compaction_clients, 0, kClientsMax);
  top.number("config_clients", scenario.config_clients, 0, kClientsMax);
  top.number("reassignment_clients", scenario.reassignment_clients, 0, kClientsMax);
  top.number("directory_clients", scenario.directory_clients, 0, kClientsMax);
  top.number("transaction_clients", scenario.transaction_clients, 0, kClientsMax);
  top.flag("flush_before_acknowledge", scenario.flush_before_acknowledge);
  top.flag("elects_unclean", scenario.elects_unclean);
  top.flag("tracks_elr", scenario.tracks_elr);
  top.flag("voters_join", scenario.voters_join);
  top.flag("over_budget", scenario.over_budget);
  read_ms(top, "chaos_ms", scenario.chaos);
  top.pairs("settings", scenario.settings);
  top.tables("topics", 16, [&](Reader& reader) {
    TopicPlan topic;
    reader.text("name", topic.name);
    reader.number("partitions", topic.partitions, 1, kPartitionsMax);
    reader.pairs("configs", topic.configs);
    scenario.topics.push_back(topic);
  });
  read_clients(top, scenario);
  read_expects(top, scenario);
  top.tables("faults", kFaultsMax, [&](Reader& reader) { read_fault(reader, scenario); });
}

}  // namespace

std::string broker_name(const Scenario& scenario, std::int32_t broker) {
  if (broker > scenario.brokers) return "controller-" + std::to_string(broker);
  return scenario.brokers == 1 ? "broker" : "broker-" + std::to_string(broker);
}

std::string rack_of(const Scenario& scenario, std::int64_t number) {
  return scenario.racks == 0 ? std::string() : "rack-" + std::to_string(number % scenario.racks);
}

std::string to_toml(const Scenario& scenario) {
  const toml::table table{{"name", scenario.name},
                          {"why", scenario.why},
                          {"seed", static_cast<std::int64_t>(scenario.seed)},
                          {"scheduler", scenario.scheduler},
                          {"latency_us_max", scenario.latency_us_max},
                          {"shards", scenario.shards},
                          {"brokers", scenario.brokers},
                          {"controllers", scenario.controllers},
                          {"log_directories", scenario.log_directories},
                          {"racks", scenario.racks},
                          {"replication_factor", scenario.replication_factor},
                          {"min_insync_replicas", scenario.min_insync_replicas},
                          {"flush_before_acknowledge", scenario.flush_before_acknowledge},
                          {"elects_unclean", scenario.elects_unclean},
                          {"tracks_elr", scenario.tracks_elr},
                          {"voters_join", scenario.voters_join},
                          {"over_budget", scenario.over_budget},
                          {"sequence_clients", scenario.sequence_clients},
                          {"churned_topics", scenario.churned_topics},
                          {"compaction_clients", scenario.compaction_clients},
                          {"config_clients", scenario.config_clients},
                          {"reassignment_clients", scenario.reassignment_clients},
                          {"directory_clients", scenario.directory_clients},
                          {"transaction_clients", scenario.transaction_clients},
                          {"chaos_ms", scenario.chaos.count()},
                          {"topics", topics_of(scenario)},
                          {"producers", producers_of(scenario)},
                          {"consumers", consumers_of(scenario)},
                          {"groups", groups_of(scenario)},
                          {"faults", faults_of(scenario)}};
  toml::table whole = table;
  put_pairs(whole, "settings", scenario.settings);
  if (!scenario.expects.empty()) whole.insert("expects", expects_of(scenario));
  std::ostringstream text;
  text << whole << '\n';
  return text.str();
}

Result<Scenario> scenario_from_toml(std::string_view text) {
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return fail(Errc::malformed,
                "line " + std::to_string(error.source().begin.line) + ": " + std::string(error.description()));
  }
  Scenario scenario;
  Error error;
  bool failed = false;
  Reader top(table, "", error, failed);
  read_scenario(top, scenario);
  top.refuse_unknown();
  if (failed) return fail(std::move(error));
  std::ranges::stable_sort(scenario.faults, {}, &Fault::at);
  return scenario;
}

}  // namespace gregor::scenarios
