// Every planted bug of replication is found by the cluster's ghost within its tier's seeds, and none is found where
// none is planted. Rows are those of INVARIANTS A1.
#include <gtest/gtest.h>

#include <ostream>
#include <set>
#include <string>

#include "base/mutant_switch.h"
#include "tests/replica/support/cluster.h"

namespace gregor::replica {
namespace {

struct Planted {
  Mutant mutant;
  std::set<std::string> invariants;  ///< that may fire: those listed, or those that follow from them
};

std::ostream& operator<<(std::ostream& out, const Planted& planted) {
  return out << kMutants[static_cast<std::size_t>(planted.mutant)].name;
}

std::optional<Violation> violation_of(std::uint64_t seed) {
  Cluster cluster(seed, settings_of(seed));
  cluster.run();
  return cluster.violation();
}

class ClusterMutants : public testing::TestWithParam<Planted> {
 protected:
  void SetUp() override { switch_mutants_off(); }
  void TearDown() override { switch_mutants_off(); }
};

TEST_P(ClusterMutants, IsKilledWithinItsSeeds) {
  const MutantRow& row = kMutants[static_cast<std::size_t>(GetParam().mutant)];
  switch_mutant_on(GetParam().mutant);
  for (int seed = 1; seed <= row.seeds_max; ++seed) {
    const auto violation = violation_of(static_cast<std::uint64_t>(seed));
    if (!violation) continue;
    EXPECT_TRUE(GetParam().invariants.contains(violation->invariant))
        << violation->invariant << ", " << violation->text;
    std::cout << row.name << " (row " << row.hazard << "): seed " << seed << ", " << violation->invariant << ", "
              << violation->text << "\n";
    return;
  }
  FAIL() << row.name << " survived " << row.seeds_max << " seeds; reached " << times_reached(GetParam().mutant)
         << " times";
}

const std::set<std::string> kLoss{"R1", "R2", "R3", "R5", "R7", "R10"};

INSTANTIATE_TEST_SUITE_P(
    Rows, ClusterMutants,
    testing::Values(
        Planted{Mutant::truncate_to_high_watermark, kLoss}, Planted{Mutant::fetch_without_last_epoch, kLoss},
        Planted{Mutant::unknown_epoch_ends_with_log, kLoss}, Planted{Mutant::leader_epoch_is_not_fenced, kLoss},
        Planted{Mutant::followers_counted_across_epochs, kLoss},
        Planted{Mutant::high_watermark_before_divergence, {"R5", "R10"}},
        Planted{Mutant::epoch_start_is_not_awaited, kLoss}, Planted{Mutant::log_start_is_not_awaited, {"S6"}},
        Planted{Mutant::followers_outlive_epoch, kLoss}, Planted{Mutant::proposal_without_broker_epochs, kLoss},
        Planted{Mutant::high_watermark_ignores_min_isr, kLoss},
        Planted{Mutant::old_answer_beats_metadata, {"R3", "R4"}},
        Planted{Mutant::failed_proposal_stays_in_flight, {"L2", "L4"}},
        Planted{Mutant::min_isr_is_never_checked, kLoss}, Planted{Mutant::acknowledged_by_offset_alone, {"R7"}},
        Planted{Mutant::divergence_before_range, {"L2", "L4"}},
        Planted{Mutant::latest_offset_before_epoch_start, {"R10"}}, Planted{Mutant::follower_reads_to_log_end, {"R10"}},
        Planted{Mutant::late_answer_is_appended, kLoss}, Planted{Mutant::high_watermark_ignores_flush, kLoss}),
    [](const auto& planted) { return std::string(kMutants[static_cast<std::size_t>(planted.param.mutant)].name); });

TEST(ClusterWithoutMutants, NothingIsFoundWhereNothingIsPlanted) {
  switch_mutants_off();
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const auto violation = violation_of(seed);
    ASSERT_FALSE(violation) << "seed " << seed << ": " << violation->invariant << ", " << violation->text;
  }
}

}  // namespace
}  // namespace gregor::replica
