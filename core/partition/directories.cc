#include "partition/directories.h"

#include <algorithm>
#include <set>

#include "base/mutant.h"

namespace gregor::partition {

Directories::Directories(const env::ShardTable& shards, observe::Observer& observer, observe::Log& log)
    : shards_(shards), observer_(observer), log_(log) {}

Result<void> Directories::open(env::Fiber& self, env::Shard& home, const std::vector<std::string>& paths,
                               std::size_t data_count, std::size_t metadata) {
  home_ = &home;
  data_count_ = data_count;
  paths_ = paths;
  is_online_ = std::make_unique<std::atomic<bool>[]>(paths.size());
  written_.resize(paths.size());
  std::optional<Error> last;
  for (std::size_t index = 0; index < paths.size(); ++index) {
    auto opened = open_one(self, index);
    is_online_[index] = opened.has_value();
    if (opened && index < data_count) ++online_;
    if (opened) continue;
    if (index == metadata || opened.error().code != Errc::io) return fail(std::move(opened.error()));
    last = std::move(opened.error());
    tell_offline(index, *last);
  }
  if (online_ == 0) return fail(std::move(*last));
  find_futures();
  return {};
}

Result<void> Directories::open_one(env::Fiber& self, std::size_t index) {
  directories_.emplace_back();
  TRY_ASSIGN(directories_.back(), storage::LogDirectory::open(self, home_->disk, log_, paths_[index]));
  for (const storage::FoundFolder& found : directories_.back()->folders()) {
    if (found.topic.stage != storage::FolderStage::live || !found.topic_id) continue;
    known_.emplace(Key{*found.topic_id, found.topic.partition}, Known{index, found.name});
  }
  return {};
}

void Directories::tell_offline(std::size_t index, const Error& error) {
  log_.error("directory.offline", {{"directory", paths_[index]}, {"error", error.text}});
  observer_.on(observe::LogDirectoryFailed{paths_[index]});
}

Result<void> Directories::begin_use(env::Fiber& self) {
  for (std::size_t i = 0; i < directories_.size(); ++i) {
    if (is_online(i)) TRY(directories_[i]->begin_use(self));
  }
  return settle_futures(self);
}

void Directories::remove_leftovers(env::Fiber& self) {
  for (std::size_t index = 0; index < directories_.size(); ++index) {
    const auto& directory = directories_[index];
    if (!directory) continue;
    for (const storage::FoundFolder& found : directory->folders()) {
      const bool is_left_over = found.topic.stage == storage::FolderStage::deleted ||
                                (found.topic.stage == storage::FolderStage::future && !is_future(index, found));
      if (!is_left_over) continue;
      const auto removed = directory->remove_folder(self, found.name);
      if (!removed && removed.error().code != Errc::not_found) {
        log_.warn("partition.not_removed", {{"folder", found.name}, {"error", removed.error().text}});
      }
    }
  }
}

Result<void> Directories::set_strays_aside(env::Fiber& self,
                                           UniqueFunction<bool(const TopicId&, PartitionIndex)> is_known) {
  if (MUTANT(folder_matched_by_name)) return {};
  for (auto at = known_.begin(); at != known_.end();) {
    const auto& [key, place] = *at;
    if (place.name.starts_with(storage::kClusterMetadataTopic) || is_known(key.first, key.second)) {
      ++at;
      continue;
    }
    TRY(set_aside(self, *directories_[place.directory], place.name, key.first));
    at = known_.erase(at);
  }
  for (auto at = futures_.begin(); at != futures_.end();) {
    const auto& [key, future] = *at;
    if (is_known(key.first, key.second)) {
      ++at;
      continue;
    }
    log_.warn("partition.stray", {{"folder", directories_[future.directory]->path() + "/" + future.name}});
    TRY(directories_[future.directory]->remove_folder(self, future.name));
    at = futures_.erase(at);
  }
  // Without its partition.metadata nobody can say of which topic's life its records are.
  for (const auto& directory : directories_) {
    if (!directory) continue;
    for (const storage::FoundFolder& found : directory->folders()) {
      const bool may_be_anyones = found.topic.stage == storage::FolderStage::live && !found.topic_id &&
                                  found.topic.topic != storage::kClusterMetadataTopic;
      if (!may_be_anyones) continue;
      TRY_ASSIGN(const bool holds_records, directory->holds_records(self, found.name));
      if (!holds_records) continue;
      const Uuid unique = home_->entropy.stream("stray-folder", hash_name(found.name, 0)).uuid();
      TRY(set_aside(self, *directory, found.name, unique));
    }
  }
  return {};
}

Result<void> Directories::set_aside(env::Fiber& self, storage::LogDirectory& directory, const std::string& name,
                                    const Uuid& unique) {
  const storage::TopicFolder folder = *storage::parse_folder_name(name);
  std::string stray = storage::deleted_folder_name(folder.topic, folder.partition, unique);
  stray.replace(stray.rfind("-delete"), std::string::npos, "-stray");
  log_.warn("partition.stray", {{"folder", directory.path() + "/" + name}, {"renamed", stray}});
  TRY(home_->disk.rename(self, directory.path() + "/" + name, directory.path() + "/" + stray));
  return home_->disk.sync_directory(self, directory.path());
}

Result<void> Directories::mark_clean_shutdown(env::Fiber& self, BrokerEpoch epoch) {
  for (std::size_t i = 0; i < directories_.size(); ++i) {
    if (!is_online(i) || !is_whole(i)) continue;
    storage::LogDirectory& directory = *directories_[i];
    const BrokerEpoch former = directory.previous_broker_epoch().value_or(kNoBrokerEpoch);
    TRY(directory.mark_clean_shutdown(self, true, epoch == kNoBrokerEpoch ? former : epoch));
  }
  return {};
}

bool Directories::is_whole(std::size_t directory) const {
  const bool holds_damage = std::ranges::any_of(
      known_, [&](const auto& entry) { return entry.second.directory == directory && damaged_.contains(entry.first); });
  if (holds_damage) return false;
  if (directories_[directory]->was_clean_shutdown() || MUTANT(unopened_logs_are_marked_clean)) return true;
  std::set<Key> opened;
  for (const auto& [shard, said] : lines_) {
    for (const CheckpointLine& line : said) opened.emplace(line.partition.topic_id, line.partition.partition);
  }
  return std::ranges::all_of(known_, [&](const auto& entry) {
    const Known& place = entry.second;
    return place.directory != directory || place.name.starts_with(storage::kClusterMetadataTopic) ||
           opened.contains(entry.first);
  });
}

Result<Placement> Directories::place(env::Fiber& self, env::Shard& here, const TopicPartition& partition) {
  return env::ask(self, here, shards_, ShardId{0},
                  [this, partition](env::Fiber& fiber) { return place_here(fiber, partition); });
}

const Directories::Known* Directories::find_known(const TopicPartition& partition) const {
  if (const auto found = known_.find({partition.topic_id, partition.partition}); found != known_.end())
    return &found->second;
  if (MUTANT(folder_matched_by_name)) {
    const std::string name = storage::folder_name(partition.topic, partition.partition);
    for (const auto& [key, known] : known_) {
      if (known.name == name) return &known;
    }
  }
  return nullptr;
}

bool Directories::name_is_taken(const std::string& name) const {
  return std::any_of(known_.begin(), known_.end(), [&](const auto& entry) { return entry.second.name == name; });
}

std::optional<std::size_t> Directories::emptiest() const {
  std::vector<std::size_t> counts(data_count_);
  for (const auto& [key, known] : known_) {
    if (known.directory < data_count_) ++counts[known.directory];
  }
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (is_online(i) && (!best || counts[i] < counts[*best])) best = i;
  }
  return best;
}

