// From a seed to a scenario.
#include <algorithm>
#include <array>

#include "base/random.h"
#include "scenarios/draw_tools.h"
#include "scenarios/scenario.h"

namespace gregor::scenarios {
namespace {

/// The smallest takes the largest batch that a producer sends.
constexpr auto kSegmentBytes = std::to_array<std::int64_t>({4096, 16384, 65536, 1 << 20});

void draw_world(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "scenario.world");
  const std::uint64_t policy = random.below(10);
  scenario.scheduler = policy < 6 ? "random" : policy < 8 ? "pct" : "fifo";
  scenario.latency_us_max = pick(random, std::to_array<std::int64_t>({50, 500, 2000, 20000}));
  scenario.shards = static_cast<std::int32_t>(pick(random, std::to_array<std::int64_t>({1, 1, 2, 3})));
  scenario.flush_before_acknowledge = random.chance(1, 2);
  scenario.chaos = Milliseconds(random.between(1000, 6000));
}

void draw_broker(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "scenario.broker");
  // Clocks jump; whether a timestamp is too far ahead is not what these runs ask.
  scenario.settings.emplace_back("log.message.timestamp.after.max.ms", "9223372036854775807");
  scenario.settings.emplace_back("producer.id.expiration.ms", "2147483647");  // nor what producers may be forgotten
  const auto check_ms = pick(random, std::to_array<std::int64_t>({2, 20, 200}));
  scenario.settings.emplace_back("log.retention.check.interval.ms", std::to_string(check_ms));
  if (random.chance(1, 3)) scenario.settings.emplace_back("log.flush.offset.checkpoint.interval.ms", "100");
  if (random.chance(1, 3)) scenario.settings.emplace_back("replica.high.watermark.checkpoint.interval.ms", "100");
  if (random.chance(1, 4)) scenario.settings.emplace_back("max.incremental.fetch.session.cache.slots", "2");
  if (random.chance(1, 4)) scenario.settings.emplace_back("log.message.timestamp.type", "LogAppendTime");
  const std::int64_t topics = random.between(1, 3);
  for (std::int64_t i = 0; i < topics; ++i) {
    TopicPlan topic{.name = "topic-" + std::to_string(i),
                    .partitions = static_cast<std::int32_t>(random.between(1, 3)),
                    .configs = {}};
    const bool retains = random.chance(1, 4);
    const std::int64_t segment = retains ? kSegmentBytes.front() : pick(random, kSegmentBytes);
    const std::int64_t interval = pick(random, std::to_array<std::int64_t>({0, 128, 1024, 4096}));
    topic.configs.emplace_back("internal.segment.bytes", std::to_string(segment));
    topic.configs.emplace_back("index.interval.bytes", std::to_string(interval));
    if (retains) {
      const std::int64_t bytes = pick(random, std::to_array<std::int64_t>({0, 4096, 20000}));
      topic.configs.emplace_back("retention.bytes", std::to_string(bytes));
    }
    if (random.chance(1, 8)) topic.configs.emplace_back("segment.ms", std::to_string(random.between(100, 2000)));
    scenario.topics.push_back(std::move(topic));
  }
}

ProducerPlan draw_producer(RandomStream& random, Milliseconds chaos) {
  constexpr std::array<const char*, 5> kCodecs = {"none", "gzip", "snappy", "lz4", "zstd"};
  ProducerPlan plan;
  plan.records = static_cast<std::int32_t>(random.between(20, 200));
  plan.gap = Milliseconds(random.between(0, 2 * chaos.count() / plan.records));
  const std::uint64_t kind = random.below(10);
  plan.idempotent = kind < 7;
  plan.acks = kind < 8 ? std::int16_t{-1} : kind < 9 ? std::int16_t{1} : std::int16_t{0};
  plan.codec = random.chance(1, 2) ? "none" : kCodecs[random.below(kCodecs.size())];
  plan.value_bytes = static_cast<std::int32_t>(pick(random, std::to_array<std::int64_t>({0, 16, 200, 3000})));
  plan.batch_bytes =
      static_cast<std::int32_t>(pick(random, std::to_array<std::int64_t>({200, 1000, kSegmentBytes.front()})));
  plan.linger = Milliseconds(pick(random, std::to_array<std::int64_t>({0, 0, 5, 50})));
  return plan;
}

