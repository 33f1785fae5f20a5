// GroupSettings: what a group machine is told by configuration. Members carry the key they stand for; the values here
// are Kafka's defaults.
#pragma once

#include <cstdint>
#include <limits>

#include "base/time.h"

namespace gregor::group {

struct GroupSettings {
  Milliseconds initial_rebalance_delay{3'000};                          ///< group.initial.rebalance.delay.ms
  Milliseconds session_timeout_min{6'000};                              ///< group.min.session.timeout.ms
  Milliseconds session_timeout_max{1'800'000};                          ///< group.max.session.timeout.ms
  std::int32_t members_max = std::numeric_limits<std::int32_t>::max();  ///< group.max.size
  std::int32_t offset_metadata_bytes_max = 4'096;                       ///< offset.metadata.max.bytes
  Milliseconds offsets_retention{604'800'000};                          ///< offsets.retention.minutes
  /// Of one atomic append to the offsets topic (its max.message.bytes): what would need more is refused, not tried.
  std::int64_t append_bytes_max = 1'048'588;
};

/// A member that never joined before and waits for its first rebalance is given up after this (KAFKA-7610).
inline constexpr Milliseconds kNewMemberJoinTimeout{300'000};

}  // namespace gregor::group
