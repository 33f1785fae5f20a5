// A scenario: everything that one simulated run is made of, printed, edited and kept as TOML. A seed expands to a
// scenario; the scenario is what runs, so a kept scenario means the same after the drawing code has changed.
//
// Times are virtual and count from the start of the workload. The scenario holds no state of a run.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace gregor::scenarios {

enum class FaultKind : unsigned char {
  crash,              ///< kill -9; the kernel keeps every completed write; restart after `lasts`
  power_loss,         ///< only what was flushed must survive; restart after `lasts`
  crash_in_recovery,  ///< power loss, restart, and a kill `amount` microseconds into the start-up
  stop_cleanly,       ///< SIGTERM, then a restart; with an amount other than 0 the power fails in between
  pause,              ///< SIGSTOP for `lasts`
  clock_jump,         ///< the wall clock jumps by `amount` ms, which may be negative
  slow_disk,          ///< every operation takes up to `amount` ms for `lasts`
  hung_disk,          ///< no operation completes for `lasts`
  disk_full,          ///< no space is left for `lasts`; with an amount other than 0 a little comes and goes
  fail_writes,        ///< one write in `amount` fails with EIO for `lasts`
  short_writes,       ///< one write in `amount` is short for `lasts`
  fail_reads,         ///< one read in `amount` fails with EIO for `lasts`
  fail_flushes,       ///< one flush in `amount` fails, and drops the dirty pages, for `lasts`
  cut_clients,        ///< packets between clients and broker are held back for `lasts`
  reset_connections,  ///< every connection is reset once
  slow_network,       ///< messages take up to `amount` ms more for `lasts`
  bit_rot,            ///< one bit of a log's durable bytes flips, while the node is down: costs the copy; of several,
                      ///< with an amount other than 0, under the running process
  lying_flush,        ///< flushes do nothing for `lasts`, then power loss: over budget
  power_loss_in_recovery,   ///< as crash_in_recovery, with a second power loss
  stop_while_flushes_fail,  ///< SIGTERM while one flush in `amount` fails, for `lasts`; then the power fails
  metadata_rot,  ///< one bit of a committed metadata batch flips; `lasts` later, when the broker had a look, it flips
                 ///< back
  lost_indexes,  ///< kill -9, and index files are gone or cut when the broker comes back: they can be made again
  power_loss_in_swap,   ///< within `amount` microseconds of the next segment that compaction puts into place, or of
                        ///< the next folder that goes, as of a log that moves to another directory
  cut_off,              ///< packets between the node and every other node are held back for `lasts`; clients reach it
  mute,                 ///< as cut_off, of what the node sends alone
  deaf,                 ///< as cut_off, of what is sent to the node alone
  cut_from_controller,  ///< as cut_off, between it and the active controller alone
  cut_from_peers,       ///< as cut_off, but for the active controller
  late_messages,        ///< exchanges of the API `amount` of or with the node: requests and answers held for `lasts`
  wiped_disk,           ///< the machine dies, and comes back after `lasts` with an empty disk and its old settings
  clock_drift,          ///< the node's clocks gain `amount` ns each ms for `lasts`, or lose them
  slow_link,            ///< messages between it and one other machine take up to `amount` ms more for `lasts`
  clogged_link,         ///< what it sends to one other machine is held back for `lasts`
  short_transfers,      ///< one socket read or write in `amount` is short, on every machine, for `lasts`
  unresolved_names,     ///< one host name in `amount` is not found, by any machine, for `lasts`
  bad_sector,           ///< reads of one sector of a log fail with EIO for `lasts`
  lost_writes,  ///< one write in `amount` does not reach the platter, or another place of it, for `lasts`; then the
                ///< power fails: over budget
};
inline constexpr std::size_t kFaultKindCount = static_cast<std::size_t>(FaultKind::lost_writes) + 1;
std::string_view name_of(FaultKind kind);

struct Fault {
  FaultKind kind = FaultKind::crash;
  Milliseconds at{0};
  Milliseconds lasts{0};
  std::int64_t amount = 0;
  std::int32_t broker = 1;  ///< whom it strikes, from 1; behind the brokers come the controllers
  std::string target = {};  ///< whom it strikes instead, as things stand then (roles.h); empty: `broker`
  bool operator==(const Fault&) const = default;
};

struct TopicPlan {
  std::string name;
  std::int32_t partitions = 1;
  std::vector<std::pair<std::string, std::string>> configs;
  bool operator==(const TopicPlan&) const = default;
};

