// What a partition counted and how large it is: for metrics and DescribeLogDirs. Values.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/ids.h"

namespace gregor::partition {

/// Since the partition was opened in this life.
struct Traffic {
  std::uint64_t records_in = 0;
  std::uint64_t bytes_in = 0;  ///< as stored
  std::uint64_t batches_in = 0;
  std::uint64_t batches_refused = 0;
  std::uint64_t fetches = 0;
  std::uint64_t bytes_out = 0;
};

struct PartitionFigures {
  TopicPartition id;
  bool is_leader = false;
  bool is_offline = false;
  Offset log_start{0};
  Offset log_end{0};
  Offset high_watermark{0};
  std::uint64_t size_bytes = 0;
  std::size_t segments = 0;
  std::size_t producers = 0;
  Traffic traffic;
};

/// Of a copy in another log directory that is to take the log's place (KIP-113).
struct MoveFigures {
  std::size_t directory = 0;
  std::uint64_t size_bytes = 0;
  std::int64_t offset_lag = 0;  ///< that it is behind the log
};

}  // namespace gregor::partition
