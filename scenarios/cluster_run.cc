#include "scenarios/cluster_run.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/check.h"
#include "properties/always/quorum_watch.h"
#include "properties/always/replica_watch.h"
#include "properties/finally/histories.h"
#include "scenarios/broker_life.h"
#include "scenarios/chaos.h"
#include "scenarios/disk_audit.h"
#include "scenarios/event_lines.h"
#include "scenarios/fault_budget.h"
#include "scenarios/roles.h"
#include "scenarios/run_frame.h"
#include "scenarios/run_witness.h"
#include "scenarios/workload.h"

namespace gregor::scenarios {
namespace {

constexpr std::chrono::seconds kSetUpWithin{60};
constexpr std::chrono::seconds kHealedWithin{120};
constexpr std::chrono::microseconds kAimTakes{2000};  ///< at most, from an event to what strikes its node

/// The nodes that are controllers.
std::set<NodeId> controllers_of(const Scenario& scenario) {
  std::set<NodeId> voters;
  const std::int32_t first = scenario.controllers > 0 ? scenario.brokers + 1 : 1;
  for (std::int32_t number = first; number <= node_count(scenario); ++number) voters.insert(NodeId{number});
  return voters;
}

/// A scenario of several brokers under way.
class ClusterRun {
 public:
  ClusterRun(const Scenario& scenario, const RunOptions& options)
      : scenario_(scenario),
        options_(options),
        quorum_(scenario.voters_join ? std::set<NodeId>() : controllers_of(scenario), report_.verdict,
                [this] { return now(); }),
        replicas_({.min_insync_replicas = scenario.min_insync_replicas, .elects_unclean = scenario.elects_unclean},
                  report_.verdict, [this] { return now(); }),
        workload_(
            scenario, history_, [this] { return now(); }, [] { return 0U; }),
        roles_([this](std::string_view part, NodeId node) { came_to_play(part, node); }),
        world_(world_options(scenario)) {
    history_.is_of_cluster = true;
    for (std::int32_t number = 1; number <= node_count(scenario); ++number) add_broker(number);
  }

  RunReport go() {
    if (set_up() && live_through_chaos() && come_to_rest()) {
      if (scenario_.elects_unclean) history_.losses.push_back({now(), "unclean elections", true});
      properties::judge_history(history_, report_.verdict);
    }
    report();
    return std::move(report_);
  }

 private:
  struct Member {
    std::int32_t number = 0;
    std::string name;
    config::BrokerConfig config;
    sim::NodeIndex node = 0;
    std::shared_ptr<sim::DiskImage> disk = std::make_shared<sim::DiskImage>(sim::usual_disk_law());
    std::unique_ptr<DiskAudit> audit;
    std::unique_ptr<properties::GhostLog> ghost;
    std::unique_ptr<Listeners> listeners;
    Chaos* chaos = nullptr;
    std::uint32_t ready_life = 0;
    std::uint32_t life_at_heal = 0;
    bool ended_well = false;
    bool has_rotted = false;  ///< some log on its disk, once
  };

  [[nodiscard]] MonotonicTime now() const { return MonotonicTime{world_.now().time_since_epoch()}; }

