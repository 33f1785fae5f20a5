#include "metadata/reassignments.h"

#include <algorithm>

#include "metadata/image_after.h"
#include "metadata/node_ids.h"
#include "metadata/partition_change.h"
#include "metadata/placement.h"
#include "metadata/refusal.h"

namespace gregor::metadata {

namespace {

using wire::ErrorCode;

bool is_under_way(const Partition& partition) {
  return !partition.adding_replicas.empty() || !partition.removing_replicas.empty();
}

/// The replicas from before anything was under way.
std::vector<NodeId> original_replicas(const Partition& partition) {
  return without(partition.replicas, partition.adding_replicas);
}

Verdict check_factor(const Partition& partition, const std::vector<NodeId>& target) {
  const std::size_t present = without(partition.replicas, partition.removing_replicas).size();
  if (target.size() == present) return std::nullopt;
  return refuse(
      ErrorCode::invalid_replication_factor,
      "The replication factor is changed from " + std::to_string(present) + " to " + std::to_string(target.size()));
}

class Reassignment {
 public:
  Reassignment(const Image& image, const ElectionRules& defaults, bool may_change_factor)
      : image_(image), defaults_(defaults), may_change_factor_(may_change_factor) {}

  AlteredReassignments::Partition alter(const std::string& name, const AlterReassignments::Partition& asked) {
    AlteredReassignments::Partition reply{.index = asked.index, .error = ErrorCode::none};
    if (const Verdict refusal = change(name, asked)) {
      reply.error = refusal->error;
      reply.error_message = refusal->text;
    }
    return reply;
  }
  RecordList take_records() { return std::move(records_); }

 private:
  Verdict change(const std::string& name, const AlterReassignments::Partition& asked) {
    const Topic* topic = image_.find_topic(name);
    if (topic == nullptr) {
      return refuse(ErrorCode::unknown_topic_or_partition, "Unable to find a topic named " + name + ".");
    }
    const PartitionIndex index{asked.index};
    const Partition* partition = topic->partitions.find(index);
    if (partition == nullptr) {
      return refuse(ErrorCode::unknown_topic_or_partition,
                    "Unable to find partition " + name + ":" + std::to_string(asked.index) + ".");
    }
    PartitionChangeBuilder builder(image_, defaults_, *topic, index);
    Verdict refusal =
        asked.replicas ? begin(*partition, *asked.replicas, builder) : take_back(*topic, index, *partition, builder);
    if (refusal) return refusal;
    RecordList change;
    if (builder.add_to(change)) {
      image_ = image_after(image_, change);
      records_.append(std::move(change));
    }
    return std::nullopt;
  }

  Verdict begin(const Partition& partition, const std::vector<NodeId>& target, PartitionChangeBuilder& builder) {
    if (const auto fault = fault_of_assignment(image_, target)) {
      return refuse(ErrorCode::invalid_replica_assignment, *fault);
    }
    if (!may_change_factor_) {
      if (Verdict refusal = check_factor(partition, target)) return refusal;
    }
    const std::vector<NodeId> removing = sorted_difference(partition.replicas, target);
    std::vector<NodeId> replicas = target;
    replicas.insert(replicas.end(), removing.begin(), removing.end());
    // Also what an earlier reassignment was adding: to take this one back is to take back both.
    builder.set_adding(sorted_difference(replicas, original_replicas(partition)));
    builder.set_removing(removing);
    builder.set_replicas(std::move(replicas));
    return std::nullopt;
  }

  Verdict take_back(const Topic& topic, PartitionIndex index, const Partition& partition,
                    PartitionChangeBuilder& builder) {
    if (!is_under_way(partition)) {
      return refuse(ErrorCode::no_reassignment_in_progress, "No partition reassignment is in progress.");
    }
    std::vector<NodeId> replicas = original_replicas(partition);
    std::vector<NodeId> isr = without(partition.isr, partition.adding_replicas);
    const bool is_eligible_left = !without(partition.eligible_leader_replicas, partition.adding_replicas).empty();
    const bool is_unclean = isr.empty() && (!partition.isr.empty() || !is_eligible_left);
    const bool may_be_unclean =
        election_rules_of(image_, topic.name, defaults_).unclean_leader_election &&
        std::any_of(replicas.begin(), replicas.end(), [this](NodeId replica) { return is_active(image_, replica); });
    if (is_unclean && !may_be_unclean) {
      return refuse(ErrorCode::invalid_replica_assignment, "Unable to revert partition assignment for " + topic.name +
                                                               ":" + std::to_string(index.value()) +
                                                               " because it would require an unclean leader election.");
    }
    builder.set_election_allowed();
    builder.set_isr(std::move(isr));
    builder.set_replicas(std::move(replicas));
    builder.set_adding({});
    builder.set_removing({});
    return std::nullopt;
  }

  Image image_;  ///< with what this request has changed so far
  const ElectionRules& defaults_;
  const bool may_change_factor_;
  RecordList records_;
};

void list_partition(const Topic& topic, PartitionIndex index, OngoingReassignments& listed) {
  const Partition* partition = topic.partitions.find(index);
  if (partition == nullptr || !is_under_way(*partition)) return;
  listed.partitions.push_back({.index = index.value(),
                               .replicas = partition->replicas,
                               .adding = partition->adding_replicas,
                               .removing = partition->removing_replicas});
}

}  // namespace

Decision<AlteredReassignments> decide_alter_reassignments(const Image& image, const ElectionRules& defaults,
                                                          const AlterReassignments& request) {
  Decision<AlteredReassignments> decision;
  Reassignment reassignment(image, defaults, request.allow_replication_factor_change);
  for (const AlterReassignments::Topic& topic : request.topics) {
    AlteredReassignments& reply = decision.replies.emplace_back(AlteredReassignments{.topic = topic.name});
    for (const AlterReassignments::Partition& partition : topic.partitions) {
      reply.partitions.push_back(reassignment.alter(topic.name, partition));
    }
  }
  decision.records = reassignment.take_records();
  return decision;
}

std::vector<OngoingReassignments> list_reassignments(const Image& image,
                                                     const std::optional<std::vector<AskedReassignments>>& asked) {
  std::vector<OngoingReassignments> all;
  const auto keep = [&](OngoingReassignments listed) {
    if (!listed.partitions.empty()) all.push_back(std::move(listed));
  };
  if (!asked) {
    for (const auto& [name, topic] : image.topics()) {
      OngoingReassignments listed{.topic = name};
      for (const auto& [index, partition] : topic->partitions) list_partition(*topic, index, listed);
      keep(std::move(listed));
    }
    return all;
  }
  for (const AskedReassignments& wanted : *asked) {
    const Topic* topic = image.find_topic(wanted.topic);
    if (topic == nullptr) continue;
    OngoingReassignments listed{.topic = wanted.topic};
    for (const std::int32_t index : wanted.partitions) list_partition(*topic, PartitionIndex{index}, listed);
    keep(std::move(listed));
  }
  return all;
}

}  // namespace gregor::metadata
