// SnapshotShelf: the finished snapshots of one folder, oldest first, and which of them retention lets go.
//
// Promises: what it lists is durable under its name; the newest is never removed. Never touches the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "env/disk.h"
#include "quorum/snapshot_file.h"

namespace gregor::quorum {

struct StoredSnapshot {
  SnapshotId id;
  std::uint64_t size_bytes = 0;
  WallTime last_contained;  ///< as its header says
};

/// metadata.max.retention.bytes and .ms; negative: no bound.
struct SnapshotRetention {
  std::int64_t bytes_max = -1;
  std::int64_t age_ms_max = -1;
};

/// Whether the first of `snapshots` (oldest first) may go: log and snapshots together are larger than allowed, or it is
/// too old; one always stays (KIP-630). Pure.
bool may_drop_oldest(const std::vector<StoredSnapshot>& snapshots, std::uint64_t log_bytes,
                     const SnapshotRetention& retention, WallTime now);

class SnapshotShelf {
 public:
  /// Removes what former lives left unfinished or half deleted, and lists the rest. Errors: io; corrupt, where a
  /// finished one has no header.
  static Result<SnapshotShelf> open(env::Fiber& self, env::Disk& disk, std::string folder);

  [[nodiscard]] const std::vector<StoredSnapshot>& all() const { return all_; }
  [[nodiscard]] std::optional<SnapshotId> oldest() const;
  [[nodiscard]] std::optional<SnapshotId> newest() const;
  [[nodiscard]] bool contains(const SnapshotId& id) const;
  [[nodiscard]] std::string path_of(const SnapshotId& id) const { return folder_ + "/" + id.file_name(); }

  /// Takes up one that is durable. Requires one beyond the newest.
  void add(const StoredSnapshot& snapshot);
  /// Removes those that end below `end`, but never the newest; the names are durably gone when it returns.
  Result<void> remove_below(env::Fiber& self, Offset end);

 private:
  SnapshotShelf(env::Disk& disk, std::string folder) : disk_(&disk), folder_(std::move(folder)) {}
  env::Disk* disk_;
  std::string folder_;
  std::vector<StoredSnapshot> all_;
};

}  // namespace gregor::quorum
