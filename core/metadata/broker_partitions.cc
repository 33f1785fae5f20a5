#include "metadata/broker_partitions.h"

#include "metadata/node_ids.h"
#include "metadata/partition_change.h"
#include "metadata/placement.h"

namespace gregor::metadata {

namespace {

template <class Visit>
void for_each_partition(const Image& image, Visit visit) {
  for (const auto& [name, topic] : image.topics()) {
    for (const auto& [index, partition] : topic->partitions) visit(*topic, index, partition);
  }
}

}  // namespace

RecordList records_for_leaving(const Image& image, const ElectionRules& defaults, NodeId broker,
                               const std::function<bool(const Partition&)>& concerns) {
  RecordList records;
  for_each_partition(image, [&](const Topic& topic, PartitionIndex index, const Partition& partition) {
    if (partition.leader != broker && !holds(partition.isr, broker)) return;
    if (concerns && !concerns(partition)) return;
    PartitionChangeBuilder change(image, defaults, topic, index);
    change.accept_leaders([&](NodeId replica) { return replica != broker && is_active(image, replica); });
    change.set_election_allowed();
    change.set_isr(without(partition.isr, broker));
    change.add_to(records);
  });
  return records;
}

RecordList records_for_unclean_end(const Image& image, const ElectionRules& defaults, NodeId broker) {
  RecordList records;
  for_each_partition(image, [&](const Topic& topic, PartitionIndex index, const Partition& partition) {
    const bool is_trusted = holds(partition.isr, broker) || holds(partition.eligible_leader_replicas, broker);
    if (partition.leader != broker && !is_trusted) return;
    PartitionChangeBuilder change(image, defaults, topic, index);
    change.accept_leaders([&](NodeId replica) { return replica != broker && is_active(image, replica); });
    change.set_election_allowed();
    change.drop_unclean(broker);
    change.add_to(records);
  });
  return records;
}

RecordList records_for_coming(const Image& image, const ElectionRules& defaults, NodeId broker) {
  RecordList records;
  for_each_partition(image, [&](const Topic& topic, PartitionIndex index, const Partition& partition) {
    if (partition.leader != kNoLeader) return;
    PartitionChangeBuilder change(image, defaults, topic, index);
    change.accept_leaders([&](NodeId replica) { return replica == broker || is_active(image, replica); });
    change.set_election_allowed();
    change.add_to(records);
  });
  return records;
}

bool leads_anything(const Image& image, NodeId broker) {
  for (const auto& [name, topic] : image.topics()) {
    for (const auto& [index, partition] : topic->partitions) {
      if (partition.leader == broker) return true;
    }
  }
  return false;
}

}  // namespace gregor::metadata
