#include "metadata/alter_partition.h"

#include <algorithm>

#include "base/mutant.h"
#include "metadata/broker_epoch.h"
#include "metadata/directories.h"
#include "metadata/image_after.h"
#include "metadata/node_ids.h"
#include "metadata/partition_change.h"

namespace gregor::metadata {

namespace {

using wire::ErrorCode;

constexpr BrokerEpoch kNotTold{-1};

std::vector<NodeId> ids_in(const std::vector<AlterPartition::Member>& members) {
  std::vector<NodeId> ids;
  for (const AlterPartition::Member& member : members) ids.push_back(member.id);
  return ids;
}

bool is_valid_isr(const Partition& partition, const std::vector<NodeId>& isr) {
  std::vector<NodeId> sorted = isr;
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end() && holds_all(partition.replicas, isr) &&
         holds(isr, partition.leader);
}

/// A life that ended, or is about to, may not be counted on; nor may another life than the leader heard from, or one
/// whose replica is in a directory that failed.
bool is_eligible(const Image& image, const Partition& partition, const AlterPartition::Member& member) {
  const BrokerRegistration* broker = image.find_broker(member.id);
  if (broker == nullptr) return false;
  if ((broker->fenced || broker->in_controlled_shutdown) && !MUTANT(isr_takes_fenced_brokers)) return false;
  if (!is_in_online_directory(*broker, directory_of(partition, member.id))) return false;
  return member.epoch == kNotTold || member.epoch == broker->epoch || MUTANT(isr_takes_former_lives);
}

ErrorCode fault_of(const Image& image, NodeId broker, const Partition& present,
                   const AlterPartition::Partition& asked) {
  // A leader that knows of more than this controller has learned it from a newer one.
  if (asked.leader_epoch > present.leader_epoch) return ErrorCode::not_controller;
  if (asked.partition_epoch > present.partition_epoch) return ErrorCode::not_controller;
  if (asked.leader_epoch < present.leader_epoch) return ErrorCode::fenced_leader_epoch;
  if (broker != present.leader) return ErrorCode::invalid_request;
  if (asked.partition_epoch < present.partition_epoch) return ErrorCode::invalid_update_version;
  if (!is_valid_isr(present, ids_in(asked.isr))) return ErrorCode::invalid_request;
  if (asked.leader_recovery_state != kRecovered && asked.leader_recovery_state != kRecovering) {
    return ErrorCode::invalid_request;
  }
  const bool recovers = asked.leader_recovery_state == kRecovering;
  if (recovers && (asked.isr.size() > 1 || present.leader_recovery_state == kRecovered)) {
    return ErrorCode::invalid_request;
  }
  const bool all_eligible = std::all_of(asked.isr.begin(), asked.isr.end(), [&](const AlterPartition::Member& member) {
    return is_eligible(image, present, member);
  });
  return all_eligible ? ErrorCode::none : ErrorCode::ineligible_replica;
}

class IsrAlteration {
 public:
  IsrAlteration(const Image& image, const ElectionRules& defaults, NodeId broker)
      : image_(image), defaults_(defaults), broker_(broker) {}

  AlteredPartitions alter(const AlterPartition::Topic& asked) {
    AlteredPartitions reply{.topic = asked.id};
    for (const AlterPartition::Partition& partition : asked.partitions) {
      reply.partitions.push_back(alter(asked.id, partition));
    }
    return reply;
  }
  RecordList take_records() { return std::move(records_); }

 private:
  AlteredPartitions::Partition alter(const TopicId& id, const AlterPartition::Partition& asked) {
    const auto refused = [&](ErrorCode error) {
      return AlteredPartitions::Partition{.index = asked.index, .error = error};
    };
    const PartitionIndex index{asked.index};
    const Topic* topic = image_.find_topic(id);
    if (topic == nullptr) return refused(ErrorCode::unknown_topic_id);
    const Partition* present = topic->partitions.find(index);
    if (present == nullptr) return refused(ErrorCode::unknown_topic_or_partition);
    if (const ErrorCode fault = fault_of(image_, broker_, *present, asked); fault != ErrorCode::none) {
      return refused(fault);
    }
    change(*topic, index, asked);
    const Partition& now = *image_.find_partition(id, index);
    // The change ended a reassignment: whoever asked is not to lead on.
    if (now.leader != broker_) return refused(ErrorCode::new_leader_elected);
    return {.index = asked.index,
            .error = ErrorCode::none,
            .leader = now.leader,
            .leader_epoch = now.leader_epoch,
            .isr = now.isr,
            .leader_recovery_state = now.leader_recovery_state,
            .partition_epoch = now.partition_epoch};
  }

  void change(const Topic& topic, PartitionIndex index, const AlterPartition::Partition& asked) {
    PartitionChangeBuilder builder(image_, defaults_, topic, index);
    builder.set_election_allowed();
    builder.set_isr(ids_in(asked.isr));
    builder.set_recovery_state(asked.leader_recovery_state);
    RecordList change;
    if (!builder.add_to(change)) return;
    image_ = image_after(image_, change);
    records_.append(std::move(change));
  }

  Image image_;  ///< with what this request has changed so far
  const ElectionRules& defaults_;
  const NodeId broker_;
  RecordList records_;
};

}  // namespace

Result<Decision<AlteredPartitions>> decide_alter_partition(const Image& image, const ElectionRules& defaults,
                                                           const AlterPartition& request) {
  TRY(registered_broker(image, request.broker, request.broker_epoch));
  Decision<AlteredPartitions> decision;
  IsrAlteration alteration(image, defaults, request.broker);
  for (const AlterPartition::Topic& topic : request.topics) decision.replies.push_back(alteration.alter(topic));
  decision.records = alteration.take_records();
  return decision;
}

}  // namespace gregor::metadata
