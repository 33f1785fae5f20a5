// ImageFeed: one shard's view of the metadata and of who decides over it. The controller posts each new image, and each
// change of the quorum's leader, to every shard's feed in order; code on that shard reads the newest and hears of each
// change.
//
// Promises: offsets rise from one image to the next, none is skipped over silently (a delta always leads from the image
// shown before to the one shown now). Never suspends but where it waits; never crosses shards: each shard has its own.
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

/// Who leads the metadata quorum, as a shard has heard.
struct QuorumLeader {
  NodeId id{-1};  ///< -1: nobody known
  LeaderEpoch epoch = kNoLeaderEpoch;
  bool is_here = false;  ///< it is this node, and its controller decides
  bool operator==(const QuorumLeader&) const = default;
};

/// Called on the shard's loop or on one of its fibers: must not suspend (it may spawn).
class ImageListener {
 public:
  virtual ~ImageListener() = default;
  virtual void on_image(const ImageChange& change) = 0;
};

class ImageFeed {
 public:
  /// Begins with an empty image. `observer` hears PartitionChanged and MetadataApplied.
  ImageFeed(env::Shard& shard, observe::Observer& observer);

  /// The newest image of this shard; never null.
  [[nodiscard]] const ImagePtr& image() const { return image_; }
  /// Hears every change after this call, in order of subscription. Listeners outlive the feed or unsubscribe.
  void subscribe(ImageListener& listener);
  void unsubscribe(ImageListener& listener);
  /// Suspends until the image includes `offset` and every listener has heard of it. Throws Cancelled.
  void wait_for(env::Fiber& self, Offset offset);
  /// As wait_for(), or until `deadline`; false when that came first.
  bool wait_for(env::Fiber& self, Offset offset, MonotonicTime deadline);

  /// Suspends until there is an image at all, or until give_up(); false when that came first. Throws Cancelled.
  bool wait_for_first(env::Fiber& self);
  /// Nobody waits for a first image any more. On this shard's thread only; does not suspend.
  void give_up();

  /// The newest that is known here; another node, or this one, may lead by now.
  [[nodiscard]] const QuorumLeader& leader() const { return leader_; }
  /// Suspends until leader() is told anew, or until `deadline`; false when that came first. Throws Cancelled.
  bool wait_for_leader(env::Fiber& self, MonotonicTime deadline);

  /// For the controller: who leads from now on. On this shard's thread only.
  void show_leader(const QuorumLeader& leader);
  /// For the controller: shows the next image. On this shard's thread only.
  void show(const ImagePtr& after, const std::shared_ptr<const metadata::Delta>& delta);
  [[nodiscard]] env::Shard& shard() { return shard_; }

 private:
  void tell_partitions(const metadata::Image& before, const metadata::Image& after, const metadata::Delta& delta);

  env::Shard& shard_;
  observe::Observer& observer_;
  ImagePtr image_;
  std::vector<ImageListener*> listeners_;
  env::WaitQueue changed_;
  bool is_given_up_ = false;
  QuorumLeader leader_;
  env::WaitQueue leader_told_;
};

}  // namespace gregor::controller
