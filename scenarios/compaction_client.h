// A client that writes the same few keys over and over into a compacted topic of its own, tombstones among them, and
// reads it from its start now and then. Each record carries its number in a header, tombstones too. What was
// acknowledged and seen goes into the history.
#pragma once

#include "client/cluster.h"
#include "client/producer.h"
#include "properties/history.h"

namespace gregor::scenarios {

class CompactionClient {
 public:
  /// `next_value` is shared by all clients of the run. All outlive the client.
  CompactionClient(client::Cluster& cluster, properties::HistoryPartition partition, properties::History& history,
                   properties::ValueId& next_value, UniqueFunction<MonotonicTime()> now);

  /// One write, or one reading of the whole topic. Suspends; comes back within some seconds whatever the broker does.
  void step(env::Fiber& self, RandomStream& random);

  /// Reads the topic from its start to its end as of now. False where that could not be done. Suspends.
  static bool read_whole(env::Fiber& self, client::Cluster& cluster, const properties::HistoryPartition& partition,
                         std::int32_t bytes_max, properties::History& history, UniqueFunction<MonotonicTime()>& now);

 private:
  void write(env::Fiber& self, RandomStream& random);

  client::Cluster& cluster_;
  properties::HistoryPartition partition_;
  properties::History& history_;
  properties::ValueId& next_value_;
  UniqueFunction<MonotonicTime()> now_;
  client::Producer producer_;
};

}  // namespace gregor::scenarios
