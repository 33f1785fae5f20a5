// Where readers stopped, so that they go on without a search.
#include "storage/seek_hints.h"

#include <gtest/gtest.h>

namespace gregor::storage {
namespace {

TEST(SeekHints, AReaderFindsWhereItStopped) {
  SeekHints hints;
  hints.note(Offset{0}, Offset{10}, FilePosition{500});
  EXPECT_EQ(hints.find(Offset{0}, Offset{10}), FilePosition{500});
  EXPECT_EQ(hints.find(Offset{0}, Offset{11}), std::nullopt);
  EXPECT_EQ(hints.find(Offset{5}, Offset{10}), std::nullopt) << "another segment's position";
}

TEST(SeekHints, TheOldestOfEightMakesRoom) {
  SeekHints hints;
  for (int i = 0; i < 9; ++i) hints.note(Offset{0}, Offset{i}, FilePosition{static_cast<std::uint64_t>(i)});
  EXPECT_EQ(hints.find(Offset{0}, Offset{0}), std::nullopt);
  for (int i = 1; i < 9; ++i) EXPECT_EQ(hints.find(Offset{0}, Offset{i}), FilePosition{static_cast<std::uint64_t>(i)});
}

TEST(SeekHints, NothingIsRememberedAfterACut) {
  SeekHints hints;
  hints.note(Offset{0}, Offset{10}, FilePosition{500});
  hints.clear();
  EXPECT_EQ(hints.find(Offset{0}, Offset{10}), std::nullopt);
}

}  // namespace
}  // namespace gregor::storage
