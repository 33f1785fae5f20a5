// The log directories of a node, as every shard may use them: questions go to shard 0, where the directories live.
// A directory whose disk failed is offline for good: nothing in it is served, and when the last one is gone the node
// halts.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "env/ask.h"
#include "observe/event.h"
#include "observe/log.h"
#include "storage/log_directory.h"

namespace gregor::partition {

/// A copy of a partition on its way into another directory (KIP-113).
struct FuturePlacement {
  std::size_t directory = 0;
  std::string folder;  ///< its path
};

/// Where a partition's folder is, and what the directory's checkpoints say of it.
struct Placement {
  std::size_t directory = 0;
  std::string folder;  ///< its path
  storage::LogCheckpoints checkpoints = {};
  std::optional<Offset> high_watermark = {};
  std::optional<Offset> cleaned_up_to = {};    ///< of a log that was compacted
  std::optional<FuturePlacement> future = {};  ///< it was being moved there
};

/// How far finish_move() came.
enum class MoveEnd : std::uint8_t {
  stays,       ///< the log is where it was; its copy may not be whole any more
  old_failed,  ///< of the log's own directory: the next life finds one whole log
  new_failed,  ///< the copy is the log by now, but does not have its name yet; place() gives it that
  arrived,
};

struct MoveOutcome {
  MoveEnd end = MoveEnd::stays;
  std::optional<Error> error = {};  ///< of all ends but `arrived`
  Placement placement = {};         ///< of new_failed and arrived
  std::size_t old_directory = 0;
  std::string old_folder = {};  ///< of the same, marked deleted: for remove_old_folder()
};

/// What a shard says of one of its partitions for the checkpoint files.
struct CheckpointLine {
  TopicPartition partition;
  std::size_t directory = 0;
  Offset recovery_point;
  Offset log_start;
  Offset high_watermark;
  std::optional<Offset> cleaned_up_to = {};
};

class Directories {
 public:
  static constexpr std::size_t kPreferencesMax = 10'000;

  /// `shards` is filled by the time that a method but open() is called.
  Directories(const env::ShardTable& shards, observe::Observer& observer, observe::Log& log);

  // On shard 0.

  /// Locks and reads them all, makes what is absent; changes nothing else. Partitions are placed in the first
  /// `data_count` (log.dirs); one behind them is of the metadata log alone. One that the disk does not let open is
  /// offline from the start, unless it is that of the index `metadata` or no other is left for partitions. Errors:
  /// those of storage::LogDirectory::open.
  Result<void> open(env::Fiber& self, env::Shard& home, const std::vector<std::string>& paths, std::size_t data_count,
                    std::size_t metadata = 0);
  /// Every partition of earlier lives has asked for its place: from now on one without a folder is a new one. Before,
  /// it may be one of a directory that is offline, and is not made anew beside it.
  void end_of_history() { history_ended_ = true; }
  /// Removes the marks of a clean end, and settles which copies of earlier moves are the log. Call before any log is
  /// written.
  Result<void> begin_use(env::Fiber& self);
  /// Removes what an earlier life had marked as deleted. Errors are logged, not returned.
  void remove_leftovers(env::Fiber& self);
  /// Puts aside (as -stray) the live folders that `is_known` denies, whose topic id is of no topic of this cluster, and
  /// those that hold records but no readable topic id.
  Result<void> set_strays_aside(env::Fiber& self, UniqueFunction<bool(const TopicId&, PartitionIndex)> is_known);
  /// Writes the marks of a clean end in every directory that is online and whole: one in which no log was left as an
  /// earlier life that did not end well had it, because this one never came to open it. Requires that all logs that
  /// were opened are closed and checkpointed. `epoch`: under which the broker is registered; where it is not, the mark
  /// tells the epoch of the mark before it.
  Result<void> mark_clean_shutdown(env::Fiber& self, BrokerEpoch epoch);
  [[nodiscard]] std::size_t count() const { return directories_.size(); }
  /// From any shard.
  [[nodiscard]] std::size_t offline_count() const;
  /// Requires that it was not offline from the start.
  [[nodiscard]] storage::LogDirectory& at(std::size_t index) { return *directories_[index]; }
  /// Frees the locks.
  void close() { directories_.clear(); }

