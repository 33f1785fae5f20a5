// Which leader epoch began at which offset, as plain values, and the questions every replicated log asks of them: the
// partitions' and the metadata log's (KIP-101, KIP-279, KIP-320). Never stores or changes anything.
#pragma once

#include <optional>
#include <span>

#include "base/ids.h"

namespace gregor {

/// `epoch` began at `start_offset`. In a history epochs and starts both rise strictly.
struct EpochEntry {
  LeaderEpoch epoch;
  Offset start_offset;
  bool operator==(const EpochEntry&) const = default;
};

/// Where an epoch ended: the answer of OffsetForLeaderEpoch. Both -1 where unknown.
struct EpochEnd {
  LeaderEpoch epoch = kNoLeaderEpoch;
  Offset end_offset = kNoOffset;
  [[nodiscard]] bool is_known() const { return epoch >= LeaderEpoch{0} && end_offset >= Offset{0}; }
  bool operator==(const EpochEnd&) const = default;
};

/// Of the record at `offset`; none below the first entry.
std::optional<LeaderEpoch> epoch_at(std::span<const EpochEntry> history, Offset offset);
/// The newest epoch; -1 where there is none.
LeaderEpoch latest_epoch(std::span<const EpochEntry> history);
/// End of `asked`, or of the greatest epoch below it that has records here: what Kafka answers. `log_end` closes the
/// latest epoch.
EpochEnd end_of_epoch(std::span<const EpochEntry> history, LeaderEpoch asked, Offset log_end);

}  // namespace gregor
