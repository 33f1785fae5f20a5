#include "replica/epoch_rule.h"

#include <algorithm>

#include "base/mutant.h"

namespace gregor::replica {

namespace {

bool is_in_range(const LogView& log, Offset offset) {
  return log.log_start <= offset && offset <= log.log_end;
}

}  // namespace

EpochEnd epoch_end_in(const LogView& log, LeaderEpoch asked) {
  const EpochEnd end = end_of_epoch(log.history, asked, log.log_end);
  if (MUTANT(unknown_epoch_ends_with_log) && end.is_known() && end.epoch != asked) return {asked, log.log_end};
  return end;
}

FetchRuling judge_position(const LogView& log, const ReaderPosition& reader) {
  if (reader.offset < log.log_start && !MUTANT(divergence_before_range)) return {ReplicaVerdict::offset_out_of_range};
  if (reader.last_fetched_epoch >= LeaderEpoch{0}) {
    const EpochEnd end = epoch_end_in(log, reader.last_fetched_epoch);
    if (!end.is_known()) return {ReplicaVerdict::offset_out_of_range};
    if (end.epoch < reader.last_fetched_epoch || end.end_offset < reader.offset) {
      return {ReplicaVerdict::served, end};
    }
  }
  if (!is_in_range(log, reader.offset)) return {ReplicaVerdict::offset_out_of_range};
  return {};
}

bool has_compared(const LogView& log, const ReaderPosition& follower, Offset followers_log_start) {
  if (follower.last_fetched_epoch == kNoLeaderEpoch || followers_log_start == kNoOffset) return true;
  const bool is_known = !log.history.empty() && log.history.front().epoch <= follower.last_fetched_epoch;
  return is_known || followers_log_start >= log.log_start;
}

Offset truncation_offset(const LogView& own, const EpochEnd& answer) {
  const Offset leaders = std::min(answer.end_offset, own.log_end);
  const EpochEnd ours = end_of_epoch(own.history, answer.epoch, own.log_end);
  // Nothing of the answered epoch or below it stands here, nor is known: the leader's word alone counts.
  if (!ours.is_known()) return leaders;
  // The epoch is not in our history: what we have below it must be compared first, so ask on from there.
  if (ours.epoch != answer.epoch) return std::min(ours.end_offset, own.log_end);
  return std::min(ours.end_offset, leaders);
}

}  // namespace gregor::replica
