// Electing leaders on request (KIP-183, KIP-460): the preferred replica where it is in sync; any living replica where
// the client accepts to lose what only the dead ones had. Pure.
#pragma once

#include "metadata/decision.h"
#include "metadata/election_rules.h"
#include "metadata/image.h"
#include "metadata/partition_requests.h"

namespace gregor::metadata {

/// A partition asked for twice is elected once. `defaults`: what topics' settings are laid over.
Decision<ElectedLeaders> decide_elect_leaders(const Image& image, const ElectionRules& defaults,
                                              const ElectLeaders& request);

}  // namespace gregor::metadata
