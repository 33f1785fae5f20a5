#include "scenarios/broker_life.h"

#include "base/check.h"
#include "config/load.h"
#include "scenarios/workload.h"

namespace gregor::scenarios {
namespace {

constexpr std::uint16_t kControllerPort = 9093;
/// Any cluster id will do.
constexpr const char* kClusterId = "Z3JlZ29yLXNpbS1jbHVzdA";

/// What several nodes must know of each other.
void add_neighbours(const Scenario& scenario, std::int32_t node, std::vector<config::Assignment>& settings) {
  const bool is_split = scenario.controllers > 0;
  const bool is_broker = node <= scenario.brokers;
  const std::string controller_port = std::to_string(kControllerPort);
  std::string voters;
  for (std::int32_t voter = is_split ? scenario.brokers + 1 : 1; voter <= node_count(scenario); ++voter) {
    voters += (voters.empty() ? "" : ",") + std::to_string(voter) + "@" + broker_name(scenario, voter) + ":" +
              controller_port;
  }
  const std::string client_listener = "PLAINTEXT://:" + std::to_string(kBrokerPort);
  const std::string controller_listener = "CONTROLLER://:" + controller_port;
  const auto add = [&](const char* key, std::string value) { settings.push_back({key, std::move(value), "scenario"}); };
  add("process.roles", !is_split ? "broker,controller" : is_broker ? "broker" : "controller");
  add("listeners", !is_split   ? client_listener + "," + controller_listener
                   : is_broker ? client_listener
                               : controller_listener);
  if (is_broker) {
    add("advertised.listeners", "PLAINTEXT://" + broker_name(scenario, node) + ":" + std::to_string(kBrokerPort));
  }
  if (is_broker && scenario.racks > 0) {
    add("broker.rack", rack_of(scenario, node));
    add("replica.selector.class", std::string(config::kRackAwareSelector));
  }
  add("controller.quorum.voters", voters);
  if (!is_split || !is_broker) add("gregor.initial.cluster", kClusterId);
}

}  // namespace

sim::WorldOptions world_options(const Scenario& scenario) {
  sim::WorldOptions options;
  options.seed = scenario.seed;
  options.scheduler.policy = scenario.scheduler == "fifo"  ? sim::Policy::fifo
                             : scenario.scheduler == "pct" ? sim::Policy::pct
                                                           : sim::Policy::random;
  options.network.one_way.spread = std::chrono::microseconds(scenario.latency_us_max);
  return options;
}

std::vector<std::string> log_directory_paths(const Scenario& scenario) {
  std::vector<std::string> paths{"/broker-log"};
  for (std::int32_t i = 2; i <= scenario.log_directories; ++i) paths.push_back("/broker-log-" + std::to_string(i));
  return paths;
}

config::BrokerConfig broker_config(const Scenario& scenario, std::int32_t broker) {
  std::string directories;
  for (const std::string& path : log_directory_paths(scenario)) directories += (directories.empty() ? "" : ",") + path;
  std::vector<config::Assignment> settings = {{"node.id", std::to_string(broker), "scenario"},
                                              {"listeners", "PLAINTEXT://:" + std::to_string(kBrokerPort), "scenario"},
                                              {"log.dirs", directories, "scenario"}};
  if (scenario.brokers > 1) add_neighbours(scenario, broker, settings);
  for (const auto& [key, value] : scenario.settings) settings.push_back({key, value, "scenario"});
  auto loaded = config::load_broker_config(settings);
  CHECK(loaded.has_value());
  return std::move(loaded->broker);
}

void Listeners::on(const observe::Event& event) {
  for (observe::Observer* one : all_) one->on(event);
  last_(event);
}

void BrokerLife::run(env::Fiber& self, env::Shard& shard) {
  const Result<void> outcome = node_.run(self, shard);
  if (!outcome) log_.error("broker.ended", {{"why", outcome.error().text}});
  if (shard.mailbox.self() == ShardId{0}) ended_(outcome);
}

}  // namespace gregor::scenarios
