#include "controller/snapshot_keeper.h"

#include <algorithm>
#include <memory>

#include "metadata/snapshot_records.h"

namespace gregor::controller {

namespace {

/// How often snapshots that have become too old are let go.
constexpr Nanoseconds kTrimInterval = std::chrono::minutes(1);

}  // namespace

SnapshotPace::Limits snapshot_limits_of(const config::BrokerConfig& config) {
  return {.record_bytes_max = config.metadata_log_max_record_bytes_between_snapshots,
          .interval_ms_max = config.metadata_log_max_snapshot_interval_ms};
}

void SnapshotKeeper::committed(const quorum::CommittedBatch& batch) {
  std::size_t bytes = 0;
  for (const ByteBuffer& value : batch.values) bytes += value.size();
  pace_.committed(bytes);
  if (pace_.is_due(home_.clock.now())) look_.wake_all();
}

void SnapshotKeeper::loaded(const quorum::CommittedBatch&) {
  pace_.loaded(home_.clock.now());
}

void SnapshotKeeper::stop() {
  is_stopping_ = true;
  look_.wake_all();
}

void SnapshotKeeper::run(env::Fiber& self, quorum::Node& node, const NewestImage& newest) {
  while (!is_stopping_) {
    const MonotonicTime now = home_.clock.now();
    const MonotonicTime look_at = std::min(pace_.next_look(), now + kTrimInterval);
    if (!pace_.is_due(now)) look_.wait_until(self, home_.clock, look_at);
    if (is_stopping_) return;
    const bool is_due = pace_.is_due(home_.clock.now());
    const Result<void> done = is_due ? take(self, node, newest()) : node.trim(self);
    if (!done && done.error().code == Errc::closed) return;
    if (!done) log_.warn("controller.no_snapshot", {{"why", done.error().text}});
  }
}

Result<void> SnapshotKeeper::take(env::Fiber& self, quorum::Node& node,
                                  const std::shared_ptr<const metadata::Image>& image) {
  pace_.begin();
  Result<void> taken;
  if (image != nullptr) {
    const metadata::RecordList records = metadata::snapshot_records_of(*image);
    taken = node.take_snapshot(self, {image->offset() + 1, image->epoch()}, records.values());
  }
  const MonotonicTime now = home_.clock.now();
  taken ? pace_.succeeded(now) : pace_.failed(now);
  return taken;
}

}  // namespace gregor::controller
