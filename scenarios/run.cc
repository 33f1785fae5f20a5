#include "scenarios/run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "broker/node.h"
#include "config/load.h"
#include "observe/event.h"
#include "properties/always/ghost_log.h"
#include "properties/always/metadata_watch.h"
#include "properties/finally/histories.h"
#include "scenarios/chaos.h"
#include "scenarios/disk_audit.h"
#include "scenarios/workload.h"
#include "sim/world.h"

namespace gregor::scenarios {
namespace {

constexpr const char* kLogDirectory = "broker-log";
constexpr std::chrono::seconds kSetUpWithin{30};
/// How long clients may take to come to an end once everything is healed: their delivery timeouts three times over.
constexpr std::chrono::seconds kHealedWithin{120};
/// The same where the disk is damaged and nothing is owed.
constexpr std::chrono::seconds kDamagedWithin{10};

/// Who listens to the broker, in this order.
class Listeners final : public observe::Observer {
 public:
  using Last = UniqueFunction<void(const observe::Event&)>;
  Listeners(std::vector<observe::Observer*> all, Last last) : all_(std::move(all)), last_(std::move(last)) {}
  void on(const observe::Event& event) override {
    for (observe::Observer* one : all_) one->on(event);
    last_(event);
  }

 private:
  std::vector<observe::Observer*> all_;
  Last last_;
};

/// One life of the broker.
class BrokerLife final : public sim::Program {
 public:
  using Ended = UniqueFunction<void(const Result<void>&)>;
  BrokerLife(const config::BrokerConfig& config, std::size_t shards, observe::Observer& observer, observe::Log& log,
             Ended ended)
      : log_(log), ended_(std::move(ended)), node_(config, shards, observer, log) {}
  void run(env::Fiber& self, env::Shard& shard) override {
    const Result<void> outcome = node_.run(self, shard);
    if (!outcome) log_.error("broker.ended", {{"why", outcome.error().text}});
    if (shard.mailbox.self() == ShardId{0}) ended_(outcome);
  }
  void stop() override { node_.stop(); }

