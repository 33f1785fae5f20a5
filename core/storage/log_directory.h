// LogDirectory: one data directory of a node: its lock, meta.properties, checkpoints, clean-shutdown mark and the
// partition folders in it. It never touches a directory that holds what neither Kafka nor Gregor put there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "env/disk.h"
#include "env/wait.h"
#include "observe/log.h"
#include "storage/checkpoint_file.h"
#include "storage/meta_properties.h"
#include "storage/partition_log.h"
#include "storage/topic_folder.h"

namespace gregor::storage {

struct FoundFolder {
  std::string name;  ///< in the directory
  TopicFolder topic;
  std::optional<TopicId> topic_id;  ///< none where partition.metadata is absent
};

/// What stands in a data directory, seen without a lock and without changing anything.
struct DirectoryGlance {
  std::string path;
  std::optional<MetaProperties> meta = {};  ///< of an empty or absent directory none
  bool has_partitions = false;
};

class LogDirectory final : public RecoveryPoints {
 public:
  /// Locks and reads. Makes the directory when it is absent (its parent must be there). Changes nothing else. What it
  /// finds is durable by its name: a former life may have left names that were never fsynced.
  /// Errors: exists (another process holds the lock), invalid (foreign files, named in the text), malformed
  /// (meta.properties or a checkpoint), io.
  static Result<std::unique_ptr<LogDirectory>> open(env::Fiber& self, env::Disk& disk, observe::Log& log,
                                                    const std::string& path);

  /// Looks whether open() would take it. Errors: as open(), but `exists`; each says what to do.
  static Result<DirectoryGlance> glance(env::Fiber& self, env::Disk& disk, const std::string& path);

  /// Of an empty directory none.
  [[nodiscard]] const std::optional<MetaProperties>& meta() const { return meta_; }
  Result<void> write_meta(env::Fiber& self, const MetaProperties& meta);

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Whether the mark of a clean end was found.
  [[nodiscard]] bool was_clean_shutdown() const { return clean_shutdown_; }
  /// The broker epoch in the mark; none where there was no mark or no epoch in it.
  [[nodiscard]] std::optional<BrokerEpoch> previous_broker_epoch() const { return previous_broker_epoch_; }
  /// Removes the mark, durably. To be called before anything is written to any log here.
  Result<void> begin_use(env::Fiber& self);

  /// Sorted by name. Folders marked -delete are there too: the owner deletes them.
  [[nodiscard]] const std::vector<FoundFolder>& folders() const { return folders_; }
  /// Whether a segment in it has a byte: a folder without is nobody's yet.
  Result<bool> holds_records(env::Fiber& self, const std::string& folder);
  /// Makes the folder with its partition.metadata, durably. Returns its path. An existing folder of the same topic id
  /// is taken as it is. Errors: exists (of another topic id), io, no_space.
  Result<std::string> create_folder(env::Fiber& self, const TopicPartition& partition);
  /// Makes a folder ...-future with the partition's metadata, durably. Returns its name. Requires has_future_name().
  /// Errors: exists, io, no_space.
  Result<std::string> create_future_folder(env::Fiber& self, const TopicPartition& partition, const Uuid& unique);
  /// Durably. Errors: io, no_space (it has its old name).
  Result<void> rename_folder(env::Fiber& self, const std::string& from, const std::string& to);
  /// Whether a checkpoint speaks of the partition.
  [[nodiscard]] bool has_lines(const CheckpointKey& partition) const;
  /// No checkpoint speaks of the partition any more, durably. Writes nothing where none did. Errors: io, no_space.
  Result<void> forget_lines(env::Fiber& self, const CheckpointKey& partition);
  /// Renames it to ...-delete, durably, and forgets its checkpoint entries; the log must be closed. `unique` tells
  /// incarnations apart. Returns the new name for remove_folder().
  Result<std::string> mark_folder_deleted(env::Fiber& self, const std::string& name, const Uuid& unique);
  /// Removes a folder and the files in it. Errors: io.
  Result<void> remove_folder(env::Fiber& self, const std::string& name);

  /// For PartitionLog::open(): what the checkpoints say of it.
  [[nodiscard]] LogCheckpoints checkpoints_of(const std::string& topic, PartitionIndex partition) const;
  /// Checkpointed high watermarks, for followers and restarted leaders. 0 where absent.
  [[nodiscard]] Offset high_watermark_of(const std::string& topic, PartitionIndex partition) const;

  /// How far a log was compacted (cleaner-offset-checkpoint); none where it never was.
  [[nodiscard]] std::optional<Offset> cleaned_up_to_of(const std::string& topic, PartitionIndex partition) const;

  /// As read, or as last written.
  [[nodiscard]] const OffsetCheckpoint& recovery_points() const { return recovery_points_; }
  [[nodiscard]] const OffsetCheckpoint& high_watermarks() const { return high_watermarks_; }
  [[nodiscard]] const OffsetCheckpoint& log_starts() const { return log_starts_; }
  [[nodiscard]] const OffsetCheckpoint& cleaned() const { return cleaned_; }

  /// Each writes the whole file, durably. Partitions that are not named are left out.
  Result<void> write_recovery_points(env::Fiber& self, const OffsetCheckpoint& offsets);
  Result<void> write_log_starts(env::Fiber& self, const OffsetCheckpoint& offsets);
  Result<void> write_high_watermarks(env::Fiber& self, const OffsetCheckpoint& offsets);
  Result<void> write_cleaned(env::Fiber& self, const OffsetCheckpoint& offsets);
  /// RecoveryPoints: rewrites the checkpoint when it says more of this partition.
  Result<void> lower(env::Fiber& self, const TopicPartition& partition, Offset to) override;

  /// Writes the mark, durably. Only after every log here closed without error and the checkpoints were written:
  /// `all_closed` is that claim.
  Result<void> mark_clean_shutdown(env::Fiber& self, bool all_closed, BrokerEpoch broker_epoch);

 private:
  LogDirectory(env::Disk& disk, observe::Log& log, std::string path);
  Result<void> check_entry(env::Fiber& self, const std::string& name);
  Result<void> read_entries(env::Fiber& self);
  Result<void> read_checkpoints(env::Fiber& self);
  Result<void> settle_names(env::Fiber& self);
  [[nodiscard]] std::string at(std::string_view name) const;

  env::Disk& disk_;
  observe::Log& log_;
  std::string path_;
  std::unique_ptr<env::DirectoryLock> lock_;
  env::FiberMutex writing_;
  std::optional<MetaProperties> meta_;
  bool clean_shutdown_ = false;
  std::optional<BrokerEpoch> previous_broker_epoch_;
  std::vector<FoundFolder> folders_;
  OffsetCheckpoint recovery_points_;
  OffsetCheckpoint log_starts_;
  OffsetCheckpoint high_watermarks_;
  OffsetCheckpoint cleaned_;
};

}  // namespace gregor::storage
