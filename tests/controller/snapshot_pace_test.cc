// When a snapshot is due: by bytes, by time, never for nothing, and again after a failure.
#include "controller/snapshot_pace.h"

#include <gtest/gtest.h>

namespace gregor::controller {
namespace {

constexpr MonotonicTime at(std::int64_t ms) {
  return MonotonicTime{Milliseconds(ms)};
}

TEST(SnapshotPace, IsDueOnceSoManyBytesWereCommitted) {
  SnapshotPace pace({.record_bytes_max = 100, .interval_ms_max = 0}, at(0));
  EXPECT_FALSE(pace.is_due(at(0)));
  pace.committed(99);
  EXPECT_FALSE(pace.is_due(at(1'000'000'000))) << "no interval is set";
  EXPECT_EQ(pace.next_look(), kForever);
  pace.committed(1);
  EXPECT_TRUE(pace.is_due(at(0)));
  pace.begin();
  EXPECT_FALSE(pace.is_due(at(0)));
  pace.committed(100);
  EXPECT_TRUE(pace.is_due(at(0))) << "what is committed meanwhile counts for the next";
  pace.succeeded(at(1));
  EXPECT_TRUE(pace.is_due(at(1)));
}

TEST(SnapshotPace, IsDueSoLongAfterTheLastOneIfThereWasARecordSince) {
  SnapshotPace pace({.record_bytes_max = 1000, .interval_ms_max = 50}, at(0));
  pace.begin();
  pace.succeeded(at(100));
  EXPECT_FALSE(pace.is_due(at(10'000))) << "nothing was committed";
  EXPECT_EQ(pace.next_look(), kForever);
  pace.committed(1);
  EXPECT_FALSE(pace.is_due(at(149)));
  EXPECT_EQ(pace.next_look(), at(150));
  EXPECT_TRUE(pace.is_due(at(150)));
}

TEST(SnapshotPace, TheFirstIntervalBeginsWithTheLife) {
  SnapshotPace pace({.record_bytes_max = 1000, .interval_ms_max = 50}, at(7000));
  pace.committed(1);
  EXPECT_FALSE(pace.is_due(at(7049)));
  EXPECT_TRUE(pace.is_due(at(7050)));
}

TEST(SnapshotPace, AFailureIsTriedAgainButNotAtOnce) {
  SnapshotPace pace({.record_bytes_max = 10, .interval_ms_max = 0}, at(0));
  pace.committed(10);
  pace.begin();
  pace.failed(at(0));
  EXPECT_FALSE(pace.is_due(at(999)));
  EXPECT_EQ(pace.next_look(), at(1000));
  EXPECT_TRUE(pace.is_due(at(1000)));
}

TEST(SnapshotPace, ALoadedSnapshotCountsAsTaken) {
  SnapshotPace pace({.record_bytes_max = 10, .interval_ms_max = 50}, at(0));
  pace.committed(10);
  pace.loaded(at(500));
  EXPECT_FALSE(pace.is_due(at(500)));
  pace.committed(1);
  EXPECT_EQ(pace.next_look(), at(550));
}

}  // namespace
}  // namespace gregor::controller
