// Consumer: reads assigned partitions from chosen offsets, as they stand in the log: no groups, read_uncommitted. With
// a rack it reads where leaders send it (KIP-392), and from the leader again when that fails or metadata.max.age is
// over. Batches are checked (CRC, structure) before a record of them is shown; control batches are passed over.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/time.h"
#include "client/cluster.h"
#include "client/outcome.h"
#include "record/record_view.h"
#include "wire/fetch.h"

namespace gregor::client {

/// Special timestamps of ListOffsets.
inline constexpr std::int64_t kLatestOffset = -1;
inline constexpr std::int64_t kEarliestOffset = -2;

enum class OffsetReset : std::uint8_t { earliest, latest, none };

struct ConsumerSettings {
  Milliseconds fetch_wait{500};  ///< how long a broker may hold an empty answer
  std::int32_t fetch_bytes_min = 1;
  std::int32_t fetch_bytes_max = 50 << 20;
  std::int32_t partition_bytes_max = 1 << 20;
  std::string rack = {};                      ///< client.rack; empty: from leaders alone
  OffsetReset reset = OffsetReset::earliest;  ///< where to go when an offset is out of range
  std::size_t decompressed_bytes_max = record::kDecompressedBytesMax;
};

/// A record as it stands in the log. Borrows: good only within the visit.
struct ConsumedRecord {
  std::string_view topic;
  PartitionIndex partition;
  LeaderEpoch leader_epoch;  ///< of its batch
  record::TimestampType timestamp_type;
  const record::RecordView& record;
};

class Consumer {
 public:
  /// `cluster` outlives the consumer.
  Consumer(Cluster& cluster, ConsumerSettings settings);

  /// Reads this partition from `offset` on. Replaces an earlier position. Does not ask anyone.
  void assign(const std::string& topic, PartitionIndex partition, Offset offset);
  /// From the earliest or the latest offset, as of now. Suspends.
  Outcome<Offset> assign_at(env::Fiber& self, const std::string& topic, PartitionIndex partition, OffsetReset where);
  void unassign(const std::string& topic, PartitionIndex partition);

  /// Fetches once from every leader concerned and shows what came, in the order of offsets within each partition.
  /// Returns how many records were shown; 0 when the wait ended without any. Retries what may be retried until
  /// `deadline`. `visit` must not suspend. Suspends. Failures: corrupt (a batch's CRC or structure is wrong; the
  /// position stays before it), OFFSET_OUT_OF_RANGE with reset none, codes that may not be retried, timed_out. Throws
  /// Cancelled.
  Outcome<std::size_t> poll(env::Fiber& self, MonotonicTime deadline,
                            UniqueFunction<void(const ConsumedRecord&)>& visit);

  /// Next offset to be shown; none when not assigned.
  [[nodiscard]] std::optional<Offset> position(const std::string& topic, PartitionIndex partition) const;
  /// The replica that it reads from in place of the leader; -1: none.
  [[nodiscard]] NodeId preferred_replica(const std::string& topic, PartitionIndex partition) const;
  /// As told by the last fetch; -1 before.
  [[nodiscard]] Offset high_watermark(const std::string& topic, PartitionIndex partition) const;

 private:
  using Key = std::pair<std::string, PartitionIndex>;
  using Visit = UniqueFunction<void(const ConsumedRecord&)>;
  struct Assigned {
    Offset position;
    Offset high_watermark = kNoOffset;
    NodeId preferred{-1};  ///< the replica that the leader named; -1: none
    MonotonicTime preferred_until{};
  };
  struct Asked;
  /// One fetch of everything assigned.
  Outcome<std::size_t> fetch_once(env::Fiber& self, MonotonicTime deadline, Visit& visit);
  Outcome<std::vector<Asked>> ask_replicas(env::Fiber& self, MonotonicTime deadline);
  Outcome<Cluster::Leader> replica_of(env::Fiber& self, const Key& key, MonotonicTime deadline);
  Outcome<std::size_t> take_partition(env::Fiber& self, const Key& key,
                                      const wire::FetchResponse::PartitionData& partition, MonotonicTime deadline,
                                      Visit& visit);
  bool back_to_leader(const Key& key);
  Outcome<std::size_t> take_answer(env::Fiber& self, Asked& asked, MonotonicTime deadline, Visit& visit);
  Outcome<void> start_over(env::Fiber& self, const Key& key, MonotonicTime deadline);
  Outcome<std::size_t> show(const Key& key, Bytes records, Visit& visit);
  Outcome<std::size_t> show_batch(const Key& key, Assigned& assigned, Bytes bytes, Visit& visit);

  Cluster& cluster_;
  ConsumerSettings settings_;
  record::CodecScratch scratch_;
  std::map<Key, Assigned> assigned_;
  std::size_t rounds_ = 0;  ///< so that each partition is at times the first one asked for
};

}  // namespace gregor::client
