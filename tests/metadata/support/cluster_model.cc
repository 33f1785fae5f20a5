#include "tests/metadata/support/cluster_model.h"

#include <algorithm>

#include "base/check.h"
#include "metadata/brokers.h"
#include "metadata/delete_topics.h"
#include "metadata/directories.h"
#include "metadata/elect_leaders.h"
#include "metadata/image_after.h"
#include "metadata/metadata_version.h"
#include "metadata/node_ids.h"
#include "metadata/periodic_elections.h"
#include "metadata/placement.h"
#include "metadata/producer_ids.h"
#include "tests/metadata/support/cluster.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {

namespace {

constexpr int kDirectoriesEach = 2;

Uuid directory(NodeId broker, int which) {
  return {2, static_cast<std::uint64_t>(1000 + broker.value() * 10 + which)};
}

}  // namespace

ClusterModel::ClusterModel(std::uint64_t seed)
    : random_(seed),
      brokers_(static_cast<int>(random_.between(3, 7))),
      rules_{.min_insync_replicas = static_cast<std::int32_t>(random_.between(1, 3)),
             .unclean_leader_election = random_.chance(1, 5)},
      partitions_max_(random_.chance(1, 2) ? 3 : 24),
      checks_(ghost_, suspects_, rules_.min_insync_replicas, rules_.unclean_leader_election) {
  RecordList features;
  const bool tracks = !random_.chance(1, 6);
  for (const FeatureLevel& feature : features_of_a_new_cluster()) {
    if (feature.name == kEligibleLeaderReplicas && !tracks) continue;
    features.add(wire::FeatureLevelRecord{.name = feature.name, .feature_level = feature.level}, 0);
  }
  write(features);
  for (int id = 1; id <= brokers_; ++id) start(NodeId{id});
}

void ClusterModel::violate(std::string what) {
  if (!violation_) violation_ = std::move(what);
}

void ClusterModel::write(const RecordList& records, bool is_asked_unclean) {
  if (records.empty()) return;
  const Image before = image_;
  image_ = image_after(image_, records);
  const Offset last = next_ + static_cast<std::int64_t>(records.size()) - 1;
  next_ = last + 1;
  log_.push_back({records.values(), last});
  hashes_.push_back(image_.hash());
  if (auto broken = checks_.check(before, image_, is_asked_unclean)) violate(*broken);
  for (const auto& [id, topic] : image_.topics_by_id()) {
    for (const auto& [index, partition] : topic->partitions) {
      // Who holds it no more has deleted it: if it comes back it begins anew.
      for (auto& [replica, held] : ghost_[{id, index}].held) {
        if (!holds(partition.replicas, replica)) held = 0;
      }
      const Partition* then = before.find_partition(id, index);
      if (then == nullptr) continue;
      counts_.elections += partition.leader != then->leader && partition.leader != kNoLeader ? 1 : 0;
      counts_.unclean_elections += partition.leader_recovery_state > then->leader_recovery_state ? 1 : 0;
      counts_.completed_moves += then->adding_replicas.size() > partition.adding_replicas.size() ? 1 : 0;
      counts_.eligible += partition.eligible_leader_replicas.empty() ? 0 : 1;
    }
  }
}

// K3: a standby that follows the log has the controller's image at each batch, or stops. One record in some hundred
// cannot be applied there (its disk, its version): it is to give up and begin again, not to go on without it.
void ClusterModel::feed_standby() {
  if (standby_at_ == log_.size()) return;
  const Batch& batch = log_[standby_at_];
  std::vector<ByteBuffer> values = batch.values;
  if (random_.chance(1, 40)) {
    RecordList broken;
    broken.add(wire::PartitionChangeRecord{.partition_id = 0, .topic_id = {9, 9}}, 0);
    values.back() = broken.values().front();
  }
  if (!standby_.apply_batch(values, batch.last, LeaderEpoch{1})) {
    standby_ = Replay{};
    standby_at_ = 0;
    return;
  }
  if (standby_.image().hash() != hashes_[standby_at_]) violate("K3: a standby's image is not the fold of the log");
  ++standby_at_;
}

