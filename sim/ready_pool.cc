#include "sim/ready_pool.h"

#include <algorithm>

#include "base/check.h"

namespace gregor::sim {
namespace {

/// Under strict priorities a fiber that yields until another moves would spin for ever: now and then anyone may run.
constexpr std::uint64_t kFairPickEvery = 64;
/// Priorities above this are the drawn ones; each demotion takes the next lower place below it.
constexpr std::uint64_t kDrawnPrioritiesFrom = std::uint64_t{1} << 32;

}  // namespace

ReadyPool::ReadyPool(Policy policy, RandomStream stream, std::uint32_t pct_changes, std::uint64_t pct_steps)
    : policy_(policy), stream_(stream) {
  if (policy_ != Policy::pct) return;
  priority_seed_ = stream_.next();
  for (std::uint32_t i = 0; i < pct_changes; ++i) change_steps_.insert(stream_.below(pct_steps));
}

ReadyPool::Runner ReadyPool::runner_of(const Ready& ready) {
  const std::uint64_t life = (static_cast<std::uint64_t>(ready.lane->node) << 32) | ready.lane->incarnation;
  return {life, ready.lane->shard, ready.fiber == nullptr ? 0 : ready.fiber->id()};
}

std::uint64_t ReadyPool::priority_of(const Runner& runner) {
  if (const auto found = demoted_.find(runner); found != demoted_.end()) return found->second;
  const std::uint64_t drawn = hash_name("pct", priority_seed_ ^ (runner[0] * 0x9e3779b97f4a7c15ULL) ^
                                                   (runner[1] << 56) ^ (runner[2] * 0xd6e8feb86659fd93ULL));
  return drawn | kDrawnPrioritiesFrom;
}

void ReadyPool::add(Ready ready) {
  if (ready.lane->frozen) {
    frozen_.push_back(std::move(ready));
    return;
  }
  const std::uint64_t sequence = ++last_sequence_;
  switch (policy_) {
    case Policy::random:
      open_.push_back(std::move(ready));
      break;
    case Policy::fifo:
      line_.push_back(std::move(ready));
      break;
    case Policy::pct: {
      const Rank rank{priority_of(runner_of(ready)), sequence};
      ranked_.emplace(rank, std::move(ready));
      break;
    }
  }
}

Ready ReadyPool::take() {
  CHECK(!empty());
  if (policy_ == Policy::pct) return take_ranked();
  if (policy_ == Policy::fifo) {
    Ready first = std::move(line_.front());
    line_.pop_front();
    return first;
  }
  const std::size_t place = stream_.below(open_.size());
  Ready taken = std::move(open_[place]);
  if (place + 1 != open_.size()) open_[place] = std::move(open_.back());
  open_.pop_back();
  return taken;
}

Ready ReadyPool::take_ranked() {
  auto chosen = ranked_.begin();
  if (stream_.below(kFairPickEvery) == 0) {
    const std::uint64_t steps = stream_.below(ranked_.size());
    std::advance(chosen, static_cast<std::ptrdiff_t>(steps));
  }
  Ready taken = std::move(chosen->second);
  ranked_.erase(chosen);
  if (change_steps_.contains(steps_++)) demoted_[runner_of(taken)] = kDrawnPrioritiesFrom - 1 - demotions_++;
  return taken;
}

template <class Wanted>
std::vector<Ready> ReadyPool::extract(Wanted wanted) {
  std::vector<Ready> taken;
  const auto sift = [&](auto& queue) {
    auto kept = queue.begin();
    for (auto& ready : queue) {
      if (wanted(ready)) {
        taken.push_back(std::move(ready));
      } else {
        if (&*kept != &ready) *kept = std::move(ready);
        ++kept;
      }
    }
    queue.erase(kept, queue.end());
  };
  sift(open_);
  sift(line_);
  for (auto at = ranked_.begin(); at != ranked_.end();) {
    if (wanted(at->second)) {
      taken.push_back(std::move(at->second));
      at = ranked_.erase(at);
    } else {
      ++at;
    }
  }
  return taken;
}

void ReadyPool::freeze(Lane& lane) {
  lane.frozen = true;
  for (Ready& ready : extract([&](const Ready& r) { return r.lane == &lane; })) frozen_.push_back(std::move(ready));
}

void ReadyPool::thaw(Lane& lane) {
  lane.frozen = false;
  std::vector<Ready> waiting = std::exchange(frozen_, {});
  for (Ready& ready : waiting) add(std::move(ready));
}

void ReadyPool::drop(const Lane& lane) {
  const auto is_of_lane = [&](const Ready& r) { return r.lane == &lane; };
  // The tasks are destroyed at the end, when no list is being walked: their destructors may add more.
  std::vector<Ready> dropped = extract(is_of_lane);
  std::vector<Ready> kept;
  for (Ready& ready : frozen_) (is_of_lane(ready) ? dropped : kept).push_back(std::move(ready));
  frozen_ = std::move(kept);
}

}  // namespace gregor::sim
