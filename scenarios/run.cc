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
#include "scenarios/broker_life.h"
#include "scenarios/chaos.h"
#include "scenarios/cluster_run.h"
#include "scenarios/disk_audit.h"
#include "scenarios/fault_traits.h"
#include "scenarios/run_frame.h"
#include "scenarios/run_witness.h"
#include "scenarios/workload.h"
#include "sim/world.h"

namespace gregor::scenarios {
namespace {

constexpr std::chrono::seconds kSetUpWithin{30};
/// How long clients may take to come to an end once everything is healed: their delivery timeouts three times over.
constexpr std::chrono::seconds kHealedWithin{120};
/// The same where the disk is damaged and nothing is owed.
constexpr std::chrono::seconds kDamagedWithin{10};

/// Whether a retention may be reached: one is set, or clocks jump.
bool may_delete(const Scenario& scenario) {
  const auto deletes = [](const TopicPlan& topic) {
    return std::ranges::any_of(topic.configs, [](const auto& entry) { return entry.first.starts_with("retention."); });
  };
  return scenario.transaction_clients > 0 || scenario.config_clients > 0 ||
         std::ranges::any_of(scenario.topics, deletes) ||
         std::ranges::any_of(scenario.faults, [](const Fault& fault) { return fault.kind == FaultKind::clock_jump; });
}

/// A scenario under way: the world, who lives in it, and who watches.
class Run {
 public:
  Run(const Scenario& scenario, const RunOptions& options)
      : scenario_(scenario),
        options_(options),
        config_(broker_config(scenario, 1)),
        ghost_({.flush_before_acknowledge = scenario.flush_before_acknowledge,
                .may_delete = may_delete(scenario),
                .unsteady_topics = Workload::configured_topics(scenario)},
               report_.verdict, [this] { return now(); }),
        metadata_(report_.verdict, [this] { return now(); }),
        disk_(std::make_shared<sim::DiskImage>(sim::usual_disk_law())),
        audit_(*disk_, log_directory_paths(scenario), report_.verdict, [this] { return now(); }),
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
    report();
    return std::move(report_);
  }

 private:
  [[nodiscard]] MonotonicTime now() const { return MonotonicTime{world_.now().time_since_epoch()}; }

  sim::NodeIndex add_broker() {
    const auto shards = static_cast<std::size_t>(scenario_.shards);
    return world_.add_node({.name = broker_name(scenario_, 1),
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
            .ended_well = [this] { return ended_well_; },
            .has_unopened = [this] { return ghost_.has_unopened(); },
            .is_legal = [](FaultKind kind) { return traits_of(kind).cost != FaultCost::disk; },
            .struck = [this](const Fault& fault, bool is_legal) { note_strike(fault, is_legal); }};
  }
  void note_strike(const Fault& fault, bool is_legal) { witness_.struck(world_, broker_, 1, fault, is_legal); }
  void broker_ended(const Result<void>& outcome) {
    ended_well_ = outcome.has_value();
    if (outcome || is_damaged_ || chaos_.metadata_is_rotten()) return;
    const bool trips = trips_over_itself(outcome.error());
    const bool began_healed = chaos_.healed() && world_.incarnation(broker_) > life_at_heal_;
    if (trips || began_healed)
      report_.verdict.violated(trips ? "S3" : "L4", "the broker ended: " + outcome.error().text, now());
  }
  void note_log_start(const TopicPartition& name, Offset start) {
    history_.log_start_moves.push_back({{name.topic, name.partition.value()}, start, now()});
  }
  void listen(const observe::Event& event) {
    if (const auto* moved = std::get_if<observe::LogStartMoved>(&event)) note_log_start(moved->partition, moved->to);
    if (const auto* opened = std::get_if<observe::LogOpened>(&event)) {
      note_log_start(opened->partition, opened->log_start);
    }
    if (std::holds_alternative<observe::LogDirectoryFailed>(event)) chaos_.directory_failed();
    judge_readiness(event);
    witness_.heard(world_, 1, event);
  }
  void judge_readiness(const observe::Event& event) {
    if (!std::holds_alternative<observe::NodeReady>(event)) return;
    ready_life_ = world_.incarnation(broker_);
    if (!chaos_.metadata_is_rotten()) return;
    report_.verdict.violated("S4", "the broker is ready over a damaged metadata log", now());
  }
  bool until(UniqueFunction<bool()> done, Nanoseconds within, const char* what) {
    if (is_damaged_) within = std::min<Nanoseconds>(within, kDamagedWithin);
    if (wait_until(world_, report_, options_, done, within)) return report_.verdict.holds();
    if (is_damaged_) return false;  // a node may refuse to live on such a disk
    note_stuck(world_, report_, within, what);
    return false;
  }

  bool set_up() {
    add_client(world_, "admin", [this](env::Fiber& self, env::Shard& shard) { workload_.create_topics(self, shard); });
    return until([this] { return workload_.topics_created(); }, kSetUpWithin, "creating the topics");
  }

  bool live_through_chaos() {
    const std::size_t writers = add_actors(world_, workload_);
    chaos_.begin();
    witness_.chaos_begins(world_);
    run_for(world_, report_, options_, scenario_.chaos);
    witness_.chaos_ends(world_);
    chaos_.heal();
    life_at_heal_ = world_.incarnation(broker_);
    workload_.end_chaos();
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
    add_client(world_, "reader", [this](env::Fiber& self, env::Shard& shard) { workload_.read_back(self, shard); });
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

  void report() {
    witness_.run_ended(world_);
    scenarios::fill_report(world_, history_, report_);
    report_.events_judged = ghost_.events_checked();
    report_.broker_lives = world_.incarnation(broker_);
  }

  const Scenario& scenario_;
  const RunOptions& options_;
  RunReport report_;
  RunWitness witness_{report_, options_};
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
  if (scenario.brokers > 1) return run_cluster(scenario, options);
  return Run(scenario, options).go();
}

}  // namespace gregor::scenarios