void ClusterModel::judge_replay() {
  Replay again;
  for (const Batch& batch : log_) {
    if (!again.apply_batch(batch.values, batch.last, LeaderEpoch{1})) return violate("K3: the log cannot be replayed");
  }
  if (again.image().to_text() != image_.to_text()) violate("K3: the fold of the log is not the image");
}

NodeId ClusterModel::any_broker() {
  return NodeId{static_cast<std::int32_t>(random_.between(1, brokers_))};
}

std::vector<NodeId> ClusterModel::some_brokers() {
  std::vector<NodeId> chosen;
  const auto wanted = static_cast<std::size_t>(random_.between(1, std::min(brokers_, 4)));
  while (chosen.size() < wanted) {
    const NodeId id = any_broker();
    if (!holds(chosen, id)) chosen.push_back(id);
  }
  return chosen;
}

std::optional<ClusterModel::Target> ClusterModel::any_partition() {
  if (image_.partition_count() == 0) return std::nullopt;
  std::uint64_t skipped = random_.below(image_.partition_count());
  for (const auto& [id, topic] : image_.topics_by_id()) {
    for (const auto& [index, partition] : topic->partitions) {
      if (skipped-- == 0) return Target{{id, index}, topic.get(), &partition};
    }
  }
  return std::nullopt;
}

bool ClusterModel::is_at_work(NodeId id, const Partition& partition) const {
  const auto process = processes_.find(id);
  const BrokerRegistration* broker = image_.find_broker(id);
  if (process == processes_.end() || !process->second.is_alive || broker == nullptr) return false;
  return broker->epoch == process->second.epoch && is_in_online_directory(*broker, directory_of(partition, id));
}

bool ClusterModel::is_led(const Target& target) {
  const NodeId leader = target.partition->leader;
  if (leader == kNoLeader || !is_at_work(leader, *target.partition)) return false;
  GhostPartition& ghost = ghost_[target.key];
  if (ghost.led_in == target.partition->leader_epoch) return true;
  // A new leader: everyone else gives up what it does not have.
  ghost.led_in = target.partition->leader_epoch;
  ghost.heard.clear();
  ghost.proposed.clear();
  const int held = ghost.held[leader];
  const bool is_guarded = tracks_eligible_replicas(image_) && target.partition->leader_recovery_state == 0;
  if (held < ghost.committed && is_guarded) violate("R2: a leader lacks committed records");
  ghost.committed = std::min(ghost.committed, held);
  for (auto& [id, count] : ghost.held) count = std::min(count, held);
  return true;
}

void ClusterModel::pass_time() {
  const std::int64_t ms = random_.between(100, 3000);
  now_ += Milliseconds{ms};
  // Those who live mostly get through.
  for (auto& [id, process] : processes_) {
    if (process.is_alive && random_.chance(4, 5)) send_heartbeat(id);
  }
  expire_sessions();
}

void ClusterModel::expire_sessions() {
  const ExpiredSessions sessions = decide_expired_sessions(image_, book_, rules_, now_);
  counts_.fenced_together += sessions.brokers.size() > 1 ? 1 : 0;
  write(sessions.records);
  if (!book_.expired(image_, now_).empty()) violate("L3: an expired session was overlooked");
}

void ClusterModel::send_heartbeat(NodeId id) {
  Process& process = processes_[id];
  if (random_.chance(3, 4)) process.metadata_offset = next_ - 1;
  const BrokerHeartbeat heartbeat{.id = id,
                                  .epoch = process.epoch,
                                  .current_metadata_offset = process.metadata_offset,
                                  .want_fence = random_.chance(1, 30),
                                  .want_shut_down = process.wants_to_leave,
                                  .offline_log_dirs = process.offline};
  if (random_.chance(1, 10)) {
    late_.emplace_back(heartbeat);
  } else {
    take_heartbeat(heartbeat);
  }
}

