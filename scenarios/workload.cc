#include "scenarios/workload.h"

#include <algorithm>
#include <array>

#include "client/admin.h"
#include "client/consumer.h"
#include "client/producer.h"
#include "env/clock.h"
#include "scenarios/broker_life.h"
#include "scenarios/compaction_client.h"
#include "scenarios/config_client.h"
#include "scenarios/directory_client.h"
#include "scenarios/elr.h"
#include "scenarios/group_client.h"
#include "scenarios/patience.h"
#include "scenarios/reassignment_client.h"
#include "scenarios/record_deletion.h"
#include "scenarios/sequence_client.h"
#include "scenarios/topic_churn.h"
#include "scenarios/transaction_client.h"

namespace gregor::scenarios {
namespace {

using properties::HistoryPartition;
using properties::Read;
using properties::Sent;

constexpr Milliseconds kDeliveryTimeout{15'000};
constexpr Milliseconds kPauseOfOddClients{60};
constexpr Milliseconds kPauseOfReassignments{800};
constexpr Milliseconds kPauseOfMoves{200};
constexpr int kSeeks = 3;
constexpr int kPollsOfATrim = 15;
constexpr int kSittingsOfAClient = 10'000;
constexpr int kSequencerId = 3'000'000;
constexpr int kChurnId = 4'000'000;
constexpr int kTransactionId = 5'000'000;
constexpr int kProberId = 1'000'000;
constexpr int kReaderId = 2'000'000;

record::Codec codec_of(const std::string& name) {
  constexpr std::array<std::string_view, 5> kNames = {"none", "gzip", "snappy", "lz4", "zstd"};
  const auto place = std::ranges::find(kNames, name);
  return static_cast<record::Codec>(place == kNames.end() ? 0 : place - kNames.begin());
}

void note_outcome(Sent& sent, const client::Delivery& delivery, MonotonicTime now) {
  const bool surely_failed = !delivery && delivery.error().fate == client::Fate::failed;
  properties::note_delivery(sent, delivery.has_value(), delivery ? delivery->offset : kNoOffset, surely_failed, now);
}

ByteBuffer value_bytes(properties::ValueId value, std::int32_t padding) {
  ByteBuffer bytes(sizeof value + static_cast<std::size_t>(padding), std::byte{'.'});
  store_big_endian(bytes.data(), value);
  return bytes;
}

}  // namespace

client::ClusterSettings Workload::cluster_settings(const std::string& client_id) const {
  client::ClusterSettings settings;
  for (std::int32_t broker = 1; broker <= scenario_.brokers; ++broker) {
    settings.bootstrap.push_back({broker_name(scenario_, broker), kBrokerPort});
  }
  settings.link.client_id = client_id;
  settings.link.connect_timeout = Milliseconds(2'000);
  settings.link.request_timeout = Milliseconds(3'000);
  settings.api_timeout = Milliseconds(3'000);
  settings.auto_create_topics = false;
  return settings;
}

std::vector<HistoryPartition> Workload::partitions() const {
  std::vector<HistoryPartition> all;
  for (const TopicPlan& topic : scenario_.topics) {
    for (std::int32_t i = 0; i < topic.partitions; ++i) all.push_back({topic.name, i});
  }
  return all;
}

properties::ValueId Workload::value_of(const std::optional<Bytes>& value) {
  return value && value->size() >= sizeof(properties::ValueId) ? load_big_endian<properties::ValueId>(value->data())
                                                               : 0;
}

void Workload::create_topics(env::Fiber& self, env::Shard& shard) {
  client::Cluster cluster(shard, cluster_settings("admin"));
  client::Admin admin(cluster);
  if (!scenario_.tracks_elr) stop_tracking_elr(self, cluster);
  for (const TopicPlan& plan : scenario_.topics) {
    client::NewTopic topic = new_topic(plan.name, plan.partitions);
    topic.configs.insert(plan.configs.begin(), plan.configs.end());
    if (scenario_.flush_before_acknowledge) topic.configs["flush.messages"] = "1";
    insist_on(self, shard, admin, topic);
  }
  create_transaction_topics(self, shard, admin);
  create_compacted_topics(self, shard, admin);
  create_configured_topics(self, shard, admin);
  topics_created_ = true;
}

client::NewTopic Workload::new_topic(const std::string& name, std::int32_t partitions) const {
  client::NewTopic topic{
      .name = name, .partition_count = partitions, .replication_factor = scenario_.replication_factor, .configs = {}};
  if (scenario_.brokers > 1) topic.configs["min.insync.replicas"] = std::to_string(scenario_.min_insync_replicas);
  return topic;
}

void Workload::insist_on(env::Fiber& self, env::Shard& shard, client::Admin& admin, const client::NewTopic& topic) {
  while (!admin.create_topic(self, topic) && !admin.describe_topic(self, topic.name)) {
    env::sleep_for(self, shard.clock, kRetryPause);
  }
}

/// What their clients know of a transaction must not be lost with unflushed records. Every other one rolls often.
void Workload::create_transaction_topics(env::Fiber& self, env::Shard& shard, client::Admin& admin) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(scenario_.transaction_clients); ++i) {
    const std::string name = transaction_partition(i).topic;
    client::NewTopic topic = new_topic(name);
    topic.configs["flush.messages"] = "1";
    topic.configs["internal.segment.bytes"] = i % 2 == 0 ? "1024" : "65536";
    // Keys come once each: compaction takes what was aborted, and markers whose time has come.
    topic.configs["cleanup.policy"] = i % 2 == 0 ? "compact,delete" : "delete";
    topic.configs["min.cleanable.dirty.ratio"] = "0.01";
    // Of several replicas one may be down for longer than that, and would miss what ended a transaction.
    topic.configs["delete.retention.ms"] = scenario_.brokers == 1 ? "100" : "86400000";
    insist_on(self, shard, admin, topic);
  }
}

/// Small segments, cleaned at the first occasion; tombstones stay longer than a run's clock may jump.
void Workload::create_compacted_topics(env::Fiber& self, env::Shard& shard, client::Admin& admin) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(scenario_.compaction_clients); ++i) {
    const std::string name = compacted_partition(i).topic;
    client::NewTopic topic = new_topic(name);
    topic.configs["flush.messages"] = "1";
    topic.configs["cleanup.policy"] = "compact";
    topic.configs["internal.segment.bytes"] = i % 2 == 0 ? "1024" : "4096";
    topic.configs["min.cleanable.dirty.ratio"] = "0.01";
    topic.configs["delete.retention.ms"] = "8640000000";
    insist_on(self, shard, admin, topic);
  }
}

bool Workload::is_compacted(const std::string& topic) {
  return topic.starts_with("compacted-") || topic.starts_with("transactions-") || topic == "__consumer_offsets";
}

HistoryPartition Workload::compacted_partition(std::size_t index) {
  return {"compacted-" + std::to_string(index), 0};
}

void Workload::compact(env::Fiber& self, env::Shard& shard, std::size_t index) {
  RandomStream random = shard.entropy.stream("workload.compaction", index);
  client::Cluster cluster(shard, cluster_settings("compaction-" + std::to_string(index)));
  {
    CompactionClient client(cluster, compacted_partition(index), history_, next_value_, [this] { return now_(); });
    until_calm(self, shard, random, [&] { client.step(self, random); });
  }
  ++producers_done_;
}

/// What they have beyond this is what their clients give them.
void Workload::create_configured_topics(env::Fiber& self, env::Shard& shard, client::Admin& admin) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(scenario_.config_clients); ++i) {
    const std::string name = configured_partition(i).topic;
    client::NewTopic topic = new_topic(name);
    if (i > 0) topic.configs["flush.messages"] = "1";
    insist_on(self, shard, admin, topic);
    for (const auto& [config, value] : topic.configs) {
      history_.config_steps.push_back({.kind = properties::ConfigStep::Kind::change,
                                       .resource = "topic " + name,
                                       .name = config,
                                       .value = value,
                                       .asked = now_(),
                                       .at = now_(),
                                       .outcome = properties::Outcome::acknowledged});
    }
  }
}

