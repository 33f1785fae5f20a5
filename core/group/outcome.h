// What a request to a group machine leads to: records for the log and answers for those who asked.
//
// The one rule between machine and driver. The machine has changed its state when it hands out an Outcome. The driver
// appends the records in order and gives the answers only when they, and the records of every Outcome before, are
// committed; an Outcome without records waits for those before it too, so that nobody is told what may yet be lost.
// When an append fails the driver drops the machine, answers what it withheld and what abandon() names, and loads a new
// machine from the log.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/time.h"
#include "group/reply.h"

namespace gregor::group {

/// Both clocks, read once by the driver: sessions and rebalances run on the monotonic one, stored times are wall times.
struct Now {
  MonotonicTime monotonic = {};
  WallTime wall = {};
};

/// The driver's name for a request that waits for its answer; unique among those a machine holds.
using Token = Tagged<std::uint64_t, struct GroupTokenTag>;

struct Answer {
  Token token = {};
  Reply reply = {};
};

/// A record of the offsets topic. No value: a tombstone.
struct NewRecord {
  ByteBuffer key = {};
  std::optional<ByteBuffer> value = {};
};

/// Whose transaction the records belong to.
struct TransactionalProducer {
  ProducerId producer_id = {};
  ProducerEpoch epoch = {};
};

struct Outcome {
  std::vector<NewRecord> records = {};
  std::vector<Answer> answers = {};  ///< to the asker, to others whose wait has ended, or to none: the asker is parked
  bool atomic = true;                ///< one batch; else the driver may split the records, in order, over several
  std::optional<TransactionalProducer>
      producer;  ///< set: the batch is transactional; offsets count at commit()'s marker
};

}  // namespace gregor::group
