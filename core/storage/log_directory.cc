#include "storage/log_directory.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "storage/clean_shutdown.h"
#include "storage/partition_metadata.h"
#include "storage/segment_name.h"

namespace gregor::storage {
namespace {

constexpr std::string_view kLockFile = ".lock";
/// Files that Kafka or Gregor put beside the partition folders.
constexpr std::array<std::string_view, 10> kKnownFiles{kLockFile,
                                                       kMetaPropertiesFile,
                                                       kCleanShutdownFile,
                                                       kRecoveryPointFile,
                                                       kLogStartFile,
                                                       kHighWatermarkFile,
                                                       kCleanerFile,
                                                       "bootstrap.checkpoint",
                                                       "cluster-metadata-checkpoint",
                                                       "__remote_log_metadata_snapshot"};
/// Directories that stand there for other reasons and are left alone.
constexpr std::array<std::string_view, 2> kKnownDirectories{"lost+found", "remote-log-index-cache"};

bool is_known_file(std::string_view name) {
  if (name.ends_with(env::kUnfinishedSuffix)) name.remove_suffix(env::kUnfinishedSuffix.size());
  return std::find(kKnownFiles.begin(), kKnownFiles.end(), name) != kKnownFiles.end();
}

bool is_known_directory(std::string_view name) {
  return std::find(kKnownDirectories.begin(), kKnownDirectories.end(), name) != kKnownDirectories.end();
}

Offset offset_in(const OffsetCheckpoint& offsets, const std::string& topic, PartitionIndex partition) {
  const auto found = offsets.find({topic, partition});
  return found == offsets.end() ? Offset{0} : std::max(found->second, Offset{0});
}

}  // namespace

LogDirectory::LogDirectory(env::Disk& disk, observe::Log& log, std::string path)
    : disk_(disk), log_(log), path_(std::move(path)) {}

std::string LogDirectory::at(std::string_view name) const {
  return path_ + "/" + std::string(name);
}

Result<std::unique_ptr<LogDirectory>> LogDirectory::open(env::Fiber& self, env::Disk& disk, observe::Log& log,
                                                         const std::string& path) {
  auto directory = std::unique_ptr<LogDirectory>(new LogDirectory(disk, log, path));
  const auto status = disk.status(self, path);
  if (!status && status.error().code != Errc::not_found) return fail(status.error());
  if (status && !status->is_directory) return fail(Errc::invalid, path + " is a file, not a directory");
  if (!status) TRY(disk.make_directory(self, path));
  TRY(directory->read_entries(self));  // before the lock file is made: a foreign directory stays untouched
  TRY_ASSIGN(directory->lock_, disk.lock(self, directory->at(kLockFile)));
  TRY(directory->read_checkpoints(self));
  TRY(directory->settle_names(self));
  return directory;
}

/// A former life may have ended between a change of names and its fsync: what it made, or removed, stands so in the
/// page cache alone.
Result<void> LogDirectory::settle_names(env::Fiber& self) {
  TRY(disk_.sync_directory(self, path_));
  if (meta_) return {};
  const auto made = disk_.sync_directory(self, env::directory_of(path_));
  // Somebody else made it, where we may not look.
  const bool is_not_ours = !made && made.error().os_error == EACCES;
  return is_not_ours ? Result<void>{} : made;
}

Result<DirectoryGlance> LogDirectory::glance(env::Fiber& self, env::Disk& disk, const std::string& path) {
  const auto unusable = [&path](const Error& error, std::string_view way_out) {
    return fail(error.code, "data directory " + path + " cannot be used (" + error.text + "): " + std::string(way_out) +
                                ", or choose another with --data-dir or log.dirs");
  };
  DirectoryGlance seen{.path = path};
  const auto status = disk.status(self, path);
  if (!status && status.error().code == Errc::not_found) {
    const std::string parent = env::directory_of(path.substr(0, path.find_last_not_of('/') + 1));
    const auto above = disk.status(self, parent);
    if (above && above->is_directory) return seen;
    return fail(Errc::invalid, "data directory " + path + " cannot be made, " + parent +
                                   " is not there: make it, or choose another with --data-dir or log.dirs");
  }
  if (!status) return unusable(status.error(), "make it readable");
  if (!status->is_directory) {
    return fail(Errc::invalid, path + " is a file, not a directory: choose another with --data-dir or log.dirs");
  }
  const auto names = disk.list(self, path);
  if (!names) return unusable(names.error(), "make it readable");
  observe::NullLog silent;
  LogDirectory directory(disk, silent, path);
  for (const auto& name : *names) TRY(directory.check_entry(self, name));
  seen.has_partitions = !directory.folders_.empty();
  auto meta = read_meta_properties(self, disk, path);
  if (!meta && meta.error().code != Errc::not_found) return unusable(meta.error(), "restore meta.properties");
  if (meta) seen.meta = std::move(*meta);
  return seen;
}

/// Refuses what is foreign, and notes partition folders.
Result<void> LogDirectory::check_entry(env::Fiber& self, const std::string& name) {
  if (is_known_file(name) || is_known_directory(name)) return {};
  const auto topic = parse_folder_name(name);
  TRY_ASSIGN(const auto status, disk_.status(self, at(name)));
  if (!status.is_directory || !topic) {
    return fail(Errc::invalid, "data directory " + path_ + " holds '" + name +
                                   "', which is not Kafka's or Gregor's: move it away or choose another directory");
  }
  folders_.push_back({.name = name, .topic = *topic, .topic_id = std::nullopt});
  return {};
}

Result<void> LogDirectory::read_entries(env::Fiber& self) {
  TRY_ASSIGN(const auto names, disk_.list(self, path_));
  for (const auto& name : names) TRY(check_entry(self, name));
  for (FoundFolder& folder : folders_) {
    auto id = read_partition_metadata(self, disk_, at(folder.name));
    if (!id && id.error().code != Errc::not_found) {
      // A torn file of a folder that was being made holds nothing yet; the owner sees a folder without an id.
      if (id.error().code != Errc::malformed) return fail(std::move(id.error()));
      log_.warn("directory.partition_metadata", {{"folder", at(folder.name)}, {"error", id.error().text}});
    }
    if (id) folder.topic_id = *id;
  }
  return {};
}

Result<void> LogDirectory::read_checkpoints(env::Fiber& self) {
  auto meta = read_meta_properties(self, disk_, path_);
  if (!meta && meta.error().code != Errc::not_found) return fail(std::move(meta.error()));
  if (meta) meta_ = std::move(*meta);
  auto mark = env::read_file(self, disk_, at(kCleanShutdownFile), kCheckpointBytesMax);
  if (!mark && mark.error().code != Errc::not_found) return fail(std::move(mark.error()));
  clean_shutdown_ = mark.has_value();
  if (mark) previous_broker_epoch_ = parse_clean_shutdown(*mark);
  TRY_ASSIGN(recovery_points_, read_offsets(self, disk_, at(kRecoveryPointFile)));
  TRY_ASSIGN(log_starts_, read_offsets(self, disk_, at(kLogStartFile)));
  TRY_ASSIGN(high_watermarks_, read_offsets(self, disk_, at(kHighWatermarkFile)));
  TRY_ASSIGN(cleaned_, read_offsets(self, disk_, at(kCleanerFile)));
  return {};
}

Result<void> LogDirectory::write_meta(env::Fiber& self, const MetaProperties& meta) {
  TRY(write_meta_properties(self, disk_, path_, meta));
  meta_ = meta;
  return {};
}

Result<void> LogDirectory::begin_use(env::Fiber& self) {
  auto removed = disk_.unlink(self, at(kCleanShutdownFile));
  if (!removed && removed.error().code == Errc::not_found) return {};
  if (!removed) return removed;
  return disk_.sync_directory(self, path_);
}

Result<bool> LogDirectory::holds_records(env::Fiber& self, const std::string& folder) {
  TRY_ASSIGN(const auto names, disk_.list(self, at(folder)));
  for (const auto& name : names) {
    const auto file = parse_file_name(name);
    if (!file || file->kind != FileKind::log) continue;
    TRY_ASSIGN(const auto status, disk_.status(self, at(folder) + "/" + name));
    if (status.size > 0) return true;
  }
  return false;
}

Result<std::string> LogDirectory::create_folder(env::Fiber& self, const TopicPartition& partition) {
  const std::string folder = at(folder_name(partition.topic, partition.partition));
  // Lines without a folder are those of a log that was moved away; no other log must take them for its own.
  const CheckpointKey lines{partition.topic, partition.partition};
  if (has_lines(lines) && !disk_.status(self, folder)) TRY(forget_lines(self, lines));
  auto made = disk_.make_directory(self, folder);
  if (!made && made.error().code != Errc::exists) return fail(std::move(made.error()));
  if (!made) {
    auto id = read_partition_metadata(self, disk_, folder);
    if (id && *id == partition.topic_id) return folder;
    if (id) return fail(Errc::exists, folder + " belongs to topic id " + id->to_text());
    if (id.error().code != Errc::not_found && id.error().code != Errc::malformed) return fail(std::move(id.error()));
  }
  TRY(disk_.sync_directory(self, path_));
  TRY(write_partition_metadata(self, disk_, folder, partition.topic_id));
  return folder;
}

Result<std::string> LogDirectory::create_future_folder(env::Fiber& self, const TopicPartition& partition,
                                                       const Uuid& unique) {
  std::string name = future_folder_name(partition.topic, partition.partition, unique);
  TRY(disk_.make_directory(self, at(name)));
  TRY(disk_.sync_directory(self, path_));
  TRY(write_partition_metadata(self, disk_, at(name), partition.topic_id));
  return name;
}

Result<void> LogDirectory::rename_folder(env::Fiber& self, const std::string& from, const std::string& to) {
  TRY(disk_.rename(self, at(from), at(to)));
  auto synced = disk_.sync_directory(self, path_);
  if (!synced && synced.error().code == Errc::no_space) synced.error().code = Errc::io;  // it was renamed all the same
  return synced;
}

Result<std::string> LogDirectory::mark_folder_deleted(env::Fiber& self, const std::string& name, const Uuid& unique) {
  const auto topic = parse_folder_name(name);
  if (!topic) return fail(Errc::invalid, name + " is no partition folder");
  const std::string deleted = deleted_folder_name(topic->topic, topic->partition, unique);
  // The lines first: a folder without them costs a longer recovery, lines without their folder would be taken for those
  // of the next topic of this name. Where one of the files cannot be written all can be tried again.
  TRY(forget_lines(self, {topic->topic, topic->partition}));
  TRY(disk_.rename(self, at(name), at(deleted)));
  TRY(disk_.sync_directory(self, path_));
  return deleted;
}

bool LogDirectory::has_lines(const CheckpointKey& partition) const {
  return recovery_points_.contains(partition) || log_starts_.contains(partition) ||
         high_watermarks_.contains(partition) || cleaned_.contains(partition);
}

Result<void> LogDirectory::forget_lines(env::Fiber& self, const CheckpointKey& partition) {
  const auto held = writing_.lock(self);
  const auto forget = [&](OffsetCheckpoint& offsets, std::string_view file) -> Result<void> {
    OffsetCheckpoint others = offsets;
    if (others.erase(partition) == 0) return {};
    TRY(write_offsets(self, disk_, at(file), others));
    offsets = std::move(others);
    return {};
  };
  TRY(forget(recovery_points_, kRecoveryPointFile));
  TRY(forget(log_starts_, kLogStartFile));
  TRY(forget(high_watermarks_, kHighWatermarkFile));
  return forget(cleaned_, kCleanerFile);
}

Result<void> LogDirectory::remove_folder(env::Fiber& self, const std::string& name) {
  TRY_ASSIGN(const auto names, disk_.list(self, at(name)));
  for (const auto& file : names) TRY(disk_.unlink(self, at(name) + "/" + file));
  TRY(disk_.remove_directory(self, at(name)));
  return disk_.sync_directory(self, path_);
}

LogCheckpoints LogDirectory::checkpoints_of(const std::string& topic, PartitionIndex partition) const {
  return {.clean_shutdown = clean_shutdown_,
          .recovery_point = offset_in(recovery_points_, topic, partition),
          .log_start_offset = offset_in(log_starts_, topic, partition)};
}

Offset LogDirectory::high_watermark_of(const std::string& topic, PartitionIndex partition) const {
  return offset_in(high_watermarks_, topic, partition);
}

std::optional<Offset> LogDirectory::cleaned_up_to_of(const std::string& topic, PartitionIndex partition) const {
  const auto found = cleaned_.find({topic, partition});
  if (found == cleaned_.end()) return std::nullopt;
  return std::max(found->second, Offset{0});
}

Result<void> LogDirectory::write_recovery_points(env::Fiber& self, const OffsetCheckpoint& offsets) {
  const auto held = writing_.lock(self);
  recovery_points_ = offsets;
  return write_offsets(self, disk_, at(kRecoveryPointFile), offsets);
}

Result<void> LogDirectory::write_log_starts(env::Fiber& self, const OffsetCheckpoint& offsets) {
  const auto held = writing_.lock(self);
  log_starts_ = offsets;
  return write_offsets(self, disk_, at(kLogStartFile), offsets);
}

Result<void> LogDirectory::write_high_watermarks(env::Fiber& self, const OffsetCheckpoint& offsets) {
  const auto held = writing_.lock(self);
  high_watermarks_ = offsets;
  return write_offsets(self, disk_, at(kHighWatermarkFile), offsets);
}

Result<void> LogDirectory::write_cleaned(env::Fiber& self, const OffsetCheckpoint& offsets) {
  const auto held = writing_.lock(self);
  cleaned_ = offsets;
  return write_offsets(self, disk_, at(kCleanerFile), offsets);
}

Result<void> LogDirectory::lower(env::Fiber& self, const TopicPartition& partition, Offset to) {
  const auto held = writing_.lock(self);
  const auto known = recovery_points_.find({partition.topic, partition.partition});
  if (known == recovery_points_.end() || known->second <= to) return {};
  OffsetCheckpoint lowered = recovery_points_;
  lowered.at(known->first) = to;
  TRY(write_offsets(self, disk_, at(kRecoveryPointFile), lowered));
  recovery_points_ = std::move(lowered);  // not before: who asks again must find it undone
  return {};
}

Result<void> LogDirectory::mark_clean_shutdown(env::Fiber& self, bool all_closed, BrokerEpoch broker_epoch) {
  if (!all_closed) return {};
  return env::replace_file(self, disk_, at(kCleanShutdownFile), format_clean_shutdown(broker_epoch));
}

}  // namespace gregor::storage
