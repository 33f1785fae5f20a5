// Machine: a coordinator's decisions over one partition of an internal topic, as its host sees them. Pure: no clock, no
// disk, no fiber; group/ holds the first of them.
//
// A machine changes its state when it decides, before its records stand in the log. Its host shows nobody what came of
// it until they do: every release waits for all records that were written before it. If they cannot be written, the
// machine is dropped and a new one is built from the log.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "base/unique_function.h"
#include "wire/error_code.h"

namespace gregor::coordinator {

/// The two clocks as of one call.
struct Now {
  MonotonicTime monotonic;
  WallTime wall;
};

/// A record to be written; no value: a tombstone.
struct NewRecord {
  ByteBuffer key;
  std::optional<ByteBuffer> value;
};

/// A record of the log. Borrows: good only within the call.
struct StoredRecord {
  Offset offset;
  WallTime timestamp;
  Bytes key;
  std::optional<Bytes> value;              ///< none: a tombstone
  ProducerId transaction = kNoProducerId;  ///< written inside this producer's transaction: undecided until it ends
};

/// Lets an answer go. Called once, with `none` when all that it rests on stands in the log, else with what the asker is
/// to be told; then whether it stands is unknown.
using Release = UniqueFunction<void(wire::ErrorCode)>;

/// What one call of a machine came to.
struct Effects {
  std::vector<NewRecord> records;
  bool is_atomic = true;  ///< in one batch; else they may be split, in order, over several
  std::vector<Release> releases;
};

class Machine {
 public:
  virtual ~Machine() = default;

  /// Takes what the log says, in its order. Errors: the record cannot be understood; the host notes it and goes on.
  virtual Result<void> replay(const StoredRecord& record, const Now& now) = 0;
  /// The end of a producer's transaction, from its marker in the log.
  virtual void replay_transaction_end(ProducerId producer, bool committed) = 0;
  /// The whole log was replayed; answers begin now.
  virtual void begin(const Now& now, Effects& effects) = 0;

  /// When tick() is wanted next; none where nothing waits.
  [[nodiscard]] virtual std::optional<MonotonicTime> next_deadline() const = 0;
  virtual void tick(const Now& now, Effects& effects) = 0;
  /// Nothing more will come of what still waits: each asker is told `why`.
  virtual void abandon(wire::ErrorCode why) = 0;
};

}  // namespace gregor::coordinator
