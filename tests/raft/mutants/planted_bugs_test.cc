// Every bug that can be planted in raft/ is found by the model of tests/raft/support, by the invariant that its row in
// base/mutant_table.h names; and with none planted nothing is found, so that the findings mean something.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "base/mutant_switch.h"
#include "tests/raft/support/chaos.h"
#include "tests/raft/support/stories.h"

namespace gregor::raft::model {
namespace {

using Story = std::function<std::string(std::uint64_t seed)>;

struct Planted {
  Mutant mutant;
  const char* found_by;  ///< the violation's first word
  Story story;
};

std::string chaos(std::uint64_t seed) {
  return run_seed(seed);
}

std::string with_law(Law law, bool with_wipes, std::uint64_t seed) {
  return run_law(law, with_wipes, seed);
}

const std::vector<Planted>& planted() {
  static const std::vector<Planted> all = {
      {Mutant::vote_sent_before_it_is_durable, "K1",
       [](std::uint64_t seed) { return with_law({.voters = 3, .delay = 60, .slow_disk = 400}, false, seed); }},
      {Mutant::vote_reply_of_another_round, "K1",
       [](std::uint64_t seed) { return with_law({.voters = 3, .delay = 200}, false, seed); }},
      {Mutant::leader_resumes_its_epoch, "K1", chaos},
      {Mutant::voter_is_its_node_id, "K2",
       [](std::uint64_t seed) { return with_law({.voters = 3, .is_dynamic = true}, true, seed); }},
      {Mutant::new_directory_votes, "K2", [](std::uint64_t seed) { return with_law({.voters = 3}, true, seed); }},
      {Mutant::follower_fetches_past_flush, "K2", chaos},
      {Mutant::leader_counts_its_unflushed_end, "K2", chaos},
      {Mutant::metadata_commits_before_flush, "K2", chaos},
      {Mutant::observer_fetches_past_flush, "K2",
       [](std::uint64_t seed) {
         return with_law({.voters = 1, .observers = 3, .is_dynamic = true, .slow_disk = 200}, false, seed);
       }},
      {Mutant::commit_without_own_epoch, "K2", chaos},
      {Mutant::voter_change_over_a_voter_change, "K2", two_changes_at_once},
      {Mutant::append_without_leading, "K5", chaos},
      {Mutant::late_answer_cuts_the_log, "K2", chaos},
      {Mutant::epoch_raised_before_pre_vote, "L3", flapping_link},
      {Mutant::pre_vote_over_a_live_leader, "L3", one_cut_link},
      {Mutant::leader_never_checks_its_quorum, "L3", leader_without_quorum},
  };
  return all;
}

TEST(PlantedBugs, EachIsFoundByItsInvariant) {
  for (const Planted& bug : planted()) {
    const MutantRow& row = kMutants[static_cast<std::size_t>(bug.mutant)];
    switch_mutants_off();
    switch_mutant_on(bug.mutant);
    std::string violation;
    int seed = 0;
    while (violation.empty() && seed < row.seeds_max) violation = bug.story(static_cast<std::uint64_t>(++seed));
    const unsigned long reached = times_reached(bug.mutant);
    switch_mutants_off();
    std::printf("%-36s seed %4d  %s\n", row.name, seed, violation.substr(0, violation.find('\n')).c_str());
    EXPECT_TRUE(violation.starts_with(bug.found_by)) << row.name << ", reached " << reached << ": " << violation;
  }
}

TEST(PlantedBugs, WithNoneEveryStoryIsClean) {
  switch_mutants_off();
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(flapping_link(seed), "") << seed;
    EXPECT_EQ(one_cut_link(seed), "") << seed;
    EXPECT_EQ(leader_without_quorum(seed), "") << seed;
    EXPECT_EQ(two_changes_at_once(seed), "") << seed;
  }
}

}  // namespace
}  // namespace gregor::raft::model
