// How batches get into a partition: checked at the door, judged and written as a group, acknowledged afterwards.
#include <algorithm>

#include "base/check.h"
#include "base/mutant.h"
#include "partition/partition.h"
#include "partition/producer_replay.h"
#include "partition/snapshot_entries.h"
#include "record/batch_stamp.h"

namespace gregor::partition {
namespace {

/// A group ends when it holds this much; what is left makes the next.
constexpr std::size_t kGroupEntriesMax = 256;
constexpr std::uint64_t kGroupBytesMax = 16 << 20;

std::optional<record::Codec> wanted_codec(config::CompressionType type) {
  switch (type) {
    case config::CompressionType::producer:
      return std::nullopt;
    case config::CompressionType::uncompressed:
      return record::Codec::none;
    case config::CompressionType::gzip:
      return record::Codec::gzip;
    case config::CompressionType::snappy:
      return record::Codec::snappy;
    case config::CompressionType::lz4:
      return record::Codec::lz4;
    case config::CompressionType::zstd:
      return record::Codec::zstd;
  }
  return std::nullopt;
}

int wanted_level(const config::TopicConfig& config) {
  switch (config.compression_type) {
    case config::CompressionType::gzip:
      return config.compression_gzip_level;
    case config::CompressionType::lz4:
      return config.compression_lz4_level;
    case config::CompressionType::zstd:
      return config.compression_zstd_level;
    default:
      return record::kDefaultLevel;
  }
}

/// Whether the refusal is of the request's form, which Kafka judges before it looks at the partition's log.
bool is_of_the_request(record::BatchVerdict verdict, Bytes records) {
  switch (verdict) {
    case record::BatchVerdict::invalid_timestamp:
      return false;
    case record::BatchVerdict::invalid_record: {
      if (records.size() < record::kBytesUpToMagic) return true;
      const auto length = load_big_endian<std::int32_t>(records.data() + record::kBatchLengthAt);
      const bool is_alone =
          static_cast<std::int64_t>(record::kBatchPrefixBytes) + length >= static_cast<std::int64_t>(records.size());
      return !is_alone || records[record::kMagicAt] != std::byte{2};
    }
    default:
      return true;
  }
}

std::int16_t code(PartitionError error) {
  return static_cast<std::int16_t>(error);
}

}  // namespace

record::BatchPolicy Partition::policy(std::int16_t produce_version) const {
  record::BatchPolicy policy{.produce_version = produce_version,
                             .is_compacted = config_.cleanup_policy_compact,
                             .message_bytes_max = config_.max_message_bytes,
                             .segment_bytes = config_.segment_bytes_in_force(),
                             .timestamp_before_max_ms = config_.message_timestamp_before_max_ms,
                             .timestamp_after_max_ms = config_.message_timestamp_after_max_ms,
                             .codec = wanted_codec(config_.compression_type),
                             .level = wanted_level(config_)};
  if (config_.message_timestamp_type == config::TimestampType::log_append_time) {
    policy.timestamp_type = record::TimestampType::log_append_time;
  }
  return policy;
}

PartitionError Partition::early_refusal() const {
  if (const auto error = unusable(); error != PartitionError::none) return error;
  const bool leads_not = stage_ == Stage::open && !role_is_pending() && !leads();
  return leads_not ? PartitionError::not_leader_or_follower : PartitionError::none;
}

std::optional<AppendOutcome> Partition::refused_at_once(const AppendAsk& ask, record::BatchCheck& check) {
  if (const auto error = early_refusal(); error != PartitionError::none) return AppendOutcome{.error = code(error)};
  if (lacks_transaction_check(ask)) {
    return AppendOutcome{.error = code(PartitionError::not_enough_replicas),
                         .error_message =
                             "no transaction coordinator could say whether this partition is part of the "
                             "transaction"};
  }
  check = record::check_batch(ask.records, policy(ask.produce_version), seat_.shard.clock.wall_now(), seat_.codec);
  if (check.is_accepted()) return std::nullopt;
  AppendOutcome outcome{.error = static_cast<std::int16_t>(check.verdict)};
  if (!is_of_the_request(check.verdict, ask.records)) outcome.log_start_offset = log_ ? log_->log_start() : Offset{0};
  outcome.record_errors = std::move(check.record_errors);
  outcome.error_message = std::move(check.text);
  return outcome;
}

void Partition::submit(AppendAsk ask, AppendDone done) {
  record::BatchCheck check;
  if (auto refused = refused_at_once(ask, check)) {
    ++traffic_.batches_refused;
    return done(std::move(*refused));
  }
  if (MUTANT(answer_duplicate_at_once) && replica_) {
    const auto batch = record::BatchView::parse(check.batch);
    if (batch && batch->has_producer_id()) {
      const auto known =
          producers_.judge(replica::ProducerAppend::of(*batch, batch->max_timestamp()), replica::AppendOrigin::client);
      if (known.duplicate) {
        seat_.observer.on(observe::ProduceAcknowledged{id_, known.duplicate->first_offset(),
                                                       known.duplicate->last_offset, batch->crc(), ask.acks, true});
        return done(AppendOutcome{.base_offset = known.duplicate->first_offset(),
                                  .last_offset = known.duplicate->last_offset,
                                  .log_start_offset = log_->log_start()});
      }
    }
  }
  queue_.push_back({.ask = std::move(ask),
                    .done = std::move(done),
                    .check = std::move(check),
                    .marker = {},
                    .verdict = {},
                    .outcome = {}});
  kick();
}

void Partition::write_group(env::Fiber& self) {
  if (const auto error = early_refusal();
      error != PartitionError::none && error != PartitionError::not_leader_or_follower) {
    return refuse_queue(error);
  }
  if (!leads()) return refuse_queue(PartitionError::not_leader_or_follower);
  Group group = take_group();
  producers_.begin();
  for (Entry& entry : group.entries) judge(group, entry);
  if (MUTANT(acknowledge_before_write)) {
    for (Entry& entry : group.entries) acknowledge(entry);
  }
  Result<void> written = append(self, group);
  if (MUTANT(acknowledge_before_flush) && written) {
    for (Entry& entry : group.entries) acknowledge(entry);
  }
  const bool must_flush = written && config_.flush_messages != config::kUnlimited && !group.batches.empty() &&
                          log_->log_end() - log_->flushed_end() >= config_.flush_messages;
  if (must_flush) written = make_durable(self);
  finish(self, group, written);
}

Partition::Group Partition::take_group() {
  Group group;
  group.end_before = group.end_after = log_->log_end();
  std::uint64_t bytes = 0;
  while (!queue_.empty() && group.entries.size() < kGroupEntriesMax && bytes < kGroupBytesMax) {
    bytes += queue_.front().check.batch.size();
    group.entries.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

void Partition::judge(Group& group, Entry& entry) {
  const auto batch = record::BatchView::parse(entry.check.batch);
  CHECK(batch.has_value());
  entry.outcome.leader_epoch = replica_->leader_epoch();
  entry.outcome.log_start_offset = log_->log_start();
  if (entry.ask.only_in != kNoLeaderEpoch && entry.ask.only_in != replica_->leader_epoch()) {
    entry.verdict = Verdict::refused;
    entry.outcome.error = code(PartitionError::not_leader_or_follower);
    return;
  }
  if (const auto admitted = replica_->admits_append(entry.ask.acks == -1);
      admitted != replica::ReplicaVerdict::served) {
    entry.verdict = Verdict::refused;
    entry.outcome.error = static_cast<std::int16_t>(admitted);
    return;
  }
  if (entry.marker) return judge_marker(group, entry, *batch);
  if (!batch->has_producer_id()) return stamp(group, entry, *batch);

  const WallTime stored = entry.check.time ? entry.check.time->max_timestamp : batch->max_timestamp();
  const auto append = replica::ProducerAppend::of(*batch, stored);
  const auto decision = producers_.judge(append, replica::AppendOrigin::client);
  if (decision.verdict != replica::ProducerVerdict::accepted) {
    entry.verdict = Verdict::refused;
    entry.outcome.error = static_cast<std::int16_t>(decision.verdict);
  } else if (decision.duplicate) {
    entry.verdict = Verdict::duplicate;
    entry.outcome.base_offset = decision.duplicate->first_offset();
    entry.outcome.last_offset = decision.duplicate->last_offset;
    entry.outcome.log_append_time = decision.duplicate->timestamp;
  } else if (batch->is_transactional() && entry.ask.transaction_check == TransactionCheck::needed &&
             !producers_.has_open_transaction(append.producer_id, append.epoch)) {
    // It ended while the batch stood in line: to append it would begin one that nobody knows of.
    entry.verdict = Verdict::refused;
    entry.outcome.error = code(PartitionError::invalid_transaction_state);
  } else {
    producers_.apply(append, group.end_after);
    stamp(group, entry, *batch);
  }
}

void Partition::stamp(Group& group, Entry& entry, const record::BatchView& batch) {
  entry.verdict = Verdict::accepted;
  // The batch lies in the writable frame that `owner` keeps, or in the buffer that the check recompressed into.
  const MutableBytes bytes{const_cast<std::byte*>(entry.check.batch.data()), entry.check.batch.size()};
  record::stamp_batch(
      bytes, {.base_offset = group.end_after, .leader_epoch = replica_->leader_epoch(), .time = entry.check.time});
  entry.outcome.base_offset = group.end_after;
  entry.outcome.last_offset = group.end_after + batch.last_offset_delta();
  if (config_.message_timestamp_type == config::TimestampType::log_append_time && entry.check.time) {
    entry.outcome.log_append_time = entry.check.time->max_timestamp;
  }
  group.end_after = entry.outcome.last_offset + 1;
  group.batches.push_back(bytes);
}

Result<void> Partition::append(env::Fiber& self, Group& group) {
  if (group.batches.empty()) {
    producers_.commit();
    return {};
  }
  const auto appended = log_->append(self, group.batches, group.aborted);
  if (!appended) {
    MUTANT(producer_table_before_write) ? producers_.commit() : producers_.rollback();
    return gregor::fail(appended.error());
  }
  CHECK(appended->base_offset >= group.end_before && appended->last_offset + 1 == group.end_after);
  if (appended->rolled_at.empty()) {
    producers_.commit();
  } else {
    TRY(snapshot_rolls(self, group, appended->rolled_at));
  }
  std::uint64_t bytes = 0;
  for (const Bytes batch : group.batches) {
    visibility_.on_appended(record::BatchView::parse_header(batch)->next_offset(), batch.size());
    bytes += batch.size();
  }
  if (replica_->on_written(group.end_after)) publish();
  follower_watchers_->tell(bytes);
  arm_tick();
  return {};
}

Result<void> Partition::snapshot_rolls(env::Fiber& self, const Group& group, const std::vector<Offset>& rolled_at) {
  // The table at each roll: back to where the group began, then forward batch by batch.
  producers_.rollback();
  auto roll = rolled_at.begin();
  std::vector<std::pair<Offset, std::vector<storage::ProducerEntry>>> snapshots;
  for (const Bytes bytes : group.batches) {
    const auto batch = record::BatchView::parse(bytes);
    for (; roll != rolled_at.end() && *roll <= batch->base_offset(); ++roll) {
      snapshots.emplace_back(*roll, storage_entries(producers_.entries()));
    }
    TRY(replay(producers_, *batch));
  }
  for (const auto& [offset, entries] : snapshots) {
    // A snapshot that cannot be written costs a longer walk at the next start, nothing else.
    if (const auto kept = log_->write_producer_snapshot(self, offset, entries, false); !kept) {
      if (log_->failure()) return gregor::fail(*log_->failure());
      seat_.log.warn("partition.snapshot", {{"topic", id_.topic}, {"error", kept.error().text}});
    }
  }
  return {};
}

Result<void> Partition::make_durable(env::Fiber& self) {
  const Offset end = log_->log_end();
  if (MUTANT(high_watermark_before_flush) && replica_->on_flushed(end)) publish();
  TRY(log_->flush(self, end));
  last_flush_ = seat_.shard.clock.now();
  // An append under way may stand in the log and not be taken note of yet.
  if (replica_->on_flushed(std::min(log_->flushed_end(), replica_->log_end_offset()))) publish();
  return {};
}

void Partition::publish() {
  producers_.raise_high_watermark(replica_->high_watermark());
  const std::uint64_t bytes =
      visibility_.on_moved(replica_->high_watermark(), replica_->last_stable_offset(producers_));
  seat_.observer.on(observe::HighWatermarkMoved{id_, replica_->high_watermark()});
  watchers_->tell(bytes);
  follower_watchers_->tell(kMoved);  // they may know a lower high watermark
  settle_waiting();
}

void Partition::finish(env::Fiber& self, Group& group, const Result<void>& written) {
  for (Entry& entry : group.entries) {
    // Duplicates of what stood there before the group stand there still.
    if (!written && entry.verdict != Verdict::refused && entry.outcome.last_offset >= group.end_before) {
      entry.verdict = Verdict::refused;
      entry.outcome =
          AppendOutcome{.error = code(PartitionError::storage_error), .error_message = written.error().text};
    }
    acknowledge(entry);
  }
  if (written) return;
  seat_.log.warn("partition.append",
                 {{"topic", id_.topic}, {"partition", id_.partition.value()}, {"error", written.error().text}});
  if (log_->failure()) fail(self, *log_->failure());
}

/// What a write that stands in the log is answered, 0 where it is acknowledged; none while the ISR lacks it.
std::optional<std::int16_t> Partition::verdict_on(const Entry& entry) const {
  if (unusable() == PartitionError::storage_error || log_->failure()) return code(PartitionError::storage_error);
  if (entry.ask.acks != -1 || MUTANT(acknowledge_before_flush) || MUTANT(acknowledge_before_write)) return 0;
  const auto verdict = replica_->acknowledges(entry.outcome.last_offset + 1, entry.outcome.leader_epoch);
  return verdict ? std::optional(static_cast<std::int16_t>(*verdict)) : std::nullopt;
}

void Partition::acknowledge(Entry& entry) {
  if (!entry.done) return;  // a mutant did so already
  if (entry.verdict == Verdict::refused) return answer(entry, entry.outcome.error);
  const auto verdict = verdict_on(entry);
  verdict ? answer(entry, *verdict) : wait_for_isr(entry);
}

void Partition::answer(Entry& entry, std::int16_t error) {
  if (entry.verdict != Verdict::refused) {
    if (error != 0) {
      entry.outcome = AppendOutcome{.error = error};
    } else if (entry.ask.acks != 0) {
      const auto crc = load_big_endian<std::uint32_t>(entry.check.batch.data() + record::kCrcAt);
      seat_.observer.on(observe::ProduceAcknowledged{id_, entry.outcome.base_offset, entry.outcome.last_offset, crc,
                                                     entry.ask.acks, entry.verdict == Verdict::duplicate});
    }
  }
  count(entry);
  std::exchange(entry.done, AppendDone{})(std::move(entry.outcome));
}

void Partition::count(const Entry& entry) {
  if (entry.outcome.error != 0) {
    ++traffic_.batches_refused;
  } else if (entry.verdict == Verdict::accepted) {
    ++traffic_.batches_in;
    traffic_.bytes_in += entry.check.batch.size();
    traffic_.records_in += static_cast<std::uint64_t>(entry.outcome.last_offset - entry.outcome.base_offset) + 1;
  }
}

}  // namespace gregor::partition
