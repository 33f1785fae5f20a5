#include "controller/image_feed.h"

#include <algorithm>

#include "base/check.h"

namespace gregor::controller {

ImageFeed::ImageFeed(env::Shard& shard, observe::Observer& observer)
    : shard_(shard), observer_(observer), image_(std::make_shared<const metadata::Image>()) {}

void ImageFeed::subscribe(ImageListener& listener) {
  CHECK(std::find(listeners_.begin(), listeners_.end(), &listener) == listeners_.end());
  listeners_.push_back(&listener);
}

void ImageFeed::unsubscribe(ImageListener& listener) {
  std::erase(listeners_, &listener);
}

void ImageFeed::wait_for(env::Fiber& self, Offset offset) {
  while (image_->offset() < offset) changed_.wait(self);
}

bool ImageFeed::wait_for(env::Fiber& self, Offset offset, MonotonicTime deadline) {
  while (image_->offset() < offset) {
    if (!changed_.wait_until(self, shard_.clock, deadline)) return image_->offset() >= offset;
  }
  return true;
}

bool ImageFeed::wait_for_first(env::Fiber& self) {
  while (image_->offset() < Offset{0} && !is_given_up_) changed_.wait(self);
  return image_->offset() >= Offset{0};
}

void ImageFeed::give_up() {
  is_given_up_ = true;
  changed_.wake_all();
}

bool ImageFeed::wait_for_leader(env::Fiber& self, MonotonicTime deadline) {
  return leader_told_.wait_until(self, shard_.clock, deadline);
}

void ImageFeed::show_leader(const QuorumLeader& leader) {
  leader_ = leader;
  leader_told_.wake_all();
}

void ImageFeed::tell_partitions(const metadata::Image& before, const metadata::Image& after,
                                const metadata::Delta& delta) {
  for (const TopicId& id : delta.deleted_topics) {
    const metadata::Topic* topic = before.find_topic(id);
    for (const auto& [index, partition] : topic->partitions) {
      observer_.on(observe::PartitionRemoved{{topic->name, id, index}});
    }
  }
  for (const auto& [id, indexes] : delta.partitions) {
    const metadata::Topic* topic = after.find_topic(id);
    for (const PartitionIndex index : indexes) {
      const metadata::Partition& partition = *topic->partitions.find(index);
      observer_.on(observe::PartitionChanged{.partition = {topic->name, id, index},
                                             .partition_epoch = partition.partition_epoch,
                                             .leader = partition.leader,
                                             .leader_epoch = partition.leader_epoch,
                                             .replicas = partition.replicas,
                                             .isr = partition.isr,
                                             .eligible_leader_replicas = partition.eligible_leader_replicas});
    }
  }
}

void ImageFeed::show(const ImagePtr& after, const std::shared_ptr<const metadata::Delta>& delta) {
  CHECK(after->offset() > image_->offset());
  const ImageChange change{image_, after, delta};
  image_ = after;
  tell_partitions(*change.before, *after, *delta);
  const std::vector<ImageListener*> listeners = listeners_;  // one may unsubscribe while it hears
  for (ImageListener* listener : listeners) listener->on_image(change);
  observer_.on(observe::MetadataApplied{after->offset()});
  changed_.wake_all();
}

}  // namespace gregor::controller
