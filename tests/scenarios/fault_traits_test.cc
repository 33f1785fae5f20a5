// The table of the faults: each kind has a row of its own, and the rows say what the budget of faults rests on.
#include "scenarios/fault_traits.h"

#include <gtest/gtest.h>

#include <set>

namespace gregor::scenarios {
namespace {

TEST(FaultTraitsTest, EveryKindHasANameOfItsOwnThatLeadsBackToIt) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kFaultKindCount; ++i) {
    const auto kind = static_cast<FaultKind>(i);
    EXPECT_TRUE(names.insert(name_of(kind)).second) << name_of(kind);
    EXPECT_EQ(fault_kind_of(name_of(kind)), kind);
  }
  EXPECT_EQ(fault_kind_of("earthquake"), std::nullopt);
}

TEST(FaultTraitsTest, LostPowerCostsWhatWasNotFlushedACrashTheProcessAloneAndACutNothing) {
  EXPECT_EQ(traits_of(FaultKind::power_loss).cost, FaultCost::content);
  EXPECT_EQ(traits_of(FaultKind::fail_flushes).cost, FaultCost::content);
  EXPECT_EQ(traits_of(FaultKind::crash).cost, FaultCost::life);
  EXPECT_EQ(traits_of(FaultKind::lost_indexes).cost, FaultCost::life);
  EXPECT_EQ(traits_of(FaultKind::cut_off).cost, FaultCost::nothing);
}

}  // namespace
}  // namespace gregor::scenarios
