// The consumer: reads assigned partitions from given offsets, without a group.
//
// Promises: of each partition the records come in offset order, each once, none below the position; a batch whose
// checksum is wrong is an error and never delivered; control records are skipped. Holds at most the answer of one fetch
// per broker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "client/cluster.h"
#include "client/producer.h"

namespace gregor::client {

struct ConsumerOptions {
  std::int32_t bytes_min = 1;
  std::int32_t bytes_max = 50 << 20;
  std::int32_t partition_bytes_max = 1 << 20;
  Nanoseconds wait_max = Milliseconds(500);
  bool read_committed = false;
  bool fetch_sessions = true;
};

/// Owned: it outlives the fetch it came with.
struct ReceivedRecord {
  std::string topic;
  PartitionIndex partition;
  Offset offset;
  WallTime timestamp;
  bool log_append_time = false;
  LeaderEpoch leader_epoch;
  std::optional<std::string> key;
  std::optional<std::string> value;
  struct Header {
    std::string name;
    std::optional<std::string> value;
  };
  std::vector<Header> headers;
};

/// Where to begin; the broker is asked where it isn't an offset.
enum class StartAt : unsigned char { earliest, latest, offset, timestamp };
struct Position {
  StartAt at = StartAt::earliest;
  std::int64_t value = 0;  ///< an offset, or milliseconds
};

/// How far a partition reaches now.
struct PartitionEnd {
  Offset log_start;
  Offset high_watermark;
};

class Consumer {
 public:
  Consumer(Cluster& cluster, ConsumerOptions options);
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  /// Adds or moves a partition. Suspends. Errors: not_found, closed, timed_out.
  Result<void> assign(env::Fiber& self, const std::string& topic, PartitionIndex partition, Position from);
  /// One round of fetches over all assigned partitions, at most wait_max long: what came, perhaps nothing. Suspends.
  /// A partition whose position is out of range is reported once as an error (stale) that names it; assign it anew.
  /// Errors: stale, corrupt, closed, timed_out; positions are unchanged by an error.
  Result<std::vector<ReceivedRecord>> poll(env::Fiber& self);
  /// The next offset that poll() would give; kNoOffset when it isn't assigned.
  [[nodiscard]] Offset position(const std::string& topic, PartitionIndex partition) const;
  /// Suspends. Errors: not_found, closed, timed_out.
  Result<PartitionEnd> reach(env::Fiber& self, const std::string& topic, PartitionIndex partition);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gregor::client
