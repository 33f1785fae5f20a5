#include "storage/segment_index.h"

#include <algorithm>

namespace gregor::storage {
namespace {

/// Beyond the last offset there is it wraps below the base, where no entry is right.
Offset offset_at(Offset base, std::int32_t relative) {
  return Offset{static_cast<std::int64_t>(static_cast<std::uint64_t>(base.value()) +
                                          static_cast<std::uint64_t>(std::int64_t{relative}))};
}

OffsetEntry load_offset_entry(Offset base, const std::byte* at) {
  return {offset_at(base, load_big_endian<std::int32_t>(at)),
          FilePosition{static_cast<std::uint64_t>(load_big_endian<std::uint32_t>(at + 4))}};
}

TimeEntry load_time_entry(Offset base, const std::byte* at) {
  return {load_big_endian<std::int64_t>(at), offset_at(base, load_big_endian<std::int32_t>(at + 8))};
}

void store_relative(std::byte* at, Offset offset, Offset base) {
  store_big_endian(at, static_cast<std::int32_t>(offset - base));
}

}  // namespace

IndexCursor::Step IndexCursor::take(const IndexedBatch& batch, std::int64_t interval_bytes) {
  Step step;
  if (batch.max_timestamp_ms > max_timestamp_ms) {
    max_timestamp_ms = batch.max_timestamp_ms;
    max_timestamp_offset = batch.last_offset;
  }
  if (bytes_since_entry > interval_bytes) {
    step.adds_offset_entry = true;
    ++offset_entries;
    if (max_timestamp_ms > last_time_entry_ms) {
      step.adds_time_entry = true;
      ++time_entries;
      last_time_entry_ms = max_timestamp_ms;
    }
    bytes_since_entry = 0;
  }
  bytes_since_entry += static_cast<std::int64_t>(batch.size_bytes);
  return step;
}

void SegmentIndex::add(const IndexedBatch& batch, std::int64_t interval_bytes) {
  const auto step = cursor_.take(batch, interval_bytes);
  if (step.adds_offset_entry) offsets_.push_back({batch.last_offset, batch.position});
  if (step.adds_time_entry) times_.push_back({cursor_.max_timestamp_ms, cursor_.max_timestamp_offset});
}

void SegmentIndex::seal() {
  if (cursor_.max_timestamp_ms <= cursor_.last_time_entry_ms) return;
  times_.push_back({cursor_.max_timestamp_ms, cursor_.max_timestamp_offset});
  ++cursor_.time_entries;
  cursor_.last_time_entry_ms = cursor_.max_timestamp_ms;
}

void SegmentIndex::truncate_to(Offset to) {
  while (!offsets_.empty() && offsets_.back().offset >= to) offsets_.pop_back();
  while (!times_.empty() && times_.back().offset >= to) times_.pop_back();
  const TimeEntry last = times_.empty() ? TimeEntry{-1, kNoOffset} : times_.back();
  cursor_ = {.bytes_since_entry = 0,
             .offset_entries = static_cast<std::int64_t>(offsets_.size()),
             .time_entries = static_cast<std::int64_t>(times_.size()),
             .last_time_entry_ms = last.timestamp_ms,
             .max_timestamp_ms = last.timestamp_ms,
             .max_timestamp_offset = last.offset};
}

void SegmentIndex::rescan(const IndexedBatch& batch) {
  if (batch.max_timestamp_ms <= cursor_.max_timestamp_ms) return;
  cursor_.max_timestamp_ms = batch.max_timestamp_ms;
  cursor_.max_timestamp_offset = batch.last_offset;
}

std::optional<OffsetEntry> SegmentIndex::find(Offset offset) const {
  const auto is_beyond = [](Offset wanted, const OffsetEntry& entry) { return wanted < entry.offset; };
  const auto next = std::upper_bound(offsets_.begin(), offsets_.end(), offset, is_beyond);
  if (next == offsets_.begin()) return std::nullopt;
  return *(next - 1);
}

std::optional<TimeEntry> SegmentIndex::find_time(std::int64_t timestamp_ms) const {
  const auto is_beyond = [](std::int64_t wanted, const TimeEntry& entry) { return wanted < entry.timestamp_ms; };
  const auto next = std::upper_bound(times_.begin(), times_.end(), timestamp_ms, is_beyond);
  if (next == times_.begin()) return std::nullopt;
  return *(next - 1);
}

std::optional<OffsetEntry> SegmentIndex::last_offset_entry() const {
  if (offsets_.empty()) return std::nullopt;
  return offsets_.back();
}

ByteBuffer SegmentIndex::encode_offsets() const {
  ByteBuffer content(offsets_.size() * kOffsetEntryBytes);
  std::byte* at = content.data();
  for (const auto& entry : offsets_) {
    store_relative(at, entry.offset, base_offset_);
    store_big_endian(at + 4, static_cast<std::uint32_t>(entry.position.value()));
    at += kOffsetEntryBytes;
  }
  return content;
}

ByteBuffer SegmentIndex::encode_times() const {
  ByteBuffer content(times_.size() * kTimeEntryBytes);
  std::byte* at = content.data();
  for (const auto& entry : times_) {
    store_big_endian(at, entry.timestamp_ms);
    store_relative(at + 8, entry.offset, base_offset_);
    at += kTimeEntryBytes;
  }
  return content;
}

Result<SegmentIndex> SegmentIndex::decode(Offset base_offset, Offset end_offset, std::uint64_t log_bytes, Bytes offsets,
                                          Bytes times) {
  if (offsets.size() % kOffsetEntryBytes != 0 || times.size() % kTimeEntryBytes != 0) {
    return fail(Errc::corrupt, "an index ends within an entry");
  }
  SegmentIndex index(base_offset);
  for (std::size_t at = 0; at < offsets.size(); at += kOffsetEntryBytes) {
    const auto entry = load_offset_entry(base_offset, offsets.data() + at);
    const bool rises = index.offsets_.empty() ||
                       (entry.offset > index.offsets_.back().offset && entry.position > index.offsets_.back().position);
    if (!rises || entry.position == FilePosition{0} || entry.offset < base_offset || entry.offset >= end_offset ||
        entry.position.value() >= log_bytes) {
      return fail(Errc::corrupt,
                  "offset index entry " + std::to_string(at / kOffsetEntryBytes) + " does not fit the log");
    }
    index.offsets_.push_back(entry);
  }
  for (std::size_t at = 0; at < times.size(); at += kTimeEntryBytes) {
    const auto entry = load_time_entry(base_offset, times.data() + at);
    const bool rises = index.times_.empty() || (entry.offset >= index.times_.back().offset &&
                                                entry.timestamp_ms > index.times_.back().timestamp_ms);
    if (!rises || entry.timestamp_ms < 0 || entry.offset < base_offset || entry.offset >= end_offset) {
      return fail(Errc::corrupt, "time index entry " + std::to_string(at / kTimeEntryBytes) + " does not fit the log");
    }
    index.times_.push_back(entry);
  }
  index.truncate_to(end_offset);
  return index;
}

std::vector<OffsetEntry> raw_offset_entries(Offset base_offset, Bytes content) {
  std::vector<OffsetEntry> entries;
  for (; content.size() >= kOffsetEntryBytes; content = content.subspan(kOffsetEntryBytes)) {
    if (load_big_endian<std::uint64_t>(content.data()) == 0) break;
    entries.push_back(load_offset_entry(base_offset, content.data()));
  }
  return entries;
}

std::vector<TimeEntry> raw_time_entries(Offset base_offset, Bytes content) {
  std::vector<TimeEntry> entries;
  for (; content.size() >= kTimeEntryBytes; content = content.subspan(kTimeEntryBytes)) {
    if (load_big_endian<std::int64_t>(content.data()) == 0) break;
    entries.push_back(load_time_entry(base_offset, content.data()));
  }
  return entries;
}

}  // namespace gregor::storage
