// Watchers hear of progress until they end their watch; whoever is told may end any watch, their own too.
#include "partition/progress_watch.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace gregor::partition {
namespace {

struct Watching : testing::Test {
  std::shared_ptr<WatchList> list = std::make_shared<WatchList>();
  std::vector<std::uint64_t> heard;
  ProgressCallback hear() {
    return [this](std::uint64_t bytes) { heard.push_back(bytes); };
  }
};

TEST_F(Watching, EveryWatcherHearsEveryTell) {
  const auto first = list->add(hear());
  const auto second = list->add(hear());
  list->tell(5);
  EXPECT_EQ(heard, (std::vector<std::uint64_t>{5, 5}));
}

TEST_F(Watching, AWatchEndsWithItsHandle) {
  { const auto watch = list->add(hear()); }
  list->tell(5);
  EXPECT_TRUE(heard.empty());
  EXPECT_EQ(list->size(), 0U);
}

TEST_F(Watching, AHandleMayOutliveTheList) {
  auto watch = list->add(hear());
  list.reset();
  watch = {};
  EXPECT_TRUE(heard.empty());
}

TEST_F(Watching, AMovedHandleStillHoldsItsWatch) {
  std::vector<WatchList::Watch> kept;
  for (int i = 0; i < 10; ++i) kept.push_back(list->add(hear()));
  list->tell(1);
  EXPECT_EQ(heard.size(), 10U);
  kept.erase(kept.begin() + 3);
  EXPECT_EQ(list->size(), 9U);
  kept.clear();
  EXPECT_EQ(list->size(), 0U);
}

TEST_F(Watching, OneWhoIsToldMayEndItsWatch) {
  std::optional<WatchList::Watch> own;
  own = list->add([&](std::uint64_t) { own.reset(); });
  const auto other = list->add(hear());
  list->tell(1);
  list->tell(1);
  EXPECT_EQ(heard.size(), 2U);
  EXPECT_EQ(list->size(), 1U);
}

}  // namespace
}  // namespace gregor::partition
