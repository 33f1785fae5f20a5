#include "partition/visibility.h"

#include <algorithm>
#include <utility>

namespace gregor::partition {

void Visibility::begin(Offset last_stable_offset) {
  last_stable_ = last_stable_offset;
}

void Visibility::on_appended(Offset end, std::uint64_t bytes) {
  appended_ += bytes;
  if (hidden_.size() < kHiddenBatchesMax) {
    hidden_.push_back({end, bytes});
    return;
  }
  hidden_.back().end = end;
  hidden_.back().bytes += bytes;
}

void Visibility::on_cut(Offset end) {
  while (!hidden_.empty() && hidden_.back().end > end) hidden_.pop_back();
  high_watermark_ = std::min(high_watermark_, end);
  last_stable_ = std::min(last_stable_, end);
}

std::uint64_t Visibility::on_moved(Offset high_watermark, Offset last_stable_offset) {
  std::uint64_t bytes = 0;
  for (; !hidden_.empty() && hidden_.front().end <= high_watermark; hidden_.pop_front()) bytes += hidden_.front().bytes;
  if (high_watermark > std::exchange(high_watermark_, high_watermark)) bytes = std::max<std::uint64_t>(bytes, 1);
  if (last_stable_offset > std::exchange(last_stable_, last_stable_offset)) {
    // The end of a transaction lets readers of committed records have what lay behind its begin.
    bytes += std::exchange(unstable_, 0);
  }
  if (last_stable_offset < high_watermark) unstable_ += bytes;
  visible_ += bytes;
  return bytes;
}

}  // namespace gregor::partition
