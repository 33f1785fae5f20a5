// Every planted bug: name, the hazard it revives, the invariant that must catch it, and the seeds it may take.
// Included only by the mutants build and by the tools that list it.
#pragma once

#include <array>
#include <cstddef>

namespace gregor {

// X(name, row of the hazard, invariant that fires, seeds allowed)
#define GREGOR_MUTANT_TABLE(X) \
  X(producer_id_block_given_twice, "45", "K6", 100) \
  X(metadata_commits_before_flush, "48", "K2", 100) \
  X(quorum_state_not_synced, "49", "K1", 100) \
  X(leader_resumes_its_epoch, "50", "K1", 100) \
  X(metadata_skips_crc, "65", "S4", 100) \
  X(replace_file_in_place, "135", "S3", 100) \
  X(skip_directory_fsync, "126", "S1", 100) \
  X(crash_keeps_cleared_table, "71", "P3", 100)

enum class Mutant : unsigned char {
#define GREGOR_MUTANT_ENUMERATOR(name, row, invariant, seeds) name,
  GREGOR_MUTANT_TABLE(GREGOR_MUTANT_ENUMERATOR)
#undef GREGOR_MUTANT_ENUMERATOR
};

struct MutantRow {
  const char* name;
  const char* hazard;
  const char* invariant;
  int seeds_max;
};

inline constexpr auto kMutants = std::to_array<MutantRow>({
#define GREGOR_MUTANT_ROW(name, row, invariant, seeds) {#name, row, invariant, seeds},
    GREGOR_MUTANT_TABLE(GREGOR_MUTANT_ROW)
#undef GREGOR_MUTANT_ROW
});

}  // namespace gregor
