// Replicas over brokers and racks: how even, how far apart.
#include "metadata/rack_spread.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

namespace gregor::metadata {
namespace {

std::vector<UsableBroker> brokers_on(const std::vector<int>& rack_sizes) {
  std::vector<UsableBroker> brokers;
  std::int32_t id = 0;
  for (std::size_t rack = 0; rack < rack_sizes.size(); ++rack) {
    for (int i = 0; i < rack_sizes[rack]; ++i) brokers.push_back({NodeId{++id}, "rack-" + std::to_string(rack)});
  }
  return brokers;
}

struct Skew {
  int leaders = 0;
  int replicas = 0;
  std::size_t racks_least = 1000;
};
Skew skew_of(const std::vector<UsableBroker>& brokers, const std::vector<std::vector<NodeId>>& placed) {
  std::map<NodeId, int> leads;
  std::map<NodeId, int> replicas;
  std::map<NodeId, std::string> racks;
  for (const UsableBroker& broker : brokers) {
    leads[broker.id] = replicas[broker.id] = 0;
    racks[broker.id] = broker.rack;
  }
  Skew skew;
  for (const auto& partition : placed) {
    ++leads[partition.front()];
    std::set<std::string> touched;
    for (const NodeId id : partition) {
      ++replicas[id];
      touched.insert(racks[id]);
    }
    skew.racks_least = std::min(skew.racks_least, touched.size());
  }
  const auto spread = [](const std::map<NodeId, int>& counts) {
    int least = 1 << 30;
    int most = 0;
    for (const auto& [id, count] : counts) {
      least = std::min(least, count);
      most = std::max(most, count);
    }
    return most - least;
  };
  skew.leaders = spread(leads);
  skew.replicas = spread(replicas);
  return skew;
}

void check_distinct(const std::vector<std::vector<NodeId>>& placed, std::size_t factor) {
  for (const auto& partition : placed) {
    RC_ASSERT(partition.size() == factor);
    RC_ASSERT(std::set<NodeId>(partition.begin(), partition.end()).size() == factor);
  }
}

RC_GTEST_PROP(RackSpreadProperty, EquallyLargeRacksShareEvenlyWhateverTheCount, (std::uint64_t seed)) {
  const int racks = *rc::gen::inRange(1, 6);
  const int each = *rc::gen::inRange(1, 6);
  const auto brokers = brokers_on(std::vector<int>(static_cast<std::size_t>(racks), each));
  const int factor = *rc::gen::inRange(1, std::min(racks * each, 6) + 1);
  const int count = *rc::gen::inRange(1, 200);
  RandomStream random(seed);
  const auto placed = spread_over_racks(brokers, count, static_cast<std::size_t>(factor), random);
  check_distinct(placed, static_cast<std::size_t>(factor));
  const Skew skew = skew_of(brokers, placed);
  RC_ASSERT(skew.leaders <= 1);
  RC_ASSERT(skew.replicas <= 1);
  RC_ASSERT(skew.racks_least == static_cast<std::size_t>(std::min(racks, factor)));
  RC_CLASSIFY(count % (racks * each) != 0, "a round was not finished");
}

RC_GTEST_PROP(RackSpreadProperty, RacksOfAnySizeAreKeptApartAndLeadersEven, (std::uint64_t seed)) {
  const auto sizes = *rc::gen::container<std::vector<int>>(4, rc::gen::inRange(1, 5));
  const auto brokers = brokers_on(sizes);
  const int factor = *rc::gen::inRange(1, 5);
  RandomStream random(seed);
  const auto placed = spread_over_racks(brokers, 60, static_cast<std::size_t>(factor), random);
  check_distinct(placed, static_cast<std::size_t>(factor));
  const Skew skew = skew_of(brokers, placed);
  RC_ASSERT(skew.leaders <= 1);
  RC_ASSERT(skew.racks_least == static_cast<std::size_t>(factor));
}

TEST(RackSpread, PartnersChangeFromRoundToRound) {
  const auto brokers = brokers_on({6});
  RandomStream random(1);
  std::map<NodeId, std::set<NodeId>> partners;
  for (const auto& partition : spread_over_racks(brokers, 120, 3, random)) {
    for (const NodeId id : partition) partners[id].insert(partition.begin(), partition.end());
  }
  for (const auto& [id, others] : partners) EXPECT_EQ(others.size(), 6u) << "what it held is shared among all others";
}

}  // namespace
}  // namespace gregor::metadata
