// Producer: collects records into batches, sends them, and tells of each record what became of it.
//
// Promises, for each partition:
//   - with acks=all and idempotence, a record reported delivered stands in the log once, and records stand in the order
//   in
//     which they were sent, whatever links and brokers do meanwhile;
//   - `failed` means that the record is not in the log and never will be; `unknown` that it may be.
// A partition has its own lane: one fiber, one producer id, up to five batches under way, resent in order with the same
// sequences.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/time.h"
#include "base/unique_function.h"
#include "client/cluster.h"
#include "client/outcome.h"
#include "record/batch_format.h"
#include "record/codec.h"
#include "record/record_view.h"

namespace gregor::client {

struct ProducerSettings {
  std::int16_t acks = -1;  ///< 0: send and forget (offset -1), 1, or -1 (all)
  bool idempotent = true;  ///< only with acks -1
  record::Codec codec = record::Codec::none;
  int level = record::kDefaultLevel;
  std::size_t batch_bytes = 16 * 1024;       ///< a batch is closed at this plain size; a larger record goes alone
  Milliseconds linger{5};                    ///< how long a batch waits for company; 0: as soon as the lane is free
  std::size_t in_flight_max = 5;             ///< batches of one partition under way; at most 5 when idempotent
  std::size_t buffer_bytes_max = 32u << 20;  ///< plain bytes not yet reported; send() suspends beyond it
  std::size_t record_bytes_max = 1u << 20;   ///< a larger record is refused
  Milliseconds request_timeout{30'000};      ///< what the broker may take for acks=all
  Milliseconds delivery_timeout{120'000};    ///< from send() on; retries end there
  bool auto_create_topics = true;
};

/// A record to send. Borrows; send() copies.
struct OutgoingRecord {
  std::string_view topic;
  std::optional<PartitionIndex> partition;  ///< none: by key, or sticky where there is no key
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  std::span<const record::HeaderView> headers;
  std::optional<WallTime> timestamp;  ///< none: now
};

struct Delivered {
  PartitionIndex partition;
  Offset offset = kNoOffset;                       ///< -1 with acks=0
  WallTime log_append_time{record::kNoTimestamp};  ///< where the topic stamps so
};
using Delivery = Outcome<Delivered>;

class Producer {
 public:
  /// `cluster` outlives the producer.
  Producer(Cluster& cluster, ProducerSettings settings);
  /// Records not yet reported are reported with fate unknown (failed, where they never left). Does not suspend.
  ~Producer();

  /// Hands a record over. Suspends while metadata is sought or the buffer is full. `done` is called once, from a lane's
  /// fiber, and must not suspend; when the record cannot even be queued it is called before send() returns. Throws
  /// Cancelled (then `done` is not called and the record was not taken).
  void send(env::Fiber& self, const OutgoingRecord& record, UniqueFunction<void(const Delivery&)> done);
  /// send(), then waits for the report. Suspends.
  Delivery send_and_wait(env::Fiber& self, const OutgoingRecord& record);
  /// Waits until everything handed over so far is reported; lingering batches go at once. Suspends.
  void flush(env::Fiber& self);

  [[nodiscard]] std::size_t unreported() const;

 private:
  class Lane;
  struct Shared;
  Outcome<PartitionIndex> choose_partition(env::Fiber& self, const OutgoingRecord& record, std::size_t size);
  Lane& lane_of(std::string_view topic, PartitionIndex partition);

  std::shared_ptr<Shared> shared_;
  std::map<std::string, std::map<PartitionIndex, std::shared_ptr<Lane>>, std::less<>> lanes_;
  std::map<std::string, PartitionIndex, std::less<>> sticky_;
};

}  // namespace gregor::client
