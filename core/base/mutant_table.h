// Every planted bug: name, the hazard it revives, the invariant that must catch it, and the seeds it may take.
// Included only by the mutants build and by the tools that list it.
#pragma once

#include <array>
#include <cstddef>

namespace gregor {

// X(name, row of the hazard, invariant that fires, seeds allowed)
// Found by simulated lives of a broker.
#define GREGOR_LIFE_MUTANTS(X)                                \
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
  X(coordinator_answers_before_commit, "24", "G2", 100)       \
  X(config_removal_is_ignored, "K3", "K2", 100)               \
  X(open_logs_keep_their_config, "C1", "C1", 100)             \
  X(decision_answered_before_commit, "41", "K2", 100)         \
  X(broker_settings_lost_at_restart, "C1", "C1", 1000)        \
  X(snapshot_not_synced, "62", "K4", 1000)                    \
  X(log_trimmed_before_snapshot, "62", "K4", 100)             \
  X(snapshot_named_by_last_offset, "63", "K4", 100)           \
  X(snapshot_misses_producer_ids, "63", "K4", 100)            \
  X(copy_takes_the_place_early, "KIP-113", "S1", 100)         \
  X(old_folder_goes_before_the_lines, "KIP-113", "S1", 1000)

// Found by simulated lives of several brokers (gregor-mutants sim --cluster).
#define GREGOR_CLUSTER_MUTANTS(X)                        \
  X(unopened_logs_are_marked_clean, "125", "S1", 10000)  \
  X(coordinator_serves_uncommitted, "103", "G3", 1000)   \
  X(checkpoint_forgets_unopened_logs, "26", "R5", 1000)  \
  X(epoch_begins_with_its_first_record, "4", "R1", 1000) \
  X(replica_returns_before_it_is_gone, "35", "R3", 1000) \
  X(images_ignored_while_leaving, "38", "R6", 1000)      \
  X(damaged_copy_is_cut_at_once, "D10", "R2", 1000)

// Found by the model of one layer, in tests/LAYER/mutants: neither comes to where they lie within its seeds. One that
// takes a guard away which no right run reaches is found in no seeds alone: it is planted together with another, which
// must be found all the same.
#define GREGOR_MODEL_MUTANTS(X)                          \
  X(vote_sent_before_it_is_durable, "49", "K1", 1000)    \
  X(vote_reply_of_another_round, "61", "K1", 1000)       \
  X(voter_is_its_node_id, "56", "K2", 1000)              \
  X(new_directory_votes, "56", "K2", 1000)               \
  X(new_quorum_is_taken_on_trust, "56", "K2", 1000)      \
  X(follower_fetches_past_flush, "48", "K2", 1000)       \
  X(leader_counts_its_unflushed_end, "48", "K2", 1000)   \
  X(observer_fetches_past_flush, "57", "K2", 1000)       \
  X(commit_without_own_epoch, "Raft 5.4.2", "K2", 1000)  \
  X(epoch_raised_before_pre_vote, "54", "L3", 1000)      \
  X(pre_vote_over_a_live_leader, "54", "L3", 1000)       \
  X(voter_change_over_a_voter_change, "55", "K2", 1000)  \
  X(former_directory_keeps_the_place, "56", "L3", 1000)  \
  X(append_without_leading, "41", "K5", 1000)            \
  X(late_answer_cuts_the_log, "59", "K2", 1000)          \
  X(committed_records_may_be_cut, "52", "K2", 0)         \
  X(leader_never_checks_its_quorum, "53a", "L3", 1000)   \
  X(truncate_to_high_watermark, "1", "R2", 100)          \
  X(fetch_without_last_epoch, "2", "R1", 100)            \
  X(unknown_epoch_ends_with_log, "3", "R1", 1000)        \
  X(leader_epoch_is_not_fenced, "7", "R5", 1000)         \
  X(followers_counted_across_epochs, "8", "R3", 10000)   \
  X(high_watermark_before_divergence, "10", "R10", 1000) \
  X(epoch_start_is_not_awaited, "12", "R3", 1000)        \
  X(log_start_is_not_awaited, "KIP-107", "S6", 1000)     \
  X(followers_outlive_epoch, "14", "R3", 10000)          \
  X(proposal_without_broker_epochs, "16", "R3", 1000)    \
  X(high_watermark_ignores_min_isr, "19", "R5", 1000)    \
  X(old_answer_beats_metadata, "21", "R4", 1000)         \
  X(failed_proposal_stays_in_flight, "22", "L2", 100)    \
  X(min_isr_is_never_checked, "24", "R7", 100)           \
  X(acknowledged_by_offset_alone, "24", "R7", 1000)      \
  X(divergence_before_range, "28", "L2", 100)            \
  X(latest_offset_before_epoch_start, "30", "R10", 100)  \
  X(follower_reads_to_log_end, "31", "R10", 100)         \
  X(session_forgets_leader_epoch, "32", "R5", 100)       \
  X(late_answer_is_appended, "34", "R1", 100)            \
  X(isr_takes_fenced_brokers, "15", "R4", 1000)          \
  X(isr_takes_former_lives, "16", "R3", 1000)            \
  X(unclean_shutdown_is_ignored, "18", "R3", 1000)       \
  X(dead_last_leader_is_elected, "18b", "L1", 1000)      \
  X(broker_epoch_is_ignored, "40", "K5", 100)            \
  X(expiries_from_one_image, "42", "R4", 100)            \
  X(apply_error_is_ignored, "44", "K3", 100)             \
  X(new_isr_takes_fenced_brokers, "46", "R4", 100)

enum class Mutant : unsigned char {
#define GREGOR_MUTANT_ENUMERATOR(name, row, invariant, seeds) name,
  GREGOR_LIFE_MUTANTS(GREGOR_MUTANT_ENUMERATOR) GREGOR_CLUSTER_MUTANTS(GREGOR_MUTANT_ENUMERATOR)
      GREGOR_MODEL_MUTANTS(GREGOR_MUTANT_ENUMERATOR)
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
    GREGOR_LIFE_MUTANTS(GREGOR_MUTANT_ROW) GREGOR_CLUSTER_MUTANTS(GREGOR_MUTANT_ROW)
        GREGOR_MODEL_MUTANTS(GREGOR_MUTANT_ROW)
#undef GREGOR_MUTANT_ROW
});

/// So many rows, the first, are those that simulated lives of one broker find, and so many behind them those that lives
/// of several find.
#define GREGOR_COUNT_ONE(name, row, invariant, seeds) +1
inline constexpr std::size_t kLifeMutants = 0 GREGOR_LIFE_MUTANTS(GREGOR_COUNT_ONE);
inline constexpr std::size_t kClusterMutants = 0 GREGOR_CLUSTER_MUTANTS(GREGOR_COUNT_ONE);
#undef GREGOR_COUNT_ONE

}  // namespace gregor
