// Every planted bug: name, the hazard it revives, the invariant that must catch it, and the seeds it may take.
// Included only by the mutants build and by the tools that list it.
#pragma once

#include <array>
#include <cstddef>

namespace gregor {

// X(name, row of the hazard, invariant that fires, seeds allowed)
#define GREGOR_MUTANT_TABLE(X)                                \
  X(folder_matched_by_name, "36", "S7", 100)                  \
  X(answer_duplicate_at_once, "68", "R7", 100)                \
  X(producer_table_before_write, "71", "P1", 100)             \
  X(acknowledge_before_write, "24", "R7", 100)                \
  X(acknowledge_before_flush, "128", "S2", 100)               \
  X(high_watermark_before_flush, "48", "R10", 100)            \
  X(read_beyond_high_watermark, "31", "R10", 100)             \
  X(retention_past_high_watermark, "27", "R8", 100)           \
  X(producer_id_block_given_twice, "45", "K6", 100)           \
  X(metadata_commits_before_flush, "48", "K2", 100)           \
  X(quorum_state_not_synced, "49", "K1", 100)                 \
  X(leader_resumes_its_epoch, "50", "K1", 100)                \
  X(metadata_skips_crc, "65", "S4", 100)                      \
  X(replace_file_in_place, "135", "S3", 100)                  \
  X(skip_directory_fsync, "126", "S1", 100)                   \
  X(recovery_point_before_flush, "123", "S1", 100)            \
  X(clean_mark_without_close, "125", "S1", 1000)              \
  X(failed_flush_is_ignored, "128", "S2", 100)                \
  X(recovery_skips_crc, "129", "S1", 100)                     \
  X(trust_stale_index, "131", "S3", 1000)                     \
  X(dedup_window_of_one, "67", "P1", 100)                     \
  X(failed_append_keeps_producer_state, "71", "P3", 100)      \
  X(sequence_never_wraps, "74", "P2", 100)                    \
  X(any_sequence_is_in_order, "75", "P2", 100)                \
  X(high_watermark_ignores_flush, "48", "S2", 100)            \
  X(aborted_index_failure_is_ignored, "94", "T2", 1000)       \
  X(aborted_index_lost_at_recovery, "94", "T2", 100)          \
  X(stable_offset_ignores_open_transactions, "T4", "T2", 100) \
  X(aborted_list_is_empty, "T2", "T2", 100)                   \
  X(marker_is_not_fenced, "83", "T3", 100)                    \
  X(open_transactions_lost_at_restart, "89", "T2", 100)       \
  X(cleaner_drops_markers_early, "115", "T4", 1000)           \
  X(cleaner_drops_tombstones_at_once, "115", "S5", 100)       \
  X(cleaned_segment_not_flushed, "126", "S1", 100)            \
  X(swap_not_durable, "122", "S1", 1000)                      \
  X(log_start_not_checkpointed, "S6", "S6", 100)              \
  X(pending_members_never_expire, "111", "L5", 1000)          \
  X(static_rejoin_keeps_round, "108", "L5", 1000)             \
  X(static_member_never_fenced, "106", "G1", 1000)            \
  X(live_offsets_expire, "110", "G2", 1000)                   \
  X(load_keeps_first_offset, "101", "G2", 1000)               \
  X(leader_epoch_lost_on_load, "114", "G2", 1000)             \
  X(old_generation_commits, "96", "G2", 1000)                 \
  X(generation_stands_still, "G3", "G3", 1000)                \
  X(coordinator_answers_before_commit, "24", "G2", 200)       \
  X(config_removal_is_ignored, "K3", "K2", 100)               \
  X(open_logs_keep_their_config, "C1", "C1", 100)             \
  X(decision_answered_before_commit, "41", "K2", 100)         \
  X(broker_settings_lost_at_restart, "C1", "C1", 1000)

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
