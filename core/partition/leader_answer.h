// What a leader answered to a follower, on its way into the follower's log.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/unique_function.h"
#include "replica/follower_step.h"

namespace gregor::partition {

/// To a step of kind `fetch`.
struct LeaderAnswer {
  replica::FetchAnswer fetch;  ///< `base_offset` is found out from the records
  Bytes records = {};          ///< as they came: perhaps cut short behind the last whole batch; borrowed from `owner`
  std::shared_ptr<const void> owner = {};
};

/// What became of an answer.
enum class Followed : std::uint8_t {
  done,     ///< ask for the next step
  refused,  ///< the leader refused, or the answer is late, absurd or damaged, or the disk is full: later
};
/// Called once, on the loop or a fiber of the partition's shard.
using AnswerDone = UniqueFunction<void(Followed)>;

}  // namespace gregor::partition