void ClusterModel::take_heartbeat(const BrokerHeartbeat& heartbeat) {
  const BrokerRegistration* broker = image_.find_broker(heartbeat.id);
  const bool is_of_this_life = broker != nullptr && broker->epoch == heartbeat.epoch;
  const auto decision = decide_broker_heartbeat(image_, book_, rules_, heartbeat);
  if (!decision) {
    ++counts_.refused_lives;
    return;
  }
  if (!is_of_this_life) return violate("K5: a former life's heartbeat was taken");
  write(decision->records);
  book_.took(heartbeat, *decision, next_ - 1, now_);
  Process& process = processes_[heartbeat.id];
  if (decision->should_shut_down && process.is_alive && process.wants_to_leave && process.epoch == heartbeat.epoch) {
    process.is_alive = false;
    process.ended_cleanly = true;
    for (const auto& [name, topic] : image_.topics()) {
      for (const auto& [index, partition] : topic->partitions) {
        if (partition.leader == heartbeat.id) violate("L1: a broker left before its leaderships did");
      }
    }
  }
}

void ClusterModel::kill(NodeId id) {
  Process& process = processes_[id];
  if (!process.is_alive) return;
  process.is_alive = false;
  process.ended_cleanly = false;
  if (random_.chance(1, 2)) {  // the power went: a tail is lost
    suspects_.insert(id);
    for (auto& [key, ghost] : ghost_) {
      int& held = ghost.held[id];
      if (held > 0) held = static_cast<int>(random_.below(static_cast<std::uint64_t>(held)));
    }
  }
  if (random_.chance(1, 2)) book_.lost(id);
}

void ClusterModel::start(NodeId id) {
  Process& process = processes_[id];
  if (process.is_alive) return;
  RegisterBroker request{.id = id,
                         .incarnation_id = random_.uuid(),
                         .cluster_id = kTestCluster,
                         .features = supported_features(),
                         .rack = std::string(1, static_cast<char>('a' + id.value() % 3))};
  for (int which = 0; which < kDirectoriesEach; ++which) request.log_dirs.push_back(directory(id, which));
  request.previous_broker_epoch = process.ended_cleanly ? process.epoch : BrokerEpoch{-1};
  const bool has_session = book_.has_session(image_, id, now_);
  const auto registration = decide_register_broker(image_, rules_, request, kTestCluster, next_, has_session);
  if (!registration) {
    ++counts_.refused_lives;
    return;
  }
  if (!broker_epochs_.insert(registration->epoch.value()).second) violate("K6: a broker epoch was given twice");
  process = {.is_alive = true,
             .epoch = registration->epoch,
             .incarnation_id = request.incarnation_id,
             .metadata_offset = registration->epoch.value() > 0 ? Offset{0} : kNoOffset};
  suspects_.erase(id);
  write(registration->records);
  book_.registered(id, registration->epoch, now_);
}

void ClusterModel::bounce(NodeId id) {
  kill(id);
  book_.lost(id);
  start(id);
  Process& process = processes_[id];
  process.metadata_offset = next_ - 1;
  take_heartbeat({.id = id, .epoch = process.epoch, .current_metadata_offset = process.metadata_offset});
  // Leaders that have not noticed ask for it by what they heard of its former life.
  for (int asked = 0; asked < 3; ++asked) ask_for_isr();
}

void ClusterModel::unregister() {
  const NodeId id = any_broker();
  if (processes_[id].is_alive) return;
  const auto records = decide_unregister_broker(image_, rules_, id);
  if (!records) return;
  write(*records);
  book_.forget(id);
}

void ClusterModel::create_topic() {
  if (image_.partition_count() >= partitions_max_) return;
  NewTopic topic{.name = "t" + std::to_string(++topics_made_)};
  if (random_.chance(1, 2)) {
    topic.num_partitions = static_cast<std::int32_t>(random_.between(1, 4));
    topic.replication_factor = static_cast<std::int16_t>(random_.between(1, std::min(brokers_, 4)));
  } else {
    topic.assignments.push_back({.partition_index = 0, .broker_ids = some_brokers()});
  }
  const TopicDefaults defaults;
  const auto decision = decide_create_topics(image_, {.topics = {topic}}, defaults, random_);
  write(decision.records);
  const TopicId id = decision.replies.front().id;
  if (!decision.records.empty() && !topic_ids_.insert(id).second) violate("K6: a topic id was given twice");
}

