#include "metadata/partition_change.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/mutant.h"
#include "metadata/directories.h"
#include "metadata/metadata_version.h"
#include "metadata/node_ids.h"
#include "metadata/placement.h"

namespace gregor::metadata {

namespace {

constexpr std::int32_t kLeaderUnchanged = -2;
/// Of metadata.version. Before 3.6-IV0 a shrinking ISR bumps the leader epoch: brokers of that time need it
/// (KAFKA-15021).
constexpr std::int16_t kShrinksWithoutBump = 12;
constexpr std::int16_t kKnowsDirectories = 17;

const Partition& partition_in(const Topic& topic, PartitionIndex index) {
  const Partition* partition = topic.partitions.find(index);
  CHECK(partition != nullptr);
  return *partition;
}

bool changes_nothing(const wire::PartitionChangeRecord& record) {
  return !record.isr && record.leader == kLeaderUnchanged && !record.replicas && !record.removing_replicas &&
         !record.adding_replicas && record.leader_recovery_state == -1 && !record.directories &&
         !record.eligible_leader_replicas && !record.last_known_elr;
}

}  // namespace

PartitionChangeBuilder::PartitionChangeBuilder(const Image& image, const ElectionRules& defaults, const Topic& topic,
                                               PartitionIndex index)
    : image_(image),
      topic_(topic),
      index_(index),
      present_(partition_in(topic, index)),
      rules_(election_rules_of(image, topic.name, defaults)),
      metadata_version_(image.feature_level(kMetadataVersion)),
      tracks_eligible_(tracks_eligible_replicas(image)),
      is_up_([&image](NodeId replica) { return is_active(image, replica); }),
      isr_(present_.isr),
      replicas_(present_.replicas),
      adding_(present_.adding_replicas),
      removing_(present_.removing_replicas),
      recovery_state_(present_.leader_recovery_state) {}

void PartitionChangeBuilder::set_election_allowed() {
  election_ = rules_.unclean_leader_election ? Election::unclean : Election::online;
}

void PartitionChangeBuilder::set_directory(NodeId replica, const Uuid& directory) {
  directories_.emplace_back(replica, directory);
}

void PartitionChangeBuilder::drop_unclean(NodeId replica) {
  unclean_.push_back(replica);
  std::erase(isr_, replica);
}

Uuid PartitionChangeBuilder::directory_to_be(NodeId replica) const {
  const auto is_its = [replica](const auto& set) { return set.first == replica; };
  const auto set = std::find_if(directories_.rbegin(), directories_.rend(), is_its);
  if (set != directories_.rend()) return set->second;
  return holds(present_.replicas, replica) ? directory_of(present_, replica) : default_directory_on(image_, replica);
}

bool PartitionChangeBuilder::is_up(NodeId replica) const {
  const BrokerRegistration* broker = image_.find_broker(replica);
  return broker != nullptr && is_up_(replica) && is_in_online_directory(*broker, directory_to_be(replica));
}

bool PartitionChangeBuilder::may_lead(NodeId replica) const {
  if (!is_up(replica)) return false;
  if (!isr_.empty()) return holds(isr_, replica);
  // What a sole replica lost is nowhere else: there is nothing to wait for.
  return holds(eligible_, replica) || (eligible_.empty() && replicas_ == std::vector<NodeId>{replica});
}

/// Where every eligible replica lost something, the last leader most likely lost least.
bool PartitionChangeBuilder::may_elect_last_leader() const {
  if (!tracks_eligible_ || !isr_.empty() || !eligible_.empty() || present_.last_known_elr.size() != 1) return false;
  const NodeId last = present_.last_known_elr.front();
  return holds(replicas_, last) && (is_up(last) || MUTANT(dead_last_leader_is_elected));
}

PartitionChangeBuilder::Choice PartitionChangeBuilder::elect() const {
  if (election_ == Election::preferred && !replicas_.empty() && may_lead(replicas_.front())) {
    return {.leader = replicas_.front()};
  }
  if (may_lead(present_.leader)) return {.leader = present_.leader};
  for (const NodeId replica : replicas_) {
    if (may_lead(replica)) return {.leader = replica};
  }
  if (may_elect_last_leader()) return {.leader = present_.last_known_elr.front(), .is_clean = false};
  if (election_ != Election::unclean) return {};
  for (const NodeId replica : replicas_) {
    if (is_up(replica)) return {.leader = replica, .is_clean = false};
  }
  return {};
}

std::size_t PartitionChangeBuilder::min_insync_replicas() const {
  return std::min(static_cast<std::size_t>(rules_.min_insync_replicas), replicas_.size());
}

void PartitionChangeBuilder::complete_reassignment() {
  if (adding_.empty() && removing_.empty()) return;
  std::vector<NodeId> staying = without(isr_, removing_);
  std::vector<NodeId> target = without(replicas_, removing_);
  if (staying.empty() || target.empty() || !holds_all(staying, target)) return;
  isr_ = std::move(staying);
  replicas_ = std::move(target);
  adding_.clear();
  removing_.clear();
}

void PartitionChangeBuilder::keep_eligible() {
  eligible_.clear();
  if (!tracks_eligible_ || isr_.size() >= min_insync_replicas()) return;
  std::vector<NodeId> candidates = present_.eligible_leader_replicas;
  candidates.insert(candidates.end(), present_.isr.begin(), present_.isr.end());
  for (const NodeId replica : sorted_difference(candidates, isr_)) {
    if (holds(replicas_, replica) && !holds(unclean_, replica) && !holds(eligible_, replica)) {
      eligible_.push_back(replica);
    }
  }
}

void PartitionChangeBuilder::change_leader(wire::PartitionChangeRecord& record) {
  const Choice choice = elect();
  if (choice.leader == present_.leader) return;
  record.leader = choice.leader.value();
  if (choice.leader == kNoLeader) return;
  if (!choice.is_clean) {
    // Others may hold what this one lacks: they are to follow it, not to be believed.
    isr_ = {choice.leader};
    eligible_.clear();
    recovery_state_ = kRecovering;
  } else if (isr_.empty()) {
    isr_ = {choice.leader};
    std::erase(eligible_, choice.leader);
    // From here on it may commit alone, so that others are complete no more.
    if (isr_.size() >= min_insync_replicas()) eligible_.clear();
  }
}

void PartitionChangeBuilder::bump_leader_epoch(wire::PartitionChangeRecord& record) const {
  if (record.leader != kLeaderUnchanged) return;
  const bool loses_replicas = !holds_all(replicas_, present_.replicas);
  const bool shrinks = record.isr && !holds_all(isr_, present_.isr);
  if (loses_replicas || (shrinks && metadata_version_ < kShrinksWithoutBump)) record.leader = present_.leader.value();
}

void PartitionChangeBuilder::change_last_leader(wire::PartitionChangeRecord& record) const {
  if (!tracks_eligible_) return;
  const std::vector<NodeId>& known = present_.last_known_elr;
  const NodeId leader = record.leader == kLeaderUnchanged ? present_.leader : NodeId{record.leader};
  if (leader != kNoLeader) {
    if (!known.empty()) record.last_known_elr = std::vector<std::int32_t>{};
    return;
  }
  const bool loses_its_leader = present_.leader != kNoLeader;
  if (loses_its_leader && known != std::vector<NodeId>{present_.leader}) {
    record.last_known_elr = std::vector<std::int32_t>{present_.leader.value()};
  }
}

void PartitionChangeBuilder::change_assignment(wire::PartitionChangeRecord& record) const {
  if (replicas_ != present_.replicas) record.replicas = ids_of(replicas_);
  if (removing_ != present_.removing_replicas) record.removing_replicas = ids_of(removing_);
  if (adding_ != present_.adding_replicas) record.adding_replicas = ids_of(adding_);
  if (metadata_version_ < kKnowsDirectories) return;
  std::vector<Uuid> before;
  for (const NodeId replica : present_.replicas) before.push_back(directory_of(present_, replica));
  std::vector<Uuid> after;
  for (const NodeId replica : replicas_) after.push_back(directory_to_be(replica));
  if (after != before) record.directories = std::move(after);
}

std::optional<wire::PartitionChangeRecord> PartitionChangeBuilder::build() {
  wire::PartitionChangeRecord record{.partition_id = index_.value(), .topic_id = topic_.id};
  complete_reassignment();
  keep_eligible();
  change_leader(record);
  const bool may_be_empty = tracks_eligible_;
  if (isr_ != present_.isr && (!isr_.empty() || may_be_empty)) record.isr = ids_of(isr_);
  if (eligible_ != sorted_difference(present_.eligible_leader_replicas, {}))
    record.eligible_leader_replicas = ids_of(eligible_);
  bump_leader_epoch(record);
  change_last_leader(record);
  change_assignment(record);
  if (recovery_state_ != present_.leader_recovery_state) record.leader_recovery_state = recovery_state_;
  if (changes_nothing(record)) return std::nullopt;
  return record;
}

bool PartitionChangeBuilder::add_to(RecordList& records) {
  const auto record = build();
  if (record) records.add(*record, record_versions_at(metadata_version_).partition_change);
  return record.has_value();
}

}  // namespace gregor::metadata
