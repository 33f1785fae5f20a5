// From a seed to a scenario with several brokers.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "scenarios/draw_tools.h"
#include "scenarios/roles.h"
#include "scenarios/scenario.h"
#include "wire/api_keys.h"

namespace gregor::scenarios {
namespace {

void draw_cluster_world(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.world");
  const std::uint64_t policy = random.below(10);
  scenario.scheduler = policy < 6 ? "random" : policy < 8 ? "pct" : "fifo";
  scenario.latency_us_max = pick(random, std::to_array<std::int64_t>({50, 500, 2000, 20000}));
  scenario.shards = pick(random, std::to_array<std::int32_t>({1, 1, 2}));
  scenario.brokers = pick(random, std::to_array<std::int32_t>({3, 3, 3, 4, 5, 7}));
  // Replicas, and how many of them must be in sync.
  constexpr auto kFactors = std::to_array<std::pair<std::int16_t, std::int16_t>>(
      {{3, 2}, {3, 2}, {3, 2}, {3, 2}, {3, 1}, {2, 1}, {2, 2}, {1, 1}, {5, 3}});
  const auto [factor, in_sync] = pick(random, kFactors);
  scenario.replication_factor = static_cast<std::int16_t>(std::min<std::int32_t>(factor, scenario.brokers));
  scenario.min_insync_replicas = std::min(in_sync, scenario.replication_factor);
  scenario.flush_before_acknowledge = random.chance(1, 2);
  scenario.chaos = Milliseconds(random.between(3000, 40'000));
}

/// A stream of its own: what else a seed brings stays as it is.
void draw_roles(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.roles");
  if (random.chance(1, 4)) scenario.controllers = 3;
}

/// In a stream of its own, as the next ones.
void draw_unclean(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.unclean");
  scenario.elects_unclean = random.chance(1, 8);
  if (scenario.elects_unclean) scenario.settings.emplace_back("unclean.leader.election.enable", "true");
}

/// Only where it decides: without it the copies in sync alone keep what is acknowledged (INVARIANTS C, D2).
void draw_elr(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.elr");
  const bool decides =
      !scenario.flush_before_acknowledge && !scenario.elects_unclean && scenario.min_insync_replicas > 1;
  if (random.chance(1, 4) && decides) scenario.tracks_elr = false;
}

void draw_voters(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.voters");
  scenario.voters_join = random.chance(1, 4);
}

void draw_racks(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.racks");
  if (random.chance(1, 3)) scenario.racks = static_cast<std::int32_t>(random.between(1, 3));
}

void draw_cluster_clients(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.clients");
  scenario.settings.emplace_back("log.message.timestamp.after.max.ms", "9223372036854775807");
  const std::int64_t topics = random.between(1, 2);
  for (std::int64_t i = 0; i < topics; ++i) {
    const auto partitions = static_cast<std::int32_t>(random.between(1, 3));
    const auto segment = pick(random, std::to_array<std::int64_t>({4096, 65536, 1 << 20}));
    scenario.topics.push_back({.name = "topic-" + std::to_string(i),
                               .partitions = partitions,
                               .configs = {{"internal.segment.bytes", std::to_string(segment)}}});
  }
  const std::int64_t producers = random.between(1, 3);
  for (std::int64_t i = 0; i < producers; ++i) {
    ProducerPlan plan;
    plan.records = static_cast<std::int32_t>(random.between(20, 200));
    plan.gap = Milliseconds(scenario.chaos.count() / plan.records);
    plan.codec = pick(random, std::to_array<std::string_view>({"none", "none", "lz4", "zstd"}));
    plan.batch_bytes = static_cast<std::int32_t>(pick(random, std::to_array<std::int64_t>({200, 2000})));
    plan.linger = Milliseconds(random.between(0, 20));
    const std::uint64_t kind = random.below(10);
    plan.idempotent = kind < 7;
    plan.acks = kind < 8 ? std::int16_t{-1} : kind < 9 ? std::int16_t{1} : std::int16_t{0};
    scenario.producers.push_back(plan);
  }
  const std::int64_t consumers = random.between(1, 2);
  for (std::int64_t i = 0; i < consumers; ++i) scenario.consumers.push_back({});
}

/// Clients that do more than produce and consume, in streams of their own: what else a seed brings stays as it is.
void draw_odd_clients(Scenario& scenario) {
  if (scenario.elects_unclean) return;  // what they have acknowledged may be given up
  RandomStream random = stream_of(scenario.seed, "cluster.odd_clients");
  const auto some = std::to_array<std::int32_t>({0, 0, 0, 1, 2});
  scenario.sequence_clients = pick(random, some);
  scenario.churned_topics = pick(random, some);
  scenario.transaction_clients = pick(random, some);
  scenario.compaction_clients = pick(random, some);
  if (scenario.transaction_clients > 0) {
    // Their client is their coordinator: the brokers have nobody to ask.
    scenario.settings.emplace_back("transaction.partition.verification.enable", "false");
  }
  if (scenario.compaction_clients > 0) scenario.settings.emplace_back("log.cleaner.backoff.ms", "200");
  scenario.settings.emplace_back("producer.id.expiration.ms", "2147483647");  // clocks jump
}

void draw_cluster_groups(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.groups");
  if (!random.chance(1, 3) || scenario.elects_unclean) return;
  const auto partitions = pick(random, std::to_array<std::int64_t>({1, 2}));
  scenario.settings.emplace_back("group.initial.rebalance.delay.ms", "50");
  scenario.settings.emplace_back("group.min.session.timeout.ms", "1");
  scenario.settings.emplace_back("offsets.topic.num.partitions", std::to_string(partitions));
  scenario.settings.emplace_back("offsets.topic.replication.factor", std::to_string(scenario.replication_factor));
  scenario.settings.emplace_back("min.insync.replicas", std::to_string(scenario.min_insync_replicas));
  if (scenario.flush_before_acknowledge) scenario.settings.emplace_back("log.flush.interval.messages", "1");
  GroupPlan plan;
  plan.members = static_cast<std::int32_t>(random.between(1, 3));
  plan.static_members = static_cast<std::int32_t>(random.between(0, plan.members));
  plan.session = Milliseconds(pick(random, std::to_array<std::int64_t>({300, 1000, 6000})));
  plan.rebalance = Milliseconds(pick(random, std::to_array<std::int64_t>({300, 1000})));
  scenario.groups.push_back(plan);
}

/// Only where each acknowledgement is flushed: who takes a replica's place has not seen what power losses may cost it.
void draw_reassignments(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.reassignments");
  if (random.chance(1, 3) && scenario.flush_before_acknowledge) scenario.reassignment_clients = 1;
}

/// Swarm testing: each seed has a random set of kinds of its own, so that rare ones are not drowned by the common ones.
std::vector<FaultKind> draw_cluster_swarm(RandomStream& random) {
  constexpr auto kKinds = std::to_array<FaultKind>({FaultKind::crash,
                                                    FaultKind::power_loss,
                                                    FaultKind::stop_cleanly,
                                                    FaultKind::pause,
                                                    FaultKind::cut_clients,
                                                    FaultKind::reset_connections,
                                                    FaultKind::slow_network,
                                                    FaultKind::slow_disk,
                                                    FaultKind::hung_disk,
                                                    FaultKind::clock_jump,
                                                    FaultKind::crash_in_recovery,
                                                    FaultKind::power_loss_in_recovery,
                                                    FaultKind::lost_indexes,
                                                    FaultKind::cut_off,
                                                    FaultKind::mute,
                                                    FaultKind::deaf,
                                                    FaultKind::cut_from_controller,
                                                    FaultKind::cut_from_peers,
                                                    FaultKind::disk_full,
                                                    FaultKind::fail_writes,
                                                    FaultKind::short_writes,
                                                    FaultKind::fail_reads,
                                                    FaultKind::fail_flushes,
                                                    FaultKind::stop_while_flushes_fail});
  std::vector<FaultKind> swarm;
  for (const FaultKind kind : kKinds) {
    if (random.chance(1, 4)) swarm.push_back(kind);
  }
  if (random.chance(1, 3)) swarm.push_back(FaultKind::crash);
  if (random.chance(1, 3)) swarm.push_back(FaultKind::power_loss);
  return swarm;
}

/// Whom a fault strikes: somebody, who plays a part, or the next who comes to play one.
std::string draw_target(const Scenario& scenario, RandomStream& random) {
  if (random.chance(1, 2)) return "";
  const auto topic = static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(scenario.topics.size()) - 1));
  const TopicPlan& plan = scenario.topics[topic];
  const std::int64_t partition = random.between(0, plan.partitions - 1);
  const std::string place = plan.name + ":" + std::to_string(partition);
  const auto parts = std::to_array<std::string>(
      {"controller", "leader:" + place, "leader:" + place, "follower:" + place, "acknowledger", "newcomer",
       "next controller", "next leader", "next acknowledger", "next newcomer", std::string(kEverybody)});
  return pick(random, parts);
}

/// Most are over within a session; some outlive it, and then the controller acts.
Milliseconds draw_duration(RandomStream& random) {
  const bool outlives_session = random.chance(1, 4);
  return Milliseconds(outlives_session ? random.between(5'000, 20'000) : random.between(50, 5'000));
}

std::int64_t draw_cluster_amount(RandomStream& random, FaultKind kind) {
  switch (kind) {
    case FaultKind::crash_in_recovery:
    case FaultKind::power_loss_in_recovery:
      return random.between(1, 50'000);
    case FaultKind::clock_jump:
      return random.between(-5'000, 5'000);
    case FaultKind::fail_writes:
    case FaultKind::short_writes:
    case FaultKind::fail_reads:
    case FaultKind::fail_flushes:
      return random.between(1, 20);
    case FaultKind::stop_while_flushes_fail:
      return random.between(2, 5);
    case FaultKind::stop_cleanly:
      return 0;
    default:
      return random.between(1, 100);
  }
}

template <class Amount>
void add_cluster_fault(Scenario& scenario, RandomStream& random, FaultKind kind, Amount draw_its_amount) {
  Fault fault{.kind = kind};
  fault.at = Milliseconds(random.between(0, scenario.chaos.count()));
  fault.lasts = draw_duration(random);
  fault.amount = draw_its_amount();
  fault.broker = static_cast<std::int32_t>(random.between(1, node_count(scenario)));
  fault.target = draw_target(scenario, random);
  scenario.faults.push_back(fault);
}

/// What the fault budget does not allow when its time has come is left out then (cluster_run.cc).
void draw_cluster_faults(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.faults");
  const std::vector<FaultKind> swarm = draw_cluster_swarm(random);
  const std::int64_t count = swarm.empty() ? 0 : random.between(0, 10);
  for (std::int64_t i = 0; i < count; ++i) {
    const FaultKind kind = swarm[random.below(swarm.size())];
    add_cluster_fault(scenario, random, kind, [&] { return draw_cluster_amount(random, kind); });
  }
}

/// Copies that a disk changes by itself.
void draw_rot(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.rot");
  const std::int64_t count = random.chance(1, 4) ? random.between(1, 3) : 0;
  for (std::int64_t i = 0; i < count; ++i)
    add_cluster_fault(scenario, random, FaultKind::bit_rot, [&] { return random.between(0, 3); });
}

/// Machines whose disk is replaced by an empty one.
void draw_wiped_disks(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.wiped_disks");
  if (!random.chance(1, 4)) return;
  const std::int64_t count = random.between(1, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    add_cluster_fault(scenario, random, FaultKind::wiped_disk, [] { return std::int64_t{0}; });
  }
}

/// Messages that come after their time: what their senders ask again, and the acts that others decide by.
void draw_late_messages(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.late_messages");
  if (!random.chance(1, 4)) return;
  constexpr auto kApis = std::to_array<wire::ApiKey>(
      {wire::ApiKey::produce, wire::ApiKey::fetch, wire::ApiKey::fetch, wire::ApiKey::offset_commit,
       wire::ApiKey::delete_records, wire::ApiKey::write_txn_markers, wire::ApiKey::vote,
       wire::ApiKey::begin_quorum_epoch, wire::ApiKey::alter_partition, wire::ApiKey::alter_partition,
       wire::ApiKey::fetch_snapshot, wire::ApiKey::broker_registration, wire::ApiKey::broker_heartbeat,
       wire::ApiKey::create_topics, wire::ApiKey::delete_topics});
  const std::int64_t count = random.between(1, 4);
  for (std::int64_t i = 0; i < count; ++i) {
    add_cluster_fault(scenario, random, FaultKind::late_messages,
                      [&] { return static_cast<std::int64_t>(pick(random, kApis)); });
  }
}

/// In a stream of their own, as the ones before.
void draw_small_cluster_faults(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.small_faults");
  const std::int64_t count = random.chance(1, 2) ? random.between(1, 4) : 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const FaultKind kind = draw_small_fault(random);
    add_cluster_fault(scenario, random, kind, [&] { return draw_small_amount(random, kind); });
  }
}

}  // namespace

Scenario draw_cluster_scenario(std::uint64_t seed) {
  Scenario scenario;
  scenario.name = "cluster-" + std::to_string(seed);
  scenario.seed = seed;
  draw_cluster_world(scenario);
  draw_roles(scenario);
  draw_unclean(scenario);
  draw_elr(scenario);
  draw_voters(scenario);
  draw_racks(scenario);
  draw_cluster_clients(scenario);
  draw_odd_clients(scenario);
  draw_reassignments(scenario);
  draw_cluster_groups(scenario);
  draw_cluster_faults(scenario);
  draw_late_messages(scenario);
  draw_wiped_disks(scenario);
  draw_cluster_knobs(scenario);
  draw_log_directories(scenario, stream_of(seed, "cluster.directories"), draw_duration);
  draw_small_cluster_faults(scenario);
  draw_rot(scenario);
  sort_faults(scenario);
  return scenario;
}

}  // namespace gregor::scenarios
