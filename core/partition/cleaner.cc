#include "partition/cleaner.h"

#include <algorithm>

namespace gregor::partition {
namespace {

/// Pauses are made of so much at least: shorter ones cost more than they give.
constexpr Milliseconds kPauseMin{1};
/// For each stretch of work as long a pause: others find the shard free half of the time at least.
constexpr int kPausesPerWork = 1;
constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;

}  // namespace

bool Cleaner::clean_one(env::Fiber& self, const CleanerLimits& limits) {
  std::shared_ptr<Partition> dirtiest;
  storage::CleanWork most;
  for (const auto& partition : partitions_.all()) {
    const auto work = partition->cleanable(self);
    const bool is_more = work && (!dirtiest || work->dirty_ppm() > most.dirty_ppm());
    if (!is_more) continue;
    dirtiest = partition;
    most = *work;
  }
  if (!dirtiest || ended_) return false;
  resumed_at_ = clock_.now();
  owed_ = Nanoseconds{0};
  const bool cleaned =
      dirtiest->clean(self, most, limits.map_bytes_max, limits.map_load_percent,
                      [this, limits](env::Fiber& fiber, std::uint64_t bytes) { return pace(fiber, bytes, limits); });
  return cleaned && !ended_;
}

bool Cleaner::pace(env::Fiber& self, std::uint64_t bytes, const CleanerLimits& limits) {
  self.yield();
  const Nanoseconds worked = clock_.now() - resumed_at_;
  owed_ += worked * kPausesPerWork;
  if (limits.read_bytes_per_second > 0) {
    const auto due = static_cast<unsigned __int128>(bytes) * kNanosecondsPerSecond / limits.read_bytes_per_second;
    const Nanoseconds whole{static_cast<std::int64_t>(std::min<unsigned __int128>(due, kNanosecondsPerSecond * 60))};
    owed_ = std::max(owed_, whole - worked);
  }
  const auto pause = std::chrono::duration_cast<Milliseconds>(owed_);
  if (pause >= kPauseMin) {
    owed_ -= pause;
    ended_ = ended_ || !pause_(self, pause);
  }
  resumed_at_ = clock_.now();
  return !ended_;
}

}  // namespace gregor::partition
