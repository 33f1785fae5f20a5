#include "sim/node_clock.h"

#include "base/check.h"

namespace gregor::sim {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kDriftMax = 500'000;

/// Rounded down, also below zero.
std::int64_t divide_down(__int128 a, std::int64_t b) {
  const __int128 quotient = a / b;
  return static_cast<std::int64_t>(a % b != 0 && a < 0 ? quotient - 1 : quotient);
}

}  // namespace

MonotonicTime NodeClock::monotonic(SimTime now) const {
  const std::int64_t elapsed = (now - anchor_).count();
  const std::int64_t gained = drift_ == 0 ? 0 : divide_down(static_cast<__int128>(elapsed) * drift_, kNsPerMs);
  return MonotonicTime(Nanoseconds(shown_at_anchor_ns_ + elapsed + gained));
}

WallTime NodeClock::wall(SimTime now) const {
  const std::int64_t shown = monotonic(now).time_since_epoch().count();
  return {kWorldBeginsMs + wall_offset_ms_ + divide_down(shown, kNsPerMs)};
}

SimTime NodeClock::world_time_of(MonotonicTime when) const {
  const std::int64_t wanted = when.time_since_epoch().count();
  if (wanted <= shown_at_anchor_ns_) return anchor_;
  const __int128 shown = static_cast<__int128>(wanted) - shown_at_anchor_ns_;
  const __int128 rate = kNsPerMs + drift_;
  const __int128 elapsed = (shown * kNsPerMs + rate - 1) / rate;
  const __int128 time = elapsed + anchor_.time_since_epoch().count();
  return time >= kNever.time_since_epoch().count() ? kNever : SimTime(Nanoseconds(static_cast<std::int64_t>(time)));
}

void NodeClock::set_drift(SimTime now, std::int64_t nanoseconds_per_millisecond) {
  CHECK(nanoseconds_per_millisecond >= -kDriftMax && nanoseconds_per_millisecond <= kDriftMax);
  shown_at_anchor_ns_ = monotonic(now).time_since_epoch().count();
  anchor_ = now;
  drift_ = nanoseconds_per_millisecond;
}

}  // namespace gregor::sim
