// The partition's part in transactions: markers on their way into the log, batches that nobody vouched for, and what
// is known of producers and aborted transactions after a restart.
#include "base/check.h"
#include "base/mutant.h"
#include "partition/partition.h"
#include "partition/producer_replay.h"
#include "partition/snapshot_entries.h"
#include "record/batch_builder.h"

namespace gregor::partition {

bool Partition::lacks_transaction_check(const AppendAsk& ask) const {
  if (ask.transaction_check == TransactionCheck::waived) return false;
  const auto batch = record::BatchView::parse_header(ask.records);
  if (!batch || !batch->is_transactional() || !batch->has_producer_id()) return false;
  return !producers_.has_open_transaction(batch->producer_id(), batch->producer_epoch());
}

void Partition::submit_marker(const EndTransaction& end, AppendDone done) {
  if (const auto error = early_refusal(); error != PartitionError::none) {
    return done(AppendOutcome{.error = static_cast<std::int16_t>(error)});
  }
  const WallTime now = seat_.shard.clock.wall_now();
  const auto type = end.is_abort ? record::ControlType::abort : record::ControlType::commit;
  const auto bytes = std::make_shared<ByteBuffer>(record::end_transaction_marker(
      Offset{0}, LeaderEpoch{0}, now, end.producer_id, end.epoch, type, end.coordinator_epoch));
  Entry entry{.ask = {.records = *bytes, .owner = bytes},
              .done = std::move(done),
              .check = {},
              .marker = replica::EndMarker{.producer_id = end.producer_id,
                                           .epoch = end.epoch,
                                           .coordinator_epoch = end.coordinator_epoch,
                                           .is_abort = end.is_abort,
                                           .timestamp = now,
                                           .transaction_version = end.transaction_version},
              .verdict = {},
              .outcome = {}};
  entry.check.batch = *bytes;
  if (config_.message_timestamp_type == config::TimestampType::log_append_time) {
    entry.check.time = record::BatchStamp::Time{record::TimestampType::log_append_time, now};
  }
  queue_.push_back(std::move(entry));
  kick();
}

void Partition::judge_marker(Group& group, Entry& entry, const record::BatchView& batch) {
  const auto verdict = producers_.judge(*entry.marker, replica::AppendOrigin::client);
  if (verdict != replica::ProducerVerdict::accepted) {
    entry.verdict = Verdict::refused;
    entry.outcome.error = static_cast<std::int16_t>(verdict);
    return;
  }
  if (const auto aborted = producers_.apply(*entry.marker, group.end_after)) {
    group.aborted.push_back(index_entry(*aborted));
  }
  stamp(group, entry, batch);
}

/// Each from a snapshot on, through the rest of the log. The table from the newest: below it compaction may have taken
/// markers that nothing else tells of. Transaction indexes that recovery left unknown from one that is older than the
/// first of them, so that every abort behind it is seen.
Result<void> Partition::rebuild_producers(env::Fiber& self) {
  producers_.clear();  // an opening that failed for want of space is tried again
  const Offset end = log_->log_end();
  TRY_ASSIGN(const Offset from, load_producers(self, end, producers_));
  const auto unknown_from = log_->aborted_unknown_from();
  if (!unknown_from) return walk_producers(self, from, producers_, nullptr);
  std::vector<storage::AbortedTransaction> aborted;
  replica::ProducerTable past;
  TRY_ASSIGN(const Offset past_from, load_producers(self, std::min(*unknown_from, end), past));
  if (past_from == from) {
    TRY(walk_producers(self, from, producers_, &aborted));
  } else {
    TRY(walk_producers(self, past_from, past, &aborted));
    TRY(walk_producers(self, from, producers_, nullptr));
  }
  std::erase_if(aborted, [&](const storage::AbortedTransaction& one) { return one.last_offset < *unknown_from; });
  return log_->rewrite_aborted(self, aborted);
}

/// What the newest snapshot at or below `at_most` holds, and where to go on from there.
Result<Offset> Partition::load_producers(env::Fiber& self, Offset at_most, replica::ProducerTable& into) {
  TRY_ASSIGN(const auto snapshot, log_->newest_producer_snapshot(self, at_most));
  // Below the log start too, as far as there are batches: the marker of a transaction in the snapshot may stand there.
  if (!snapshot) return Offset{0};
  auto entries = replica_entries(snapshot->producers);
  if (MUTANT(open_transactions_lost_at_restart)) {
    for (auto& entry : entries) entry.transaction_first_offset = kNoOffset;
  }
  into.load(entries, log_->log_end(), seat_.shard.clock.wall_now(), seat_.settings.producer_id_expiration_ms);
  return snapshot->offset;
}

Result<void> Partition::walk_producers(env::Fiber& self, Offset from, replica::ProducerTable& table,
                                       std::vector<storage::AbortedTransaction>* aborted) {
  if (from >= log_->log_end()) return {};
  return log_->scan(self, from, log_->log_end(), [&](const record::BatchView& batch) -> Result<void> {
    TRY_ASSIGN(const auto ended, replay(table, batch));
    if (ended && aborted != nullptr) aborted->push_back(*ended);
    return {};
  });
}

}  // namespace gregor::partition
