// The planted bug of fetch sessions is found by the ghost over both halves of one. Rows are those of INVARIANTS A1.
#include <gtest/gtest.h>

#include "base/mutant_switch.h"
#include "tests/broker/support/session_model.h"

namespace gregor::broker {
namespace {

TEST(FetchSessionMutants, ASessionThatForgetsTheLeaderEpochIsFoundWithinItsSeeds) {
  const MutantRow& row = kMutants[static_cast<std::size_t>(Mutant::session_forgets_leader_epoch)];
  switch_mutants_off();
  EXPECT_FALSE(test::SessionModel(1).run(200));
  switch_mutant_on(Mutant::session_forgets_leader_epoch);
  std::optional<std::string> violation;
  int seed = 0;
  while (!violation && seed < row.seeds_max)
    violation = test::SessionModel(static_cast<std::uint64_t>(++seed)).run(200);
  switch_mutants_off();
  ASSERT_TRUE(violation) << "survived " << seed << " seeds";
  EXPECT_TRUE(violation->starts_with(row.invariant)) << *violation;
}

}  // namespace
}  // namespace gregor::broker
