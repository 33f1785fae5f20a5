#include "properties/finally/log_files.h"

#include <algorithm>

#include "record/batch_view.h"

namespace gregor::properties {
namespace {

constexpr std::size_t kOffsetEntryBytes = 8;
constexpr std::size_t kTimeEntryBytes = 12;

std::string damage_at(std::uint64_t position, const std::string& what) {
  return "byte " + std::to_string(position) + ": " + what;
}

const StoredBatch* ending_at(const StoredSegment& segment, Offset last) {
  const auto place = std::ranges::lower_bound(segment.batches, last, {}, &StoredBatch::last);
  return place != segment.batches.end() && place->last == last ? &*place : nullptr;
}

/// Why the offset index is wrong; empty when it is right.
std::string fault_of_offsets(const StoredSegment& segment, Bytes content) {
  if (content.size() % kOffsetEntryBytes != 0) return "ends within an entry";
  Offset before = kNoOffset;
  for (std::size_t at = 0; at < content.size(); at += kOffsetEntryBytes) {
    const Offset offset = segment.base + load_big_endian<std::int32_t>(content.data() + at);
    const std::uint64_t position = load_big_endian<std::uint32_t>(content.data() + at + 4);
    const StoredBatch* batch = ending_at(segment, offset);
    if (batch == nullptr || batch->position.value() != position || offset <= before) {
      return "entry " + std::to_string(at / kOffsetEntryBytes) + " says offset " + std::to_string(offset.value()) +
             " at byte " + std::to_string(position) + ", where no batch ends so";
    }
    before = offset;
  }
  return {};
}

std::string fault_of_times(const StoredSegment& segment, Bytes content) {
  if (content.size() % kTimeEntryBytes != 0) return "ends within an entry";
  std::int64_t before_ms = -1;
  for (std::size_t at = 0; at < content.size(); at += kTimeEntryBytes) {
    const auto timestamp_ms = load_big_endian<std::int64_t>(content.data() + at);
    const Offset offset = segment.base + load_big_endian<std::int32_t>(content.data() + at + 8);
    const StoredBatch* batch = ending_at(segment, offset);
    std::int64_t greatest_ms = -1;
    for (const StoredBatch& earlier : segment.batches) {
      if (earlier.last > offset) break;
      greatest_ms = std::max(greatest_ms, earlier.max_timestamp_ms);
    }
    if (batch == nullptr || batch->max_timestamp_ms != timestamp_ms || greatest_ms != timestamp_ms ||
        timestamp_ms <= before_ms) {
      return "entry " + std::to_string(at / kTimeEntryBytes) + " says time " + std::to_string(timestamp_ms) +
             " at offset " + std::to_string(offset.value()) + ", and the batches do not";
    }
    before_ms = timestamp_ms;
  }
  return {};
}

bool follows(const record::BatchView& batch, Offset next, Offset gaps_below) {
  const bool may_leave_gap = batch.base_offset() > next && batch.base_offset() < gaps_below;
  return (batch.base_offset() == next || may_leave_gap) && batch.last_offset() >= batch.base_offset();
}

}  // namespace

StoredSegment read_segment(Offset base, Bytes content, Offset gaps_below) {
  StoredSegment segment{.base = base, .batches = {}, .damage = {}};
  Offset next = base;
  std::uint64_t position = 0;
  while (position < content.size()) {
    const auto batch = record::BatchView::parse(content.subspan(position));
    if (!batch) {
      segment.damage = damage_at(position, batch.error().text);
    } else if (!batch->crc_is_right()) {
      segment.damage = damage_at(position, "wrong CRC");
    } else if (!follows(*batch, next, gaps_below)) {
      segment.damage = damage_at(position, "base offset " + std::to_string(batch->base_offset().value()) + " where " +
                                               std::to_string(next.value()) + " is next");
    }
    if (!segment.damage.empty()) return segment;
    segment.batches.push_back({.base = batch->base_offset(),
                               .last = batch->last_offset(),
                               .crc = batch->crc(),
                               .producer = batch->producer_id(),
                               .epoch = batch->producer_epoch(),
                               .first_sequence = batch->base_sequence(),
                               .leader_epoch = batch->leader_epoch(),
                               .position = FilePosition{position},
                               .max_timestamp_ms = batch->max_timestamp().ms});
    next = batch->next_offset();
    position += batch->size();
  }
  return segment;
}

void judge_indexes(const StoredSegment& segment, Bytes offset_index, Bytes time_index, const std::string& name,
                   Verdict& verdict, MonotonicTime at) {
  if (const std::string fault = fault_of_offsets(segment, offset_index); !fault.empty())
    verdict.violated("S3", name + ".index: " + fault, at);
  if (const std::string fault = fault_of_times(segment, time_index); !fault.empty())
    verdict.violated("S3", name + ".timeindex: " + fault, at);
}

void judge_sealed_time_index(const StoredSegment& segment, Bytes time_index, const std::string& name, Verdict& verdict,
                             MonotonicTime at) {
  std::int64_t greatest_ms = -1;
  for (const StoredBatch& batch : segment.batches) greatest_ms = std::max(greatest_ms, batch.max_timestamp_ms);
  const std::size_t size = time_index.size();
  const std::int64_t last_ms =
      size < kTimeEntryBytes ? -1 : load_big_endian<std::int64_t>(time_index.data() + size - kTimeEntryBytes);
  if (last_ms == greatest_ms) return;
  verdict.violated("S3",
                   name + ".timeindex ends with time " + std::to_string(last_ms) + ", and the segment with " +
                       std::to_string(greatest_ms),
                   at);
}

}  // namespace gregor::properties