struct ProducerPlan {
  std::int32_t records = 0;  ///< to send in all, over all partitions of all topics
  Milliseconds gap{0};       ///< between two sends, on average
  std::int16_t acks = -1;
  bool idempotent = true;
  std::string codec = "none";
  std::int32_t value_bytes = 16;  ///< padding beyond the value's id
  std::int32_t batch_bytes = 16384;
  Milliseconds linger{0};
  bool operator==(const ProducerPlan&) const = default;
};

struct ConsumerPlan {
  std::int32_t bytes_max = 1 << 20;
  std::int32_t bytes_min = 1;
  Milliseconds wait{100};
  bool operator==(const ConsumerPlan&) const = default;
};

/// One group over all topics.
struct GroupPlan {
  std::int32_t members = 2;
  std::int32_t static_members = 0;  ///< of them
  Milliseconds session{500};
  Milliseconds rebalance{1000};
  bool is_steady = false;  ///< members stay to the end, whatever happens to the broker
  bool operator==(const GroupPlan&) const = default;
};

struct Scenario {
  std::string name;
  std::string why;                   ///< for people: what the story is about
  std::uint64_t seed = 0;            ///< of the draws that remain: latencies, interleavings, torn sectors
  std::string scheduler = "random";  ///< random, fifo or pct
  std::int64_t latency_us_max = 1000;
  std::int32_t shards = 1;
  std::int32_t brokers = 1;                                   ///< with ids from 1
  std::int32_t controllers = 0;                               ///< alone, with ids behind; 0: each broker is one too
  std::int32_t log_directories = 1;                           ///< of each node
  std::int32_t racks = 0;                                     ///< over which brokers and consumers spread; 0: none
  std::int16_t replication_factor = 1;                        ///< of every topic
  std::int16_t min_insync_replicas = 1;                       ///< of every topic
  bool flush_before_acknowledge = true;                       ///< flush.messages=1
  bool elects_unclean = false;                                ///< unclean.leader.election.enable
  bool tracks_elr = true;                                     ///< eligible.leader.replicas.version (KIP-966)
  bool voters_join = false;                                   ///< the first controller begins alone (KIP-853, 1186)
  bool over_budget = false;                                   ///< of several brokers: no fault is left out
  std::vector<std::pair<std::string, std::string>> settings;  ///< of the broker, as in server.properties
  std::vector<TopicPlan> topics;
  std::vector<ProducerPlan> producers;
  std::vector<ConsumerPlan> consumers;
  std::vector<GroupPlan> groups;
  std::int32_t sequence_clients = 0;      ///< that play with sequences (sequence_client.h)
  std::int32_t transaction_clients = 0;   ///< each with a topic of its own (transaction_client.h)
  std::int32_t compaction_clients = 0;    ///< each with a compacted topic of its own (compaction_client.h)
  std::int32_t config_clients = 0;        ///< each with a topic of its own (config_client.h)
  std::int32_t reassignment_clients = 0;  ///< that move replicas (reassignment_client.h)
  std::int32_t directory_clients = 0;     ///< that move replicas between log directories (directory_client.h)
  std::int32_t churned_topics = 0;        ///< that are made and deleted over and over, each by a client of its own
  std::vector<Fault> faults;              ///< in order of `at`
  Milliseconds chaos{5000};               ///< faults and load may last this long; then everything heals
  /// What must have happened for its story to be told, and how often at least: rows of run_counts.h, or fault kinds.
  std::vector<std::pair<std::string, std::int64_t>> expects;
  bool operator==(const Scenario&) const = default;
};

/// Bounds of what a scenario file may ask for.
inline constexpr std::int32_t kShardsMax = 8;
inline constexpr std::int32_t kBrokersMax = 7;
inline constexpr std::int32_t kControllersMax = 7;
inline constexpr std::int32_t kLogDirectoriesMax = 4;
inline constexpr std::int32_t kClientsMax = 64;
inline constexpr std::int32_t kPartitionsMax = 64;
inline constexpr std::size_t kFaultsMax = 200;

/// Expands a seed. The same seed gives the same scenario in every build.
Scenario draw_scenario(std::uint64_t seed);
/// The same to one with several brokers.
Scenario draw_cluster_scenario(std::uint64_t seed);

/// Brokers, and controllers that are nothing else.
inline std::int32_t node_count(const Scenario& scenario) {
  return scenario.brokers + scenario.controllers;
}

/// The rack of the broker or consumer of that number; empty where there are none.
std::string rack_of(const Scenario& scenario, std::int64_t number);

/// The name of a node's machine, from 1; brokers come first.
std::string broker_name(const Scenario& scenario, std::int32_t broker);

/// The scenario as TOML, every value named.
std::string to_toml(const Scenario& scenario);
/// Errors: malformed (with line), invalid (the key and its range).
Result<Scenario> scenario_from_toml(std::string_view text);

}  // namespace gregor::scenarios
