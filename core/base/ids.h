// The names of things, each a type of its own. Raw integers exist only inside wire/ and record/ formats.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/tagged.h"
#include "base/uuid.h"

namespace gregor {

using Offset = Tagged<std::int64_t, struct OffsetTag>;            ///< of a record in its partition; -1 where none
using LeaderEpoch = Tagged<std::int32_t, struct LeaderEpochTag>;  ///< -1 where unknown
using NodeId = Tagged<std::int32_t, struct NodeIdTag>;
using BrokerEpoch = Tagged<std::int64_t, struct BrokerEpochTag>;
using PartitionEpoch =
    Tagged<std::int32_t, struct PartitionEpochTag>;  ///< rises with each change of a partition's record
using PartitionIndex = Tagged<std::int32_t, struct PartitionIndexTag>;
using ProducerId = Tagged<std::int64_t, struct ProducerIdTag>;  ///< -1: not idempotent
using ProducerEpoch = Tagged<std::int16_t, struct ProducerEpochTag>;
using Sequence = Tagged<std::int32_t, struct SequenceTag>;           ///< wraps from 2^31-1 to 0
using FilePosition = Tagged<std::uint64_t, struct FilePositionTag>;  ///< bytes from the start of a file
using ShardId = Tagged<std::uint32_t, struct ShardIdTag>;            ///< of a node, from 0

inline constexpr Offset kNoOffset{-1};
inline constexpr LeaderEpoch kNoLeaderEpoch{-1};
inline constexpr NodeId kNoNodeId{-1};
inline constexpr BrokerEpoch kNoBrokerEpoch{-1};  ///< of a peer that does not name its own
inline constexpr PartitionEpoch kNoPartitionEpoch{-1};
inline constexpr ProducerId kNoProducerId{-1};

using TopicId = Uuid;

/// One partition of one incarnation of a topic: a deleted and re-created topic has another id.
struct TopicPartition {
  std::string topic;
  TopicId topic_id;
  PartitionIndex partition;
  auto operator<=>(const TopicPartition&) const = default;
};

}  // namespace gregor
