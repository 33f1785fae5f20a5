// FutureLog: the copy of a partition's log in another directory on its way to take the log's place (KIP-113). Owns the
// copy, reads the log, changes nothing of the log.
//
// Promises: what it holds is what the log holds from one offset to another, byte for byte, as far as leader epochs tell
// one record from another: where the log was cut or begun anew, the copy is cut or begun anew before it grows. It may
// be given up and opened again at any time, in another life too.
#pragma once

#include <memory>
#include <string>

#include "env/fiber.h"
#include "observe/event.h"
#include "observe/log.h"
#include "storage/partition_log.h"

namespace gregor::partition {

class FutureLog {
 public:
  struct Seat {
    env::Disk& disk;
    env::Clock& clock;
    observe::Log& log;
    TopicPartition partition;
    std::string folder;  ///< exists already
  };
  /// Begins, or goes on with what an earlier life left; of a log that may have gaps it begins anew. Errors: those of
  /// PartitionLog::open().
  static Result<std::unique_ptr<FutureLog>> open(env::Fiber& self, const Seat& seat, const storage::LogConfig& config);

  /// Comes nearer to `from` by one read of at most `bytes_max` (one batch at least). Returns the bytes copied; 0: this
  /// holds all that `from` held below its indexed_end() when it looked. Suspends. Errors: those of either log.
  Result<std::size_t> copy(env::Fiber& self, storage::PartitionLog& from, std::size_t bytes_max);
  [[nodiscard]] bool equals(const storage::PartitionLog& from) const;
  /// Requires equals(). Flushed, with all that `from` knows besides its batches: leader epochs, what is known of
  /// producers at the end (`producers`) and, as far as snapshots tell, wherever the log may still be cut to, which is
  /// not below `committed`. Ready to be opened in the log's place.
  Result<void> close(env::Fiber& self, storage::PartitionLog& from, Offset committed,
                     const std::vector<storage::ProducerEntry>& producers);

  [[nodiscard]] storage::PartitionLog& log() { return *log_; }
  [[nodiscard]] const storage::PartitionLog& log() const { return *log_; }

 private:
  FutureLog() = default;
  Result<void> align(env::Fiber& self, const storage::PartitionLog& from);
  Result<void> append(env::Fiber& self, const storage::LogRead& read);
  Result<void> take_snapshots(env::Fiber& self, storage::PartitionLog& from, Offset committed);
  Result<void> follow_start(env::Fiber& self, const storage::PartitionLog& from);

  observe::NullObserver nobody_;  ///< what becomes of the copy is no news of the partition
  std::unique_ptr<storage::PartitionLog> log_;
};

}  // namespace gregor::partition
