#include "replica/producer_table.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/mutant.h"

namespace gregor::replica {

namespace {

bool follows(Sequence last, Sequence next) {
  if (MUTANT(sequence_never_wraps)) return std::int64_t{next.value()} == std::int64_t{last.value()} + 1;
  return std::int64_t{next.value()} == std::int64_t{last.value()} + 1 ||
         (next == Sequence{0} && last == Sequence{INT32_MAX});
}

/// KIP-360: a new epoch starts at 0; within an epoch the sequences follow each other; where nothing is known, anything
/// goes.
bool is_in_sequence(const ProducerEntry& entry, const ProducerAppend& append) {
  if (MUTANT(any_sequence_is_in_order)) return true;
  if (entry.epoch == ProducerEpoch{record::kNoProducerEpoch}) return true;
  if (append.epoch != entry.epoch) return append.first_sequence == Sequence{0};
  return follows(entry.last_sequence(), append.first_sequence);
}

std::optional<ProducerBatch> duplicate_in(const ProducerEntry& entry, const ProducerAppend& append) {
  if (append.epoch != entry.epoch) return std::nullopt;
  auto known = entry.known();
  if (MUTANT(dedup_window_of_one) && !known.empty()) known = known.last(1);
  for (const ProducerBatch& batch : known) {
    if (batch.first_sequence == append.first_sequence && batch.last_sequence == append.last_sequence) return batch;
  }
  return std::nullopt;
}

/// From transaction version 2 on the coordinator bumps the epoch for each end: a marker of the epoch in which a
/// transaction is open belongs to an earlier one. The highest epoch there is cannot be bumped, so it is excepted.
bool is_stale(const EndMarker& marker, const ProducerEntry& entry) {
  constexpr ProducerEpoch kHighestEpoch{INT16_MAX};
  if (marker.epoch != entry.epoch) return marker.epoch < entry.epoch;
  const bool is_open = entry.transaction_first_offset != kNoOffset;
  return marker.transaction_version >= 2 && is_open && marker.epoch != kHighestEpoch;
}

}  // namespace

const char* name_of(ProducerVerdict verdict) {
  switch (verdict) {
    case ProducerVerdict::accepted:
      return "NONE";
    case ProducerVerdict::out_of_order_sequence:
      return "OUT_OF_ORDER_SEQUENCE_NUMBER";
    case ProducerVerdict::invalid_producer_epoch:
      return "INVALID_PRODUCER_EPOCH";
    case ProducerVerdict::invalid_transaction_state:
      return "INVALID_TXN_STATE";
    case ProducerVerdict::transaction_coordinator_fenced:
      return "TRANSACTION_COORDINATOR_FENCED";
    case ProducerVerdict::too_many_producers:
      return "THROTTLING_QUOTA_EXCEEDED";
  }
  return "UNKNOWN_SERVER_ERROR";
}

void ProducerEntry::add(const ProducerBatch& batch) {
  if (batch_count == kBatchesKept) {
    std::move(batches.begin() + 1, batches.end(), batches.begin());
    --batch_count;
  }
  batches[batch_count++] = batch;
}

ProducerAppend ProducerAppend::of(const record::BatchView& batch, WallTime stored_timestamp) {
  return {.producer_id = batch.producer_id(),
          .epoch = batch.producer_epoch(),
          .first_sequence = batch.base_sequence(),
          .last_sequence = batch.last_sequence(),
          .offset_delta = batch.last_offset_delta(),
          .timestamp = stored_timestamp,
          .is_transactional = batch.is_transactional()};
}

ProducerDecision ProducerTable::judge(const ProducerAppend& append, AppendOrigin origin) const {
  CHECK(append.producer_id > kNoProducerId);
  if (origin == AppendOrigin::replication) return {};
  const ProducerEntry* entry = find(append.producer_id);
  if (entry == nullptr) {
    return {producers_.size() < kProducersMax ? ProducerVerdict::accepted : ProducerVerdict::too_many_producers, {}};
  }
  if (auto duplicate = duplicate_in(*entry, append)) return {ProducerVerdict::accepted, duplicate};
  if (append.epoch < entry->epoch) return {ProducerVerdict::invalid_producer_epoch, {}};
  if (!is_in_sequence(*entry, append)) return {ProducerVerdict::out_of_order_sequence, {}};
  if (entry->transaction_first_offset != kNoOffset && !append.is_transactional) {
    return {ProducerVerdict::invalid_transaction_state, {}};
  }
  return {};
}

void ProducerTable::apply(const ProducerAppend& append, Offset first_offset) {
  ProducerEntry& entry = touch(append.producer_id);
  if (append.epoch != entry.epoch) entry.batch_count = 0;
  entry.epoch = append.epoch;
  entry.add({.first_sequence = append.first_sequence,
             .last_sequence = append.last_sequence,
             .last_offset = first_offset + append.offset_delta,
             .offset_delta = append.offset_delta,
             .timestamp = append.timestamp});
  entry.last_timestamp = append.timestamp;
  if (append.is_transactional && entry.transaction_first_offset == kNoOffset) {
    entry.transaction_first_offset = first_offset;
    open_.emplace(first_offset, append.producer_id);
  }
}

ProducerVerdict ProducerTable::judge(const EndMarker& marker, AppendOrigin origin) const {
  if (origin == AppendOrigin::replication) return ProducerVerdict::accepted;
  const ProducerEntry* entry = find(marker.producer_id);
  if (entry == nullptr) {
    return producers_.size() < kProducersMax ? ProducerVerdict::accepted : ProducerVerdict::too_many_producers;
  }
  if (MUTANT(marker_is_not_fenced)) return ProducerVerdict::accepted;
  if (is_stale(marker, *entry)) return ProducerVerdict::invalid_producer_epoch;
  if (marker.coordinator_epoch < entry->coordinator_epoch) return ProducerVerdict::transaction_coordinator_fenced;
  return ProducerVerdict::accepted;
}

std::optional<AbortedTransaction> ProducerTable::apply(const EndMarker& marker, Offset offset) {
  ProducerEntry& entry = touch(marker.producer_id);
  if (marker.epoch != entry.epoch) entry.batch_count = 0;
  entry.epoch = marker.epoch;
  entry.coordinator_epoch = marker.coordinator_epoch;
  entry.last_timestamp = marker.timestamp;
  const Offset first_offset = std::exchange(entry.transaction_first_offset, kNoOffset);
  if (first_offset == kNoOffset) return std::nullopt;
  open_.erase(first_offset);
  ended_.push_back({.first_offset = first_offset, .marker_offset = offset});
  if (!marker.is_abort) return std::nullopt;
  return AbortedTransaction{.producer_id = marker.producer_id,
                            .first_offset = first_offset,
                            .last_offset = offset,
                            .last_stable_offset = open_.empty() ? offset + 1 : open_.begin()->first};
}

std::optional<AbortedTransaction> ProducerTable::replay(const record::BatchView& batch,
                                                        const std::optional<record::RecordView>& marker) {
  if (!batch.has_producer_id()) return std::nullopt;
  if (!batch.is_control()) {
    apply(ProducerAppend::of(batch, batch.max_timestamp()), batch.base_offset());
    return std::nullopt;
  }
  if (!marker) return std::nullopt;  // a cleaner emptied the batch: the transaction ended below the log's start
  const auto type = record::control_type_of(*marker);
  const auto coordinator_epoch = record::coordinator_epoch_of(*marker);
  if (!coordinator_epoch || (type != record::ControlType::abort && type != record::ControlType::commit)) {
    return std::nullopt;
  }
  return apply(EndMarker{.producer_id = batch.producer_id(),
                         .epoch = batch.producer_epoch(),
                         .coordinator_epoch = *coordinator_epoch,
                         .is_abort = type == record::ControlType::abort,
                         .timestamp = batch.max_timestamp()},
               batch.base_offset());
}

void ProducerTable::begin() {
  CHECK(!tentative_);
  tentative_ = true;
  ended_before_ = ended_.size();
}

void ProducerTable::commit() {
  CHECK(tentative_);
  tentative_ = false;
  changes_.clear();
}

void ProducerTable::rollback() {
  CHECK(tentative_);
  tentative_ = false;
  if (MUTANT(failed_append_keeps_producer_state)) {
    changes_.clear();
    return;
  }
  ended_.resize(ended_before_);
  for (; !changes_.empty(); changes_.pop_back()) {
    const Change& change = changes_.back();
    const auto found = producers_.find(change.producer_id);
    if (found != producers_.end() && found->second.transaction_first_offset != kNoOffset) {
      open_.erase(found->second.transaction_first_offset);
    }
    if (!change.before) {
      if (found != producers_.end()) producers_.erase(found);
      continue;
    }
    producers_.insert_or_assign(change.producer_id, *change.before);
    if (change.before->transaction_first_offset != kNoOffset) {
      open_.emplace(change.before->transaction_first_offset, change.producer_id);
    }
  }
}

ProducerEntry& ProducerTable::touch(ProducerId producer_id) {
  const auto [at, is_new] = producers_.try_emplace(producer_id);
  if (tentative_) {
    changes_.push_back({producer_id, is_new ? std::nullopt : std::optional<ProducerEntry>(at->second)});
  }
  at->second.producer_id = producer_id;
  return at->second;
}

bool ProducerTable::has_open_transaction(ProducerId producer_id, ProducerEpoch epoch) const {
  const ProducerEntry* entry = find(producer_id);
  return entry != nullptr && entry->transaction_first_offset != kNoOffset && entry->epoch == epoch;
}

std::optional<Offset> ProducerTable::first_unstable_offset(Offset high_watermark) const {
  if (MUTANT(stable_offset_ignores_open_transactions)) return std::nullopt;
  std::optional<Offset> first;
  if (!open_.empty()) first = open_.begin()->first;
  for (const EndedTransaction& ended : ended_) {
    if (ended.marker_offset >= high_watermark && (!first || ended.first_offset < *first)) first = ended.first_offset;
  }
  return first;
}

void ProducerTable::raise_high_watermark(Offset high_watermark) {
  std::size_t replicated = 0;
  while (replicated < ended_.size() && ended_[replicated].marker_offset < high_watermark) ++replicated;
  ended_.erase(ended_.begin(), ended_.begin() + static_cast<std::ptrdiff_t>(replicated));
  ended_before_ -= std::min(ended_before_, replicated);
}

std::size_t ProducerTable::expire(WallTime now, std::int64_t expiration_ms) {
  std::size_t dropped = 0;
  for (auto at = producers_.begin(); at != producers_.end();) {
    const ProducerEntry& entry = at->second;
    const bool is_expired =
        entry.transaction_first_offset == kNoOffset && now.ms - entry.last_timestamp.ms >= expiration_ms;
    if (is_expired && tentative_) changes_.push_back({at->first, entry});
    at = is_expired ? producers_.erase(at) : std::next(at);
    dropped += is_expired ? 1 : 0;
  }
  return dropped;
}

std::vector<ProducerEntry> ProducerTable::entries() const {
  std::vector<ProducerEntry> all;
  all.reserve(producers_.size());
  for (const auto& [producer_id, entry] : producers_) all.push_back(entry);
  return all;
}

void ProducerTable::load(std::span<const ProducerEntry> entries, Offset log_end, WallTime now,
                         std::int64_t expiration_ms) {
  clear();
  for (const ProducerEntry& entry : entries) {
    const bool is_beyond = entry.batch_count > 0 && entry.known().back().last_offset >= log_end;
    const bool is_open = entry.transaction_first_offset != kNoOffset;
    if (is_beyond || (!is_open && now.ms - entry.last_timestamp.ms >= expiration_ms)) continue;
    producers_.insert_or_assign(entry.producer_id, entry);
    if (is_open) open_.emplace(entry.transaction_first_offset, entry.producer_id);
  }
}

void ProducerTable::clear() {
  CHECK(!tentative_);
  producers_.clear();
  open_.clear();
  ended_.clear();
}

const ProducerEntry* ProducerTable::find(ProducerId producer_id) const {
  const auto found = producers_.find(producer_id);
  return found == producers_.end() ? nullptr : &found->second;
}

}  // namespace gregor::replica
