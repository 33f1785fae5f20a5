// What a power loss may and may not do to a file.
// Method: random writes, truncates and syncs; each byte written carries the number of its operation, so that each
// surviving byte can be traced to its origin.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "sim/file_body.h"

namespace gregor::sim {
namespace {

constexpr std::uint64_t kRange = 4000;

struct Story {
  FileBody file;
  std::vector<SparseBytes> contents;  ///< after 0, 1, 2… operations
  std::size_t synced = 0;             ///< how many of them a sync covered
};

Story draw_story() {
  Story story;
  story.contents.push_back(story.file.content());
  const int steps = *rc::gen::inRange(0, 14);
  for (int step = 1; step <= steps; ++step) {
    const int what = *rc::gen::inRange(0, 8);
    if (what == 0) {
      story.file.truncate(*rc::gen::inRange<std::uint64_t>(0, kRange));
    } else if (what == 1) {
      story.file.sync(story.file.mark());
      story.synced = story.contents.size() - 1;
      continue;
    } else {
      const auto at = *rc::gen::inRange<std::uint64_t>(0, kRange);
      const ByteBuffer bytes(*rc::gen::inRange<std::size_t>(1, 2000), static_cast<std::byte>(story.contents.size()));
      story.file.write(at, bytes);
    }
    story.contents.push_back(story.file.content());
  }
  return story;
}

/// Byte `at` once so many operations were done; none beyond the end.
int byte_after(const Story& story, std::size_t operations, std::uint64_t at) {
  const SparseBytes& content = story.contents[operations];
  return at < content.size() ? std::to_integer<int>(content.byte_at(at)) : -1;
}

RC_GTEST_PROP(FilePowerLoss, EverySurvivingByteIsSyncedOrWrittenLaterOrZeroInAnExtension, ()) {
  Story story = draw_story();
  RandomStream stream(*rc::gen::arbitrary<std::uint64_t>());
  RC_CLASSIFY(story.synced + 1 < story.contents.size(), "something to lose");
  story.file.lose_power(PowerLossContract::any_subset, stream);
  const SparseBytes& survived = story.file.content();
  std::uint64_t size_max = 0;
  std::uint64_t size_min = UINT64_MAX;
  for (std::size_t i = story.synced; i < story.contents.size(); ++i) {
    size_max = std::max(size_max, story.contents[i].size());
    size_min = std::min(size_min, story.contents[i].size());
  }
  RC_ASSERT(survived.size() >= size_min);
  RC_ASSERT(survived.size() <= size_max + kRange);
  for (std::uint64_t at = 0; at < survived.size(); ++at) {
    const int byte = std::to_integer<int>(survived.byte_at(at));
    bool legal = false;
    bool was_beyond_the_end = false;
    for (std::size_t i = story.synced; i < story.contents.size(); ++i) {
      legal = legal || byte_after(story, i, at) == byte;
      was_beyond_the_end = was_beyond_the_end || byte_after(story, i, at) < 0;
    }
    RC_ASSERT(legal || (byte == 0 && was_beyond_the_end));
  }
}

RC_GTEST_PROP(FilePowerLoss, WhatNothingTouchedSinceTheSyncIsUnchanged, ()) {
  Story story = draw_story();
  RandomStream stream(*rc::gen::arbitrary<std::uint64_t>());
  story.file.sync(story.file.mark());
  const SparseBytes before = story.file.content();
  story.file.write(before.size() + 100, bytes_of("far behind the end"));
  story.file.lose_power(PowerLossContract::any_subset, stream);
  RC_ASSERT(story.file.content().size() >= before.size());
  ByteBuffer kept(before.size());
  story.file.content().read(0, kept);
  RC_ASSERT(kept == before.copy());
}

RC_GTEST_PROP(FilePowerLoss, TheOrderedContractKeepsAPrefixAndTearsTheLastWriteAtASector, ()) {
  Story story = draw_story();
  RandomStream stream(*rc::gen::arbitrary<std::uint64_t>());
  story.file.lose_power(PowerLossContract::ordered, stream);
  const ByteBuffer survived = story.file.content().copy();
  bool explained = false;
  for (std::size_t i = story.synced; i < story.contents.size() && !explained; ++i) {
    if (story.contents[i].copy() == survived) explained = true;
    if (i + 1 == story.contents.size()) break;
    // Or: a prefix of the next operation, cut at a sector boundary.
    for (std::uint64_t cut = 0; cut <= 2 * kRange && !explained; cut += kSectorBytes) {
      SparseBytes torn = story.contents[i];
      const ByteBuffer next = story.contents[i + 1].copy();
      for (std::uint64_t at = 0; at < std::min<std::uint64_t>(cut, next.size()); ++at) {
        if (std::to_integer<std::size_t>(next[at]) == i + 1) torn.write(at, Bytes(next).subspan(at, 1));
      }
      explained = torn.copy() == survived;
    }
  }
  RC_ASSERT(explained);
}

TEST(FilePowerLoss, EveryKindOfOutcomeHappens) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 1; seed <= 5000; ++seed) {
    FileBody file;
    file.write(0, ByteBuffer(1024, std::byte{'a'}));
    file.sync(file.mark());
    file.write(0, ByteBuffer(1024, std::byte{'b'}));
    file.write(1024, ByteBuffer(1024, std::byte{'c'}));
    RandomStream stream(seed);
    file.lose_power(PowerLossContract::any_subset, stream);
    const auto letter = [&](std::uint64_t at) {
      return at < file.content().size() ? std::to_integer<char>(file.content().byte_at(at)) : '.';
    };
    std::string outcome;
    for (std::uint64_t at = 0; at < 2048; at += 512) outcome.push_back(letter(at) == '\0' ? '0' : letter(at));
    outcomes.insert(outcome);
  }
  EXPECT_TRUE(outcomes.contains("aa..")) << "all lost";
  EXPECT_TRUE(outcomes.contains("bbcc")) << "all kept";
  EXPECT_TRUE(outcomes.contains("ba..")) << "torn";
  EXPECT_TRUE(outcomes.contains("aacc")) << "the later without the earlier";
  EXPECT_TRUE(outcomes.contains("bb00")) << "a size ahead of its bytes";
  EXPECT_TRUE(outcomes.contains("bb0c")) << "a hole";
  EXPECT_TRUE(outcomes.contains("abc.")) << "a size behind";
}

}  // namespace
}  // namespace gregor::sim
