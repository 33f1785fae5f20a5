#include "controller/bootstrap.h"

#include <string>

#include "metadata/image.h"
#include "metadata/metadata_version.h"
#include "metadata/update_features.h"
#include "wire/metadata_records.h"

namespace gregor::controller {

metadata::RecordList bootstrap_records() {
  metadata::RecordList records;
  for (const metadata::FeatureLevel& feature : metadata::features_of_a_new_cluster()) {
    records.add(wire::FeatureLevelRecord{.name = feature.name, .feature_level = feature.level}, 0);
  }
  return records;
}

Result<void> complete_bootstrap(std::vector<ByteBuffer>& values, std::int32_t min_insync_replicas) {
  metadata::Image image;
  metadata::Delta delta;
  for (const ByteBuffer& value : values) TRY(image.apply(value, delta));
  if (image.feature_level(metadata::kEligibleLeaderReplicas) == 0) return {};
  const metadata::RecordList more = metadata::records_for_eligible_replicas(image, min_insync_replicas);
  values.insert(values.end(), more.values().begin(), more.values().end());
  return {};
}

}  // namespace gregor::controller
