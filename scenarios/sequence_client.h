// A producer that speaks the protocol by hand and tries what no proper one does: it sends batches twice, at once or
// late, skips sequences, begins just below the point where sequences wrap, and asks for more producer ids than it
// needs. What it sends and what it is answered goes into the history like any other client's.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "client/cluster.h"
#include "properties/history.h"
#include "record/batch_builder.h"
#include "scenarios/produce_route.h"

namespace gregor::scenarios {

class SequenceClient {
 public:
  /// `next_value` is shared by all clients of the run. All outlive the client.
  SequenceClient(int id, client::Cluster cluster, properties::HistoryPartition partition, properties::History& history,
                 properties::ValueId& next_value, UniqueFunction<MonotonicTime()> now,
                 UniqueFunction<std::uint32_t()> broker_life);

  /// One thing out of its repertoire. Suspends; comes back within some seconds whatever the broker does.
  void step(env::Fiber& self, RandomStream& random);

 private:
  struct Batch {
    ByteBuffer encoded;
    Sequence first;
    std::int32_t records = 0;
    std::size_t first_entry = 0;  ///< in history.sent
    bool is_decided = false;
    std::uint32_t asked_in = 0;  ///< the broker's life when the batch was last sent
    std::uint32_t life = 0;      ///< of the broker that decided; 0: one that may have ended since
  };
  using BatchPtr = std::shared_ptr<Batch>;

  bool obtain_id(env::Fiber& self);
  BatchPtr make(RandomStream& random, Sequence first);
  void send(env::Fiber& self, const BatchPtr& batch, bool twice);
  void send_next(env::Fiber& self, RandomStream& random);
  void take(Batch& batch, const std::optional<BatchAnswer>& answer);
  void note(Batch& batch, wire::ErrorCode code, Offset base);
  void note_answer(const Batch& batch, wire::ErrorCode code, Offset base);

  int id_;
  client::Cluster cluster_;
  properties::HistoryPartition partition_;
  properties::History& history_;
  properties::ValueId& next_value_;
  UniqueFunction<MonotonicTime()> now_;
  UniqueFunction<std::uint32_t()> broker_life_;
  record::CodecScratch scratch_;
  ProducerId producer_ = kNoProducerId;
  ProducerEpoch epoch_{0};
  Sequence next_{0};
  std::deque<BatchPtr> sent_;  ///< the newest last; a few more than a broker remembers
};

}  // namespace gregor::scenarios
