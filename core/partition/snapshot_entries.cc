#include "partition/snapshot_entries.h"

namespace gregor::partition {
namespace {

storage::ProducerEntry to_storage(const replica::ProducerEntry& entry) {
  storage::ProducerEntry kept{.producer_id = entry.producer_id,
                              .producer_epoch = entry.epoch,
                              .timestamp_ms = entry.last_timestamp.ms,
                              .coordinator_epoch = entry.coordinator_epoch,
                              .current_txn_first_offset = entry.transaction_first_offset};
  if (!entry.known().empty()) {
    const replica::ProducerBatch& last = entry.known().back();
    kept.last_sequence = last.last_sequence;
    kept.last_offset = last.last_offset;
    kept.offset_delta = last.offset_delta;
  }
  return kept;
}

/// A sequence counts records, so the first of a batch lies as far before the last as the first offset does.
Sequence first_sequence(Sequence last, std::int32_t offset_delta) {
  const auto steps = static_cast<std::int64_t>(last.value()) - offset_delta;
  constexpr std::int64_t kSequences = std::int64_t{1} << 31;
  return Sequence{static_cast<std::int32_t>(steps < 0 ? steps + kSequences : steps)};
}

replica::ProducerEntry to_replica(const storage::ProducerEntry& kept) {
  replica::ProducerEntry entry{.producer_id = kept.producer_id,
                               .epoch = kept.producer_epoch,
                               .coordinator_epoch = kept.coordinator_epoch,
                               .last_timestamp = WallTime{kept.timestamp_ms},
                               .transaction_first_offset = kept.current_txn_first_offset};
  if (kept.last_offset >= Offset{0} && kept.last_sequence >= Sequence{0}) {
    entry.add({.first_sequence = first_sequence(kept.last_sequence, kept.offset_delta),
               .last_sequence = kept.last_sequence,
               .last_offset = kept.last_offset,
               .offset_delta = kept.offset_delta,
               .timestamp = WallTime{kept.timestamp_ms}});
  }
  return entry;
}

}  // namespace

std::vector<storage::ProducerEntry> storage_entries(const std::vector<replica::ProducerEntry>& entries) {
  std::vector<storage::ProducerEntry> kept;
  kept.reserve(entries.size());
  for (const auto& entry : entries) kept.push_back(to_storage(entry));
  return kept;
}

std::vector<replica::ProducerEntry> replica_entries(const std::vector<storage::ProducerEntry>& entries) {
  std::vector<replica::ProducerEntry> taken;
  taken.reserve(entries.size());
  for (const auto& entry : entries) taken.push_back(to_replica(entry));
  return taken;
}

}  // namespace gregor::partition
