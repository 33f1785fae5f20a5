// Histogram: how long things took, in buckets that grow by powers of two from 2^-5 ms to 2^16 ms. Pure counters: adding
// costs a few instructions and never allocates, and histograms of several shards add up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace gregor::observe {

class Histogram {
 public:
  /// Upper bounds of the buckets but the last, in microseconds: 31, 62, 125, 250, 500, then 1000 times 1, 2, 4 … 65536.
  static constexpr std::size_t kBounds = 22;
  static std::int64_t bound_us(std::size_t bucket);

  void add(Nanoseconds took);
  void add(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::int64_t sum_us() const { return sum_us_; }
  /// Of bucket `bucket` alone, at most bound_us(bucket); the one behind the last bound holds the rest.
  [[nodiscard]] std::uint64_t in_bucket(std::size_t bucket) const { return buckets_[bucket]; }

 private:
  std::array<std::uint64_t, kBounds + 1> buckets_{};
  std::uint64_t count_ = 0;
  std::int64_t sum_us_ = 0;
};

}  // namespace gregor::observe
