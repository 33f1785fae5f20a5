#include "properties/always/committed_log.h"

#include <algorithm>

namespace gregor::properties {
namespace {

std::string number_of(Offset offset) {
  return std::to_string(offset.value());
}

const GhostLog::Batch* batch_in(const std::vector<GhostLog::Batch>& batches, Offset base) {
  const auto place = std::ranges::lower_bound(batches, base, {}, &GhostLog::Batch::base);
  return place != batches.end() && place->base == base ? &*place : nullptr;
}

}  // namespace

const GhostLog::Partition* find_log(const GhostLog& ghost, const TopicPartition& name) {
  const auto found = ghost.partitions().find(name);
  return found == ghost.partitions().end() ? nullptr : &found->second;
}

bool holds_batch(const GhostLog::Partition* log, const GhostLog::Batch& batch) {
  const GhostLog::Batch* own = log == nullptr ? nullptr : batch_in(log->batches, batch.base);
  return own != nullptr && *own == batch;
}

const GhostLog::Batch* CommittedLog::find(Offset base) const {
  return batch_in(batches_, base);
}

std::string CommittedLog::difference(const GhostLog::Partition* log, Offset end, std::size_t& matched) const {
  if (log == nullptr) return end > Offset{0} ? "has no log" : "";
  for (; matched < batches_.size() && batches_[matched].last < end; ++matched) {
    const Batch& batch = batches_[matched];
    if (batch.last < log->log_start || batch.base < compacted_) continue;
    const Batch* own = batch_in(log->batches, batch.base);
    if (own == nullptr) {
      return "holds nothing at " + number_of(batch.base) + ", its log ends at " + number_of(log->log_end);
    }
    if (*own != batch) {
      return "holds another batch at " + number_of(batch.base) + ": of epoch " +
             std::to_string(own->leader_epoch.value()) + " and not " + std::to_string(batch.leader_epoch.value()) +
             ", up to " + number_of(own->last) + " and not " + number_of(batch.last);
    }
  }
  return "";
}

std::vector<GhostLog::Batch> CommittedLog::extend(const GhostLog::Partition& log, Offset to) {
  const auto first = std::ranges::lower_bound(log.batches, end_, {}, &Batch::base);
  const auto last = std::find_if(first, log.batches.end(), [to](const Batch& batch) { return batch.last >= to; });
  std::vector<Batch> taken(first, last);
  batches_.insert(batches_.end(), taken.begin(), taken.end());
  end_ = std::max(end_, to);
  return taken;
}

}  // namespace gregor::properties
