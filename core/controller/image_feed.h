// ImageFeed: one shard's view of the metadata. The controller posts each new image to every shard's feed in order; code
// on that shard reads the newest and hears of each change.
//
// Promises: offsets rise from one image to the next, none is skipped over silently (a delta always leads from the image
// shown before to the one shown now). Never suspends but in wait_for(); never crosses shards: each shard has its own.
#pragma once

#include <memory>
#include <vector>

#include "base/ids.h"
#include "env/fiber.h"
#include "env/shard.h"
#include "env/wait.h"
#include "metadata/image.h"
#include "observe/event.h"

namespace gregor::controller {

using ImagePtr = std::shared_ptr<const metadata::Image>;

struct ImageChange {
  ImagePtr before;  ///< never null
  ImagePtr after;
  std::shared_ptr<const metadata::Delta> delta;
};

/// Called on the shard's loop or on one of its fibers: must not suspend (it may spawn).
class ImageListener {
 public:
  virtual ~ImageListener() = default;
  virtual void on_image(const ImageChange& change) = 0;
};

class ImageFeed {
 public:
  /// Begins with an empty image. `observer` hears MetadataApplied.
  ImageFeed(env::Shard& shard, observe::Observer& observer);

  /// The newest image of this shard; never null.
  [[nodiscard]] const ImagePtr& image() const { return image_; }
  /// Hears every change after this call, in order of subscription. Listeners outlive the feed or unsubscribe.
  void subscribe(ImageListener& listener);
  void unsubscribe(ImageListener& listener);
  /// Suspends until the image includes `offset` and every listener has heard of it. Throws Cancelled.
  void wait_for(env::Fiber& self, Offset offset);

  /// For the controller: shows the next image. On this shard's thread only.
  void show(const ImagePtr& after, const std::shared_ptr<const metadata::Delta>& delta);
  [[nodiscard]] env::Shard& shard() { return shard_; }

 private:
  env::Shard& shard_;
  observe::Observer& observer_;
  ImagePtr image_;
  std::vector<ImageListener*> listeners_;
  env::WaitQueue changed_;
};

}  // namespace gregor::controller
