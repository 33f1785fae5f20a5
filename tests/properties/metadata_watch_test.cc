// Each rule of the metadata watch is shown one small life that breaks it, and one that does not.
#include "properties/always/metadata_watch.h"

#include <gtest/gtest.h>

namespace gregor::properties {
namespace {

using observe::MetadataApplied;
using observe::NodeReady;
using observe::QuorumLeaderElected;

struct Watched {
  Watched() : watch(verdict, [] { return MonotonicTime{}; }) {}
  void lead(std::int32_t epoch) { watch.on(QuorumLeaderElected{NodeId{1}, LeaderEpoch{epoch}}); }
  void apply(std::int64_t offset) { watch.on(MetadataApplied{Offset{offset}}); }
  void ready() { watch.on(NodeReady{NodeId{1}, 9092}); }
  std::string first_broken() const { return verdict.holds() ? "" : verdict.violations().front().invariant; }

  Verdict verdict;
  MetadataWatch watch;
};

TEST(MetadataWatch, LivesThatGoOnWhereTheLastOneEndedBreakNothing) {
  Watched w;
  for (int life = 1; life <= 3; ++life) {
    w.lead(life);
    for (std::int64_t offset = 0; offset <= life * 10; ++offset) w.apply(offset);
    w.ready();
    w.watch.node_died(false);
  }
  EXPECT_EQ(w.first_broken(), "");
}

TEST(MetadataWatch, K1AnEpochThatIsLedTwiceOrFallsIsSeen) {
  for (const int epoch : {5, 4}) {
    Watched w;
    w.lead(5);
    w.watch.node_died(false);
    w.lead(epoch);
    EXPECT_EQ(w.first_broken(), "K1") << epoch;
  }
}

TEST(MetadataWatch, K2ALifeThatIsReadyWithoutWhatWasShownBeforeIsSeen) {
  Watched w;
  w.apply(10);
  w.ready();
  w.watch.node_died(false);
  w.apply(9);
  EXPECT_EQ(w.first_broken(), "") << "it still reads";
  w.ready();
  EXPECT_EQ(w.first_broken(), "K2");
}

TEST(MetadataWatch, AfterADamagedDiskEverythingMayBeGone) {
  Watched w;
  w.lead(5);
  w.apply(10);
  w.watch.node_died(true);
  w.lead(1);
  w.apply(0);
  w.ready();
  EXPECT_EQ(w.first_broken(), "");
}

}  // namespace
}  // namespace gregor::properties
