// PartitionLog, the transaction indexes: which transactions were aborted, for readers of committed records. An entry
// stands in the index of the segment that holds the transaction's marker. Entries ascend by their markers, so what
// matters to a reader is found by halving.
#include <algorithm>
#include <array>
#include <map>

#include "base/check.h"
#include "base/mutant.h"
#include "storage/partition_log_state.h"

namespace gregor::storage {
namespace {

/// Entries read at once: two pages.
constexpr std::uint64_t kEntriesPerRead = 240;

Result<std::vector<AbortedTransaction>> read_entries(env::Fiber& self, env::File& file, std::uint64_t first,
                                                     std::uint64_t count) {
  ByteBuffer bytes(count * kAbortedTransactionBytes);
  TRY(env::read_exactly(self, file, FilePosition{first * kAbortedTransactionBytes}, bytes));
  return parse_transaction_index(bytes);
}

/// At or before the first entry whose marker lies at or above `from`, by less than a piece.
Result<std::uint64_t> first_to_read(env::Fiber& self, env::File& file, std::uint64_t count, Offset from) {
  std::uint64_t low = 0;
  for (std::uint64_t high = count; high - low > kEntriesPerRead;) {
    const std::uint64_t middle = low + (high - low) / 2;
    TRY_ASSIGN(const auto entry, read_entries(self, file, middle, 1));
    (entry.front().last_offset < from ? low : high) = middle;
  }
  return low;
}

}  // namespace

Result<void> PartitionLog::State::write_aborted(env::Fiber& self, std::span<const AbortedTransaction> aborted) {
  if (aborted.empty()) return {};
  PoisonOnUnwind guard(*this);
  for (const AbortedTransaction& transaction : aborted) {
    Segment& segment = *segments[segment_of(transaction.last_offset)];
    const auto path = files.path(segment.base_offset, FileKind::transaction_index);
    ByteBuffer entry;
    append_aborted_transaction(entry, transaction);
    TRY_ASSIGN(const auto file, seat.disk.open(self, path, env::OpenMode::create));
    segment.aborted_is_dirty = true;
    TRY(env::write_all(self, *file, FilePosition{segment.aborted_bytes}, Bytes(entry)));
    segment.aborted_bytes += entry.size();
  }
  return {};
}

/// The caller holds `flushing`, and so do those who write entries: nobody writes meanwhile.
Result<void> PartitionLog::State::flush_aborted(env::Fiber& self, Segment& segment) {
  if (!segment.aborted_is_dirty) return {};
  const auto path = files.path(segment.base_offset, FileKind::transaction_index);
  const auto file = seat.disk.open(self, path, env::OpenMode::read_write);
  if (!file && segment.is_removed) return {};
  if (!file) return fail(file.error());
  TRY((*file)->fdatasync(self));
  TRY(files.sync_folder(self));
  segment.aborted_is_dirty = false;
  return {};
}

Result<bool> PartitionLog::State::collect_aborted(env::Fiber& self, const Segment& segment, Offset from, Offset end,
                                                  std::vector<AbortedTransaction>& found) {
  const auto path = files.path(segment.base_offset, FileKind::transaction_index);
  TRY_ASSIGN(const auto file, seat.disk.open(self, path, env::OpenMode::read_only));
  const std::uint64_t count = segment.aborted_bytes / kAbortedTransactionBytes;
  TRY_ASSIGN(std::uint64_t at, first_to_read(self, *file, count, from));
  while (at < count) {
    TRY_ASSIGN(const auto entries, read_entries(self, *file, at, std::min(kEntriesPerRead, count - at)));
    for (const AbortedTransaction& entry : entries) {
      if (entry.last_offset >= from && entry.first_offset < end) found.push_back(entry);
      // Whatever is aborted later begins there or behind.
      if (entry.last_stable_offset >= end) return true;
    }
    at += entries.size();
  }
  return false;
}

Result<std::vector<AbortedTransaction>> PartitionLog::State::aborted_between(env::Fiber& self, std::size_t first,
                                                                             Offset from, Offset end) {
  std::vector<AbortedTransaction> found;
  if (MUTANT(aborted_list_is_empty)) return found;
  const std::vector<std::shared_ptr<Segment>> now(segments.begin() + static_cast<std::ptrdiff_t>(first),
                                                  segments.end());
  for (const auto& segment : now) {
    if (segment->aborted_bytes == 0) continue;
    const auto held = swapping.lock(self);
    if (segment->is_removed) return fail(Errc::stale, "a segment went before its transaction index was read");
    const auto is_complete = collect_aborted(self, *segment, from, end, found);
    if (segment->is_removed) return fail(Errc::stale, "a segment went while its transaction index was read");
    if (!is_complete) {
      const Error& error = is_complete.error();
      const Errc code = error.code == Errc::io ? Errc::io : Errc::corrupt;
      return fail(code, seat.folder + ": transaction index: " + error.text, error.os_error);
    }
    if (*is_complete) break;
  }
  return found;
}

/// Each file is replaced whole, so that a crash leaves the old one or the new one; either way the next start, which
/// cannot trust the recovery point yet, does it again.
Result<void> PartitionLog::State::rewrite_aborted(env::Fiber& self, std::span<const AbortedTransaction> aborted) {
  CHECK(aborted_unknown_from.has_value());
  const auto held = flushing.lock(self);
  std::map<Offset, ByteBuffer> contents;
  for (std::size_t i = segment_of(*aborted_unknown_from); i < segments.size(); ++i) contents[segments[i]->base_offset];
  for (const AbortedTransaction& transaction : aborted) {
    if (MUTANT(aborted_index_lost_at_recovery)) break;
    const Offset base = segments[segment_of(transaction.last_offset)]->base_offset;
    CHECK(contents.contains(base));
    append_aborted_transaction(contents[base], transaction);
  }
  for (const auto& [base, content] : contents) {
    Segment& segment = *segments[segment_of(base)];
    if (content.empty() && segment.aborted_bytes == 0) continue;
    const auto path = files.path(base, FileKind::transaction_index);
    if (content.empty()) {
      TRY(files.remove_file(self, path));
      TRY(files.sync_folder(self));
    } else {
      TRY(env::replace_file(self, seat.disk, path, content));
    }
    segment.aborted_bytes = content.size();
    segment.aborted_is_dirty = false;
  }
  aborted_unknown_from.reset();
  return {};
}

}  // namespace gregor::storage
