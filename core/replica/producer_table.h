// ProducerTable: what one partition knows of its idempotent and transactional producers (KIP-98, KIP-360, KIP-890).
// Decides whether a batch is new, a duplicate, out of order or fenced, where transactions are open, and how far a
// read_committed reader may go. Pure: no clock, no disk; offsets and times come with the calls.
//
// Invariants:
//   I1  of each producer at most the last kBatchesKept batches are known, with rising offsets;
//   I2  a producer's epoch never falls;
//   I3  after rollback() the table equals what it was at begin(), whatever was applied in between.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "record/batch_format.h"
#include "record/batch_view.h"
#include "record/record_view.h"

namespace gregor::replica {

/// How many batches of a producer are remembered: a client may have five in flight and retry any of them.
inline constexpr std::size_t kBatchesKept = 5;
/// Producers of one partition. Beyond it new ones are refused until old ones expire.
inline constexpr std::size_t kProducersMax = 1'000'000;

/// A batch that stands in the log.
struct ProducerBatch {
  Sequence first_sequence;
  Sequence last_sequence;
  Offset last_offset;
  std::int32_t offset_delta = 0;  ///< last offset less first offset
  WallTime timestamp;             ///< the batch's maximum as stored (the append time where the topic says so)
  [[nodiscard]] Offset first_offset() const { return last_offset - offset_delta; }
  bool operator==(const ProducerBatch&) const = default;
};

/// What is known of one producer. A snapshot file keeps of the batches only the last (Kafka's format holds no more).
struct ProducerEntry {
  ProducerId producer_id;
  ProducerEpoch epoch{record::kNoProducerEpoch};
  std::int32_t coordinator_epoch = -1;  ///< of the last end marker; -1 when there was none
  WallTime last_timestamp{record::kNoTimestamp};
  Offset transaction_first_offset = kNoOffset;  ///< of the open transaction; -1 when none is open
  std::array<ProducerBatch, kBatchesKept> batches{};
  std::uint8_t batch_count = 0;  ///< oldest first in `batches`

  [[nodiscard]] std::span<const ProducerBatch> known() const { return {batches.data(), batch_count}; }
  [[nodiscard]] Sequence last_sequence() const {
    return batch_count == 0 ? Sequence{record::kNoSequence} : batches[batch_count - 1U].last_sequence;
  }
  void add(const ProducerBatch& batch);
  bool operator==(const ProducerEntry&) const = default;
};

/// The values are Kafka's error codes on the wire.
enum class ProducerVerdict : std::int16_t {
  accepted = 0,
  out_of_order_sequence = 45,
  invalid_producer_epoch = 47,
  invalid_transaction_state = 48,       ///< a plain batch while the producer's transaction is open
  transaction_coordinator_fenced = 52,  ///< a marker from an older coordinator
  too_many_producers = 89,              ///< THROTTLING_QUOTA_EXCEEDED
};
const char* name_of(ProducerVerdict verdict);

/// Whose append it is. A leader's own batches were checked by it: followers and recovery take them as they are.
enum class AppendOrigin : std::uint8_t { client, replication };

/// The part of a data batch that matters here. Requires a producer id.
struct ProducerAppend {
  ProducerId producer_id;
  ProducerEpoch epoch;
  Sequence first_sequence;
  Sequence last_sequence;
  std::int32_t offset_delta = 0;  ///< last offset delta of the batch
  WallTime timestamp;             ///< maximum, as it will be stored
  bool is_transactional = false;

