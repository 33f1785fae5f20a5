#include "scenarios/elr.h"

#include "env/clock.h"
#include "metadata/metadata_version.h"
#include "metadata/update_features.h"
#include "scenarios/patience.h"
#include "wire/update_features.h"

namespace gregor::scenarios {
namespace {

bool try_to_stop(env::Fiber& self, client::Cluster& cluster) {
  const auto link = cluster.any_link(self);
  if (!link) return false;
  wire::UpdateFeaturesRequest request;
  request.timeout_ms = static_cast<std::int32_t>(kPatience.count());
  request.feature_updates.push_back({.feature = metadata::kEligibleLeaderReplicas,
                                     .max_version_level = 0,
                                     .upgrade_type = metadata::kFeatureSafeDowngrade});
  const auto reply = (*link)->ask<wire::UpdateFeaturesRequest, wire::UpdateFeaturesResponse>(self, request);
  return reply && reply->body.error_code == 0;
}

}  // namespace

void stop_tracking_elr(env::Fiber& self, client::Cluster& cluster) {
  while (!try_to_stop(self, cluster)) env::sleep_for(self, cluster.shard().clock, kRetryPause);
}

}  // namespace gregor::scenarios