HistoryPartition Workload::configured_partition(std::size_t index) {
  return {"configured-" + std::to_string(index), 0};
}

std::set<std::string> Workload::configured_topics(const Scenario& scenario) {
  std::set<std::string> all;
  for (std::size_t i = 0; i < static_cast<std::size_t>(scenario.config_clients); ++i) {
    all.insert(configured_partition(i).topic);
  }
  return all;
}

std::vector<HistoryPartition> Workload::movable_partitions() const {
  std::vector<HistoryPartition> all = partitions();
  const auto count = [](std::int32_t clients) { return static_cast<std::size_t>(clients); };
  for (std::size_t i = 0; i < count(scenario_.transaction_clients); ++i) all.push_back(transaction_partition(i));
  for (std::size_t i = 0; i < count(scenario_.compaction_clients); ++i) all.push_back(compacted_partition(i));
  if (!scenario_.groups.empty()) all.push_back({"__consumer_offsets", 0});
  return all;
}

void Workload::reassign(env::Fiber& self, env::Shard& shard, std::size_t index) {
  RandomStream random = shard.entropy.stream("workload.reassignments", index);
  client::Cluster cluster(shard, cluster_settings("reassignments-" + std::to_string(index)));
  ReassignmentClient client(cluster, movable_partitions(), scenario_.brokers, scenario_.replication_factor);
  until_calm(self, shard, random, [&] {
    client.step(self, random);
    const std::int64_t rest_ms = random.between(0, kPauseOfReassignments.count());
    env::sleep_for(self, shard.clock, Milliseconds(rest_ms));
  });
  client.settle(self);
  ++producers_done_;
}