void draw_clients(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "scenario.clients");
  scenario.sequence_clients = static_cast<std::int32_t>(pick(random, std::to_array<std::int64_t>({0, 1, 1, 2})));
  scenario.churned_topics = static_cast<std::int32_t>(pick(random, std::to_array<std::int64_t>({0, 1, 1, 2})));
  const std::int64_t producers = random.between(1, 4);
  for (std::int64_t i = 0; i < producers; ++i) scenario.producers.push_back(draw_producer(random, scenario.chaos));
  const std::int64_t consumers = random.between(1, 3);
  for (std::int64_t i = 0; i < consumers; ++i) {
    ConsumerPlan plan;
    plan.bytes_max = static_cast<std::int32_t>(pick(random, std::to_array<std::int64_t>({1, 2000, 1 << 20})));
    plan.bytes_min = static_cast<std::int32_t>(pick(random, std::to_array<std::int64_t>({1, 1, 5000})));
    plan.wait = Milliseconds(pick(random, std::to_array<std::int64_t>({0, 50, 500})));
    scenario.consumers.push_back(plan);
  }
}

/// Groups that always have a member keep what they have committed, however short offsets live and clocks jump. Others
/// would forget it, so they have these seeds to themselves.
void draw_steady_groups(Scenario& scenario) {
  for (GroupPlan& plan : scenario.groups) {
    plan = {.members = 1,
            .static_members = 0,
            .session = Milliseconds(600'000),
            .rebalance = Milliseconds(1000),
            .is_steady = true};
  }
  scenario.settings.emplace_back("offsets.retention.minutes", "30");
  scenario.settings.emplace_back("offsets.retention.check.interval.ms", "50");
}

/// Groups in every second seed. Their topic must be as durable as those they read.
void draw_groups(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "scenario.groups");
  if (!random.chance(1, 2)) return;
  const auto delay_ms = pick(random, std::to_array<std::int64_t>({0, 50, 300}));
  const auto partitions = pick(random, std::to_array<std::int64_t>({1, 2}));
  scenario.settings.emplace_back("group.initial.rebalance.delay.ms", std::to_string(delay_ms));
  scenario.settings.emplace_back("group.min.session.timeout.ms", "1");
  scenario.settings.emplace_back("offsets.topic.num.partitions", std::to_string(partitions));
  if (scenario.flush_before_acknowledge) scenario.settings.emplace_back("log.flush.interval.messages", "1");
  const std::int64_t groups = random.between(1, 2);
  for (std::int64_t i = 0; i < groups; ++i) {
    GroupPlan plan;
    plan.members = static_cast<std::int32_t>(random.between(1, 3));
    plan.static_members = static_cast<std::int32_t>(random.between(0, plan.members));
    plan.session = Milliseconds(pick(random, std::to_array<std::int64_t>({100, 300, 1000})));
    plan.rebalance = Milliseconds(pick(random, std::to_array<std::int64_t>({300, 1000})));
    scenario.groups.push_back(plan);
  }
  if (random.chance(1, 4)) draw_steady_groups(scenario);
}

void draw_transactions(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "scenario.transactions");
  scenario.transaction_clients = static_cast<std::int32_t>(pick(random, std::to_array<std::int64_t>({0, 1, 1, 2})));
  if (scenario.transaction_clients == 0) return;
  // Their client is their coordinator: the broker has nobody to ask.
  scenario.settings.emplace_back("transaction.partition.verification.enable", "false");
}

void draw_compaction(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "scenario.compaction");
  scenario.compaction_clients = static_cast<std::int32_t>(pick(random, std::to_array<std::int64_t>({0, 0, 1, 1, 2})));
  const auto backoff_ms = pick(random, std::to_array<std::int64_t>({50, 200, 1000}));
  if (scenario.compaction_clients == 0) return;
  scenario.settings.emplace_back("log.cleaner.backoff.ms", std::to_string(backoff_ms));
}

void draw_configs(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "scenario.configs");
  scenario.config_clients = static_cast<std::int32_t>(pick(random, std::to_array<std::int64_t>({0, 1, 1, 2})));
}

std::int64_t draw_amount(RandomStream& random, FaultKind kind) {
  switch (kind) {
    case FaultKind::crash_in_recovery:
    case FaultKind::power_loss_in_recovery:
      return random.between(1, 20000);
    case FaultKind::clock_jump:
      return random.between(-86'400'000, 86'400'000);
    case FaultKind::slow_disk:
    case FaultKind::slow_network:
      return random.between(1, 200);
    case FaultKind::fail_writes:
    case FaultKind::short_writes:
    case FaultKind::fail_reads:
    case FaultKind::fail_flushes:
      return random.between(1, 8);
    case FaultKind::stop_while_flushes_fail:
      return random.between(2, 5);
    case FaultKind::power_loss_in_swap:
      return random.between(1, 1000);
    case FaultKind::disk_full:
    case FaultKind::stop_cleanly:
      return random.between(0, 1);
    default:
      return 0;
  }
}

