#include "replica/verdict.h"

namespace gregor::replica {

const char* name_of(ReplicaVerdict verdict) {
  switch (verdict) {
    case ReplicaVerdict::served:
      return "NONE";
    case ReplicaVerdict::offset_out_of_range:
      return "OFFSET_OUT_OF_RANGE";
    case ReplicaVerdict::not_leader_or_follower:
      return "NOT_LEADER_OR_FOLLOWER";
    case ReplicaVerdict::not_enough_replicas:
      return "NOT_ENOUGH_REPLICAS";
    case ReplicaVerdict::not_enough_replicas_after_append:
      return "NOT_ENOUGH_REPLICAS_AFTER_APPEND";
    case ReplicaVerdict::fenced_leader_epoch:
      return "FENCED_LEADER_EPOCH";
    case ReplicaVerdict::unknown_leader_epoch:
      return "UNKNOWN_LEADER_EPOCH";
    case ReplicaVerdict::offset_not_available:
      return "OFFSET_NOT_AVAILABLE";
  }
  return "UNKNOWN_SERVER_ERROR";
}

}  // namespace gregor::replica
