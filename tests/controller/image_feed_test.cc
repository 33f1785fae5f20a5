// One shard's view of the metadata: in order, whole, told to all who listen.
#include "controller/image_feed.h"

#include <gtest/gtest.h>

#include "tests/metadata/support/cluster.h"
#include "tests/quorum/support/metadata_home.h"

namespace gregor::controller {
namespace {

/// Shows an image at each of `offsets`.
class Shower {
 public:
  Shower(env::Shard& shard, observe::Observer& observer) : feed(shard, observer) {}
  void show(std::int64_t offset) {
    auto image = std::make_shared<metadata::Image>(*feed.image());
    image->advance(Offset{offset}, LeaderEpoch{1});
    feed.show(image, std::make_shared<const metadata::Delta>());
  }
  ImageFeed feed;
};

class Hearing final : public ImageListener {
 public:
  void on_image(const ImageChange& change) override {
    EXPECT_NE(change.before, nullptr);
    steps.emplace_back(change.before->offset().value(), change.after->offset().value());
    if (on_each) on_each();
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> steps;
  UniqueFunction<void()> on_each;
};

using Steps = std::vector<std::pair<std::int64_t, std::int64_t>>;

TEST(ImageFeed, BeginsEmptyAndShowsTheNewest) {
  sim::run_fiber([](env::Fiber&, env::Shard& shard) {
    observe::NullObserver observer;
    Shower shower(shard, observer);
    ASSERT_NE(shower.feed.image(), nullptr);
    EXPECT_EQ(shower.feed.image()->offset(), kNoOffset);
    const ImagePtr kept = shower.feed.image();
    shower.show(4);
    EXPECT_EQ(shower.feed.image()->offset(), Offset{4});
    EXPECT_EQ(kept->offset(), kNoOffset) << "who holds an image keeps it";
  });
}

TEST(ImageFeed, EachListenerHearsEveryStepFromTheImageBefore) {
  sim::run_fiber([](env::Fiber&, env::Shard& shard) {
    observe::NullObserver observer;
    Shower shower(shard, observer);
    Hearing first;
    Hearing late;
    shower.feed.subscribe(first);
    shower.show(1);
    shower.feed.subscribe(late);
    shower.show(5);
    shower.feed.unsubscribe(first);
    shower.show(6);
    EXPECT_EQ(first.steps, (Steps{{-1, 1}, {1, 5}}));
    EXPECT_EQ(late.steps, (Steps{{1, 5}, {5, 6}}));
  });
}

TEST(ImageFeed, AListenerSeesTheNewImageInTheFeedAndMayLeaveWhileItHears) {
  sim::run_fiber([](env::Fiber&, env::Shard& shard) {
    observe::NullObserver observer;
    Shower shower(shard, observer);
    Hearing leaving;
    Hearing staying;
    leaving.on_each = [&] {
      EXPECT_EQ(shower.feed.image()->offset(), Offset{1});
      shower.feed.unsubscribe(leaving);
    };
    shower.feed.subscribe(leaving);
    shower.feed.subscribe(staying);
    shower.show(1);
    shower.show(2);
    EXPECT_EQ(leaving.steps.size(), 1U);
    EXPECT_EQ(staying.steps.size(), 2U);
  });
}

TEST(ImageFeed, WhoWaitsForAnOffsetWakesWhenItIsIncludedAndEveryListenerHasHeard) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    observe::NullObserver observer;
    Shower shower(shard, observer);
    Hearing hearing;
    shower.feed.subscribe(hearing);
    bool is_awake = false;
    shard.fibers.spawn("waiter", [&](env::Fiber& fiber) {
      shower.feed.wait_for(fiber, Offset{3});
      EXPECT_EQ(hearing.steps.back().second, 4);
      is_awake = true;
    });
    for (const std::int64_t offset : {1, 2}) {
      shower.show(offset);
      env::sleep_for(self, shard.clock, Milliseconds(1));
      EXPECT_FALSE(is_awake);
    }
    shower.show(4);
    env::sleep_for(self, shard.clock, Milliseconds(1));
    EXPECT_TRUE(is_awake);
    shower.feed.wait_for(self, Offset{4});
    shower.feed.wait_for(self, kNoOffset);
  });
}

TEST(ImageFeed, ObserversHearWhatIsApplied) {
  sim::run_fiber([](env::Fiber&, env::Shard& shard) {
    quorum::Watching observer;
    std::vector<Offset> applied;
    observer.each = [&](const observe::Event& event) {
      if (const auto* seen = std::get_if<observe::MetadataApplied>(&event)) applied.push_back(seen->offset);
    };
    Shower shower(shard, observer);
    shower.show(1);
    shower.show(9);
    EXPECT_EQ(applied, (std::vector<Offset>{Offset{1}, Offset{9}}));
  });
}

TEST(ImageFeedDeathTest, AnImageNeverGoesBack) {
  EXPECT_DEATH(sim::run_fiber([](env::Fiber&, env::Shard& shard) {
                 observe::NullObserver observer;
                 Shower shower(shard, observer);
                 shower.show(2);
                 shower.show(2);
               }),
               "offset");
}

}  // namespace
}  // namespace gregor::controller
