#include "observe/histogram.h"

#include <algorithm>

namespace gregor::observe {
namespace {

constexpr std::array<std::int64_t, Histogram::kBounds> kBoundsUs = [] {
  std::array<std::int64_t, Histogram::kBounds> bounds{31, 62, 125, 250, 500};
  for (std::size_t i = 5; i < bounds.size(); ++i) bounds[i] = std::int64_t{1000} << (i - 5);
  return bounds;
}();

}  // namespace

std::int64_t Histogram::bound_us(std::size_t bucket) {
  return kBoundsUs[bucket];
}

void Histogram::add(Nanoseconds took) {
  const std::int64_t us = std::max<std::int64_t>(0, took.count() / 1000);
  const auto bound = std::lower_bound(kBoundsUs.begin(), kBoundsUs.end(), us);
  ++buckets_[static_cast<std::size_t>(bound - kBoundsUs.begin())];
  ++count_;
  sum_us_ += us;
}

void Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_us_ += other.sum_us_;
}

}  // namespace gregor::observe
