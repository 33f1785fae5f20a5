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

/// From a snapshot on, through the rest of the log. Where recovery left the transaction indexes unknown, from a
/// snapshot that is older than the first unknown one, so that every abort behind it is seen.
Result<void> Partition::rebuild_producers(env::Fiber& self) {
  producers_.clear();  // an opening that failed for want of space is tried again
  const auto unknown_from = log_->aborted_unknown_from();
  TRY_ASSIGN(const auto snapshot,
             log_->newest_producer_snapshot(self, std::min(unknown_from.value_or(log_->log_end()), log_->log_end())));
  // Below the log start too, as far as there are batches: the marker of a transaction in the snapshot may stand there.
  Offset from{0};
  if (snapshot) {
    auto entries = replica_entries(snapshot->producers);
    if (MUTANT(open_transactions_lost_at_restart)) {
      for (auto& entry : entries) entry.transaction_first_offset = kNoOffset;
    }
    producers_.load(entries, log_->log_end(), seat_.shard.clock.wall_now(), seat_.settings.producer_id_expiration_ms);
    from = snapshot->offset;
  }
  return replay_producers(self, from, unknown_from);
}

Result<void> Partition::replay_producers(env::Fiber& self, Offset from, std::optional<Offset> aborted_from) {
  std::vector<storage::AbortedTransaction> aborted;
  if (from < log_->log_end()) {
    TRY(log_->scan(self, from, log_->log_end(), [&](const record::BatchView& batch) -> Result<void> {
      TRY_ASSIGN(const auto ended, replay(producers_, batch));
      if (ended && aborted_from && ended->last_offset >= *aborted_from) aborted.push_back(*ended);
      return {};
    }));
  }
  if (!aborted_from) return {};
  return log_->rewrite_aborted(self, aborted);
}

}  // namespace gregor::partition