 private:
  observe::Log& log_;
  Ended ended_;
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

/// Whether a retention may be reached: one is set, or clocks jump.
bool may_delete(const Scenario& scenario) {
  const auto deletes = [](const TopicPlan& topic) {
    return std::ranges::any_of(topic.configs, [](const auto& entry) { return entry.first.starts_with("retention."); });
  };
  return scenario.transaction_clients > 0 || scenario.config_clients > 0 ||
         std::ranges::any_of(scenario.topics, deletes) ||
         std::ranges::any_of(scenario.faults, [](const Fault& fault) { return fault.kind == FaultKind::clock_jump; });
}

config::BrokerConfig broker_config(const Scenario& scenario) {
  std::vector<config::Assignment> settings = {{"node.id", "1", "scenario"},
                                              {"listeners", "PLAINTEXT://:" + std::to_string(kBrokerPort), "scenario"},
                                              {"log.dirs", std::string("/") + kLogDirectory, "scenario"}};
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
        ghost_({.flush_before_acknowledge = scenario.flush_before_acknowledge,
                .may_delete = may_delete(scenario),
                .unsteady_topics = Workload::configured_topics(scenario)},
               report_.verdict, [this] { return now(); }),
        metadata_(report_.verdict, [this] { return now(); }),
        disk_(std::make_shared<sim::DiskImage>(sim::usual_disk_law())),
        audit_(*disk_, kLogDirectory, report_.verdict, [this] { return now(); }),
        workload_(
            scenario, history_, [this] { return now(); }, [this] { return world_.incarnation(broker_); }),
        world_(world_options(scenario)),
        broker_(add_broker()),
        chaos_(scenario, world_, broker_, history_, chaos_watch()) {
    ghost_.read_logs_with([this](const TopicPartition& partition) { return audit_.stored_log(partition); });
  }

  RunReport go() {
    const bool came_to_rest = set_up() && live_through_chaos() && come_to_rest();
    if (is_damaged_) {
      properties::values_were_sent(history_, report_.verdict);
    } else if (came_to_rest) {
      note_log_starts();
      properties::judge_history(history_, report_.verdict);
    }
    fill_report();
    return std::move(report_);
  }

 private:
  [[nodiscard]] MonotonicTime now() const { return MonotonicTime{world_.now().time_since_epoch()}; }

  sim::NodeIndex add_broker() {
    const auto shards = static_cast<std::size_t>(scenario_.shards);
    return world_.add_node({.name = "broker",
                            .shard_count = shards,
                            .program =
                                [this, shards] {
                                  observe::Log& log = options_.log != nullptr ? *options_.log : silence_;
                                  return std::make_unique<BrokerLife>(
                                      config_, shards, listeners_, log,
                                      [this](const Result<void>& outcome) { broker_ended(outcome); });
                                },
                            .disk = disk_});
  }
  ChaosWatch chaos_watch() {
    return {.died =
                [this](properties::Death death) {
                  is_damaged_ = is_damaged_ || death == properties::Death::damage;
                  ghost_.node_died(death);
                  metadata_.node_died(death == properties::Death::damage);
                },
            .flushes_lie =
                [this] {
                  is_damaged_ = true;
                  audit_.trust_no_flush();
                },
            .ended_well = [this] { return ended_well_; }};
  }
  /// The disk may fail a start; but what an earlier life left must never be in the way of the next.
  void broker_ended(const Result<void>& outcome) {
    ended_well_ = outcome.has_value();
    if (outcome || is_damaged_ || chaos_.metadata_is_rotten()) return;
    const Errc code = outcome.error().code;
    const bool trips_over_itself = code == Errc::corrupt || code == Errc::malformed || code == Errc::invalid ||
                                   code == Errc::exists || code == Errc::unsupported;
    const bool began_healed = chaos_.healed() && world_.incarnation(broker_) > life_at_heal_;
    if (trips_over_itself || began_healed)
      report_.verdict.violated(trips_over_itself ? "S3" : "L4", "the broker ended: " + outcome.error().text, now());
  }
  void note_log_start(const TopicPartition& name, Offset start) {
    history_.log_start_moves.push_back({{name.topic, name.partition.value()}, start, now()});
  }
  void listen(const observe::Event& event) {
    if (const auto* moved = std::get_if<observe::LogStartMoved>(&event)) note_log_start(moved->partition, moved->to);
    if (const auto* opened = std::get_if<observe::LogOpened>(&event)) {
      note_log_start(opened->partition, opened->log_start);
    }
    judge_readiness(event);
  }
  void judge_readiness(const observe::Event& event) {
    if (!std::holds_alternative<observe::NodeReady>(event)) return;
    ready_life_ = world_.incarnation(broker_);
    if (!chaos_.metadata_is_rotten()) return;
    report_.verdict.violated("S4", "the broker is ready over a damaged metadata log", now());
  }
  void add_client(std::string name, sim::NodeBody body) {
    world_.add_node({.name = std::move(name), .shard_count = 1, .body = std::move(body)});
  }

  bool until(UniqueFunction<bool()> done, Nanoseconds within, const char* what) {
    if (is_damaged_) within = std::min<Nanoseconds>(within, kDamagedWithin);
    const sim::RunLimit limit{.deadline = world_.now() + within, .events_max = options_.events_max};
    const auto decided = [&] { return !report_.verdict.holds() || done(); };
    if (world_.run_until(decided, limit) == sim::RunEnd::satisfied) return report_.verdict.holds();
    if (is_damaged_) return false;  // a node may refuse to live on such a disk
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
    for (std::size_t i = 0; i < static_cast<std::size_t>(scenario_.sequence_clients); ++i) {
      add_client("sequences-" + std::to_string(i),
                 [this, i](env::Fiber& self, env::Shard& shard) { workload_.send_sequences(self, shard, i); });
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(scenario_.churned_topics); ++i) {
      add_client("churn-" + std::to_string(i),
                 [this, i](env::Fiber& self, env::Shard& shard) { workload_.churn_topic(self, shard, i); });
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(scenario_.transaction_clients); ++i) {
      add_client("transactions-" + std::to_string(i),
                 [this, i](env::Fiber& self, env::Shard& shard) { workload_.run_transactions(self, shard, i); });
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(scenario_.compaction_clients); ++i) {
      add_client("compaction-" + std::to_string(i),
                 [this, i](env::Fiber& self, env::Shard& shard) { workload_.compact(self, shard, i); });
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(scenario_.config_clients); ++i) {
      add_client("configs-" + std::to_string(i),
                 [this, i](env::Fiber& self, env::Shard& shard) { workload_.change_configs(self, shard, i); });
    }
    for (std::size_t i = 0; i < scenario_.consumers.size(); ++i) {
      add_client("consumer-" + std::to_string(i),
                 [this, i](env::Fiber& self, env::Shard& shard) { workload_.consume(self, shard, i); });
    }
    std::size_t members = 0;
    for (std::size_t i = 0; i < scenario_.groups.size(); ++i) {
      for (std::size_t m = 0; m < static_cast<std::size_t>(scenario_.groups[i].members); ++m, ++members) {
        add_client("member-" + std::to_string(i) + "-" + std::to_string(m),
                   [this, i, m](env::Fiber& self, env::Shard& shard) { workload_.live_in_group(self, shard, i, m); });
      }
    }
    chaos_.begin();
    world_.run_until([this] { return !report_.verdict.holds(); },
                     {.deadline = world_.now() + scenario_.chaos, .events_max = options_.events_max});
    chaos_.heal();
    life_at_heal_ = world_.incarnation(broker_);
    workload_.end_chaos();
    const std::size_t writers = scenario_.producers.size() + static_cast<std::size_t>(scenario_.sequence_clients) +
                                static_cast<std::size_t>(scenario_.churned_topics) +
                                static_cast<std::size_t>(scenario_.transaction_clients) +
                                static_cast<std::size_t>(scenario_.compaction_clients) +
                                static_cast<std::size_t>(scenario_.config_clients) + members;
    return until([this, writers] { return workload_.producers_done() == writers; }, kHealedWithin, "producing");
  }

  bool come_to_rest() {
    const auto is_up = [this] { return ready_life_ == world_.incarnation(broker_) && world_.is_alive(broker_); };
    if (!until(is_up, kHealedWithin, "starting")) return false;
    const std::uint32_t before = chaos_.restarts();
    ended_well_ = false;
    world_.stop(broker_);
    if (!until([&] { return !world_.is_alive(broker_); }, kHealedWithin, "a clean stop")) return false;
    if (!is_damaged_ && !ended_well_) report_.verdict.violated("L4", "the broker did not end cleanly", now());
    if (!is_damaged_) audit_.judge_clean_end();
    if (!until([&] { return chaos_.restarts() > before; }, kHealedWithin, "a restart")) return false;
    add_client("reader", [this](env::Fiber& self, env::Shard& shard) { workload_.read_back(self, shard); });
    if (!until([this] { return workload_.read_back_done(); }, kHealedWithin, "reading everything back")) return false;
    workload_.finish();
    return true;
  }

  /// The ghost log judged each move of a log start when it happened.
  void note_log_starts() {
    for (const auto& [name, partition] : ghost_.partitions()) {
      if (partition.log_start > Offset{0})
        history_.log_starts[{name.topic, name.partition.value()}] = partition.log_start;
    }
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
  properties::GhostLog ghost_;
  properties::MetadataWatch metadata_;
  std::shared_ptr<sim::DiskImage> disk_;
  DiskAudit audit_;
  Listeners listeners_{{&audit_, &ghost_, &metadata_}, [this](const observe::Event& event) { listen(event); }};
  Workload workload_;
  sim::World world_;  ///< its clients end with it, and tell the history
  sim::NodeIndex broker_;
  Chaos chaos_;
  bool is_damaged_ = false;  ///< durable bytes were lost or changed: over budget
  std::uint32_t ready_life_ = 0;
  std::uint32_t life_at_heal_ = 0;
  bool ended_well_ = false;
};

}  // namespace

RunReport run_scenario(const Scenario& scenario, const RunOptions& options) {
  return Run(scenario, options).go();
}

}  // namespace gregor::scenarios