void ClusterModel::delete_topic() {
  const auto target = any_partition();
  if (!target) return;
  const TopicId id = target->key.topic;
  write(decide_delete_topics(image_, {.topics = {{.name = target->topic->name}}}, true).records);
  std::erase_if(ghost_, [&](const auto& ghost) { return ghost.first.topic == id; });
}

void ClusterModel::allocate_producer_ids() {
  const NodeId id = any_broker();
  const auto grant = decide_allocate_producer_ids(image_, id, processes_[id].epoch);
  if (!grant) return;
  if (grant->block.first < producer_ids_given_) violate("K6: a producer id was given twice");
  producer_ids_given_ = grant->block.first + grant->block.count;
  write(grant->records);
}

void ClusterModel::elect() {
  const auto target = any_partition();
  if (!target) return;
  const bool is_unclean = random_.chance(1, 6);
  const ElectLeaders request{.type = is_unclean ? ElectionType::unclean : ElectionType::preferred,
                             .topics = {{{.name = target->topic->name, .partitions = {target->key.index.value()}}}}};
  write(decide_elect_leaders(image_, rules_, request).records, is_unclean);
}

void ClusterModel::elect_periodically() {
  write(decide_preferred_leaders(image_, rules_).records);
  write(decide_unclean_leaders(image_, rules_).records);
}

void ClusterModel::step() {
  const std::uint64_t drawn = random_.below(40);
  if (drawn < 4) return pass_time();
  if (drawn < 5) return kill(any_broker());
  if (drawn < 8) return start(any_broker());
  if (drawn < 10) return bounce(any_broker());
  if (drawn < 18) return ask_for_isr();
  if (drawn < 21) return deliver_late();
  if (drawn < 26) return produce();
  if (drawn < 33) return replicate();
  administer(drawn);
}

void ClusterModel::administer(std::uint64_t drawn) {
  switch (drawn) {
    case 33: {
      Process& process = processes_[any_broker()];
      process.wants_to_leave = process.is_alive;
      return;
    }
    case 34:
      return random_.chance(1, 4) ? delete_topic() : create_topic();
    case 35:
      return random_.chance(1, 4) ? unregister() : create_topic();
    case 36:
      return reassign();
    case 37:
      return elect();
    case 38:
      return random_.chance(1, 3) ? elect_periodically() : allocate_producer_ids();
    default:
      return random_.chance(1, 4) ? fail_directory() : assign_directory();
  }
}

// L1, L3: what can be led is led once all brokers are back.
void ClusterModel::heal() {
  for (int round = 0; round < 12; ++round) {
    now_ += Milliseconds{1500};
    for (int id = 1; id <= brokers_; ++id) {
      Process& process = processes_[NodeId{id}];
      start(NodeId{id});
      if (!process.is_alive) continue;
      process.metadata_offset = next_ - 1;
      take_heartbeat({.id = NodeId{id},
                      .epoch = process.epoch,
                      .current_metadata_offset = process.metadata_offset,
                      .want_shut_down = process.wants_to_leave,
                      .offline_log_dirs = process.offline});
    }
    expire_sessions();
  }
  for (const auto& [id, broker] : image_.brokers()) {
    if (broker.fenced) violate("L3: broker " + std::to_string(id.value()) + " lives and is fenced");
  }
  for (const auto& [name, topic] : image_.topics()) {
    for (const auto& [index, partition] : topic->partitions) {
      bool may_stay_offline = false;  // an offline directory stays so in this life of its broker
      for (const NodeId replica : partition.replicas) {
        may_stay_offline = may_stay_offline || !is_at_work(replica, partition);
      }
      if (partition.leader == kNoLeader && !may_stay_offline) {
        violate("L1: " + name + "-" + std::to_string(index.value()) + " has no leader after the heal");
      }
    }
  }
}

std::optional<std::string> ClusterModel::run(int steps) {
  for (int i = 0; i < steps && !violation_; ++i) {
    step();
    feed_standby();
  }
  if (!violation_) heal();
  if (!violation_) judge_replay();
  return violation_;
}

}  // namespace gregor::metadata
