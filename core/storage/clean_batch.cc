#include "storage/clean_batch.h"

#include <vector>

#include "base/mutant.h"
#include "record/batch_builder.h"
#include "record/record_view.h"

namespace gregor::storage {
namespace {

bool has_passed(const std::optional<WallTime>& horizon, WallTime now) {
  return horizon && horizon->ms <= now.ms;
}

struct Sorted {
  std::vector<record::RecordView> kept;
  bool holds_tombstone = false;
};

bool stays(const record::BatchView& batch, const BatchStanding& standing, const CleanRules& rules,
           const record::RecordView& record) {
  if (standing.is_aborted) return false;
  const bool horizon_passed = has_passed(batch.delete_horizon(), rules.now);
  if (batch.is_control()) return !(standing.is_empty_marker && horizon_passed);
  if (record.offset >= rules.map_end) return true;
  if (!record.key) return false;
  const auto latest = rules.latest.find(*record.key);
  if (latest && record.offset < *latest) return false;
  return record.value.has_value() || (!horizon_passed && !MUTANT(cleaner_drops_tombstones_at_once));
}

Result<Sorted> sort_records(const record::BatchView& batch, Bytes plain, const BatchStanding& standing,
                            const CleanRules& rules) {
  Sorted sorted;
  record::RecordIterator records(batch, plain);
  for (;;) {
    TRY_ASSIGN(const auto record, records.next());
    if (!record) return sorted;
    if (!stays(batch, standing, rules, *record)) continue;
    sorted.holds_tombstone = sorted.holds_tombstone || !record->value;
    sorted.kept.push_back(*record);
  }
}

Result<ByteBuffer> rebuilt(const record::BatchView& batch, const record::BatchSettings& settings,
                           const std::vector<record::RecordView>& kept, record::CodecScratch& scratch) {
  record::BatchBuilder builder(settings);
  for (const auto& record : kept) {
    std::vector<record::HeaderView> headers;
    headers.reserve(record.headers.size());
    for (const auto& header : record.headers) headers.push_back(header);
    builder.add_at(record.offset, record.timestamp, record.key, record.value, headers);
  }
  builder.set_last_offset(batch.last_offset());
  return builder.encode(scratch);
}

CleanedBatch without_records(const record::BatchView& batch, const BatchStanding& standing) {
  const bool stays_empty = standing.is_last_of_producer || standing.is_last_of_segment;
  if (!stays_empty) return {CleanedBatch::Fate::dropped};
  if (batch.record_count() == 0) return {CleanedBatch::Fate::as_it_is};
  record::BatchSettings settings = record::settings_of(batch);
  settings.codec = record::Codec::none;
  settings.delete_horizon.reset();
  return {CleanedBatch::Fate::rewritten, record::empty_batch(settings, batch.last_offset(), batch.max_timestamp())};
}

}  // namespace

Result<CleanedBatch> clean_batch(const record::BatchView& batch, const BatchStanding& standing, const CleanRules& rules,
                                 record::CodecScratch& scratch) {
  if (batch.base_offset() >= rules.map_end) return CleanedBatch{};
  if (batch.record_count() == 0) return without_records(batch, standing);
  TRY_ASSIGN(const auto plain, record::PlainRecords::of(batch, scratch));
  TRY_ASSIGN(const Sorted sorted, sort_records(batch, plain.bytes(), standing, rules));
  if (sorted.kept.empty()) return without_records(batch, standing);
  const bool needs_horizon = !batch.delete_horizon() && (sorted.holds_tombstone || standing.is_empty_marker);
  const bool is_whole = sorted.kept.size() == static_cast<std::size_t>(batch.record_count());
  if (is_whole && !needs_horizon) return CleanedBatch{};
  record::BatchSettings settings = record::settings_of(batch);
  if (needs_horizon) settings.delete_horizon = WallTime{rules.now.ms + rules.delete_retention_ms};
  TRY_ASSIGN(auto bytes, rebuilt(batch, settings, sorted.kept, scratch));
  return CleanedBatch{CleanedBatch::Fate::rewritten, std::move(bytes)};
}

bool is_last_of_producer(const record::BatchView& batch, const std::optional<LastOfProducer>& last) {
  if (!last || !batch.has_producer_id()) return false;
  if (last->data_offset) return batch.last_offset() == *last->data_offset;
  return batch.is_control() && batch.producer_epoch() == last->epoch;
}

}  // namespace gregor::storage
