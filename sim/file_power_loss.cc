// What a power loss keeps of one file: see PowerLossContract. Synced bytes are never touched.
#include <algorithm>

#include "sim/file_body.h"

namespace gregor::sim {
namespace {

std::uint64_t first_sector(std::uint64_t at) {
  return at / kSectorBytes;
}
std::uint64_t sectors_touched(std::uint64_t at, std::uint64_t length) {
  return length == 0 ? 0 : (at + length - 1) / kSectorBytes - at / kSectorBytes + 1;
}

}  // namespace

Losses FileBody::lose_power(PowerLossContract contract, RandomStream& stream) {
  Losses losses;
  if (!unsynced_.empty()) {
    // Sectors on their own are the hardest on recovery: where they may be lost so, they are in two cases of five.
    const std::uint64_t choices = contract == PowerLossContract::ordered ? 3 : 5;
    switch (stream.below(choices)) {
      case 0:
        losses = keep_all();
        break;
      case 1:
        losses.writes_lost = unsynced_.size();
        break;
      case 2:
        losses = keep_prefix(stream);
        break;
      default:
        losses = keep_sectors(stream);
        break;
    }
    unsynced_.clear();
  }
  content_ = durable_;
  return losses;
}

Losses FileBody::keep_all() {
  for (const Operation& operation : unsynced_) apply(operation);
  return {};
}

Losses FileBody::keep_prefix(RandomStream& stream) {
  const std::uint64_t kept = stream.below(unsynced_.size());
  for (std::uint64_t i = 0; i < kept; ++i) apply(unsynced_[i]);
  Losses losses{.writes_lost = unsynced_.size() - kept};
  const Operation& next = unsynced_[kept];
  if (next.is_truncate || next.fate.lost || next.fate.lands_at) return losses;
  const std::uint64_t sectors = stream.below(sectors_touched(next.at, next.bytes.size()) + 1);
  if (sectors > 0) {
    tear_after(next, sectors);
    ++losses.writes_torn;
  }
  return losses;
}

void FileBody::tear_after(const Operation& write, std::uint64_t sector_count) {
  const std::uint64_t end = (first_sector(write.at) + sector_count) * kSectorBytes;
  const std::uint64_t count = std::min<std::uint64_t>(write.bytes.size(), end - write.at);
  durable_.write(write.at, Bytes(write.bytes).first(count));
}

Losses FileBody::keep_sectors(RandomStream& stream) {
  Losses losses;
  const std::uint64_t size_before = durable_.size();
  std::uint64_t size_kept = size_before;  // the smallest the file may end up with
  std::uint64_t size_reached = size_before;
  for (const Operation& operation : unsynced_) {
    if (operation.is_truncate) {
      if (stream.chance(1, 2)) {
        apply(operation);
        size_kept = std::min(size_kept, operation.at);
        size_reached = operation.at;
      } else {
        ++losses.writes_lost;
      }
    } else if (operation.fate.lost || operation.fate.lands_at) {
      apply(operation);
    } else if (keep_some_sectors(operation, stream)) {
      ++losses.writes_torn;
    }
    if (!operation.is_truncate) size_reached = std::max(size_reached, operation.at + operation.bytes.size());
  }
  if (misplace_size(size_kept, size_reached, stream)) ++losses.writes_torn;
  return losses;
}

/// True when some of it was lost.
bool FileBody::keep_some_sectors(const Operation& write, RandomStream& stream) {
  const std::uint64_t end = write.at + write.bytes.size();
  bool lost_some = false;
  for (std::uint64_t at = write.at; at < end;) {
    const std::uint64_t next = std::min(end, (first_sector(at) + 1) * kSectorBytes);
    if (stream.chance(1, 2)) {
      durable_.write(at, Bytes(write.bytes).subspan(at - write.at, next - at));
    } else {
      lost_some = true;
    }
    at = next;
  }
  return lost_some;
}

/// The size is written apart from the bytes: it may be ahead of them (the rest reads as zeros) or behind. True when it
/// was moved.
bool FileBody::misplace_size(std::uint64_t size_before, std::uint64_t size_reached, RandomStream& stream) {
  const std::uint64_t where = stream.below(4);
  if (where == 0 && durable_.size() < size_reached) {
    durable_.resize(size_reached);
    return true;
  }
  if (where == 1 && durable_.size() > size_before) {
    const std::uint64_t less = stream.below(durable_.size() - size_before + 1);
    const bool cuts = size_before + less < durable_.size();
    durable_.resize(size_before + less);
    return cuts;
  }
  return false;
}

}  // namespace gregor::sim
