#include "raft/epoch_list.h"

#include <algorithm>

#include "base/check.h"

namespace gregor::raft {

void EpochList::append(LeaderEpoch epoch, Offset end) {
  CHECK(epoch >= last_epoch());
  CHECK(end >= end_);
  if (end == end_) return;
  if (entries_.empty() || epoch > last_epoch()) entries_.push_back({epoch, end_});
  end_ = end;
}

void EpochList::truncate(Offset end) {
  CHECK(end >= start_.offset && end <= end_);
  while (!entries_.empty() && entries_.back().start_offset >= end) entries_.pop_back();
  end_ = end;
}

void EpochList::trim(OffsetAndEpoch start) {
  CHECK(start.offset >= start_.offset);
  end_ = std::max(end_, start.offset);
  const auto is_over = [&](const Entry& entry) { return end_of(entry.epoch).offset <= start.offset; };
  while (!entries_.empty() && is_over(entries_.front())) entries_.erase(entries_.begin());
  if (!entries_.empty()) entries_.front().start_offset = std::max(entries_.front().start_offset, start.offset);
  start_ = start;
}

OffsetAndEpoch EpochList::end_of(LeaderEpoch asked) const {
  const auto later =
      std::find_if(entries_.begin(), entries_.end(), [asked](const Entry& e) { return e.epoch > asked; });
  const Offset end = later == entries_.end() ? end_ : later->start_offset;
  if (later != entries_.begin()) return {end, std::prev(later)->epoch};
  // Nothing at or below `asked` stands in the log itself; its start is where the epoch before it ends.
  return {start_.offset, std::min(asked, start_.epoch)};
}

LeaderEpoch EpochList::epoch_before(Offset offset) const {
  CHECK(offset >= start_.offset && offset <= end_);
  const auto later =
      std::find_if(entries_.begin(), entries_.end(), [offset](const Entry& e) { return e.start_offset >= offset; });
  return later == entries_.begin() ? start_.epoch : std::prev(later)->epoch;
}

}  // namespace gregor::raft