  void add_broker(std::int32_t number) {
    members_.push_back(std::make_unique<Member>());
    Member& member = *members_.back();
    member.number = number;
    member.name = broker_name(scenario_, number);
    member.config = broker_config(scenario_, number);
    watch_logs(member);
    if (controllers_of(scenario_).contains(NodeId{number})) budget_.add_voter(NodeId{number}, *member.disk);
    member.node = world_.add_node({.name = member.name,
                                   .shard_count = static_cast<std::size_t>(scenario_.shards),
                                   .program = [this, &member] { return new_life(member); },
                                   .disk = member.disk});
    chaos_.push_back(std::make_unique<Chaos>(scenario_, world_, member.node, history_, chaos_watch(member), number));
    member.chaos = chaos_.back().get();
  }
  void watch_logs(Member& member) {
    member.audit = std::make_unique<DiskAudit>(
        *member.disk, log_directory_paths(scenario_), report_.verdict, [this] { return now(); }, metadata_truth_);
    member.audit->expect_gaps_in(Workload::is_compacted);
    member.ghost = std::make_unique<properties::GhostLog>(
        properties::GhostLog::Rules{.flush_before_acknowledge = scenario_.flush_before_acknowledge,
                                    .may_give_up = scenario_.elects_unclean,
                                    .is_compacted = Workload::is_compacted},
        report_.verdict, [this] { return now(); });
    member.ghost->read_logs_with(
        [&member](const TopicPartition& partition) { return member.audit->stored_log(partition); });
    const NodeId id{member.number};
    member.listeners = std::make_unique<Listeners>(
        std::vector<observe::Observer*>{member.audit.get(), member.ghost.get(), &quorum_.of(id, *member.ghost),
                                        &replicas_.of(id, *member.ghost)},
        [this, &member](const observe::Event& event) { listen(member, event); });
  }
  ChaosWatch chaos_watch(Member& member) {
    const NodeId id{member.number};
    return {.died =
                [this, id, &member](properties::Death death) {
                  if (death == properties::Death::replaced) member.audit->disk_was_replaced();
                  member.ghost->node_died(death);
                  quorum_.node_died(id);
                },
            .flushes_lie = [] {},
            .ended_well = [&member] { return member.ended_well; },
            .has_unopened = [&member] { return member.ghost->has_unopened(); },
            .is_legal = [this, id](FaultKind kind) { return budget_.allows(kind, id); },
            .lost_power = [this, id] { budget_.lost_power(id); },
            .lost_disk = [this, id] { budget_.lost_disk(id); },
            .rotted =
                [this, id, &member](std::string_view folder) {
                  for (const TopicPartition& struck : member.ghost->rotted(folder)) replicas_.lost_copy(id, struck);
                  member.audit->rotted(folder);
                  member.has_rotted = true;
                },
            .leaves = [this, id] { replicas_.node_ended(id); },
            .may_halt = [this, id](bool begins) { replicas_.may_halt(id, begins); },
            .struck =
                [this, &member](const Fault& fault, bool is_legal) {
                  lines_.tell(now(), member.name, fault, is_legal);
                  witness_.struck(world_, member.node, member.number, fault, is_legal);
                },
            .controller = [this] { return node_of(roles_.find("controller")); }};
  }
  std::unique_ptr<sim::Program> new_life(Member& member) {
    observe::Log& log = options_.log != nullptr ? *options_.log : silence_;
    return std::make_unique<BrokerLife>(
        member.config, static_cast<std::size_t>(scenario_.shards), *member.listeners, log,
        [this, &member](const Result<void>& outcome) { broker_ended(member, outcome); });
  }
  [[nodiscard]] Member& member_of(NodeId node) { return *members_.at(static_cast<std::size_t>(node.value() - 1)); }
  [[nodiscard]] std::optional<sim::NodeIndex> node_of(std::optional<NodeId> id) {
    return id ? std::optional(member_of(*id).node) : std::nullopt;
  }
  void listen(Member& member, const observe::Event& event) {
    // Who leads may have lost what others have shown.
    const bool may_lose = scenario_.elects_unclean && std::holds_alternative<observe::LeadershipBegan>(event);
    if (may_lose) history_.losses.push_back({now(), "an unclean election", true});
    roles_.hear(NodeId{member.number}, event);
    lines_.tell(now(), member.name, event);
    witness_.heard(world_, member.number, event);
    const bool is_imagined = std::holds_alternative<observe::CopyDamaged>(event) && !member.has_rotted;
    if (is_imagined) report_.verdict.violated("S4", member.name + " found damage where nothing was damaged", now());
    if (std::holds_alternative<observe::LogDirectoryFailed>(event)) member.chaos->directory_failed();
    if (std::holds_alternative<observe::NodeReady>(event)) {
      member.ready_life = world_.incarnation(member.node);
      member.config.gregor_initial_standalone = false;  // as Kafka's `format --standalone`: said once
    }
  }
  void broker_ended(Member& member, const Result<void>& outcome) {
    member.ended_well = outcome.has_value();
    if (outcome) return;
    const bool trips = trips_over_itself(outcome.error());
    const bool began_healed = member.chaos->healed() && world_.incarnation(member.node) > member.life_at_heal;
    if (!trips && !began_healed) return;
    report_.stuck = world_.live_fibers();
    report_.verdict.violated(trips ? "S3" : "L4", member.name + " ended: " + outcome.error().text, now());
  }
  bool until(UniqueFunction<bool()> done, Nanoseconds within, const char* what) {
    if (wait_until(world_, report_, options_, done, within)) return report_.verdict.holds();
    note_stuck(world_, report_, within, what);
    return false;
  }

  bool set_up() {
    add_client(world_, "admin", [this](env::Fiber& self, env::Shard& shard) { workload_.create_topics(self, shard); });
    return until([this] { return workload_.topics_created(); }, kSetUpWithin, "creating the topics");
  }

