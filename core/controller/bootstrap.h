// The first records of a new cluster: its finalized features (KIP-778). Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "metadata/record_list.h"

namespace gregor::controller {

metadata::RecordList bootstrap_records();

/// Adds what follows from the features that `values` finalize. Errors: as Image::apply().
Result<void> complete_bootstrap(std::vector<ByteBuffer>& values, std::int32_t min_insync_replicas);

}  // namespace gregor::controller