std::optional<std::size_t> Directories::directory_for(const Key& partition) const {
  const auto preferred = preferred_.find(partition);
  return preferred != preferred_.end() && is_online(preferred->second) ? preferred->second : emptiest();
}

void Directories::prefer(env::Fiber& self, env::Shard& here, const TopicPartition& partition, std::size_t directory) {
  env::ask(self, here, shards_, ShardId{0},
           [this, key = Key{partition.topic_id, partition.partition}, directory](env::Fiber&) {
             if (known_.contains(key) || directory >= data_count_) return false;
             if (preferred_.size() >= kPreferencesMax && !preferred_.contains(key)) return false;
             preferred_.insert_or_assign(key, directory);
             return true;
           });
}

void Directories::erase_lines(Files& files, const storage::CheckpointKey& key) {
  files.recovery_points.erase(key);
  files.log_starts.erase(key);
  files.high_watermarks.erase(key);
  files.cleaned.erase(key);
}

Placement Directories::placement_of(const Known& known, const TopicPartition& partition) const {
  const storage::LogDirectory& directory = *directories_[known.directory];
  return {.directory = known.directory,
          .folder = directory.path() + "/" + known.name,
          .checkpoints = directory.checkpoints_of(partition.topic, partition.partition),
          .high_watermark = directory.high_watermark_of(partition.topic, partition.partition),
          .cleaned_up_to = directory.cleaned_up_to_of(partition.topic, partition.partition),
          .future = future_of(partition)};
}

