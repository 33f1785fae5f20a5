#include "controller/bootstrap.h"

#include <string>

#include "metadata/metadata_version.h"
#include "wire/metadata_records.h"

namespace gregor::controller {

metadata::RecordList bootstrap_records() {
  metadata::RecordList records;
  for (const metadata::FeatureLevel& feature : metadata::features_of_a_new_cluster()) {
    records.add(wire::FeatureLevelRecord{.name = feature.name, .feature_level = feature.level}, 0);
  }
  return records;
}

}  // namespace gregor::controller
