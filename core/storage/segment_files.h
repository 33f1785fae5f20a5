// SegmentFiles: the files of segments by name: making, indexing, removing. Knows a folder, no log.
#pragma once

#include <memory>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "env/disk.h"
#include "storage/segment_index.h"
#include "storage/segment_name.h"

namespace gregor::storage {

/// Above any index that Kafka's settings allow (an int of bytes).
inline constexpr std::size_t kIndexBytesMax = std::size_t{1} << 31;

class SegmentFiles {
 public:
  SegmentFiles(env::Disk& disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}

  [[nodiscard]] std::string path(Offset base_offset, FileKind kind) const {
    return folder_ + "/" + file_name(base_offset, kind);
  }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] env::Disk& disk() const { return disk_; }

  /// An empty segment whose names are durable. What a failed attempt left of it is emptied. The index files stay empty
  /// while the segment grows (Kafka preallocates them; nothing requires it): their entries live in memory until the
  /// segment is flushed for good.
  Result<std::unique_ptr<env::File>> create(env::Fiber& self, Offset base_offset);
  Result<std::unique_ptr<env::File>> open_log(env::Fiber& self, Offset base_offset);

  /// Of a segment that grows no more: an index that stands under its name is whole, whatever a crash leaves, for a
  /// flushed segment is not read through again to check it. Durable when it returns without error.
  Result<void> write_index(env::Fiber& self, const SegmentIndex& index);
  /// Before a segment grows again; durable with the next sync_folder(). Absent is fine.
  Result<void> remove_index(env::Fiber& self, Offset base_offset);
  /// Errors: not_found, corrupt (rebuild it), io.
  Result<SegmentIndex> read_index(env::Fiber& self, Offset base_offset, Offset end_offset, std::uint64_t log_bytes);
  /// The last time entry, after a look at sizes and last entries alone; as read_index().
  Result<TimeEntry> probe_index(env::Fiber& self, Offset base_offset, Offset end_offset, std::uint64_t log_bytes);

  /// The log first, durably, then what belongs to it: a crash in between leaves only files without a log.
  Result<void> remove(env::Fiber& self, Offset base_offset);
  /// Absent is fine.
  Result<void> remove_file(env::Fiber& self, const std::string& path);
  /// Cuts off the entries of transactions that end at or above `end`; returns the bytes that are left. Absent is fine;
  /// an unreadable one is removed.
  Result<std::uint64_t> trim_transaction_index(env::Fiber& self, Offset base_offset, Offset end);
  Result<void> sync_folder(env::Fiber& self);

 private:
  env::Disk& disk_;
  std::string folder_;
};

/// Replaces none by an empty answer: for files that may be absent.
bool is_absent(const Error& error);

}  // namespace gregor::storage
