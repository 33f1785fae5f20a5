// ReplicaVerdict: what a replica says to those who ask it for something. The values are Kafka's error codes.
#pragma once

#include <cstdint>

namespace gregor::replica {

enum class ReplicaVerdict : std::int16_t {
  served = 0,
  offset_out_of_range = 1,
  not_leader_or_follower = 6,
  not_enough_replicas = 19,               ///< acks=all with an ISR below min.insync.replicas: nothing was written
  not_enough_replicas_after_append = 20,  ///< it is written, but the ISR shrank below min.insync.replicas since
  fenced_leader_epoch = 74,               ///< the asker's epoch is older than ours
  unknown_leader_epoch = 75,              ///< the asker's epoch is newer than ours
  offset_not_available = 78,  ///< the high watermark has not reached the epoch's start (KIP-207); LEADER_NOT_AVAILABLE
                              ///< to those who ask before version 5 of ListOffsets
};
const char* name_of(ReplicaVerdict verdict);

/// Who may answer: with -1 for an epoch the asker names none.
enum class AnsweredBy : std::uint8_t { leader, any_replica };

}  // namespace gregor::replica
