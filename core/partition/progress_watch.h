// Who waits for more to read. A waiting fetch watches each of its partitions; a partition tells every watcher how many
// bytes became visible since the watcher looked. Never suspends; one shard.
#pragma once

#include <cstdint>
#include <list>
#include <memory>

#include "base/unique_function.h"

namespace gregor::partition {

/// Called with the bytes that became visible since the last call; kGone when the partition goes, fails, or leads no
/// more.
using ProgressCallback = UniqueFunction<void(std::uint64_t bytes)>;
inline constexpr std::uint64_t kGone = UINT64_MAX;
/// In place of bytes: there is something to tell though there is nothing to read.
inline constexpr std::uint64_t kMoved = kGone;

class WatchList : public std::enable_shared_from_this<WatchList> {
 public:
  /// Ends the watch when it dies, whatever became of the partition.
  class Watch {
   public:
    Watch() = default;
    Watch(Watch&& other) noexcept = default;
    Watch& operator=(Watch&& other) noexcept;
    ~Watch() { end(); }

   private:
    friend class WatchList;
    void end();
    std::weak_ptr<WatchList> list_;
    std::list<std::shared_ptr<ProgressCallback>>::iterator at_;
  };

  [[nodiscard]] Watch add(ProgressCallback callback);
  void tell(std::uint64_t bytes);
  [[nodiscard]] std::size_t size() const { return watchers_.size(); }

 private:
  std::list<std::shared_ptr<ProgressCallback>> watchers_;
};

}  // namespace gregor::partition
