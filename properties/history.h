// What the clients of a run did and saw, in the order they saw it. Simulated and real runs record the same history, and
// the same code under properties/finally judges both.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace gregor::properties {

/// A value no other record of the run carries: the records of a history are told apart by it.
using ValueId = std::uint64_t;

struct HistoryPartition {
  std::string topic;
  std::int32_t partition = 0;
  TopicId topic_id{};  ///< zero where the run makes the topic once
  auto operator<=>(const HistoryPartition&) const = default;
};
std::string to_text(const HistoryPartition& partition);

enum class Outcome : unsigned char {
  acknowledged,  ///< the broker answered without error
  refused,       ///< the broker answered with an error that promises nothing was stored
  unknown,       ///< no answer, or one that promises nothing
};

struct Sent {
  int client = 0;
  HistoryPartition partition;
  ValueId value = 0;
  std::int16_t acks = -1;
  bool idempotent = false;
  MonotonicTime invoked;
  MonotonicTime completed;
  Outcome outcome = Outcome::unknown;
  Offset offset = kNoOffset;  ///< where acknowledged with acks other than 0
};

struct Read {
  int client = 0;
  HistoryPartition partition;
  Offset offset;
  ValueId value = 0;
  MonotonicTime at;
  MonotonicTime asked{};  ///< the broker showed it between `asked` and `at`
};

/// A moment after which unflushed records may legally be gone (power loss without flush before acknowledgement, damage
/// to the only copy). Acknowledgements before it promise nothing for the partitions it names.
struct Loss {
  MonotonicTime at;
  std::string cause;
  bool certain = false;  ///< true: even flushed records may be gone (media damage)
};

struct History {
  std::vector<Sent> sent;
  std::vector<Read> reads;
  /// Legal losses in order of time; empty while the run stays inside its fault budget.
  std::vector<Loss> losses;
  /// Where logs begin at the end, by partition, where a retention moved their start: what stood below may be gone.
  std::map<HistoryPartition, Offset> log_starts;
  /// Every record that stands at the end, by partition, in offset order: read after all faults were healed.
  std::map<HistoryPartition, std::vector<Read>> final_log;
};

}  // namespace gregor::properties
