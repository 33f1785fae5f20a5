// The clients of a scenario: what they send and read, and the history they leave. Each client is a node of the world,
// so its links are cut and slowed like any other. Values are eight bytes of a number that no other record of the run
// carries, and padding.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "client/admin.h"
#include "client/cluster.h"
#include "client/consumer.h"
#include "client/producer.h"
#include "env/shard.h"
#include "properties/history.h"
#include "properties/violation.h"
#include "scenarios/scenario.h"

namespace gregor::scenarios {

inline constexpr std::uint16_t kBrokerPort = 9092;

class Workload {
 public:
  /// `broker_life` counts the broker's starts.
  Workload(const Scenario& scenario, properties::History& history, UniqueFunction<MonotonicTime()> now,
           UniqueFunction<std::uint32_t()> broker_life)
      : scenario_(scenario), history_(history), now_(std::move(now)), broker_life_(std::move(broker_life)) {}

  /// A client of the scenario, to be made a node of the world.
  struct Actor {
    std::string name;
    UniqueFunction<void(env::Fiber&, env::Shard&)> body;
    bool writes;  ///< it counts in producers_done() when it has come to its end
  };
  /// All of them, but the administrator and who reads back. They live no longer than this.
  std::vector<Actor> actors();

  /// Makes the scenario's topics, trying until they are there. Suspends.
  void create_topics(env::Fiber& self, env::Shard& shard);
  /// Sends what plan `index` says and waits for every report. Suspends.
  void produce(env::Fiber& self, env::Shard& shard, std::size_t index);
  /// Plays with sequences, or makes and deletes a topic, until end_chaos() was called. Suspend.
  void send_sequences(env::Fiber& self, env::Shard& shard, std::size_t index);
  void churn_topic(env::Fiber& self, env::Shard& shard, std::size_t index);
  /// Transactions on a topic of their own until end_chaos() was called; then each is ended. Suspends.
  void run_transactions(env::Fiber& self, env::Shard& shard, std::size_t index);
  /// Keys over and over into a compacted topic of its own until end_chaos() was called. Suspends.
  void compact(env::Fiber& self, env::Shard& shard, std::size_t index);
  /// Changes configs and looks whether they are followed, until end_chaos() was called. Suspends.
  void change_configs(env::Fiber& self, env::Shard& shard, std::size_t index);
  /// Moves replicas until end_chaos() was called; then all arrive. Suspends.
  void reassign(env::Fiber& self, env::Shard& shard, std::size_t index);
  /// Moves replicas between log directories until end_chaos() was called; then all arrive. Suspends.
  void move_directories(env::Fiber& self, env::Shard& shard, std::size_t index);
  /// `step` again and again until the chaos is over, with pauses.
  void until_calm(env::Fiber& self, env::Shard& shard, RandomStream& random, UniqueFunction<void()> step);
  /// Member `member` of group `group`: lives badly until end_chaos() was called, then settles. Suspends.
  void live_in_group(env::Fiber& self, env::Shard& shard, std::size_t group, std::size_t member);
  /// Reads all partitions from their start, over and over to their end, until finish() was called. Suspends.
  void consume(env::Fiber& self, env::Shard& shard, std::size_t index);
  /// One more acknowledged record for each partition, then every partition read whole. Suspends.
  void read_back(env::Fiber& self, env::Shard& shard);

  /// Whether a topic of a scenario, or the brokers' own, is compacted.
  static bool is_compacted(const std::string& topic);
  /// The topics whose configs change.
  static std::set<std::string> configured_topics(const Scenario& scenario);

  void end_chaos() { chaos_over_ = true; }
  void finish() { finished_ = true; }
  [[nodiscard]] bool topics_created() const { return topics_created_; }
  /// All that send or change, of whatever kind.
  [[nodiscard]] std::size_t producers_done() const { return producers_done_; }
  [[nodiscard]] bool read_back_done() const { return read_back_done_; }

 private:
  client::ClusterSettings cluster_settings(const std::string& client_id) const;
  std::vector<properties::HistoryPartition> partitions() const;
  void probe(env::Fiber& self, client::Cluster& cluster, const properties::HistoryPartition& partition);
  void read_whole(env::Fiber& self, client::Cluster& cluster, const properties::HistoryPartition& partition);
  void seek(env::Fiber& self, client::Cluster& cluster, const properties::HistoryPartition& partition,
            RandomStream& random);
  void read_committed_offsets(env::Fiber& self, client::Cluster& cluster);
  static std::string group_name(std::size_t index);
  void find_churned(env::Fiber& self, client::Cluster& cluster);
  [[nodiscard]] std::vector<properties::HistoryPartition> movable_partitions() const;
  static std::string churned_topic(std::size_t index);
  /// As every topic of the scenario is replicated; configs are the caller's to add.
  [[nodiscard]] client::NewTopic new_topic(const std::string& name, std::int32_t partitions = 1) const;
  void insist_on(env::Fiber& self, env::Shard& shard, client::Admin& admin, const client::NewTopic& topic);
  void create_transaction_topics(env::Fiber& self, env::Shard& shard, client::Admin& admin);
  static properties::HistoryPartition transaction_partition(std::size_t index);
  void create_compacted_topics(env::Fiber& self, env::Shard& shard, client::Admin& admin);
  static properties::HistoryPartition compacted_partition(std::size_t index);
  void create_configured_topics(env::Fiber& self, env::Shard& shard, client::Admin& admin);
  void read_back_odd_topics(env::Fiber& self, client::Cluster& cluster);
  static properties::HistoryPartition configured_partition(std::size_t index);
  /// What a reader could not get, because it is not there any more.
  void note_out_of_range(const client::Failure& failure, const client::Consumer& consumer);
  /// Where a topic may lose its beginning: has some of it deleted, up to what this reader has seen.
  void trim(env::Fiber& self, client::Cluster& cluster, const std::map<properties::HistoryPartition, Offset>& seen,
            RandomStream& random);
  std::size_t begin_send(int client, const properties::HistoryPartition& partition, const ProducerPlan& plan);
  void note_sent(std::size_t entry, const client::Delivery& delivery);
  static properties::ValueId value_of(const std::optional<Bytes>& value);

  const Scenario& scenario_;
  properties::History& history_;
  UniqueFunction<MonotonicTime()> now_;
  UniqueFunction<std::uint32_t()> broker_life_;
  properties::ValueId next_value_ = 1;
  std::int64_t next_offset_ = 1;  ///< for commits
  bool topics_created_ = false;
  bool chaos_over_ = false;
  bool finished_ = false;
  bool read_back_done_ = false;
  std::size_t producers_done_ = 0;
};

}  // namespace gregor::scenarios
