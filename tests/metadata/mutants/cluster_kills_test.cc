// Each planted bug of the controller's decisions is found by the model, and by the invariant that names it.
// Method: the same model over the same sources, built with their bugs; one is switched on at a time.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/mutant_switch.h"
#include "tests/metadata/support/cluster_model.h"

namespace gregor::metadata {
namespace {

constexpr std::uint64_t kSeedsMax = 100;
constexpr int kSteps = 400;

struct Planted {
  Mutant mutant;
  const char* invariant;
};
/// The name a test gets: that of the bug.
std::string name_of(const testing::TestParamInfo<Planted>& planted) {
  return kMutants[static_cast<std::size_t>(planted.param.mutant)].name;
}

class ClusterKills : public testing::TestWithParam<Planted> {
 protected:
  ~ClusterKills() override { switch_mutants_off(); }
};

TEST_P(ClusterKills, ByTheInvariantNamed) {
  switch_mutants_off();
  switch_mutant_on(GetParam().mutant);
  std::map<std::string, int> others;
  for (std::uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    ClusterModel model(seed);
    const auto broken = model.run(kSteps);
    if (!broken) continue;
    if (broken->starts_with(GetParam().invariant)) {
      RecordProperty("seed", static_cast<int>(seed));
      return;
    }
    ++others[*broken];
  }
  std::string found;
  for (const auto& [what, times] : others) found += "\n  " + std::to_string(times) + " x " + what;
  ADD_FAILURE() << "survived " << kSeedsMax << " seeds, reached " << times_reached(GetParam().mutant)
                << " times in the last; other findings:" << found;
}

INSTANTIATE_TEST_SUITE_P(
    All, ClusterKills,
    testing::Values(Planted{Mutant::isr_takes_fenced_brokers, "R4"}, Planted{Mutant::isr_takes_former_lives, "R3"},
                    Planted{Mutant::unclean_shutdown_is_ignored, "R3"},
                    Planted{Mutant::dead_last_leader_is_elected, "L1"}, Planted{Mutant::broker_epoch_is_ignored, "K5"},
                    Planted{Mutant::expiries_from_one_image, "R4"}, Planted{Mutant::apply_error_is_ignored, "K3"},
                    Planted{Mutant::producer_id_block_given_twice, "K6"},
                    Planted{Mutant::new_isr_takes_fenced_brokers, "R4"}),
    name_of);

TEST(ClusterWithoutBugs, NothingIsFound) {
  switch_mutants_off();
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    ClusterModel model(seed);
    EXPECT_EQ(model.run(kSteps), std::nullopt) << "seed " << seed;
  }
}

}  // namespace
}  // namespace gregor::metadata
