#include "controller/snapshot_pace.h"

#include <algorithm>
#include <utility>

namespace gregor::controller {

void SnapshotPace::loaded(MonotonicTime now) {
  pending_bytes_ = 0;
  last_ = now;
}

bool SnapshotPace::is_due(MonotonicTime now) const {
  if (pending_bytes_ == 0 || now < not_before_) return false;
  if (pending_bytes_ >= limits_.record_bytes_max) return true;
  return limits_.interval_ms_max > 0 && now - last_ >= Milliseconds(limits_.interval_ms_max);
}

MonotonicTime SnapshotPace::next_look() const {
  if (pending_bytes_ == 0) return kForever;
  if (pending_bytes_ >= limits_.record_bytes_max) return not_before_;
  if (limits_.interval_ms_max <= 0) return kForever;
  return std::max(not_before_, last_ + Milliseconds(limits_.interval_ms_max));
}

void SnapshotPace::begin() {
  in_flight_bytes_ = std::exchange(pending_bytes_, 0);
}

void SnapshotPace::succeeded(MonotonicTime now) {
  in_flight_bytes_ = 0;
  last_ = now;
}

void SnapshotPace::failed(MonotonicTime now) {
  pending_bytes_ += std::exchange(in_flight_bytes_, 0);
  not_before_ = now + kRetryAfter;
}

}  // namespace gregor::controller
