// Elections that nobody asked for: leadership goes back to preferred replicas (auto.leader.rebalance.enable), and where
// a topic allows it a partition without leader gets one (unclean.leader.election.enable). Pure.
#pragma once

#include "metadata/election_rules.h"
#include "metadata/image.h"
#include "metadata/record_list.h"

namespace gregor::metadata {

/// Kafka's bound on elections in one go.
inline constexpr std::size_t kElectionsPerPassMax = 1000;

struct PeriodicElections {
  RecordList records = {};
  bool may_have_more = false;  ///< the bound was met: ask again at once
};

/// Every partition whose first replica is in sync and lives, and does not lead. As a KRaft controller of Kafka,
/// whatever leader.imbalance.per.broker.percentage says.
PeriodicElections decide_preferred_leaders(const Image& image, const ElectionRules& defaults);
PeriodicElections decide_unclean_leaders(const Image& image, const ElectionRules& defaults);

}  // namespace gregor::metadata
