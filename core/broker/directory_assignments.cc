#include "broker/directory_assignments.h"

#include <algorithm>

#include "metadata/directories.h"
#include "metadata/node_ids.h"
#include "wire/error_code.h"

namespace gregor::broker {

DirectoryAssignments::DirectoryAssignments(Seat seat) : seat_(std::move(seat)) {
  is_due_ = has_doubtful();
  seat_.feed.subscribe(*this);
}

DirectoryAssignments::~DirectoryAssignments() {
  seat_.feed.unsubscribe(*this);
}

void DirectoryAssignments::stop() {
  stopped_ = true;
  news_.wake_all();
  stopping_.wake_all();
}

void DirectoryAssignments::look_again() {
  is_due_ = true;
  news_.wake_all();
}

bool DirectoryAssignments::is_doubtful(const metadata::Partition& partition) const {
  if (!metadata::holds(partition.replicas, seat_.self)) return false;
  // With one directory there is no choice, and the controller knows which one it is.
  const Uuid told = metadata::directory_of(partition, seat_.self);
  return seat_.directory_ids.size() > 1 || (!seat_.directory_ids.empty() && told != seat_.directory_ids.front());
}

bool DirectoryAssignments::has_doubtful() const {
  const controller::ImagePtr image = seat_.feed.image();
  for (const auto& [name, topic] : image->topics()) {
    for (const auto& [index, partition] : topic->partitions) {
      if (is_doubtful(partition)) return true;
    }
  }
  return false;
}

void DirectoryAssignments::on_image(const controller::ImageChange& change) {
  for (const auto& [topic, indexes] : change.delta->partitions) {
    for (const PartitionIndex index : indexes) {
      const metadata::Partition* partition = change.after->find_partition(topic, index);
      is_due_ = is_due_ || (partition != nullptr && is_doubtful(*partition));
    }
  }
  if (is_due_) news_.wake_all();
}

std::pair<DirectoryAssignments::Misplaced, bool> DirectoryAssignments::misplaced(env::Fiber& self) const {
  const std::vector<HeldPartition> all = seat_.held(self);
  const controller::ImagePtr image = seat_.feed.image();
  std::pair<Misplaced, bool> found{{}, false};
  std::size_t count = 0;
  for (const HeldPartition& held : all) {
    const metadata::Partition* partition = image->find_partition(held.topic, held.index);
    const bool is_lost = held.directory == metadata::kLostDirectory;
    if (partition == nullptr || !metadata::holds(partition->replicas, seat_.self)) continue;
    if (!is_lost && !is_doubtful(*partition)) continue;
    if (held.directory.is_zero()) {
      found.second = true;
    } else if (metadata::directory_of(*partition, seat_.self) != held.directory && count < kPartitionsPerRequestMax) {
      found.first[held.directory][held.topic].push_back(held.index);
      ++count;
    }
  }
  return found;
}

bool DirectoryAssignments::tell(env::Fiber& self) {
  const auto [to_tell, some_have_no_place] = misplaced(self);
  if (to_tell.empty()) return !some_have_no_place;
  wire::AssignReplicasToDirsRequest request;
  request.broker_id = seat_.self.value();
  request.broker_epoch = seat_.broker_epoch().value();
  for (const auto& [directory, topics] : to_tell) {
    auto& named = request.directories.emplace_back();
    named.id = directory;
    for (const auto& [topic, partitions] : topics) {
      auto& held = named.topics.emplace_back();
      held.topic_id = topic;
      for (const PartitionIndex index : partitions) held.partitions.push_back({.partition_index = index.value()});
    }
  }
  const auto answer = seat_.carry(self, request, seat_.clock.now() + kTryMax);
  if (!answer && !stopped_) seat_.log.warn("directories.not_told", {{"reason", answer.error().text}});
  const std::int16_t too_old = wire::wire_code(wire::ErrorCode::unsupported_version);
  return answer && answer->error_code == too_old;  // else the image will say what came of it
}

void DirectoryAssignments::pause(env::Fiber& self, Milliseconds wait) {
  const MonotonicTime until = seat_.clock.now() + wait;
  while (!stopped_ && stopping_.wait_until(self, seat_.clock, until)) {
  }
}

void DirectoryAssignments::keep(env::Fiber& self) {
  Milliseconds wait = kPauseMin;
  while (!stopped_) {
    if (!is_due_) {
      wait = kPauseMin;
      news_.wait(self);
      continue;
    }
    pause(self, wait);
    if (stopped_) return;
    is_due_ = false;
    const bool is_done = tell(self);
    wait = is_done ? kPauseMin : std::min(wait * 2, kPauseMax);
    is_due_ = is_due_ || !is_done;
  }
}

}  // namespace gregor::broker
