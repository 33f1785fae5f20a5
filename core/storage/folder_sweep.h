// What a crash can leave in a partition folder beside live segments, and what Kafka does with it: deletions are
// finished, cleanings that did not reach their last step are undone, those that did are finished.
#pragma once

#include <set>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "env/disk.h"
#include "storage/segment_files.h"

namespace gregor::storage {

struct SweptFolder {
  std::set<Offset> segments;                  ///< base offsets of the .log files
  std::set<Offset> snapshots;                 ///< of producers
  std::set<Offset> transaction_indexes = {};  ///< base offsets of their segments
};

/// Leaves alone what is no file of a segment (checkpoints, metadata, the quorum's files).
Result<SweptFolder> sweep_folder(env::Fiber& self, SegmentFiles& files);

}  // namespace gregor::storage
