// PartitionLog, the way out: find the batch, read a piece of the file, hand out the whole batches in it whose CRC is
// right. A cut or a deletion while the disk worked makes it start over.
#include <algorithm>

#include "base/check.h"
#include "record/batch_split.h"
#include "storage/partition_log_state.h"

namespace gregor::storage {
namespace {

/// Read ahead of the first wanted batch when only the index said where to look.
constexpr std::size_t kSearchBytes = 64 << 10;
constexpr std::size_t kOpenSealedMax = 4;
constexpr std::size_t kIndexedSealedMax = 2;
/// Starts over after a cut this often; cuts come from elections and resets, not in a row.
constexpr int kReadAttemptsMax = 16;

/// What one piece of a segment holds of what is asked.
struct PieceFind {
  std::size_t skipped = 0;   ///< bytes of whole batches before the asked offset
  std::size_t wanted = 0;    ///< bytes of whole batches to hand out, behind these
  std::size_t needed = 0;    ///< where the first wanted batch is not whole: its size
  Offset next_offset;        ///< after the last wanted one
  bool is_complete = false;  ///< nothing behind the piece is wanted any more
};

/// Errors: corrupt, when the first wanted batch is not right. A later one that is not right ends the answer before it.
Result<PieceFind> look_through(Bytes piece, bool is_end, Offset from, const ReadLimits& limits) {
  PieceFind find{.next_offset = from};
  for (Bytes rest = piece;;) {
    if (rest.size() < record::kBatchHeaderBytes) {
      if (!rest.empty() && is_end && find.wanted == 0) return fail(Errc::corrupt, "the segment ends within a batch");
      find.needed = record::kBatchHeaderBytes;
      return find;
    }
    const auto size = record::batch_size_at(rest);
    const bool is_frame = size && *size && **size >= record::kBatchHeaderBytes;
    const auto header = record::BatchView::parse_header(rest);
    if (!is_frame || !header || !has_sound_offsets(*header) || (is_end && **size > rest.size())) {
      find.is_complete = true;
      if (find.wanted > 0) return find;
      return fail(Errc::corrupt, "no batch of magic 2 after offset " + std::to_string(find.next_offset.value()));
    }
    const bool is_before = header->last_offset() < from;
    const bool fits = find.wanted + **size <= limits.bytes_max || (find.wanted == 0 && limits.whole_first_batch);
    const bool is_beyond = header->last_offset() >= limits.below;
    // The first one is looked at all the same where it begins below: damage may say where it ends, and who asks for it
    // would wait for ever.
    const bool is_surely_beyond = is_beyond && (find.wanted > 0 || header->base_offset() >= limits.below);
    if (!is_before && (!fits || is_surely_beyond)) {
      find.is_complete = true;
      return find;
    }
    if (**size > rest.size()) {
      find.needed = **size;
      return find;
    }
    if (is_before) {
      find.skipped += **size;
    } else {
      const auto batch = check_stored_batch(rest, BatchTrust::crc);
      const bool follows = batch && (find.wanted == 0 || batch->base_offset() >= find.next_offset);
      if (!follows) {
        find.is_complete = true;
        if (find.wanted > 0) return find;
        return fail(batch ? Error{Errc::corrupt, "offsets do not rise"} : batch.error());
      }
      if (is_beyond) {
        find.is_complete = true;
        return find;
      }
      find.wanted += **size;
      find.next_offset = batch->next_offset();
    }
    rest = rest.subspan(**size);
  }
}

}  // namespace

Result<std::shared_ptr<env::File>> PartitionLog::State::file_of(env::Fiber& self,
                                                                const std::shared_ptr<Segment>& segment) {
  if (segment->log_file) return segment->log_file;
  TRY_ASSIGN(std::shared_ptr<env::File> file, files.open_log(self, segment->base_offset));
  if (segment->log_file || segment->is_removed) return file;
  segment->log_file = file;
  open_sealed.push_back(segment);
  if (open_sealed.size() > kOpenSealedMax) {
    if (open_sealed.front()->is_flushed) open_sealed.front()->log_file.reset();
    open_sealed.pop_front();
  }
  return file;
}

Result<std::shared_ptr<const SegmentIndex>> PartitionLog::State::index_of(env::Fiber& self,
                                                                          const std::shared_ptr<Segment>& segment) {
  if (segment->index) return std::shared_ptr<const SegmentIndex>(segment->index);
  auto loaded = files.read_index(self, segment->base_offset, segment->end_offset, segment->size_bytes);
  if (!loaded) {
    if (loaded.error().code == Errc::io) return fail(std::move(loaded.error()));
    TRY_ASSIGN(const auto file, file_of(self, segment));
    loaded = rebuild_index(self, *file, *segment, config.index_interval_bytes);
    if (!loaded) return fail(std::move(loaded.error()));
  }
  const auto index = std::make_shared<SegmentIndex>(std::move(*loaded));
  if (segment->index || !segment->is_flushed) return std::shared_ptr<const SegmentIndex>(index);
  segment->index = index;
  indexed_sealed.push_back(segment);
  if (indexed_sealed.size() > kIndexedSealedMax) {
    if (indexed_sealed.front()->is_flushed) indexed_sealed.front()->index.reset();
    indexed_sealed.pop_front();
  }
  return std::shared_ptr<const SegmentIndex>(index);
}

Result<FilePosition> PartitionLog::State::position_of(env::Fiber& self, const std::shared_ptr<Segment>& segment,
                                                      Offset offset) {
  if (offset <= segment->base_offset) return FilePosition{0};
  if (const auto hint = hints.find(segment->base_offset, offset)) return *hint;
  TRY_ASSIGN(const auto index, index_of(self, segment));
  const auto entry = index->find(offset);
  if (!entry) return FilePosition{0};
  // The index is a hint. Where it does not name the batch that stands there, the scan begins at the segment's start.
  std::array<std::byte, record::kBatchHeaderBytes> bytes;
  TRY_ASSIGN(const auto file, file_of(self, segment));
  if (auto got = env::read_exactly(self, *file, entry->position, bytes); !got) {
    if (got.error().code == Errc::malformed) return FilePosition{0};
    return fail(std::move(got.error()));
  }
  const auto header = record::BatchView::parse_header(bytes);
  const bool is_named = header && has_sound_offsets(*header) && header->last_offset() == entry->offset;
  return is_named ? entry->position : FilePosition{0};
}

Result<std::optional<LogRead>> PartitionLog::State::read_segment(env::Fiber& self, std::shared_ptr<Segment> segment,
                                                                 Offset from, const ReadLimits& limits) {
  const std::uint64_t cuts_before = cuts;
  const std::uint64_t end = segment->size_bytes;
  TRY_ASSIGN(FilePosition position, position_of(self, segment, from));
  TRY_ASSIGN(const auto file, file_of(self, segment));
  std::size_t wanted = std::max(limits.bytes_max, record::kBatchHeaderBytes);
  if (!hints.find(segment->base_offset, from)) wanted += kSearchBytes;
  while (position.value() < end) {
    const std::size_t size = std::min<std::uint64_t>(wanted, end - position.value());
    LogBytes piece(size);
    TRY(env::read_exactly(self, *file, position, piece.mutable_bytes()));
    // Nothing of it may be remembered: another segment may have its base offset by now.
    if (cuts != cuts_before || segment->is_removed) return fail(Errc::stale, "cut or replaced while it was read");
    const bool is_end = position.value() + size == end;
    TRY_ASSIGN(const PieceFind find, look_through(piece.bytes(), is_end, from, limits));
    if (find.wanted > 0 || find.is_complete) {
      const FilePosition next = position + find.skipped + find.wanted;
      if (find.wanted > 0) hints.note(segment->base_offset, find.next_offset, next);
      piece.narrow(find.skipped, find.wanted);
      return LogRead{.batches = std::move(piece), .next_offset = find.next_offset};
    }
    position = position + find.skipped;
    wanted = std::max({wanted, find.needed, limits.bytes_max});
  }
  return std::nullopt;
}

Result<LogRead> PartitionLog::State::read(env::Fiber& self, Offset from, const ReadLimits& limits) {
  for (int attempt = 0; attempt < kReadAttemptsMax; ++attempt) {
    TRY(usable());
    if (from < log_start || from > log_end()) {
      return fail(Errc::invalid, "offset " + std::to_string(from.value()) + " is outside the log");
    }
    LogRead nothing{.batches = LogBytes(), .next_offset = from};
    bool is_stale = false;
    for (std::size_t i = segment_of(from); i < segments.size() && from < log_end(); ++i) {
      const auto segment = segments[i];
      const std::uint64_t cuts_before = cuts;
      ReadLimits now = limits;
      if (limits.with_aborted) now.below = std::min(limits.below, indexed_end());
      auto found = read_segment(self, segment, from, now);
      is_stale = cuts != cuts_before || segment->is_removed;
      if (is_stale) break;
      if (!found) return fail(found.error().code, seat.folder + ": " + found.error().text, found.error().os_error);
      if (*found && limits.with_aborted) {
        // After the records: whoever replaces a segment meanwhile may drop entries that these records still need.
        auto aborted = aborted_between(self, segment_of(segment->base_offset), from, (*found)->next_offset);
        is_stale = cuts != cuts_before || segment->is_removed || (!aborted && aborted.error().code == Errc::stale);
        if (is_stale) break;
        if (!aborted) return fail(std::move(aborted.error()));
        (*found)->aborted = std::move(*aborted);
      }
      if (*found) return std::move(**found);
      if (segment->end_offset >= now.below) break;
    }
    if (!is_stale) return nothing;
  }
  return fail(Errc::stale, seat.folder + " was cut again and again while it was read");
}

/// A swap of compacted segments makes it look again for where it was; a cut ends it.
Result<void> PartitionLog::State::scan(env::Fiber& self, Offset from, Offset end, BatchVisitor& visit) {
  TRY(usable());
  const std::uint64_t cuts_before = cuts;
  for (;;) {
    TRY_ASSIGN(const std::optional<Offset> interrupted_at, scan_until_swap(self, from, end, cuts_before, visit));
    if (!interrupted_at) return {};
    from = *interrupted_at;
  }
}

Result<std::optional<Offset>> PartitionLog::State::scan_until_swap(env::Fiber& self, Offset from, Offset end,
                                                                   std::uint64_t cuts_before, BatchVisitor& visit) {
  const Segments now = segments;
  const std::uint64_t swaps_before = swaps;
  for (std::size_t i = segment_of(from); i < now.size() && now[i]->base_offset < end; ++i) {
    const auto begin = position_of(self, now[i], from);
    if (swaps != swaps_before) return from;
    if (!begin) return fail(begin.error());
    const auto file = file_of(self, now[i]);
    if (swaps != swaps_before) return from;
    if (!file) return fail(file.error());
    BatchStream stream(**file, *begin, FilePosition{now[i]->size_bytes}, BatchTrust::crc);
    for (;;) {
      auto next = stream.next(self);
      if (cuts != cuts_before) return fail(Errc::stale, seat.folder + " was cut while it was scanned");
      if (swaps != swaps_before) return from;
      if (!next) return fail(next.error().code, seat.folder + ": " + next.error().text, next.error().os_error);
      if (!*next || (*next)->batch.base_offset() >= end) break;
      const Offset behind = (*next)->batch.next_offset();
      if ((*next)->batch.last_offset() >= from) TRY(visit((*next)->batch));
      from = std::max(from, behind);
    }
  }
  return std::nullopt;
}

}  // namespace gregor::storage
