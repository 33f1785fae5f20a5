// LogOpening, the transaction indexes: of recovered segments they are unknown, of the others trusted as far as their
// size and last entry go.
#include <algorithm>
#include <array>

#include "env/disk.h"
#include "storage/aborted_transaction.h"
#include "storage/log_opening.h"

namespace gregor::storage {

/// Sets the segment's aborted_bytes. A disk that fails is an error; anything else is an index that is not sound.
Result<bool> LogOpening::is_sound_transaction_index(env::Fiber& self, Segment& segment) {
  const auto path = files_.path(segment.base_offset, FileKind::transaction_index);
  const auto file = seat_.disk.open(self, path, env::OpenMode::read_only);
  if (!file && is_absent(file.error())) return true;
  if (!file) return fail(file.error());
  TRY_ASSIGN(const FilePosition size, (*file)->size(self));
  segment.aborted_bytes = size.value();
  if (size.value() % kAbortedTransactionBytes != 0) return false;
  if (size == FilePosition{0}) return true;
  std::array<std::byte, kAbortedTransactionBytes> bytes;
  TRY(env::read_exactly(self, **file, FilePosition{size.value() - bytes.size()}, bytes));
  const auto last = parse_transaction_index(bytes);
  return last && last->front().last_offset >= segment.base_offset && last->front().last_offset < segment.end_offset;
}

Result<void> LogOpening::check_transaction_indexes(env::Fiber& self) {
  const auto recovered_from = log_.aborted_unknown_from;
  for (const auto& segment : log_.segments) {
    if (recovered_from && segment->base_offset >= *recovered_from) break;
    if (!transaction_indexes_.contains(segment->base_offset)) continue;
    TRY_ASSIGN(const bool is_sound, is_sound_transaction_index(self, *segment));
    if (is_sound) continue;
    seat_.log.warn("log.transaction_index_damaged",
                   {{"folder", seat_.folder}, {"segment", segment->base_offset.value()}});
    log_.aborted_unknown_from =
        std::min(log_.aborted_unknown_from.value_or(segment->base_offset), segment->base_offset);
  }
  return {};
}

}  // namespace gregor::storage