  static ProducerAppend of(const record::BatchView& batch, WallTime stored_timestamp);
};

struct EndMarker {
  ProducerId producer_id;
  ProducerEpoch epoch;
  std::int32_t coordinator_epoch = 0;
  bool is_abort = false;
  WallTime timestamp;
  /// 2 and above: the epoch was bumped for the marker, so one equal to an open transaction's is stale (KIP-890). 0 in
  /// markers read from a log.
  std::int16_t transaction_version = 0;
};

struct ProducerDecision {
  ProducerVerdict verdict = ProducerVerdict::accepted;
  /// Set: the batch stands in the log already; answer with its offsets and append nothing.
  std::optional<ProducerBatch> duplicate = std::nullopt;
};

/// A transaction that an ABORT ended, as the transaction index holds it.
struct AbortedTransaction {
  ProducerId producer_id;
  Offset first_offset;
  Offset last_offset;         ///< of the marker
  Offset last_stable_offset;  ///< when it was written
  bool operator==(const AbortedTransaction&) const = default;
};

class ProducerTable {
 public:
  /// What would become of this batch: changes nothing. A batch without producer id is none of this table's business.
  [[nodiscard]] ProducerDecision judge(const ProducerAppend& append, AppendOrigin origin) const;
  /// Takes in a batch that judge() accepted and that is no duplicate; it stands (or will stand) at `first_offset`.
  void apply(const ProducerAppend& append, Offset first_offset);

  [[nodiscard]] ProducerVerdict judge(const EndMarker& marker, AppendOrigin origin) const;
  /// Ends the producer's transaction with a marker at `offset`. The entry for the transaction index, when it aborted
  /// one.
  std::optional<AbortedTransaction> apply(const EndMarker& marker, Offset offset);

  /// Recovery: takes in a batch of the log, data or marker, without judging. Batches must come in the order of their
  /// offsets. `marker` is the decoded record of a control batch.
  std::optional<AbortedTransaction> replay(const record::BatchView& batch,
                                           const std::optional<record::RecordView>& marker);

  /// From here on changes are kept undoable, until commit() or rollback(). One at a time; requires that none is under
  /// way.
  void begin();
  /// The batches applied since begin() stand in the log.
  void commit();
  /// They don't: the write failed, or part of the group was refused.
  void rollback();
  [[nodiscard]] bool is_tentative() const { return tentative_; }

  /// Whether a transaction that this producer began in this epoch is open.
  [[nodiscard]] bool has_open_transaction(ProducerId producer_id, ProducerEpoch epoch) const;
  /// First offset of the earliest transaction that is still open or whose marker lies at or above `high_watermark`;
  /// none where there is no such. The last stable offset is that or the high watermark, whichever is lower.
  [[nodiscard]] std::optional<Offset> first_unstable_offset(Offset high_watermark) const;
  /// Forgets ended transactions whose markers lie below the high watermark.
  void raise_high_watermark(Offset high_watermark);

  /// Drops producers without an open transaction that have been silent for `expiration_ms` (producer.id.expiration.ms).
  /// Returns how many.
  std::size_t expire(WallTime now, std::int64_t expiration_ms);

  /// Everything, in order of producer ids: for the snapshot file.
  [[nodiscard]] std::vector<ProducerEntry> entries() const;
  /// Replaces everything by what a snapshot held; entries that expired by `now` are dropped. Batches at or above
  /// `log_end` are no part of the log and their producers are dropped too.
  void load(std::span<const ProducerEntry> entries, Offset log_end, WallTime now, std::int64_t expiration_ms);
  void clear();
  [[nodiscard]] std::size_t size() const { return producers_.size(); }
  [[nodiscard]] const ProducerEntry* find(ProducerId producer_id) const;

 private:
  struct EndedTransaction {
    Offset first_offset;
    Offset marker_offset;
  };
  struct Change {
    ProducerId producer_id;
    std::optional<ProducerEntry> before;
  };
  ProducerEntry& touch(ProducerId producer_id);

  std::map<ProducerId, ProducerEntry> producers_;
  std::map<Offset, ProducerId> open_;    ///< transactions by first offset
  std::vector<EndedTransaction> ended_;  ///< in the order of their markers
  bool tentative_ = false;
  std::vector<Change> changes_;  ///< newest last
  std::size_t ended_before_ = 0;
};

}  // namespace gregor::replica