  bool live_through_chaos() {
    const std::size_t writers = add_actors(world_, workload_);
    for (const auto& member : members_) member->chaos->begin();
    for (const Fault& fault : scenario_.faults) {
      if (!fault.target.empty()) world_.after(fault.at, [this, &fault] { take_aim(fault); });
    }
    witness_.chaos_begins(world_);
    run_for(world_, report_, options_, scenario_.chaos);
    witness_.chaos_ends(world_);
    for (const auto& member : members_) {
      member->chaos->heal();
      member->life_at_heal = world_.incarnation(member->node);
    }
    workload_.end_chaos();
    return until([this, writers] { return workload_.producers_done() == writers; }, kHealedWithin, "producing");
  }

  /// A fault that is aimed at a part strikes who plays it now, or waits for the next who comes to play it.
  void take_aim(const Fault& fault) {
    if (members_.front()->chaos->healed()) return;
    if (part_awaited(fault.target)) {
      awaiting_.push_back(&fault);
    } else if (fault.target == kEverybody) {
      for (const auto& member : members_) member->chaos->strike(fault);
    } else if (const auto node = roles_.find(fault.target)) {
      member_of(*node).chaos->strike(fault);
    }
  }
  /// From within an event of the node: what strikes it comes after that.
  void came_to_play(std::string_view part, NodeId node) {
    std::erase_if(awaiting_, [&](const Fault* fault) {
      if (part_awaited(fault->target) != part) return false;
      const std::int64_t wait_us = aim_.between(0, kAimTakes.count());
      world_.after(std::chrono::microseconds(wait_us), [this, fault, node] {
        Chaos& chaos = *member_of(node).chaos;
        if (!chaos.healed()) chaos.strike(*fault);
      });
      return true;
    });
  }

  /// L4, L5: healed, every broker is up again, and everything can be read to its end.
  bool come_to_rest() {
    if (!until([this] { return all_are_up(); }, kHealedWithin, "starting")) return false;
    if (!until([this] { return quorum_.is_level(); }, kHealedWithin, "following the metadata")) return false;
    const auto all_vote = [this] { return !scenario_.voters_join || budget_.all_have_joined(); };
    if (!until(all_vote, kHealedWithin, "joining the voters")) return false;
    if (!until([this] { return replicas_.is_level(); }, kHealedWithin, "catching up with the leaders")) return false;
    history_.fresh_from = now();
    for (const auto& member : members_) {
      if (!restart_cleanly(*member)) return false;
    }
    add_client(world_, "reader", [this](env::Fiber& self, env::Shard& shard) { workload_.read_back(self, shard); });
    if (!until([this] { return workload_.read_back_done(); }, kHealedWithin, "reading everything back")) return false;
    workload_.finish();
    return true;
  }

  [[nodiscard]] bool all_are_up() const {
    return std::ranges::all_of(members_, [this](const auto& member) {
      return world_.is_alive(member->node) && member->ready_life == world_.incarnation(member->node);
    });
  }
  /// One after the other, so that others come to lead: what diverged in silence shows.
  bool restart_cleanly(Member& member) {
    const std::uint32_t before = member.chaos->restarts();
    member.ended_well = false;
    world_.stop(member.node);
    if (!until([&] { return !world_.is_alive(member.node); }, kHealedWithin, "a clean stop")) return false;
    if (!member.ended_well) report_.verdict.violated("L4", "a broker did not end cleanly", now());
    if (!until([&] { return member.chaos->restarts() > before && all_are_up(); }, kHealedWithin, "a restart")) {
      return false;
    }
    return until([this] { return replicas_.is_level(); }, kHealedWithin, "catching up after a restart");
  }

  void report() {
    witness_.run_ended(world_);
    scenarios::fill_report(world_, history_, report_);
    report_.events_judged = quorum_.events_checked() + replicas_.events_checked();
    for (const auto& member : members_) report_.broker_lives += world_.incarnation(member->node);
  }

  const Scenario& scenario_;
  const RunOptions& options_;
  RunReport report_;
  RunWitness witness_{report_, options_};
  observe::NullLog silence_;
  properties::History history_;
  properties::QuorumWatch quorum_;
  properties::ReplicaWatch replicas_;
  FaultBudget budget_{scenario_, replicas_, quorum_};
  std::shared_ptr<properties::MetadataTruth> metadata_truth_ = std::make_shared<properties::MetadataTruth>();
  std::vector<std::unique_ptr<Member>> members_;
  Workload workload_;
  EventLines lines_{options_.log};
  Roles roles_;
  std::vector<const Fault*> awaiting_;  ///< those aimed at the next who plays a part
  sim::World world_;                    ///< its nodes end with it, and tell the others
  RandomStream aim_{world_.stream("aim", 0)};
  std::vector<std::unique_ptr<Chaos>> chaos_;
};

}  // namespace

RunReport run_cluster(const Scenario& scenario, const RunOptions& options) {
  CHECK(scenario.brokers > 1);
  return ClusterRun(scenario, options).go();
}

}  // namespace gregor::scenarios
