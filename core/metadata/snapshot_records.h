// An image as the records that make it: what a snapshot of the metadata log holds. Pure.
#pragma once

#include "metadata/image.h"
#include "metadata/record_list.h"

namespace gregor::metadata {

/// Applied to an empty image, in order, they give one with the same hash. Features come first, for they say how the
/// rest is written. Many batches' worth where the cluster is large: the list's order may be cut anywhere.
RecordList snapshot_records_of(const Image& image);

}  // namespace gregor::metadata
