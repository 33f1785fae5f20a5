// Judgements over whole client histories, after all faults were healed and the logs were read from start to end.
// Each takes what clients saw, never what the broker says of itself. None has an effect but on the verdict.
#pragma once

#include "properties/history.h"
#include "properties/violation.h"

namespace gregor::properties {

/// J1 (R7): what was acknowledged inside the fault budget stands at the end, at the offset that was answered.
void acked_writes_survive(const History& history, Verdict& verdict);
/// R8: the final log of a partition is dense from its first offset, each offset once.
void offsets_are_dense(const History& history, Verdict& verdict);
/// S4, S7: whatever was read had been sent to that partition of that topic id.
void values_were_sent(const History& history, Verdict& verdict);
/// P1 (J3): a value sent by an idempotent producer stands at most once; a refused one does not stand.
void values_stand_as_sent(const History& history, Verdict& verdict);
/// J2 (S4): whoever read an offset read the same value, unless a legal loss lies between the readings.
void reads_agree(const History& history, Verdict& verdict);
/// J6, J7 (R10): each reader saw rising offsets without a gap between two of its reads of one partition in one sitting,
/// and what it read inside the fault budget stands at the end.
void reads_stand_at_the_end(const History& history, Verdict& verdict);
/// P2 (J9): values that one client sent to one partition and had acknowledged stand in the order it sent them.
void send_order_is_log_order(const History& history, Verdict& verdict);

/// K2: topics are made and deleted in one order that all answers agree with, and the end of it stands at the end.
/// In topic_order.cc.
void topics_stand_as_answered(const History& history, Verdict& verdict);
/// K6: no producer id is given twice.
void producer_ids_are_given_once(const History& history, Verdict& verdict);
/// P2: the next sequence of a known producer is never refused. P3: a copy of one of its five newest batches is answered
/// as the original was.
void sequences_are_answered(const History& history, Verdict& verdict);
/// S3: who asks for an offset gets the record that stands there.
void seeks_find_their_offset(const History& history, Verdict& verdict);

/// G1: no two members of a group are told the same partition for one generation. In groups.cc, as the next five.
void generations_share_out_once(const History& history, Verdict& verdict);
/// G1: once a static member has come back under a new member id and was told its part, its former life commits nothing.
void fenced_members_commit_nothing(const History& history, Verdict& verdict);
/// L5: whoever is told its part of a generation is told what that generation's leader planned for it.
void parts_are_as_planned(const History& history, Verdict& verdict);
/// L5: a group waits for nobody who is not there.
void lonely_members_rebalance_at_once(const History& history, Verdict& verdict);
/// G3: who joins after a generation was told to somebody is told no earlier one.
void generations_rise(const History& history, Verdict& verdict);
/// G2: what a group is said to have committed is the last acknowledged commit, or one that was under way beside it; a
/// refused commit is never seen, and none of a generation that is over is acknowledged.
void commits_are_kept(const History& history, Verdict& verdict);

/// T2: readers of committed records saw none of an open or aborted transaction. In transactions.cc, as the next three.
void committed_reads_are_committed(const History& history, Verdict& verdict);
/// T1: at the end, every record of a committed transaction stands, once, at the offset that was answered.
void committed_transactions_are_whole(const History& history, Verdict& verdict);
/// T4: the last stable offset never falls, lies at or below the high watermark, and is equal to it once all is ended.
/// S6: what was deleted stays deleted.
void stable_offsets_rise(const History& history, Verdict& verdict);
/// T3: no marker that came too late is accepted.
void late_markers_are_refused(const History& history, Verdict& verdict);

/// S5: whoever reads a compacted topic finds of each key the last value that was acknowledged before, or a newer one,
/// at the offset it was given, in the order of offsets. In compaction.cc.
void compacted_logs_keep_last_values(const History& history, Verdict& verdict);

/// K2: a config is what was acknowledged last, or what a change without an answer may have made of it. C1: writes are
/// taken, refused, stamped and kept as the configs say that surely hold. In configs.cc.
void configs_are_followed(const History& history, Verdict& verdict);

/// R10: only offsets below a log's start are out of range (or lost ones). S6: nothing below it is served. In
/// log_starts.cc, as the next one.
void readers_meet_the_log_start(const History& history, Verdict& verdict);
/// S6: what was deleted on request does not stand at the end.
void deleted_records_stay_deleted(const History& history, Verdict& verdict);

/// All of the above.
void judge_history(const History& history, Verdict& verdict);

}  // namespace gregor::properties
