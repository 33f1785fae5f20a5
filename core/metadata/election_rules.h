// What a topic's settings say about its elections: how many replicas must be in sync, and whether records may be given
// up for a leader. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/topic_config.h"
#include "metadata/image.h"

namespace gregor::metadata {

struct ElectionRules {
  std::int32_t min_insync_replicas = 1;  ///< as configured; a partition with fewer replicas asks for those it has
  bool unclean_leader_election = false;  ///< who is not in sync may lead where nobody else can
  bool operator==(const ElectionRules&) const = default;
};

/// What the controller's own file says.
ElectionRules election_rules_of(const config::TopicConfig& defaults);
/// The topic's own settings over the cluster's over `defaults`.
ElectionRules election_rules_of(const Image& image, std::string_view topic, const ElectionRules& defaults);

/// True where in-sync replicas below min.insync.replicas are remembered as eligible leaders (KIP-966).
bool tracks_eligible_replicas(const Image& image);

}  // namespace gregor::metadata