// Swarm testing: each seed may use only a random set of kinds, so that rare ones are not drowned by the common ones.
std::vector<FaultKind> draw_swarm(const Scenario& scenario, RandomStream& random) {
  constexpr auto kWithinBudget = std::to_array<FaultKind>({FaultKind::crash,
                                                           FaultKind::power_loss,
                                                           FaultKind::crash_in_recovery,
                                                           FaultKind::stop_cleanly,
                                                           FaultKind::pause,
                                                           FaultKind::clock_jump,
                                                           FaultKind::slow_disk,
                                                           FaultKind::hung_disk,
                                                           FaultKind::disk_full,
                                                           FaultKind::fail_writes,
                                                           FaultKind::short_writes,
                                                           FaultKind::fail_reads,
                                                           FaultKind::fail_flushes,
                                                           FaultKind::cut_clients,
                                                           FaultKind::reset_connections,
                                                           FaultKind::slow_network,
                                                           FaultKind::power_loss_in_recovery,
                                                           FaultKind::stop_while_flushes_fail,
                                                           FaultKind::metadata_rot,
                                                           FaultKind::lost_indexes,
                                                           FaultKind::power_loss_in_swap});
  std::vector<FaultKind> swarm;
  for (const FaultKind kind : kWithinBudget) {
    if (random.chance(1, 3)) swarm.push_back(kind);
  }
  if (random.chance(1, 3)) swarm.push_back(FaultKind::power_loss);  // once more: most rules are about it
  if (random.chance(1, 12)) swarm.push_back(FaultKind::bit_rot);
  if (random.chance(1, 12)) swarm.push_back(FaultKind::lying_flush);
  if (!scenario.groups.empty() && scenario.groups.front().is_steady) swarm.push_back(FaultKind::clock_jump);
  return swarm;
}

void add_fault(Scenario& scenario, RandomStream& random, FaultKind kind,
               std::int64_t (*draw_its_amount)(RandomStream&, FaultKind)) {
  Fault fault{.kind = kind};
  fault.at = Milliseconds(random.between(0, scenario.chaos.count()));
  fault.lasts = Milliseconds(random.between(1, 800));
  fault.amount = draw_its_amount(random, kind);
  scenario.faults.push_back(fault);
}

void draw_faults(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "scenario.faults");
  const std::vector<FaultKind> swarm = draw_swarm(scenario, random);
  if (swarm.empty()) return;  // a run without faults is worth having too
  const std::int64_t count = random.between(1, 8);
  for (std::int64_t i = 0; i < count; ++i) {
    add_fault(scenario, random, swarm[random.below(swarm.size())], draw_amount);
  }
}

/// In a stream of their own: seeds without them stay as they are.
void draw_small_faults(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "scenario.small_faults");
  const std::int64_t count = random.chance(1, 2) ? random.between(1, 4) : 0;
  for (std::int64_t i = 0; i < count; ++i) add_fault(scenario, random, draw_small_fault(random), draw_small_amount);
}

void draw_lost_writes(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "scenario.lost_writes");
  if (!random.chance(1, 20)) return;
  add_fault(scenario, random, FaultKind::lost_writes,
            [](RandomStream& amounts, FaultKind) { return amounts.between(1, 20); });
}

}  // namespace

Scenario draw_scenario(std::uint64_t seed) {
  Scenario scenario;
  scenario.name = "seed-" + std::to_string(seed);
  scenario.seed = seed;
  draw_world(scenario);
  draw_broker(scenario);
  draw_clients(scenario);
  draw_groups(scenario);
  draw_transactions(scenario);
  draw_compaction(scenario);
  draw_configs(scenario);
  draw_metadata_snapshots(scenario, stream_of(seed, "scenario.metadata"), true);
  draw_faults(scenario);
  draw_log_directories(scenario, stream_of(seed, "scenario.directories"),
                       [](RandomStream& random) { return Milliseconds(random.between(1, 800)); });
  draw_small_faults(scenario);
  draw_lost_writes(scenario);
  sort_faults(scenario);
  return scenario;
}

}  // namespace gregor::scenarios