  // From any shard; `here` is the asker's.

  /// The folder of a partition: found by topic id, else made in the online directory with the fewest folders, as soon
  /// as an earlier topic of that name is out of the way.
  Result<Placement> place(env::Fiber& self, env::Shard& here, const TopicPartition& partition);
  /// Where a folder is to be made for a partition that has none yet, in this life; in another directory where that one
  /// is offline by then. At most kPreferencesMax are kept. Suspends.
  void prefer(env::Fiber& self, env::Shard& here, const TopicPartition& partition, std::size_t directory);
  /// The partition's topic was deleted: a place() that waits for its name ends with the error `closed`. To be followed
  /// by remove(), got it a place or not. Does not suspend.
  void withdraw(env::Shard& here, const TopicPartition& partition);
  /// The node stops: nobody waits for a name any more, and nobody should try again. Does not suspend.
  void begin_to_close(env::Shard& here);
  [[nodiscard]] bool is_closing() const { return closing_; }
  /// Renames the folder of a closed log and removes it. The name is free when this returns.
  Result<void> remove(env::Fiber& self, env::Shard& here, const TopicPartition& partition, const Uuid& unique);
  /// Replaces what the asker's shard said of its partitions and rewrites the checkpoint files that changed.
  Result<void> checkpoint(env::Fiber& self, env::Shard& here, std::vector<CheckpointLine> lines);
  Result<void> lower_recovery_point(env::Fiber& self, env::Shard& here, std::size_t directory,
                                    const TopicPartition& partition, Offset to);
  /// The partition's log may be damaged at or above `from`: the next life looks there, and its directory gets no mark
  /// of a clean end, until the damage is forgotten or the folder goes. Durable when it returns without error.
  Result<void> note_damage(env::Fiber& self, env::Shard& here, std::size_t directory, const TopicPartition& partition,
                           Offset from);
  /// Does not suspend.
  void forget_damage(env::Shard& here, const TopicPartition& partition);
  /// Nothing below `to` is served any more, in no later life either: durable when it returns without error.
  Result<void> raise_log_start(env::Fiber& self, env::Shard& here, std::size_t directory,
                               const TopicPartition& partition, Offset to);
  /// The partition's log was or is to be begun anew at `at`, perhaps below where it started: durable when it returns
  /// without error.
  Result<void> restart_log_at(env::Fiber& self, env::Shard& here, std::size_t directory,
                              const TopicPartition& partition, Offset at);
  /// From now on this partition's log may have gaps, in every later life too, whatever its topic's policy is by then:
  /// durable when it returns without error. Cleaned up to `from`, where nothing else is known.
  Result<void> begin_cleaning(env::Fiber& self, env::Shard& here, std::size_t directory,
                              const TopicPartition& partition, Offset from);
  // A partition's way into another directory (directory_moves.cc).

  /// A folder for the copy; the one there is, where one was begun there. One in another directory is removed. Errors:
  /// io (a directory is offline: a copy may lie in it), closed (the partition has no folder), no_space.
  Result<FuturePlacement> begin_move(env::Fiber& self, env::Shard& here, const TopicPartition& partition,
                                     std::size_t directory, const Uuid& unique);
  /// Removes the copy, if there is one.
  Result<void> abandon_move(env::Fiber& self, env::Shard& here, const TopicPartition& partition);
  /// The copy takes the log's place. Requires that it is closed and holds what the log holds, to which nothing is
  /// added meanwhile. `line` is what the checkpoints are to say of it. Takes the new directory offline where it fails.
  MoveOutcome finish_move(env::Fiber& self, env::Shard& here, const CheckpointLine& line, const Uuid& unique);
  Result<void> remove_old_folder(env::Fiber& self, env::Shard& here, const MoveOutcome& moved);

  /// The disk under this directory cannot be trusted: takes it offline, tells the observer once. Halts the node when it
  /// was the last. Suspends nowhere else.
  void take_offline(env::Fiber& self, env::Shard& here, std::size_t directory, const Error& error);
  [[nodiscard]] bool is_online(std::size_t directory) const;
  /// Whether `error` is only what an offline directory brings, while another serves on.
  [[nodiscard]] bool is_bearable(const Error& error) const;