Result<Placement> Directories::place_here(env::Fiber& self, const TopicPartition& partition) {
  if (find_known(partition) != nullptr) return place_known(self, partition);
  const std::string name = storage::folder_name(partition.topic, partition.partition);
  const Key key{partition.topic_id, partition.partition};
  if (!history_ended_ && offline_count() > 0) {
    return fail(Errc::io, "no directory that is online holds " + name + ", one that is offline may");
  }
  TRY(abandon_move_here(self, partition));
  // Nothing suspends between finding the name free and taking it.
  while (name_is_taken(name) && !unwanted_.contains(key) && !closing_) removed_.wait(self);
  if (unwanted_.erase(key) > 0 || closing_) return fail(Errc::closed, name + " is no longer wanted");
  const auto directory = directory_for(key);
  if (!directory) return fail(Errc::io, "every log directory is offline");
  known_.insert_or_assign(key, Known{*directory, name});
  erase_lines(written_[*directory], {partition.topic, partition.partition});
  const auto made = directories_[*directory]->create_folder(self, partition);
  if (!made) {
    known_.erase(key);
    removed_.wake_all();
    if (made.error().code == Errc::io) take_offline(self, *home_, *directory, made.error());
    return fail(made.error());
  }
  preferred_.erase(key);
  Placement placement{.directory = *directory,
                      .folder = *made,
                      .checkpoints = {},
                      .high_watermark = {},
                      .cleaned_up_to = {},
                      .future = {}};
  placement.checkpoints.clean_shutdown = false;
  return placement;
}

Result<void> Directories::remove(env::Fiber& self, env::Shard& here, const TopicPartition& partition,
                                 const Uuid& unique) {
  return env::ask(self, here, shards_, ShardId{0},
                  [this, partition, unique](env::Fiber& fiber) { return remove_here(fiber, partition, unique); });
}

Result<void> Directories::remove_here(env::Fiber& self, const TopicPartition& partition, const Uuid& unique) {
  const Key key{partition.topic_id, partition.partition};
  unwanted_.erase(key);
  const auto found = known_.find(key);
  if (found == known_.end()) return {};
  const Known place = found->second;
  storage::LogDirectory& directory = *directories_[place.directory];
  std::string marked;
  {
    const auto held = checkpointing_.lock(self);
    TRY_ASSIGN(marked, directory.mark_folder_deleted(self, place.name, unique));
    const storage::CheckpointKey line{partition.topic, partition.partition};
    erase_lines(written_[place.directory], line);
    known_.erase(key);
    damaged_.erase(key);
  }
  removed_.wake_all();
  return directory.remove_folder(self, marked);
}

void Directories::withdraw(env::Shard& here, const TopicPartition& partition) {
  here.mailbox.post(ShardId{0}, [this, key = Key{partition.topic_id, partition.partition}] {
    if (known_.contains(key)) return;
    unwanted_.insert(key);
    removed_.wake_all();
  });
}

void Directories::begin_to_close(env::Shard& here) {
  here.mailbox.post(ShardId{0}, [this] {
    closing_ = true;
    removed_.wake_all();
  });
}

