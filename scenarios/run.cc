#include "scenarios/run.h"

#include <memory>
#include <utility>

#include "broker/node.h"
#include "config/load.h"
#include "observe/event.h"
#include "properties/always/ghost_log.h"
#include "properties/finally/histories.h"
#include "scenarios/chaos.h"
#include "scenarios/workload.h"
#include "sim/world.h"

namespace gregor::scenarios {
namespace {

constexpr std::chrono::seconds kSetUpWithin{30};
/// How long clients may take to come to an end once everything is healed: their delivery timeouts three times over.
constexpr std::chrono::seconds kHealedWithin{120};

/// One life of the broker.
class BrokerLife final : public sim::Program {
 public:
  BrokerLife(const config::BrokerConfig& config, std::size_t shards, observe::Observer& observer, observe::Log& log)
      : log_(log), node_(config, shards, observer, log) {}
  void run(env::Fiber& self, env::Shard& shard) override {
    if (const auto ended = node_.run(self, shard); !ended) log_.error("broker.ended", {{"why", ended.error().text}});
  }
  void stop() override { node_.stop(); }

 private:
  observe::Log& log_;
  broker::Node node_;
};

sim::WorldOptions world_options(const Scenario& scenario) {
  sim::WorldOptions options;
  options.seed = scenario.seed;
  options.scheduler.policy = scenario.scheduler == "fifo"  ? sim::Policy::fifo
                             : scenario.scheduler == "pct" ? sim::Policy::pct
                                                           : sim::Policy::random;
  options.network.one_way.spread = std::chrono::microseconds(scenario.latency_us_max);
  return options;
}

config::BrokerConfig broker_config(const Scenario& scenario) {
  std::vector<config::Assignment> settings = {{"node.id", "1", "scenario"},
                                              {"listeners", "PLAINTEXT://:" + std::to_string(kBrokerPort), "scenario"},
                                              {"log.dirs", "/broker-log", "scenario"}};
  for (const auto& [key, value] : scenario.settings) settings.push_back({key, value, "scenario"});
  auto loaded = config::load_broker_config(settings);
  CHECK(loaded.has_value());
  return std::move(loaded->broker);
}

/// A scenario under way: the world, who lives in it, and who watches.
class Run {
 public:
  Run(const Scenario& scenario, const RunOptions& options)
      : scenario_(scenario),
        options_(options),
        config_(broker_config(scenario)),
        world_(world_options(scenario)),
        ghost_({.flush_before_acknowledge = scenario.flush_before_acknowledge}, report_.verdict,
               [this] { return now(); }),
        workload_(scenario, history_, [this] { return now(); }),
        broker_(add_broker()),
        chaos_(scenario, world_, broker_, ghost_, history_) {}

  RunReport go() {
    if (set_up() && live_through_chaos() && come_to_rest()) properties::judge_history(history_, report_.verdict);
    fill_report();
    return std::move(report_);
  }

 private:
  [[nodiscard]] MonotonicTime now() const { return MonotonicTime{world_.now().time_since_epoch()}; }

  sim::NodeIndex add_broker() {
    const auto shards = static_cast<std::size_t>(scenario_.shards);
    return world_.add_node({.name = "broker", .shard_count = shards, .program = [this, shards] {
                              observe::Log& log = options_.log != nullptr ? *options_.log : silence_;
                              return std::make_unique<BrokerLife>(config_, shards, ghost_, log);
                            }});
  }
  void add_client(std::string name, sim::NodeBody body) {
    world_.add_node({.name = std::move(name), .shard_count = 1, .body = std::move(body)});
  }

  bool until(UniqueFunction<bool()> done, Nanoseconds within, const char* what) {
    const sim::RunLimit limit{.deadline = world_.now() + within, .events_max = options_.events_max};
    if (world_.run_until(std::move(done), limit) == sim::RunEnd::satisfied) return true;
    report_.stuck = world_.live_fibers();
    report_.verdict.violated(
        "L4",
        std::string(what) + " did not come to an end within " + std::to_string(within.count() / 1'000'000) + " ms",
        now());
    return false;
  }

  bool set_up() {
    add_client("admin", [this](env::Fiber& self, env::Shard& shard) { workload_.create_topics(self, shard); });
    return until([this] { return workload_.topics_created(); }, kSetUpWithin, "creating the topics");
  }

  bool live_through_chaos() {
    for (std::size_t i = 0; i < scenario_.producers.size(); ++i) {
      add_client("producer-" + std::to_string(i),
                 [this, i](env::Fiber& self, env::Shard& shard) { workload_.produce(self, shard, i); });
    }
    for (std::size_t i = 0; i < scenario_.consumers.size(); ++i) {
      add_client("consumer-" + std::to_string(i),
                 [this, i](env::Fiber& self, env::Shard& shard) { workload_.consume(self, shard, i); });
    }
    chaos_.begin();
    world_.run_until([] { return false; },
                     {.deadline = world_.now() + scenario_.chaos, .events_max = options_.events_max});
    chaos_.heal();
    return until([this] { return workload_.producers_done() == scenario_.producers.size(); }, kHealedWithin,
                 "producing");
  }

  bool come_to_rest() {
    const std::uint32_t before = chaos_.restarts();
    chaos_.stop_and_restart();
    if (!until([&] { return chaos_.restarts() > before; }, kHealedWithin, "a clean stop")) return false;
    add_client("reader", [this](env::Fiber& self, env::Shard& shard) { workload_.read_back(self, shard); });
    if (!until([this] { return workload_.read_back_done(); }, kHealedWithin, "reading everything back")) return false;
    workload_.finish();
    return true;
  }

  void fill_report() {
    report_.hash = world_.trace().hash();
    report_.events = world_.trace().event_count();
    report_.simulated = world_.now().time_since_epoch();
    report_.sent = history_.sent.size();
    for (const properties::Sent& sent : history_.sent)
      report_.acknowledged += sent.outcome == properties::Outcome::acknowledged;
    report_.read = history_.reads.size();
    report_.events_judged = ghost_.events_checked();
    report_.broker_lives = world_.incarnation(broker_);
    for (std::size_t i = 0; i < sim::kFaultRows.size(); ++i)
      report_.faults[i] = world_.faults().of(sim::kFaultRows[i].kind);
  }

  const Scenario& scenario_;
  const RunOptions& options_;
  RunReport report_;
  observe::NullLog silence_;
  properties::History history_;
  config::BrokerConfig config_;
  sim::World world_;
  properties::GhostLog ghost_;
  Workload workload_;
  sim::NodeIndex broker_;
  Chaos chaos_;
};

}  // namespace

RunReport run_scenario(const Scenario& scenario, const RunOptions& options) {
  return Run(scenario, options).go();
}

}  // namespace gregor::scenarios
