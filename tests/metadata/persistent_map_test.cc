// PersistentMap against std::map: the same answers, and copies that no later change reaches.
#include "metadata/persistent_map.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace gregor::metadata {
namespace {

using Map = PersistentMap<int, std::string>;
using Model = std::map<int, std::string>;

void expect_equal(const Map& map, const Model& model) {
  RC_ASSERT(map.size() == model.size());
  auto expected = model.begin();
  for (const auto& [key, value] : map) {
    RC_ASSERT(key == expected->first && value == expected->second);
    ++expected;
  }
  RC_ASSERT(expected == model.end());
}

RC_GTEST_PROP(PersistentMap, AnswersAsAnOrderedMapAndLeavesCopiesAlone,
              (const std::vector<std::pair<int, bool>>& ops)) {
  Map map;
  Model model;
  std::vector<std::pair<Map, Model>> copies;
  for (const auto& [drawn, is_insert] : ops) {
    const int key = drawn % 50;
    if (is_insert) {
      map.set(key, std::to_string(drawn));
      model.insert_or_assign(key, std::to_string(drawn));
    } else {
      map.erase(key);
      model.erase(key);
    }
    copies.emplace_back(map, model);
  }
  for (const auto& [copy, as_it_was] : copies) expect_equal(copy, as_it_was);
  for (int key = -51; key <= 51; ++key) {
    const auto found = model.find(key);
    RC_ASSERT((map.find(key) != nullptr) == (found != model.end()));
    const auto next = model.lower_bound(key);
    const auto mine = map.lower_bound(key);
    RC_ASSERT((mine == map.end()) == (next == model.end()));
    if (next != model.end()) RC_ASSERT(mine->first == next->first);
  }
}

TEST(PersistentMap, StaysLowForKeysInOrder) {
  Map map;
  for (int key = 0; key < 100'000; ++key) map.set(key, "");
  for (int key = 0; key < 99'990; ++key) map.erase(key);
  int count = 0;
  for (const auto& item : map) count += item.first >= 99'990 ? 1 : 0;
  EXPECT_EQ(count, 10);
}

TEST(PersistentMap, EqualContentsAreEqualWhateverTheHistory) {
  Map up;
  Map down;
  for (int key = 0; key < 100; ++key) up.set(key, "x");
  for (int key = 99; key >= 0; --key) down.set(key, "x");
  EXPECT_TRUE(up == down);
  down.set(5, "y");
  EXPECT_FALSE(up == down);
}

TEST(PersistentMap, ALowerBoundWalksOnToTheEnd) {
  Map map;
  for (int key = 0; key < 1000; key += 10) map.set(key, "");
  int seen = 0;
  for (auto at = map.lower_bound(495); at != map.end(); ++at) EXPECT_EQ(at->first, 500 + 10 * seen++);
  EXPECT_EQ(seen, 50);
}

}  // namespace
}  // namespace gregor::metadata
