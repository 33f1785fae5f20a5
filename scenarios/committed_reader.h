// A reader of committed records that speaks the protocol by hand: one Fetch at a time, and the aborted records left
// out by the list that came with it, as Kafka's consumer does.
#pragma once

#include <cstdint>
#include <vector>

#include "client/cluster.h"
#include "properties/history.h"

namespace gregor::scenarios {

struct CommittedFetch {
  Offset high_watermark = kNoOffset;
  Offset last_stable_offset = kNoOffset;
  Offset log_start_offset = kNoOffset;
  Offset next = kNoOffset;  ///< to go on with; where it began when nothing came
  struct Seen {
    Offset offset;
    properties::ValueId value = 0;
  };
  std::vector<Seen> records = {};
};

/// One answer from `from` on, of at most `bytes_max` but for the first batch. Failures: no answer within some seconds,
/// or one with an error; OFFSET_OUT_OF_RANGE carries its code. Suspends.
client::Outcome<CommittedFetch> fetch_committed(env::Fiber& self, client::Cluster& cluster,
                                                const properties::HistoryPartition& partition, Offset from,
                                                std::int32_t bytes_max);

}  // namespace gregor::scenarios
