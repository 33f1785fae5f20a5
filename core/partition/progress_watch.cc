#include "partition/progress_watch.h"

#include <utility>
#include <vector>

namespace gregor::partition {

WatchList::Watch& WatchList::Watch::operator=(Watch&& other) noexcept {
  if (this == &other) return *this;
  end();
  list_ = std::move(other.list_);
  at_ = other.at_;
  return *this;
}

void WatchList::Watch::end() {
  if (const auto list = list_.lock()) list->watchers_.erase(at_);
  list_.reset();
}

WatchList::Watch WatchList::add(ProgressCallback callback) {
  Watch watch;
  watchers_.push_back(std::make_shared<ProgressCallback>(std::move(callback)));
  watch.list_ = weak_from_this();
  watch.at_ = std::prev(watchers_.end());
  return watch;
}

void WatchList::tell(std::uint64_t bytes) {
  // A callback may end any watch: what is called is kept alive, and the list is not walked while it changes.
  const std::vector<std::shared_ptr<ProgressCallback>> now(watchers_.begin(), watchers_.end());
  for (const auto& callback : now) (*callback)(bytes);
}

}  // namespace gregor::partition