Result<void> Directories::checkpoint(env::Fiber& self, env::Shard& here, std::vector<CheckpointLine> lines) {
  const ShardId from = here.mailbox.self();
  return env::ask(self, here, shards_, ShardId{0}, [this, from, lines = std::move(lines)](env::Fiber& fiber) mutable {
    return checkpoint_here(fiber, from, std::move(lines));
  });
}

Result<void> Directories::checkpoint_here(env::Fiber& self, ShardId from, std::vector<CheckpointLine> lines) {
  const auto held = checkpointing_.lock(self);
  lines_[from] = std::move(lines);
  std::vector<Files> files(directories_.size());
  keep_lines(files);
  for (const auto& [shard, said] : lines_) {
    for (const CheckpointLine& line : said) {
      // A topic of that name may be another one by now; its checkpoint must not inherit this line.
      // Nor does what was said of it where it lay before.
      const auto known = known_.find({line.partition.topic_id, line.partition.partition});
      if (known == known_.end() || known->second.directory != line.directory) continue;
      const storage::CheckpointKey key{line.partition.topic, line.partition.partition};
      files[line.directory].recovery_points[key] = line.recovery_point;
      // The line may be older than what raise_log_start() wrote.
      const auto& log_starts = written_[line.directory].log_starts;
      const auto written = log_starts.find(key);
      files[line.directory].log_starts[key] =
          written == log_starts.end() ? line.log_start : std::max(line.log_start, written->second);
      files[line.directory].high_watermarks[key] = line.high_watermark;
      if (line.cleaned_up_to) files[line.directory].cleaned[key] = *line.cleaned_up_to;
    }
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (is_online(i)) TRY(write_files(self, i, files[i]));
  }
  return {};
}

/// Of partitions that no line speaks of: those of a shard that has said nothing yet, or that did not open, and copies
/// that may be the log once every directory is seen again. What an earlier life wrote of them still holds.
void Directories::keep_lines(std::vector<Files>& files) const {
  const auto keep = [](const storage::OffsetCheckpoint& from, const storage::CheckpointKey& line,
                       storage::OffsetCheckpoint& into) {
    if (const auto found = from.find(line); found != from.end()) into.insert(*found);
  };
  const auto keep_all = [&](const Known& place) {
    const auto topic = storage::parse_folder_name(place.name);
    if (!topic) return;
    const storage::LogDirectory& directory = *directories_[place.directory];
    const storage::CheckpointKey line{topic->topic, topic->partition};
    if (!MUTANT(checkpoint_forgets_unopened_logs)) {
      keep(directory.recovery_points(), line, files[place.directory].recovery_points);
      keep(directory.high_watermarks(), line, files[place.directory].high_watermarks);
    }
    keep(directory.log_starts(), line, files[place.directory].log_starts);
    keep(directory.cleaned(), line, files[place.directory].cleaned);
  };
  for (const auto& [key, place] : known_) keep_all(place);
  for (const auto& [key, copy] : futures_) {
    if (!known_.contains(key) && directories_[copy.directory]) keep_all(copy);
  }
}

Result<void> Directories::write_files(env::Fiber& self, std::size_t directory, const Files& files) {
  storage::LogDirectory& into = *directories_[directory];
  Files& written = written_[directory];
  if (files.recovery_points != written.recovery_points) {
    TRY(into.write_recovery_points(self, files.recovery_points));
    written.recovery_points = files.recovery_points;
  }
  if (files.log_starts != written.log_starts) {
    TRY(into.write_log_starts(self, files.log_starts));
    written.log_starts = files.log_starts;
  }
  if (files.high_watermarks != written.high_watermarks) {
    TRY(into.write_high_watermarks(self, files.high_watermarks));
    written.high_watermarks = files.high_watermarks;
  }
  if (files.cleaned != written.cleaned) {
    TRY(into.write_cleaned(self, files.cleaned));
    written.cleaned = files.cleaned;
  }
  return {};
}

