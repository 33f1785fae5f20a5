// PartitionLog by time: which record is the first at or after a timestamp (KIP-79), which has the greatest (KIP-734).
#include <algorithm>

#include "record/record_view.h"
#include "storage/partition_log_state.h"

namespace gregor::storage {
namespace {

/// Swaps of compacted segments in a row that a look-up waits out.
constexpr int kLookupAttemptsMax = 16;

/// The first record of the batch that is late enough and in [from, below).
Result<std::optional<TimestampedOffset>> first_in_batch(const record::BatchView& batch, std::int64_t timestamp_ms,
                                                        Offset from, Offset below, record::CodecScratch& scratch) {
  TRY_ASSIGN(const auto plain, record::PlainRecords::of(batch, scratch));
  record::RecordIterator records(batch, plain.bytes());
  for (;;) {
    TRY_ASSIGN(const auto record, records.next());
    if (!record) return std::nullopt;
    if (record->timestamp.ms >= timestamp_ms && record->offset >= from && record->offset < below) {
      return TimestampedOffset{record->timestamp.ms, record->offset, batch.leader_epoch()};
    }
  }
}

}  // namespace

Result<std::optional<TimestampedOffset>> PartitionLog::State::first_record_at(env::Fiber& self,
                                                                              const std::shared_ptr<Segment>& segment,
                                                                              std::int64_t timestamp_ms, Offset from,
                                                                              Offset below,
                                                                              record::CodecScratch& scratch) {
  TRY_ASSIGN(const auto index, index_of(self, segment));
  // Everything up to an earlier entry's offset is earlier than the entry; an equal one may be the answer's own batch.
  const auto earlier = index->find_time(timestamp_ms - 1);
  TRY_ASSIGN(const FilePosition begin, position_of(self, segment, earlier ? earlier->offset : segment->base_offset));
  TRY_ASSIGN(const auto file, file_of(self, segment));
  BatchStream stream(*file, begin, FilePosition{segment->size_bytes}, BatchTrust::crc);
  for (;;) {
    TRY_ASSIGN(const auto next, stream.next(self));
    if (!next || next->batch.base_offset() >= below) return std::nullopt;
    if (next->batch.max_timestamp().ms < timestamp_ms || next->batch.last_offset() < from) continue;
    TRY_ASSIGN(const auto found, first_in_batch(next->batch, timestamp_ms, from, below, scratch));
    if (found) return found;
  }
}

Result<std::optional<TimestampedOffset>> PartitionLog::State::find_by_timestamp(env::Fiber& self,
                                                                                std::int64_t timestamp_ms, Offset from,
                                                                                Offset below,
                                                                                record::CodecScratch& scratch) {
  for (int attempt = 1;; ++attempt) {
    const std::uint64_t swaps_before = swaps;
    auto found = find_once(self, timestamp_ms, from, below, scratch);
    if (swaps == swaps_before || attempt == kLookupAttemptsMax) return found;
  }
}

Result<std::optional<TimestampedOffset>> PartitionLog::State::find_once(env::Fiber& self, std::int64_t timestamp_ms,
                                                                        Offset from, Offset below,
                                                                        record::CodecScratch& scratch) {
  TRY(usable());
  const Segments now = segments;
  const std::uint64_t cuts_before = cuts;
  const std::uint64_t swaps_before = swaps;
  for (const auto& segment : now) {
    if (segment->base_offset >= below) break;
    if (segment->max_timestamp_ms < timestamp_ms || segment->is_removed || segment->size_bytes == 0) continue;
    auto found = first_record_at(self, segment, timestamp_ms, from, below, scratch);
    if (cuts != cuts_before) return fail(Errc::stale, seat.folder + " was cut while it was searched");
    if (swaps != swaps_before) return fail(Errc::stale, seat.folder + " was compacted while it was searched");
    if (!found && segment->is_removed) continue;
    if (!found || *found) return found;
  }
  return std::nullopt;
}

Result<std::optional<TimestampedOffset>> PartitionLog::State::find_max_timestamp(env::Fiber& self, Offset below,
                                                                                 record::CodecScratch& scratch) {
  TRY(usable());
  std::int64_t greatest = -1;
  for (const auto& segment : segments) {
    if (segment->base_offset < below) greatest = std::max(greatest, segment->max_timestamp_ms);
  }
  if (greatest < 0) return std::nullopt;
  // Kafka looks at segments here, and so also at what of them lies below the log start.
  TRY_ASSIGN(const auto found, find_by_timestamp(self, greatest, Offset{0}, below, scratch));
  if (found) return found;
  // What had it lies at or above `below`: every batch under it is asked.
  greatest = -1;
  BatchVisitor visit = [&](const record::BatchView& batch) -> Result<void> {
    if (batch.last_offset() < below) greatest = std::max(greatest, batch.max_timestamp().ms);
    return {};
  };
  TRY(scan(self, log_start, below, visit));
  if (greatest < 0) return std::nullopt;
  return find_by_timestamp(self, greatest, log_start, below, scratch);
}

}  // namespace gregor::storage