void Workload::move_directories(env::Fiber& self, env::Shard& shard, std::size_t index) {
  RandomStream random = shard.entropy.stream("workload.directories", index);
  client::Cluster cluster(shard, cluster_settings("directories-" + std::to_string(index)));
  std::vector<HistoryPartition> all = movable_partitions();
  for (std::size_t i = 0; i < static_cast<std::size_t>(scenario_.churned_topics); ++i) {
    all.push_back({churned_topic(i), 0});
  }
  DirectoryClient client(cluster, std::move(all), log_directory_paths(scenario_));
  until_calm(self, shard, random, [&] {
    client.step(self, random);
    const std::int64_t rest_ms = random.between(0, kPauseOfMoves.count());
    env::sleep_for(self, shard.clock, Milliseconds(rest_ms));
  });
  client.settle(self);
  ++producers_done_;
}

void Workload::until_calm(env::Fiber& self, env::Shard& shard, RandomStream& random, UniqueFunction<void()> step) {
  while (!chaos_over_) {
    step();
    const std::int64_t pause_ms = random.between(0, kPauseOfOddClients.count());
    env::sleep_for(self, shard.clock, Milliseconds(pause_ms));
  }
}

void Workload::change_configs(env::Fiber& self, env::Shard& shard, std::size_t index) {
  RandomStream random = shard.entropy.stream("workload.configs", index);
  client::Cluster cluster(shard, cluster_settings("configs-" + std::to_string(index)));
  ConfigClient client(
      cluster, configured_partition(index), index == 0, history_, next_value_, [this] { return now_(); },
      [this] { return broker_life_(); });
  until_calm(self, shard, random, [&] { client.step(self, random); });
  client.settle(self);
  ++producers_done_;
}

HistoryPartition Workload::transaction_partition(std::size_t index) {
  return {"transactions-" + std::to_string(index), 0};
}

