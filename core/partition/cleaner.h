// Cleaner: compacts the partitions of one shard, one after another, the dirtiest first (Kafka's log cleaner). It works
// for a part of the time only, and holds no memory while there is nothing to do.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "base/unique_function.h"
#include "env/clock.h"
#include "env/fiber.h"
#include "partition/partition_table.h"

namespace gregor::partition {

/// Of one shard: what the broker's keys allow, divided by the number of shards.
struct CleanerLimits {
  std::uint64_t map_bytes_max = std::uint64_t{128} << 20;  ///< log.cleaner.dedupe.buffer.size
  std::uint64_t map_load_percent = 90;                     ///< log.cleaner.io.buffer.load.factor
  std::uint64_t read_bytes_per_second = 0;                 ///< log.cleaner.io.max.bytes.per.second; 0: no limit
};

class Cleaner {
 public:
  /// Suspends for a while; false when the cleaner is to end.
  using Pause = UniqueFunction<bool(env::Fiber&, Milliseconds)>;
  Cleaner(PartitionTable& partitions, env::Clock& clock, Pause pause)
      : partitions_(partitions), clock_(clock), pause_(std::move(pause)) {}

  /// Cleans the partition that needs it most. False where none does, where that did not come to its end (a full disk, a
  /// cut log: later), or the cleaner is to end.
  bool clean_one(env::Fiber& self, const CleanerLimits& limits);

 private:
  bool pace(env::Fiber& self, std::uint64_t bytes, const CleanerLimits& limits);

  PartitionTable& partitions_;
  env::Clock& clock_;
  Pause pause_;
  MonotonicTime resumed_at_{};
  Nanoseconds owed_{0};
  bool ended_ = false;
};

}  // namespace gregor::partition
