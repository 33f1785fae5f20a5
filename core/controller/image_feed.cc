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

void ImageFeed::show(const ImagePtr& after, const std::shared_ptr<const metadata::Delta>& delta) {
  CHECK(after->offset() > image_->offset());
  const ImageChange change{image_, after, delta};
  image_ = after;
  const std::vector<ImageListener*> listeners = listeners_;  // one may unsubscribe while it hears
  for (ImageListener* listener : listeners) listener->on_image(change);
  observer_.on(observe::MetadataApplied{after->offset()});
  changed_.wake_all();
}

}  // namespace gregor::controller