void Workload::run_transactions(env::Fiber& self, env::Shard& shard, std::size_t index) {
  RandomStream random = shard.entropy.stream("workload.transactions", index);
  TransactionClient client(kTransactionId + static_cast<int>(index),
                           client::Cluster(shard, cluster_settings("transactions-" + std::to_string(index))),
                           transaction_partition(index), history_, next_value_, [this] { return now_(); });
  until_calm(self, shard, random, [&] { client.step(self, random); });
  client.settle(self);
  ++producers_done_;
}

std::size_t Workload::begin_send(int client, const HistoryPartition& partition, const ProducerPlan& plan) {
  Sent sent;
  sent.client = client;
  sent.partition = partition;
  sent.value = next_value_++;
  sent.acks = plan.acks;
  sent.idempotent = plan.idempotent;
  sent.invoked = now_();
  history_.sent.push_back(std::move(sent));
  return history_.sent.size() - 1;
}

/// What a leader alone has acknowledged promises nothing where another may come to lead.
void Workload::note_sent(std::size_t entry, const client::Delivery& delivery) {
  Sent& sent = history_.sent[entry];
  note_outcome(sent, delivery, now_());
  const bool is_promised = sent.acks == -1 || scenario_.brokers == 1;
  if (!is_promised && sent.outcome == properties::Outcome::acknowledged) sent.outcome = properties::Outcome::unknown;
}

