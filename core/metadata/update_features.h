// Changing finalized feature levels (KIP-584, KIP-778): all of a request or none of it, and only to levels that every
// registered node can serve. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "metadata/image.h"
#include "metadata/record_list.h"

namespace gregor::metadata {

/// Kafka's numbers of upgrade types; what is none of them is refused.
inline constexpr std::int8_t kFeatureUpgrade = 1;
inline constexpr std::int8_t kFeatureSafeDowngrade = 2;
inline constexpr std::int8_t kFeatureUnsafeDowngrade = 3;

struct FeatureUpdate {
  std::string feature = {};
  std::int16_t level = 0;
  std::int8_t type = kFeatureUpgrade;
};

/// Of several updates of one feature the last counts. `min_insync_replicas` is the file's. Errors: invalid, a sentence
/// for INVALID_UPDATE_VERSION.
Result<RecordList> decide_update_features(const Image& image, const std::vector<FeatureUpdate>& updates,
                                          std::int32_t min_insync_replicas);

/// What a cluster that begins to track eligible leader replicas must hold: one min.insync.replicas for all, and none of
/// a broker's own (KIP-966). Empty where it does.
RecordList records_for_eligible_replicas(const Image& image, std::int32_t min_insync_replicas);

}  // namespace gregor::metadata