 private:
  using Key = std::pair<TopicId, PartitionIndex>;
  struct Known {
    std::size_t directory;
    std::string name;
  };
  struct Files {
    storage::OffsetCheckpoint recovery_points, log_starts, high_watermarks, cleaned;
  };
  Result<void> open_one(env::Fiber& self, std::size_t index);
  void tell_offline(std::size_t index, const Error& error);
  Result<void> set_aside(env::Fiber& self, storage::LogDirectory& directory, const std::string& name,
                         const Uuid& unique);
  Result<Placement> place_here(env::Fiber& self, const TopicPartition& partition);
  [[nodiscard]] FuturePlacement future_placement(const Known& known) const;
  [[nodiscard]] std::optional<FuturePlacement> future_of(const TopicPartition& partition) const;
  Result<FuturePlacement> begin_move_here(env::Fiber& self, const TopicPartition& partition, std::size_t directory,
                                          const Uuid& unique);
  Result<std::optional<Known>> mark_copy_deleted(env::Fiber& self, const TopicPartition& partition);
  Result<void> abandon_move_here(env::Fiber& self, const TopicPartition& partition);
  Result<void> write_lines_of_copy(env::Fiber& self, std::size_t directory, const CheckpointLine& line);
  Result<void> forget_lines(env::Fiber& self, std::size_t directory, const storage::CheckpointKey& key);
  MoveOutcome finish_move_here(env::Fiber& self, const CheckpointLine& line, const Uuid& unique);
  Result<void> clear_name(env::Fiber& self, std::size_t directory, const std::string& name);
  MoveOutcome stay(env::Fiber& self, std::size_t directory, const storage::CheckpointKey& key, Error error);
  MoveOutcome arrive(env::Fiber& self, const CheckpointLine& line, const Known& from, MoveOutcome moved);
  Result<void> take_name(env::Fiber& self, const TopicPartition& partition);
  Result<Placement> place_known(env::Fiber& self, const TopicPartition& partition);
  void find_futures();
  Result<void> settle_futures(env::Fiber& self);
  [[nodiscard]] bool is_future(std::size_t directory, const storage::FoundFolder& found) const;
  Result<void> remove_here(env::Fiber& self, const TopicPartition& partition, const Uuid& unique);
  Result<void> checkpoint_here(env::Fiber& self, ShardId from, std::vector<CheckpointLine> lines);
  void keep_lines(std::vector<Files>& files) const;
  [[nodiscard]] bool is_whole(std::size_t directory) const;
  Result<void> write_files(env::Fiber& self, std::size_t directory, const Files& files);
  [[nodiscard]] const Known* find_known(const TopicPartition& partition) const;
  [[nodiscard]] bool name_is_taken(const std::string& name) const;
  [[nodiscard]] std::optional<std::size_t> emptiest() const;
  [[nodiscard]] std::optional<std::size_t> directory_for(const Key& partition) const;
  static void erase_lines(Files& files, const storage::CheckpointKey& key);
  [[nodiscard]] Placement placement_of(const Known& known, const TopicPartition& partition) const;

  const env::ShardTable& shards_;
  observe::Observer& observer_;
  observe::Log& log_;
  env::Shard* home_ = nullptr;
  std::vector<std::string> paths_;
  std::vector<std::unique_ptr<storage::LogDirectory>> directories_;  ///< null where offline from the start
  /// Read by every shard, written by the one whose disk call failed.
  std::unique_ptr<std::atomic<bool>[]> is_online_;
  std::atomic<std::size_t> online_{0};
  std::size_t data_count_ = 0;
  std::map<Key, Known> known_;
  std::map<Key, Known> futures_;  ///< copies under way, or of a log that may lie in a directory that is offline
  std::map<Key, std::size_t> preferred_;
  std::map<ShardId, std::vector<CheckpointLine>> lines_;
  std::vector<Files> written_;
  std::set<Key> damaged_;
  std::set<Key> unwanted_;  ///< whose place() may be waiting
  std::atomic<bool> closing_{false};
  bool history_ended_ = false;
  env::WaitQueue removed_;
  env::FiberMutex checkpointing_;  ///< removing a folder and rewriting the files exclude each other
};

}  // namespace gregor::partition
