#include "metadata/periodic_elections.h"

#include "metadata/node_ids.h"
#include "metadata/partition_change.h"
#include "metadata/placement.h"

namespace gregor::metadata {

namespace {

/// Its first replica could lead, and another one does.
bool is_imbalanced(const Image& image, const Partition& partition) {
  if (partition.replicas.empty() || partition.leader == partition.replicas.front()) return false;
  return holds(partition.isr, partition.replicas.front()) && is_active(image, partition.replicas.front());
}

template <class Wanted>
PeriodicElections elect_where(const Image& image, const ElectionRules& defaults, Election election, Wanted wanted) {
  PeriodicElections elections;
  for (const auto& [name, topic] : image.topics()) {
    for (const auto& [index, partition] : topic->partitions) {
      if (!wanted(*topic, partition)) continue;
      const bool is_full = elections.records.size() >= kElectionsPerPassMax;
      elections.may_have_more = is_full;
      if (is_full) return elections;
      PartitionChangeBuilder builder(image, defaults, *topic, index);
      builder.set_election(election);
      builder.add_to(elections.records);
    }
  }
  return elections;
}

}  // namespace

PeriodicElections decide_preferred_leaders(const Image& image, const ElectionRules& defaults) {
  return elect_where(image, defaults, Election::preferred,
                     [&](const Topic&, const Partition& partition) { return is_imbalanced(image, partition); });
}

PeriodicElections decide_unclean_leaders(const Image& image, const ElectionRules& defaults) {
  return elect_where(image, defaults, Election::unclean, [&](const Topic& topic, const Partition& partition) {
    return partition.leader == kNoLeader && election_rules_of(image, topic.name, defaults).unclean_leader_election;
  });
}

}  // namespace gregor::metadata
