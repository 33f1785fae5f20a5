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
  const std::int32_t first_controller = is_split ? scenario.brokers + 1 : 1;
  std::string controllers;
  for (std::int32_t controller = first_controller; controller <= node_count(scenario); ++controller) {
    controllers += (controllers.empty() ? "" : ",") + (scenario.voters_join ? "" : std::to_string(controller) + "@") +
                   broker_name(scenario, controller) + ":" + controller_port;
  }
  const std::string client_listener = "PLAINTEXT://:" + std::to_string(kBrokerPort);
  const std::string controller_listener = "CONTROLLER://:" + controller_port;
  const auto add = [&](const char* key, std::string value) { settings.push_back({key, std::move(value), "scenario"}); };
  add("process.roles", !is_split ? "broker,controller" : is_broker ? "broker" : "controller");
  add("listeners", !is_split   ? client_listener + "," + controller_listener
                   : is_broker ? client_listener
                               : controller_listener);
  const bool is_controller = !is_split || !is_broker;
  const std::string for_clients = "PLAINTEXT://" + broker_name(scenario, node) + ":" + std::to_string(kBrokerPort);
  const std::string for_controllers = "CONTROLLER://" + broker_name(scenario, node) + ":" + controller_port;
  if (is_controller && scenario.voters_join) {
    add("advertised.listeners", is_broker ? for_clients + "," + for_controllers : for_controllers);
  } else if (is_broker) {
    add("advertised.listeners", for_clients);
  }
  if (is_broker && scenario.racks > 0) {
    add("broker.rack", rack_of(scenario, node));
    add("replica.selector.class", std::string(config::kRackAwareSelector));
  }
  add(scenario.voters_join ? "controller.quorum.bootstrap.servers" : "controller.quorum.voters", controllers);
  if (!is_controller) return;
  if (!scenario.voters_join) return add("gregor.initial.cluster", kClusterId);
  add("controller.quorum.auto.join.enable", "true");
  if (node == first_controller) add("gregor.initial.standalone", "true");
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
