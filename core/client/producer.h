// The producer: batches by partition, in order, idempotent unless told otherwise (KIP-98, KIP-480, KIP-679).
//
// Promises: per partition records are stored in the order of send(); with idempotence each is stored at most once, also
// over retries, with at most five requests in flight per broker; every record gets exactly one Delivery. Memory is
// bounded by buffer_bytes_max: send() waits for room.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/unique_function.h"
#include "client/cluster.h"
#include "client/outcome.h"
#include "record/codec.h"

namespace gregor::client {

struct ProducerOptions {
  std::int16_t acks = -1;
  bool idempotent = true;  ///< needs acks -1
  record::Codec codec = record::Codec::none;
  std::size_t batch_bytes_max = 16384;
  Nanoseconds linger = Nanoseconds::zero();
  Nanoseconds delivery_timeout = std::chrono::minutes(2);
  std::size_t buffer_bytes_max = std::size_t{32} << 20;
  std::int32_t in_flight_max = 5;
};

struct HeaderView {
  std::string_view name;
  std::optional<Bytes> value;
};

/// Borrowed for the call of send() only.
struct OutgoingRecord {
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  std::vector<HeaderView> headers;
  std::optional<WallTime> timestamp;        ///< now, where none
  std::optional<PartitionIndex> partition;  ///< by key (murmur2) or sticky, where none
};

class Producer {
 public:
  Producer(Cluster& cluster, ProducerOptions options);
  /// Requires close() or a cancelled shard.
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// Copies the record into a batch; `delivered` is called once, on the loop or a fiber of the shard, when its fate is
  /// known or as unknown as it will stay. Suspends for metadata and for room. Errors (then `delivered` is not called):
  /// not_found, invalid, limit (larger than a batch may be), closed.
  Result<void> send(env::Fiber& self, const std::string& topic, const OutgoingRecord& record,
                    UniqueFunction<void(const Delivery&)> delivered);
  /// Sends what lingers and waits until every record has its Delivery. Suspends.
  void flush(env::Fiber& self);
  /// flush(), then ends the producer's fibers. Suspends.
  void close(env::Fiber& self);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Kafka's default partitioner for keyed records: murmur2, sign bit off, modulo the count. Requires partitions > 0.
std::int32_t partition_of_key(Bytes key, std::int32_t partitions);

}  // namespace gregor::client
