#include "quorum/snapshot_shelf.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "quorum/snapshot_writer.h"

namespace gregor::quorum {

namespace {

/// Kafka puts more between the name and this, so that only the end of the name counts.
constexpr std::string_view kUnfinished = ".checkpoint.part";
constexpr std::string_view kDeleted = ".checkpoint.deleted";

bool is_leftover(std::string_view name) {
  return name.ends_with(kUnfinished) || name.ends_with(kDeleted);
}

}  // namespace

bool may_drop_oldest(const std::vector<StoredSnapshot>& snapshots, std::uint64_t log_bytes,
                     const SnapshotRetention& retention, WallTime now) {
  if (snapshots.size() < 2) return false;
  std::uint64_t bytes = log_bytes;
  for (const StoredSnapshot& snapshot : snapshots) bytes += snapshot.size_bytes;
  if (retention.bytes_max >= 0 && bytes > static_cast<std::uint64_t>(retention.bytes_max)) return true;
  return retention.age_ms_max >= 0 && now.ms - snapshots.front().last_contained.ms > retention.age_ms_max;
}

Result<SnapshotShelf> SnapshotShelf::open(env::Fiber& self, env::Disk& disk, std::string folder) {
  SnapshotShelf shelf(disk, std::move(folder));
  TRY_ASSIGN(const auto names, disk.list(self, shelf.folder_));
  for (const std::string& name : names) {
    if (is_leftover(name)) TRY(disk.unlink(self, shelf.folder_ + "/" + name));
    const auto id = SnapshotId::from_file_name(name);
    if (!id) continue;
    TRY_ASSIGN(const SnapshotHeader header, read_snapshot_header(self, disk, shelf.folder_ + "/" + name));
    shelf.all_.push_back({*id, header.size_bytes, header.last_contained});
  }
  // A process that died may have left a name that no flush covers yet.
  if (!shelf.all_.empty()) TRY(disk.sync_directory(self, shelf.folder_));
  // Names have a fixed number of digits and are sorted, and so are the ids.
  CHECK(std::ranges::is_sorted(shelf.all_, {}, &StoredSnapshot::id));
  return shelf;
}

std::optional<SnapshotId> SnapshotShelf::oldest() const {
  return all_.empty() ? std::nullopt : std::optional(all_.front().id);
}

std::optional<SnapshotId> SnapshotShelf::newest() const {
  return all_.empty() ? std::nullopt : std::optional(all_.back().id);
}

bool SnapshotShelf::contains(const SnapshotId& id) const {
  return std::ranges::any_of(all_, [&](const StoredSnapshot& stored) { return stored.id == id; });
}

void SnapshotShelf::add(const StoredSnapshot& snapshot) {
  CHECK(all_.empty() || all_.back().id.end_offset < snapshot.id.end_offset);
  all_.push_back(snapshot);
}

Result<void> SnapshotShelf::remove_below(env::Fiber& self, Offset end) {
  bool is_any = false;
  while (all_.size() > 1 && all_.front().id.end_offset < end) {
    const std::string path = path_of(all_.front().id);
    all_.erase(all_.begin());
    TRY(disk_->unlink(self, path));
    is_any = true;
  }
  return is_any ? disk_->sync_directory(self, folder_) : Result<void>{};
}

}  // namespace gregor::quorum