Result<void> Directories::lower_recovery_point(env::Fiber& self, env::Shard& here, std::size_t directory,
                                               const TopicPartition& partition, Offset to) {
  return env::ask(self, here, shards_, ShardId{0}, [this, directory, partition, to](env::Fiber& fiber) -> Result<void> {
    const auto held = checkpointing_.lock(fiber);
    for (auto& [shard, said] : lines_) {
      for (CheckpointLine& line : said) {
        if (line.partition == partition) line.recovery_point = std::min(line.recovery_point, to);
      }
    }
    TRY(directories_[directory]->lower(fiber, partition, to));
    auto& written = written_[directory].recovery_points;
    if (const auto line = written.find({partition.topic, partition.partition}); line != written.end()) {
      line->second = std::min(line->second, to);
    }
    return {};
  });
}

Result<void> Directories::note_damage(env::Fiber& self, env::Shard& here, std::size_t directory,
                                      const TopicPartition& partition, Offset from) {
  here.mailbox.post(ShardId{0}, [this, key = Key{partition.topic_id, partition.partition}] {
    if (known_.contains(key)) damaged_.insert(key);
  });
  return lower_recovery_point(self, here, directory, partition, from);
}

void Directories::forget_damage(env::Shard& here, const TopicPartition& partition) {
  here.mailbox.post(ShardId{0}, [this, key = Key{partition.topic_id, partition.partition}] { damaged_.erase(key); });
}

Result<void> Directories::raise_log_start(env::Fiber& self, env::Shard& here, std::size_t directory,
                                          const TopicPartition& partition, Offset to) {
  if (MUTANT(log_start_not_checkpointed)) return {};
  return env::ask(self, here, shards_, ShardId{0}, [this, directory, partition, to](env::Fiber& fiber) -> Result<void> {
    const auto held = checkpointing_.lock(fiber);
    storage::LogDirectory& into = *directories_[directory];
    storage::OffsetCheckpoint log_starts = into.log_starts();
    Offset& start = log_starts[{partition.topic, partition.partition}];
    start = std::max(start, to);
    TRY(into.write_log_starts(fiber, log_starts));
    written_[directory].log_starts = std::move(log_starts);
    return {};
  });
}

Result<void> Directories::restart_log_at(env::Fiber& self, env::Shard& here, std::size_t directory,
                                         const TopicPartition& partition, Offset at) {
  return env::ask(self, here, shards_, ShardId{0}, [this, directory, partition, at](env::Fiber& fiber) -> Result<void> {
    const auto held = checkpointing_.lock(fiber);
    storage::LogDirectory& into = *directories_[directory];
    storage::OffsetCheckpoint log_starts = into.log_starts();
    const auto line = log_starts.find({partition.topic, partition.partition});
    if (line == log_starts.end() || line->second <= at) return {};
    line->second = at;
    TRY(into.write_log_starts(fiber, log_starts));
    written_[directory].log_starts = std::move(log_starts);
    return {};
  });
}

Result<void> Directories::begin_cleaning(env::Fiber& self, env::Shard& here, std::size_t directory,
                                         const TopicPartition& partition, Offset from) {
  return env::ask(self, here, shards_, ShardId{0},
                  [this, directory, partition, from](env::Fiber& fiber) -> Result<void> {
                    const auto held = checkpointing_.lock(fiber);
                    storage::LogDirectory& into = *directories_[directory];
                    storage::OffsetCheckpoint cleaned = into.cleaned();
                    if (!cleaned.try_emplace({partition.topic, partition.partition}, from).second) return {};
                    TRY(into.write_cleaned(fiber, cleaned));
                    written_[directory].cleaned = std::move(cleaned);
                    return {};
                  });
}

void Directories::take_offline(env::Fiber& self, env::Shard& here, std::size_t directory, const Error& error) {
  if (!is_online_[directory].exchange(false)) return;
  tell_offline(directory, error);
  const bool is_of_partitions = directory < data_count_;
  if (is_of_partitions && --online_ == 0) here.process.halt(self, "every log directory failed");
}

std::size_t Directories::offline_count() const {
  std::size_t offline = 0;
  for (std::size_t i = 0; i < directories_.size(); ++i) offline += is_online(i) ? 0 : 1;
  return offline;
}

bool Directories::is_bearable(const Error& error) const {
  const std::size_t offline = offline_count();
  return error.code == Errc::io && offline > 0 && offline < count();
}

bool Directories::is_online(std::size_t directory) const {
  return is_online_[directory].load(std::memory_order_relaxed);
}

}  // namespace gregor::partition