void Workload::produce(env::Fiber& self, env::Shard& shard, std::size_t index) {
  const ProducerPlan& plan = scenario_.producers[index];
  RandomStream random = shard.entropy.stream("workload.producer", index);
  client::Cluster cluster(shard, cluster_settings("producer-" + std::to_string(index)));
  client::Producer producer(cluster, {.acks = plan.acks,
                                      .idempotent = plan.idempotent && plan.acks == -1,
                                      .codec = codec_of(plan.codec),
                                      .batch_bytes = static_cast<std::size_t>(plan.batch_bytes),
                                      .linger = plan.linger,
                                      .request_timeout = Milliseconds(3'000),
                                      .delivery_timeout = kDeliveryTimeout,
                                      .auto_create_topics = false});
  const std::vector<HistoryPartition> places = partitions();
  for (std::int32_t i = 0; i < plan.records; ++i) {
    const HistoryPartition& place = places[random.below(places.size())];
    const std::size_t entry = begin_send(static_cast<int>(index), place, plan);
    const ByteBuffer value = value_bytes(history_.sent[entry].value, plan.value_bytes);
    producer.send(self,
                  {.topic = place.topic,
                   .partition = PartitionIndex{place.partition},
                   .key = {},
                   .value = Bytes(value),
                   .headers = {},
                   .timestamp = {}},
                  [this, entry](const client::Delivery& delivery) { note_sent(entry, delivery); });
    const std::int64_t pause_ms = random.between(0, 2 * plan.gap.count());
    if (pause_ms > 0) env::sleep_for(self, shard.clock, Milliseconds(pause_ms));
  }
  producer.flush(self);
  ++producers_done_;
}

void Workload::consume(env::Fiber& self, env::Shard& shard, std::size_t index) {
  const ConsumerPlan& plan = scenario_.consumers[index];
  client::Cluster cluster(shard, cluster_settings("consumer-" + std::to_string(index)));
  RandomStream random = shard.entropy.stream("workload.consumer", index);
  std::map<HistoryPartition, Offset> furthest;
  for (int sitting = 0; !finished_ && sitting < kSittingsOfAClient; ++sitting) {
    client::Consumer consumer(cluster, {.fetch_wait = plan.wait,
                                        .fetch_bytes_min = plan.bytes_min,
                                        .fetch_bytes_max = plan.bytes_max,
                                        .partition_bytes_max = plan.bytes_max,
                                        .rack = rack_of(scenario_, static_cast<std::int64_t>(index)),
                                        .reset = client::OffsetReset::none});
    const bool from_start = sitting % 2 == 0;
    for (const HistoryPartition& place : partitions()) {
      const PartitionIndex partition{place.partition};
      if (!consumer.assign_at(self, place.topic, partition, client::OffsetReset::earliest)) continue;
      const Offset earliest = consumer.position(place.topic, partition).value_or(Offset{0});
      const Offset seen = std::max(earliest, furthest[place]);
      const std::int64_t ahead = from_start ? 0 : random.between(0, seen - earliest);
      consumer.assign(place.topic, partition, earliest + ahead);
    }
    const int reader = static_cast<int>(index + 1) * kSittingsOfAClient + sitting;
    MonotonicTime asked = now_();
    UniqueFunction<void(const client::ConsumedRecord&)> visit = [&](const client::ConsumedRecord& seen) {
      Offset& far = furthest[{std::string(seen.topic), seen.partition.value()}];
      far = std::max(far, seen.record.offset);
      history_.reads.push_back({reader,
                                {std::string(seen.topic), seen.partition.value()},
                                seen.record.offset,
                                value_of(seen.record.value),
                                now_(),
                                asked});
    };
    while (!finished_) {
      asked = now_();
      const auto shown = consumer.poll(self, cluster.deadline_in(Milliseconds(2'000)), visit);
      if (!shown) note_out_of_range(shown.error(), consumer);
      if (!shown) break;
      if (!chaos_over_ && random.chance(1, kPollsOfATrim)) trim(self, cluster, furthest, random);
    }
    env::sleep_for(self, shard.clock, kRetryPause);
  }
}

void Workload::note_out_of_range(const client::Failure& failure, const client::Consumer& consumer) {
  if (failure.code != wire::ErrorCode::offset_out_of_range) return;
  for (const HistoryPartition& place : partitions()) {
    if (failure.error.text.find(place.topic + "-" + std::to_string(place.partition)) == std::string::npos) continue;
    const auto position = consumer.position(place.topic, PartitionIndex{place.partition});
    if (position) history_.out_of_range.push_back({.partition = place, .offset = *position, .at = now_()});
  }
}

void Workload::trim(env::Fiber& self, client::Cluster& cluster, const std::map<HistoryPartition, Offset>& seen,
                    RandomStream& random) {
  UniqueFunction<MonotonicTime()> now = [this] { return now_(); };
  for (const auto& [place, furthest] : seen) {
    const auto plan = std::ranges::find(scenario_.topics, place.topic, &TopicPlan::name);
    const auto bounds = [](const auto& entry) { return entry.first.starts_with("retention."); };
    if (plan == scenario_.topics.end() || std::ranges::none_of(plan->configs, bounds)) continue;
    const Offset up_to{random.between(0, furthest.value())};
    static_cast<void>(delete_records(self, cluster, place, up_to, history_, now));
    return;
  }
}

void Workload::send_sequences(env::Fiber& self, env::Shard& shard, std::size_t index) {
  RandomStream random = shard.entropy.stream("workload.sequences", index);
  const std::vector<HistoryPartition> places = partitions();
  SequenceClient sequences(
      kSequencerId + static_cast<int>(index),
      client::Cluster(shard, cluster_settings("sequences-" + std::to_string(index))),
      places[random.below(places.size())], history_, next_value_, [this] { return now_(); },
      [this] { return broker_life_(); });
  until_calm(self, shard, random, [&] { sequences.step(self, random); });
  ++producers_done_;
}

void Workload::churn_topic(env::Fiber& self, env::Shard& shard, std::size_t index) {
  RandomStream random = shard.entropy.stream("workload.churn", index);
  client::NewTopic topic = new_topic(churned_topic(index));
  if (scenario_.flush_before_acknowledge) topic.configs["flush.messages"] = "1";
  TopicChurn churn(
      kChurnId + static_cast<int>(index), client::Cluster(shard, cluster_settings("churn-" + std::to_string(index))),
      std::move(topic), history_, next_value_, [this] { return now_(); }, [this] { return broker_life_(); });
  until_calm(self, shard, random, [&] { churn.round(self, random); });
  ++producers_done_;
}

std::string Workload::group_name(std::size_t index) {
  return "group-" + std::to_string(index);
}

void Workload::live_in_group(env::Fiber& self, env::Shard& shard, std::size_t group, std::size_t member) {
  const GroupPlan& plan = scenario_.groups[group];
  const std::string name = group_name(group) + "-member-" + std::to_string(member);
  RandomStream random = shard.entropy.stream("workload.group", group * kClientsMax + member);
  client::MemberSettings settings{.group_id = group_name(group),
                                  .topics = {},
                                  .session_timeout = plan.session,
                                  .rebalance_timeout = plan.rebalance,
                                  .heartbeat_interval = plan.session / 3};
  if (member < static_cast<std::size_t>(plan.static_members)) settings.instance_id = name;
  for (const TopicPlan& topic : scenario_.topics) settings.topics.push_back(topic.name);
  GroupClient client(client::Cluster(shard, cluster_settings(name)), std::move(settings), history_, next_offset_,
                     [this] { return now_(); });
  until_calm(self, shard, random,
             [&] { plan.is_steady ? client.steady_round(self, random) : client.round(self, random); });
  client.settle(self);
  ++producers_done_;
}

/// Of every group, after the broker's last restart.
void Workload::read_committed_offsets(env::Fiber& self, client::Cluster& cluster) {
  std::set<HistoryPartition> all;
  for (const HistoryPartition& one : partitions()) all.insert(one);
  UniqueFunction<MonotonicTime()> now = [this] { return now_(); };
  for (std::size_t group = 0; group < scenario_.groups.size(); ++group) {
    client::GroupLink link(cluster, group_name(group), cluster.settings().link.request_timeout);
    while (!GroupClient::note_committed(self, link, all, history_, now)) {
      env::sleep_for(self, cluster.shard().clock, kRetryPause);
    }
    client::MemberSettings lonely{.group_id = group_name(group), .topics = {}};
    for (const TopicPlan& topic : scenario_.topics) lonely.topics.push_back(topic.name);
    GroupClient::rebalance_alone(self, cluster, std::move(lonely), history_, now);
  }
}

std::string Workload::churned_topic(std::size_t index) {
  return "churned-" + std::to_string(index);
}

void Workload::probe(env::Fiber& self, client::Cluster& cluster, const HistoryPartition& partition) {
  client::Producer producer(cluster, {.delivery_timeout = kDeliveryTimeout, .auto_create_topics = false});
  for (;;) {
    const std::size_t entry = begin_send(kProberId, partition, {});
    const ByteBuffer value = value_bytes(history_.sent[entry].value, 0);
    const client::Delivery delivery = producer.send_and_wait(self, {.topic = partition.topic,
                                                                    .partition = PartitionIndex{partition.partition},
                                                                    .key = {},
                                                                    .value = Bytes(value),
                                                                    .headers = {},
                                                                    .timestamp = {}});
    note_outcome(history_.sent[entry], delivery, now_());
    if (delivery) return;
  }
}

/// A retention may move the log start meanwhile: then it begins again.
void Workload::read_whole(env::Fiber& self, client::Cluster& cluster, const HistoryPartition& partition) {
  client::Consumer consumer(cluster, {.fetch_wait = Milliseconds(10), .reset = client::OffsetReset::none});
  const PartitionIndex index{partition.partition};
  std::vector<Read>& log = history_.final_log[partition];
  UniqueFunction<void(const client::ConsumedRecord&)> visit = [&](const client::ConsumedRecord& seen) {
    log.push_back({kReaderId, partition, seen.record.offset, value_of(seen.record.value), now_(), now_()});
  };
  bool is_assigned = false;
  for (;;) {
    if (!is_assigned) {
      log.clear();
      is_assigned = consumer.assign_at(self, partition.topic, index, client::OffsetReset::earliest).has_value();
    }
    const auto shown = consumer.poll(self, cluster.deadline_in(Milliseconds(2'000)), visit);
    const Offset end = consumer.high_watermark(partition.topic, index);
    if (shown && is_assigned && end.value() >= 0 && consumer.position(partition.topic, index) >= end) return;
    if (!shown) is_assigned = false;
    if (!shown) env::sleep_for(self, cluster.shard().clock, kRetryPause);
  }
}

/// Single records from anywhere in the log, by way of the indexes.
void Workload::seek(env::Fiber& self, client::Cluster& cluster, const HistoryPartition& partition,
                    RandomStream& random) {
  const std::vector<Read>& log = history_.final_log[partition];
  for (int i = 0; i < kSeeks && !log.empty(); ++i) {
    const Read& target = log[random.below(log.size())];
    properties::Seek seek{.partition = partition, .wanted = target.offset, .at = now_()};
    client::Consumer consumer(cluster, {.fetch_wait = Milliseconds(10),
                                        .fetch_bytes_max = 1,
                                        .partition_bytes_max = 1,
                                        .reset = client::OffsetReset::none});
    consumer.assign(partition.topic, PartitionIndex{partition.partition}, target.offset);
    UniqueFunction<void(const client::ConsumedRecord&)> visit = [&](const client::ConsumedRecord& seen) {
      if (seek.got != kNoOffset) return;
      seek.got = seen.record.offset;
      seek.value = value_of(seen.record.value);
    };
    const auto shown = consumer.poll(self, cluster.deadline_in(Milliseconds(2'000)), visit);
    if (shown) history_.seeks.push_back(seek);
  }
}

void Workload::find_churned(env::Fiber& self, client::Cluster& cluster) {
  client::Admin admin(cluster);
  for (std::size_t i = 0; i < static_cast<std::size_t>(scenario_.churned_topics); ++i) {
    const std::string name = churned_topic(i);
    for (;;) {
      const auto topic = admin.describe_topic(self, name);
      if (topic) history_.final_topics[name] = topic->topic_id;
      if (topic || topic.error().code == wire::ErrorCode::unknown_topic_or_partition) break;
      env::sleep_for(self, cluster.shard().clock, kRetryPause);
    }
  }
}

void Workload::read_back(env::Fiber& self, env::Shard& shard) {
  client::Cluster cluster(shard, cluster_settings("reader"));
  RandomStream random = shard.entropy.stream("workload.seeks");
  find_churned(self, cluster);
  std::vector<HistoryPartition> all = partitions();
  for (const auto& [name, id] : history_.final_topics) all.push_back({name, 0, id});
  for (const HistoryPartition& partition : all) {
    probe(self, cluster, partition);
    read_whole(self, cluster, partition);
    seek(self, cluster, partition, random);
  }
  read_committed_offsets(self, cluster);
  read_back_odd_topics(self, cluster);
  read_back_done_ = true;
}

void Workload::read_back_odd_topics(env::Fiber& self, client::Cluster& cluster) {
  UniqueFunction<MonotonicTime()> now = [this] { return now_(); };
  UniqueFunction<std::uint32_t()> life = [this] { return broker_life_(); };
  for (std::size_t i = 0; i < static_cast<std::size_t>(scenario_.config_clients); ++i) {
    if (i == 0) ConfigClient::read_configs(self, cluster, broker_target(), history_, now, life);
    const client::ConfigTarget topic{.kind = client::ConfigTarget::Kind::topic, .name = configured_partition(i).topic};
    ConfigClient::read_configs(self, cluster, topic, history_, now, life);
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(scenario_.transaction_clients); ++i) {
    TransactionClient::read_whole(self, cluster, transaction_partition(i), history_, now);
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(scenario_.compaction_clients); ++i) {
    while (!CompactionClient::read_whole(self, cluster, compacted_partition(i), 1 << 20, history_, now)) {
      env::sleep_for(self, cluster.shard().clock, kRetryPause);
    }
  }
}

}  // namespace gregor::scenarios
