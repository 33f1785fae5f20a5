// What the runs of one broker and of several share: a broker as a program of the simulated world, its configuration,
// who listens to it, and the world's laws.
#pragma once

#include <string>
#include <vector>

#include "broker/node.h"
#include "config/broker_config.h"
#include "observe/event.h"
#include "observe/log.h"
#include "scenarios/scenario.h"
#include "sim/world.h"

namespace gregor::scenarios {

/// Log directories of every broker: "/broker-log", "/broker-log-2", ...
std::vector<std::string> log_directory_paths(const Scenario& scenario);

sim::WorldOptions world_options(const Scenario& scenario);
/// Of the broker with that number, from 1. Requires that the scenario's settings are right.
config::BrokerConfig broker_config(const Scenario& scenario, std::int32_t broker);

/// Who listens to a broker, in this order.
class Listeners final : public observe::Observer {
 public:
  using Last = UniqueFunction<void(const observe::Event&)>;
  Listeners(std::vector<observe::Observer*> all, Last last) : all_(std::move(all)), last_(std::move(last)) {}
  void on(const observe::Event& event) override;

 private:
  std::vector<observe::Observer*> all_;
  Last last_;
};

/// One life of a broker.
class BrokerLife final : public sim::Program {
 public:
  using Ended = UniqueFunction<void(const Result<void>&)>;
  BrokerLife(const config::BrokerConfig& config, std::size_t shards, observe::Observer& observer, observe::Log& log,
             Ended ended)
      : log_(log), ended_(std::move(ended)), node_(config, shards, observer, log) {}
  void run(env::Fiber& self, env::Shard& shard) override;
  void stop() override { node_.stop(); }

 private:
  observe::Log& log_;
  Ended ended_;
  broker::Node node_;
};

}  // namespace gregor::scenarios
