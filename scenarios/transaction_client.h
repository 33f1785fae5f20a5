// Two producers and their transaction coordinator in one, against a partition of its own: they begin transactions,
// interleave them, end them as drawn, and try markers that come too late. Beside them a reader of committed records,
// and now and then a deletion of old records. What was done and seen goes into the history.
//
// The protocol is that of transaction.version 2: each end raises the producer's epoch, so nothing that was sent before
// it can have an effect behind it. The broker must run with transaction.partition.verification.enable=false.
#pragma once

#include <array>
#include <cstdint>

#include "client/cluster.h"
#include "properties/history.h"
#include "record/codec.h"

namespace gregor::scenarios {

class TransactionClient {
 public:
  /// `next_value` is shared by all clients of the run. All outlive the client.
  TransactionClient(int id, client::Cluster cluster, properties::HistoryPartition partition,
                    properties::History& history, properties::ValueId& next_value, UniqueFunction<MonotonicTime()> now);

  /// One thing out of its repertoire. Suspends; comes back within some seconds whatever the broker does.
  void step(env::Fiber& self, RandomStream& random);
  /// Ends every transaction, trying until each end is acknowledged. Suspends.
  void settle(env::Fiber& self);

  /// Reads the partition from its start to its last stable offset, trying until it is done. Suspends.
  static void read_whole(env::Fiber& self, client::Cluster& cluster, const properties::HistoryPartition& partition,
                         properties::History& history, UniqueFunction<MonotonicTime()>& now);

 private:
  struct Producer {
    ProducerId id = kNoProducerId;
    ProducerEpoch epoch{0};
    Sequence next{0};
    std::int32_t coordinator_epoch = 0;  ///< the highest that an acknowledged end carried
    std::size_t transaction = kNone;     ///< in history.transactions; kNone: none is open
    bool is_doomed = false;              ///< a batch may or may not stand: it must abort
    /// Its last marker may have been deleted. A replica that begins its copy above it takes one of an older coordinator
    /// (Kafka's too): what it knows of producers is what stands in its log.
    bool may_be_forgotten = false;
  };
  static constexpr std::size_t kNone = SIZE_MAX;

  bool obtain_id(env::Fiber& self, Producer& producer);
  void send(env::Fiber& self, RandomStream& random, Producer& producer);
  bool send_batch(env::Fiber& self, const ByteBuffer& batch, std::size_t transaction);
  bool end(env::Fiber& self, Producer& producer, bool commits);
  void send_late_marker(env::Fiber& self, RandomStream& random, const Producer& producer);
  struct Marker {
    ProducerEpoch epoch;
    std::int32_t coordinator_epoch = 0;
    bool commits = false;
  };
  wire::ErrorCode write_marker(env::Fiber& self, ProducerId producer, const Marker& marker);
  void read(env::Fiber& self, RandomStream& random);
  void delete_some(env::Fiber& self, RandomStream& random);

  int id_;
  client::Cluster cluster_;
  properties::HistoryPartition partition_;
  properties::History& history_;
  properties::ValueId& next_value_;
  UniqueFunction<MonotonicTime()> now_;
  record::CodecScratch scratch_;
  std::array<Producer, 2> producers_;
  Offset log_start_{0};
  Offset last_stable_{0};
};

}  // namespace gregor::scenarios
