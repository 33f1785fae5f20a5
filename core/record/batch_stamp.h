// What a leader writes into a batch that a producer sent: base offset, leader epoch, and the timestamp it decided on.
// Offset and epoch lie outside the CRC; a changed timestamp recomputes it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/time.h"
#include "record/batch_format.h"
#include "record/batch_view.h"

namespace gregor::record {

struct BatchStamp {
  Offset base_offset;
  LeaderEpoch leader_epoch;
  /// Set both, or leave type and time as the producer wrote them.
  struct Time {
    TimestampType type = TimestampType::create_time;
    WallTime max_timestamp;
  };
  std::optional<Time> time = std::nullopt;
};

using StampedHeader = std::array<std::byte, kBatchHeaderBytes>;

/// The header to write in place of the batch's own, before its record bytes as they are. Touches nothing of the batch.
/// When the time changes, attribute bits that nobody defined are cleared, as Kafka does.
StampedHeader stamped_header(const BatchView& batch, const BatchStamp& stamp);
/// The same in place. Requires a whole batch of magic 2.
void stamp_batch(MutableBytes batch, const BatchStamp& stamp);

}  // namespace gregor::record
