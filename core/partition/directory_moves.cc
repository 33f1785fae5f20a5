// Directories: a partition's way from one directory into another (KIP-113). A copy grows in a folder of its own,
// TOPIC-PARTITION.UNIQUE-future. When it holds all,
//   1  the new directory's checkpoints say of it what they say of the log where it lies, durably;
//   2  the old folder is marked deleted, durably: from here on the copy is the log;
//   3  the copy takes the partition's name, durably;
//   4  the old directory's checkpoints forget the log, and its folder goes.
// Wherever a crash falls, one whole log is found by its name, or alone as a copy of which its directory's checkpoints
// speak (a copy that is not whole has no lines). A copy beside the log is gone on with.
//
// While a directory is offline nobody can say whether it holds the log: then no copy is begun, nor taken for the log.
#include <algorithm>

#include "base/mutant.h"
#include "partition/directories.h"

namespace gregor::partition {
namespace {

storage::CheckpointKey line_of(const TopicPartition& partition) {
  return {partition.topic, partition.partition};
}

}  // namespace

FuturePlacement Directories::future_placement(const Known& known) const {
  return {.directory = known.directory, .folder = directories_[known.directory]->path() + "/" + known.name};
}

std::optional<FuturePlacement> Directories::future_of(const TopicPartition& partition) const {
  const auto found = futures_.find({partition.topic_id, partition.partition});
  if (found == futures_.end() || !is_online(found->second.directory)) return std::nullopt;
  return future_placement(found->second);
}

Result<FuturePlacement> Directories::begin_move(env::Fiber& self, env::Shard& here, const TopicPartition& partition,
                                                std::size_t directory, const Uuid& unique) {
  return env::ask(self, here, shards_, ShardId{0}, [this, partition, directory, unique](env::Fiber& fiber) {
    return begin_move_here(fiber, partition, directory, unique);
  });
}

Result<FuturePlacement> Directories::begin_move_here(env::Fiber& self, const TopicPartition& partition,
                                                     std::size_t directory, const Uuid& unique) {
  const Key key{partition.topic_id, partition.partition};
  if (directory >= data_count_ || offline_count() > 0) return fail(Errc::io, "a log directory is offline");
  if (!known_.contains(key)) return fail(Errc::closed, "the partition has no folder");
  if (const auto found = futures_.find(key); found != futures_.end()) {
    if (found->second.directory == directory) return future_placement(found->second);
    TRY(abandon_move_here(self, partition));
  }
  auto made = directories_[directory]->create_future_folder(self, partition, unique);
  if (!made) {
    if (made.error().code == Errc::io) take_offline(self, *home_, directory, made.error());
    return fail(std::move(made.error()));
  }
  const Known future{directory, std::move(*made)};
  futures_.insert_or_assign(key, future);
  return future_placement(future);
}

Result<void> Directories::abandon_move(env::Fiber& self, env::Shard& here, const TopicPartition& partition) {
  return env::ask(self, here, shards_, ShardId{0},
                  [this, partition](env::Fiber& fiber) { return abandon_move_here(fiber, partition); });
}

/// Marked deleted first: what is left of a copy that is being removed is no copy. Never in the middle of finish_move().
Result<void> Directories::abandon_move_here(env::Fiber& self, const TopicPartition& partition) {
  TRY_ASSIGN(const auto marked, mark_copy_deleted(self, partition));
  return marked ? directories_[marked->directory]->remove_folder(self, marked->name) : Result<void>{};
}

/// None: there is no copy.
Result<std::optional<Directories::Known>> Directories::mark_copy_deleted(env::Fiber& self,
                                                                         const TopicPartition& partition) {
  const auto held = checkpointing_.lock(self);
  const auto found = futures_.find({partition.topic_id, partition.partition});
  if (found == futures_.end()) return std::optional<Known>{};
  const Known future = found->second;
  if (!is_online(future.directory)) return fail(Errc::io, "the directory of the copy is offline");
  storage::LogDirectory& directory = *directories_[future.directory];
  std::string marked = future.name;
  marked.replace(marked.rfind("-future"), std::string::npos, "-delete");
  if (auto renamed = directory.rename_folder(self, future.name, marked); !renamed) {
    if (renamed.error().code == Errc::io) take_offline(self, *home_, future.directory, renamed.error());
    return fail(std::move(renamed.error()));
  }
  futures_.erase({partition.topic_id, partition.partition});
  return std::optional(Known{future.directory, marked});
}

/// Step 1: a start below which nothing is shown again, that it may have gaps, and what of it is flushed.
Result<void> Directories::write_lines_of_copy(env::Fiber& self, std::size_t directory, const CheckpointLine& line) {
  if (MUTANT(old_folder_goes_before_the_lines)) return {};
  storage::LogDirectory& into = *directories_[directory];
  Files& written = written_[directory];
  const storage::CheckpointKey key = line_of(line.partition);
  const auto with = [&key](storage::OffsetCheckpoint offsets, Offset value) {
    offsets[key] = value;
    return offsets;
  };
  written.recovery_points = with(into.recovery_points(), line.recovery_point);
  TRY(into.write_recovery_points(self, written.recovery_points));
  written.high_watermarks = with(into.high_watermarks(), line.high_watermark);
  TRY(into.write_high_watermarks(self, written.high_watermarks));
  written.cleaned = into.cleaned();
  const bool had_gaps = written.cleaned.erase(key) > 0;
  if (line.cleaned_up_to) written.cleaned[key] = *line.cleaned_up_to;
  if (had_gaps || line.cleaned_up_to) TRY(into.write_cleaned(self, written.cleaned));
  // The last: it is by this line that the copy is known to be whole.
  written.log_starts = with(into.log_starts(), line.log_start);
  return into.write_log_starts(self, written.log_starts);
}

Result<void> Directories::forget_lines(env::Fiber& self, std::size_t directory, const storage::CheckpointKey& key) {
  erase_lines(written_[directory], key);
  return directories_[directory]->forget_lines(self, key);
}

MoveOutcome Directories::finish_move(env::Fiber& self, env::Shard& here, const CheckpointLine& line,
                                     const Uuid& unique) {
  return env::ask(self, here, shards_, ShardId{0},
                  [this, line, unique](env::Fiber& fiber) { return finish_move_here(fiber, line, unique); });
}

/// A folder of that name that was never made to its end is nobody's: it holds no records, and gives way.
Result<void> Directories::clear_name(env::Fiber& self, std::size_t directory, const std::string& name) {
  storage::LogDirectory& in = *directories_[directory];
  const auto holds_records = in.holds_records(self, name);
  if (!holds_records && holds_records.error().code == Errc::not_found) return {};
  if (!holds_records) return fail(holds_records.error());
  if (*holds_records) return fail(Errc::exists, in.path() + "/" + name + " holds records: move it away");
  return in.remove_folder(self, name);
}

/// The log was not touched. Its copy is not known to be whole any more.
MoveOutcome Directories::stay(env::Fiber& self, std::size_t directory, const storage::CheckpointKey& key, Error error) {
  const auto forgotten = forget_lines(self, directory, key);
  const Error& worst = forgotten ? error : forgotten.error();
  if (error.code == Errc::io || worst.code == Errc::io) take_offline(self, *home_, directory, worst);
  return {.end = MoveEnd::stays, .error = std::move(error)};
}

MoveOutcome Directories::finish_move_here(env::Fiber& self, const CheckpointLine& line, const Uuid& unique) {
  const Key key{line.partition.topic_id, line.partition.partition};
  const auto held = checkpointing_.lock(self);
  const auto live = known_.find(key);
  if (!futures_.contains(key) || live == known_.end() || !is_online(futures_.at(key).directory)) {
    return {.end = MoveEnd::stays, .error = Error{Errc::closed, "the move was given up", 0}};
  }
  const Known from = live->second;
  const Known to = futures_.at(key);
  const storage::CheckpointKey name = line_of(line.partition);
  if (auto cleared = clear_name(self, to.directory, from.name); !cleared) {
    return stay(self, to.directory, name, std::move(cleared.error()));
  }
  if (auto written = write_lines_of_copy(self, to.directory, line); !written) {
    return stay(self, to.directory, name, std::move(written.error()));
  }
  MoveOutcome moved{.end = MoveEnd::new_failed, .old_directory = from.directory};
  moved.old_folder = storage::deleted_folder_name(line.partition.topic, line.partition.partition, unique);
  auto marked = directories_[from.directory]->rename_folder(self, from.name, moved.old_folder);
  if (!marked && marked.error().code == Errc::no_space) {
    return stay(self, to.directory, name, std::move(marked.error()));
  }
  // Perhaps it lost its name all the same: from here on the lines of the copy are kept, come what may.
  futures_.erase(key);
  known_.insert_or_assign(key, to);
  if (!marked) return {.end = MoveEnd::old_failed, .error = std::move(marked.error())};
  return arrive(self, line, from, std::move(moved));
}

/// Steps 3 and 4.
MoveOutcome Directories::arrive(env::Fiber& self, const CheckpointLine& line, const Known& from, MoveOutcome moved) {
  const Key key{line.partition.topic_id, line.partition.partition};
  if (auto named = take_name(self, line.partition); !named) {
    moved.error = std::move(named.error());
  } else {
    moved.end = MoveEnd::arrived;
  }
  moved.placement = placement_of(known_.at(key), line.partition);
  if (const auto forgotten = forget_lines(self, from.directory, line_of(line.partition)); !forgotten) {
    log_.warn("partition.move", {{"folder", moved.old_folder}, {"error", forgotten.error().text}});
  }
  return moved;
}

/// Of a copy that is the log by now.
Result<void> Directories::take_name(env::Fiber& self, const TopicPartition& partition) {
  Known& known = known_.at({partition.topic_id, partition.partition});
  const std::size_t directory = known.directory;
  const std::string name = storage::folder_name(partition.topic, partition.partition);
  const std::string former = known.name;
  if (auto named = directories_[directory]->rename_folder(self, former, name); !named) {
    if (named.error().code == Errc::io) take_offline(self, *home_, directory, named.error());
    return named;
  }
  known_.insert_or_assign({partition.topic_id, partition.partition}, Known{directory, name});
  log_.info("partition.move_finished", {{"folder", directories_[directory]->path() + "/" + name}});
  return {};
}

Result<void> Directories::remove_old_folder(env::Fiber& self, env::Shard& here, const MoveOutcome& moved) {
  return env::ask(self, here, shards_, ShardId{0},
                  [this, directory = moved.old_directory, name = moved.old_folder](env::Fiber& fiber) -> Result<void> {
                    if (!is_online(directory)) return {};
                    return directories_[directory]->remove_folder(fiber, name);
                  });
}

Result<Placement> Directories::place_known(env::Fiber& self, const TopicPartition& partition) {
  const Known& known = *find_known(partition);
  const auto folder = storage::parse_folder_name(known.name);
  if (folder && folder->stage == storage::FolderStage::future) TRY(take_name(self, partition));
  return placement_of(*find_known(partition), partition);
}

/// Copies whose partition's folder lies in the same directory, or that nobody can tell the topic of, are no copies.
void Directories::find_futures() {
  const bool all_are_seen = offline_count() == 0;
  std::map<Key, Known> whole;
  for (std::size_t index = 0; index < directories_.size() && index < data_count_; ++index) {
    if (!directories_[index]) continue;
    for (const storage::FoundFolder& found : directories_[index]->folders()) {
      if (found.topic.stage != storage::FolderStage::future || !found.topic_id) continue;
      const Key key{*found.topic_id, found.topic.partition};
      const auto live = known_.find(key);
      if (live != known_.end() && live->second.directory == index) continue;
      const bool is_alone = live == known_.end() && all_are_seen;
      const bool is_whole = directories_[index]->log_starts().contains({found.topic.topic, found.topic.partition});
      if (!is_alone) {
        futures_.emplace(key, Known{index, found.name});
      } else if (is_whole) {
        whole.emplace(key, Known{index, found.name});
      }
    }
  }
  known_.merge(whole);
}

/// Of a copy beside the log nothing must be said: later, alone, it would be taken for whole.
Result<void> Directories::settle_futures(env::Fiber& self) {
  for (const auto& [key, future] : futures_) {
    if (!known_.contains(key) || !is_online(future.directory)) continue;
    const auto folder = storage::parse_folder_name(future.name);
    TRY(forget_lines(self, future.directory, {folder->topic, folder->partition}));
  }
  return {};
}

bool Directories::is_future(std::size_t directory, const storage::FoundFolder& found) const {
  if (!found.topic_id) return false;
  const Key key{*found.topic_id, found.topic.partition};
  const auto is_it = [&](const std::map<Key, Known>& all) {
    const auto future = all.find(key);
    return future != all.end() && future->second.directory == directory && future->second.name == found.name;
  };
  return is_it(futures_) || is_it(known_);
}

}  // namespace gregor::partition
