// KIP-101 and KIP-320: which epoch began where, and where the history of a follower or consumer parted from the
// leader's.
#include "storage/leader_epoch_cache.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace gregor::storage {
namespace {

using Entries = std::vector<EpochEntry>;

EpochEntry entry(std::int32_t epoch, std::int64_t start) {
  return {LeaderEpoch{epoch}, Offset{start}};
}

LeaderEpochCache cache_of(const Entries& entries) {
  LeaderEpochCache cache;
  for (const auto& [epoch, start] : entries) cache.assign(epoch, start);
  return cache;
}

const Entries kThree{entry(1, 0), entry(3, 10), entry(4, 20)};

TEST(LeaderEpochCache, AnEpochIsNotedOnceWhereItBegan) {
  LeaderEpochCache cache;
  EXPECT_TRUE(cache.assign(LeaderEpoch{2}, Offset{5}));
  EXPECT_FALSE(cache.assign(LeaderEpoch{2}, Offset{9}));
  EXPECT_EQ(cache.entries(), Entries{entry(2, 5)});
}

TEST(LeaderEpochCache, WhatANewEntryContradictsIsDropped) {
  LeaderEpochCache lower = cache_of(kThree);
  lower.assign(LeaderEpoch{2}, Offset{25});
  EXPECT_EQ(lower.entries(), (Entries{entry(1, 0), entry(2, 25)})) << "greater epochs go";
  LeaderEpochCache earlier = cache_of(kThree);
  earlier.assign(LeaderEpoch{5}, Offset{10});
  EXPECT_EQ(earlier.entries(), (Entries{entry(1, 0), entry(5, 10)})) << "equal and later starts go";
}

TEST(LeaderEpochCache, ACutAtTheEndDropsWhatBeganThereOrBehind) {
  LeaderEpochCache cache = cache_of(kThree);
  EXPECT_FALSE(cache.truncate_from_end(Offset{21}));
  EXPECT_TRUE(cache.truncate_from_end(Offset{20}));
  EXPECT_EQ(cache.entries(), (Entries{entry(1, 0), entry(3, 10)}));
}

TEST(LeaderEpochCache, ACutAtTheStartMovesTheEpochInForce) {
  LeaderEpochCache cache = cache_of(kThree);
  EXPECT_FALSE(cache.truncate_from_start(Offset{0}));
  EXPECT_TRUE(cache.truncate_from_start(Offset{15}));
  EXPECT_EQ(cache.entries(), (Entries{entry(3, 15), entry(4, 20)}));
  EXPECT_TRUE(cache.truncate_from_start(Offset{100}));
  EXPECT_EQ(cache.entries(), Entries{entry(4, 100)});
}

TEST(LeaderEpochCache, TheEpochOfARecordIsTheLastThatBeganAtOrBelowIt) {
  const LeaderEpochCache cache = cache_of({entry(1, 5), entry(3, 10)});
  EXPECT_EQ(cache.epoch_at(Offset{4}), std::nullopt);
  EXPECT_EQ(cache.epoch_at(Offset{5}), LeaderEpoch{1});
  EXPECT_EQ(cache.epoch_at(Offset{9}), LeaderEpoch{1});
  EXPECT_EQ(cache.epoch_at(Offset{1000}), LeaderEpoch{3});
}

TEST(LeaderEpochCache, TheLatestEpochEndsWithTheLog) {
  const LeaderEpochCache cache = cache_of(kThree);
  EXPECT_EQ(cache.end_of(LeaderEpoch{4}, Offset{30}), (EpochEnd{LeaderEpoch{4}, Offset{30}}));
}

TEST(LeaderEpochCache, AnEpochEndsWhereTheNextBegan) {
  const LeaderEpochCache cache = cache_of(kThree);
  EXPECT_EQ(cache.end_of(LeaderEpoch{1}, Offset{30}), (EpochEnd{LeaderEpoch{1}, Offset{10}}));
  EXPECT_EQ(cache.end_of(LeaderEpoch{2}, Offset{30}), (EpochEnd{LeaderEpoch{1}, Offset{10}}))
      << "an epoch without records is answered by the greatest one below it";
}

TEST(LeaderEpochCache, AnEpochBelowAllEndsWhereTheFirstBegan) {
  EXPECT_EQ(cache_of(kThree).end_of(LeaderEpoch{0}, Offset{30}), (EpochEnd{LeaderEpoch{0}, Offset{0}}));
}

TEST(LeaderEpochCache, WhatIsNotKnownHasNoEnd) {
  EXPECT_EQ(cache_of(kThree).end_of(LeaderEpoch{5}, Offset{30}), EpochEnd{});
  EXPECT_EQ(cache_of(kThree).end_of(kNoLeaderEpoch, Offset{30}), EpochEnd{});
  EXPECT_EQ(LeaderEpochCache().end_of(LeaderEpoch{0}, Offset{30}), EpochEnd{});
}

TEST(LeaderEpochCache, AnyWorkLeavesEpochsAndOffsetsRisingAndWritable) {
  EXPECT_TRUE(rc::check("invariant", [](const std::vector<std::array<std::uint8_t, 3>>& steps) {
    LeaderEpochCache cache;
    for (const auto& [what, epoch, offset] : steps) {
      const EpochEntry latest = cache.latest().value_or(entry(0, 0));
      if (what % 8 == 0) cache.truncate_from_end(Offset{offset});
      if (what % 8 == 1) cache.truncate_from_start(Offset{offset});
      if (what % 8 == 2) cache.assign(LeaderEpoch{epoch}, Offset{offset});
      if (what % 8 > 2) cache.assign(latest.epoch + epoch % 3, latest.start_offset + offset % 30);
      for (std::size_t i = 1; i < cache.entries().size(); ++i) {
        RC_ASSERT(cache.entries()[i - 1].epoch < cache.entries()[i].epoch);
        RC_ASSERT(cache.entries()[i - 1].start_offset < cache.entries()[i].start_offset);
      }
    }
    RC_CLASSIFY(cache.entries().size() > 2, "some epochs");
    RC_ASSERT(parse_leader_epochs(format_leader_epochs(cache)).value().entries() == cache.entries());
  }));
}

TEST(LeaderEpochCache, TheFileIsKafkas) {
  EXPECT_EQ(text_of(format_leader_epochs(cache_of(kThree))), "0\n3\n1 0\n3 10\n4 20\n");
}

TEST(LeaderEpochCache, AFileThatDoesNotRiseIsMalformed) {
  for (const std::string_view text : {"0\n1\n1\n", "0\n1\n-1 0\n", "0\n1\n1 -1\n", "0\n2\n1 0\n1 5\n",
                                      "0\n2\n1 5\n2 5\n", "0\n2\n2 0\n1 5\n", "0\n1\n1 2 3\n"}) {
    const auto parsed = parse_leader_epochs(bytes_of(text));
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Errc::malformed);
  }
}

}  // namespace
}  // namespace gregor::storage
