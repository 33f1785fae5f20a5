// PartitionLog, compaction: reads what is below the active segment twice (once for the last offset of each key, once to
// copy what stays), writes beside the live segments, and swaps. Only the swap excludes appends and flushes.
#include <algorithm>

#include "base/mutant.h"
#include "record/record_view.h"
#include "storage/clean_plan.h"
#include "storage/clean_transactions.h"
#include "storage/cleaned_segment.h"
#include "storage/partition_log_state.h"
#include "storage/segment_swap.h"

namespace gregor::storage {
namespace {

/// Read between two calls of CleanAsk::pace.
constexpr std::uint64_t kPaceBytes = 256 << 10;

}  // namespace

/// What one round holds; lives as long as PartitionLog::clean().
struct PartitionLog::CleanRound {
  CleanRound(State& state, CleanAsk& the_ask)
      : log(state), ask(the_ask), latest(the_ask.seed, the_ask.memory), cuts_before(state.cuts) {}

  State& log;
  CleanAsk& ask;
  KeyOffsets latest;
  Offset map_end;
  bool map_is_full = false;
  std::uint64_t cuts_before;
  std::uint64_t unpaced_bytes = 0;
  Segments sources;
  std::vector<AbortedTransaction> aborted;
  record::CodecScratch scratch;
  CleanOutcome outcome;

  Result<CleanOutcome> run(env::Fiber& self);

 private:
  /// A cleaned segment and what its batches were.
  struct Copy {
    CleanedSegment segment;
    bool changed = false;
  };
  Result<void> paced(env::Fiber& self, std::uint64_t bytes);
  Result<void> read_aborted(env::Fiber& self);
  Result<void> fill_map(env::Fiber& self);
  Result<void> map_segment(env::Fiber& self, const std::shared_ptr<Segment>& segment, CleanTransactions& transactions);
  Result<void> map_batch(const record::BatchView& batch);
  Result<void> clean_group(env::Fiber& self, std::span<const std::shared_ptr<Segment>> group,
                           CleanTransactions& transactions);
  Result<void> copy(env::Fiber& self, std::span<const std::shared_ptr<Segment>> group, CleanTransactions& transactions,
                    Copy& into);
  Result<void> copy_batch(env::Fiber& self, const record::BatchView& batch, bool is_last_of_segment,
                          CleanTransactions& transactions, Copy& into);
  Result<BatchStanding> standing_of(const record::BatchView& batch, CleanTransactions& transactions);
  Result<void> swap_in(env::Fiber& self, std::span<const std::shared_ptr<Segment>> group, Copy& made);
};

namespace {

/// Of an end-of-transaction marker; none where the batch was emptied or is another control batch.
Result<std::optional<record::ControlType>> marker_type(const record::BatchView& batch) {
  TRY_ASSIGN(const auto record, record::RecordIterator(batch, batch.record_bytes()).next());
  return record ? record::control_type_of(*record) : std::nullopt;
}

}  // namespace

Result<void> PartitionLog::CleanRound::paced(env::Fiber& self, std::uint64_t bytes) {
  unpaced_bytes += bytes;
  if (unpaced_bytes < kPaceBytes) return {};
  const bool goes_on = !ask.pace || ask.pace(self, unpaced_bytes);
  unpaced_bytes = 0;
  if (!goes_on) return fail(Errc::closed, "compaction of " + log.seat.folder + " was given up");
  if (log.cuts != cuts_before) return fail(Errc::stale, log.seat.folder + " was cut while it was compacted");
  return {};
}

/// Of all segments: a marker may stand far behind the data that it aborts.
Result<void> PartitionLog::CleanRound::read_aborted(env::Fiber& self) {
  const Segments now = log.segments;
  for (const auto& segment : now) {
    if (segment->aborted_bytes == 0) continue;
    auto content = env::read_file(self, log.seat.disk,
                                  log.files.path(segment->base_offset, FileKind::transaction_index), kIndexBytesMax);
    if (!content && is_absent(content.error())) continue;
    if (!content) return fail(std::move(content.error()));
    // The last one may be growing.
    auto entries =
        parse_transaction_index(Bytes(*content).first(content->size() - content->size() % kAbortedTransactionBytes));
    if (!entries) return fail(Errc::corrupt, log.seat.folder + ": a transaction index: " + entries.error().text);
    aborted.insert(aborted.end(), entries->begin(), entries->end());
  }
  return {};
}

Result<void> PartitionLog::CleanRound::map_batch(const record::BatchView& batch) {
  TRY_ASSIGN(const auto plain, record::PlainRecords::of(batch, scratch));
  record::RecordIterator records(batch, plain.bytes());
  for (;;) {
    TRY_ASSIGN(const auto record, records.next());
    if (!record || record->offset >= ask.end) return {};
    if (record->offset < ask.first_dirty || !record->key) continue;
    if (latest.put(*record->key, record->offset)) continue;
    map_end = record->offset;
    map_is_full = true;
    return {};
  }
}

Result<void> PartitionLog::CleanRound::map_segment(env::Fiber& self, const std::shared_ptr<Segment>& segment,
                                                   CleanTransactions& transactions) {
  TRY_ASSIGN(const FilePosition begin, log.position_of(self, segment, ask.first_dirty));
  TRY_ASSIGN(const auto file, log.file_of(self, segment));
  BatchStream stream(*file, begin, FilePosition{segment->size_bytes}, BatchTrust::crc);
  while (!map_is_full) {
    TRY_ASSIGN(const auto next, stream.next(self));
    if (!next || next->batch.base_offset() >= ask.end) return {};
    if (next->batch.last_offset() >= ask.first_dirty && !next->batch.is_control()) {
      if (!transactions.on_data(next->batch)) TRY(map_batch(next->batch));
    }
    TRY(paced(self, next->batch.size()));
  }
  return {};
}

Result<void> PartitionLog::CleanRound::fill_map(env::Fiber& self) {
  map_end = ask.end;
  CleanTransactions transactions(aborted);
  for (const auto& segment : sources) {
    if (segment->end_offset <= ask.first_dirty || segment->base_offset >= ask.end || map_is_full) continue;
    TRY(map_segment(self, segment, transactions));
  }
  return {};
}

Result<BatchStanding> PartitionLog::CleanRound::standing_of(const record::BatchView& batch,
                                                            CleanTransactions& transactions) {
  BatchStanding standing;
  standing.is_last_of_producer =
      batch.has_producer_id() && ask.last_of && is_last_of_producer(batch, ask.last_of(batch.producer_id()));
  // Nothing from map_end on is touched, so nothing hangs on what is known of it.
  if (batch.base_offset() >= map_end) return standing;
  if (!batch.is_control()) {
    standing.is_aborted = transactions.on_data(batch);
    return standing;
  }
  TRY_ASSIGN(const auto type, marker_type(batch));
  if (type) standing.is_empty_marker = transactions.on_marker(batch, *type) || MUTANT(cleaner_drops_markers_early);
  return standing;
}

Result<void> PartitionLog::CleanRound::copy_batch(env::Fiber& self, const record::BatchView& batch,
                                                  bool is_last_of_segment, CleanTransactions& transactions,
                                                  Copy& into) {
  TRY_ASSIGN(BatchStanding standing, standing_of(batch, transactions));
  standing.is_last_of_segment = is_last_of_segment;
  const CleanRules rules{
      .latest = latest, .map_end = map_end, .now = ask.now, .delete_retention_ms = ask.delete_retention_ms};
  TRY_ASSIGN(const CleanedBatch left, clean_batch(batch, standing, rules, scratch));
  into.changed = into.changed || left.fate != CleanedBatch::Fate::as_it_is;
  if (left.fate == CleanedBatch::Fate::dropped) return {};
  return into.segment.append(self, left.fate == CleanedBatch::Fate::rewritten ? Bytes(left.bytes) : batch.bytes());
}

Result<void> PartitionLog::CleanRound::copy(env::Fiber& self, std::span<const std::shared_ptr<Segment>> group,
                                            CleanTransactions& transactions, Copy& into) {
  for (const auto& source : group) {
    TRY_ASSIGN(const auto file, log.file_of(self, source));
    const FilePosition end{source->size_bytes};
    BatchStream stream(*file, FilePosition{0}, end, BatchTrust::crc);
    for (;;) {
      TRY_ASSIGN(const auto next, stream.next(self));
      if (!next) break;
      const bool is_last = source == group.back() && stream.position() == end;
      TRY(copy_batch(self, next->batch, is_last, transactions, into));
      TRY(paced(self, next->batch.size()));
    }
    outcome.bytes_before += source->size_bytes;
  }
  auto index = transactions.take_index();
  for (const AbortedTransaction& transaction : aborted) {
    // What was not looked at keeps its entries.
    const bool is_kept = transaction.last_offset >= map_end && transaction.last_offset >= group.front()->base_offset &&
                         transaction.last_offset < group.back()->end_offset;
    if (is_kept) index.push_back(transaction);
  }
  return into.segment.finish(self, index);
}

Result<void> PartitionLog::CleanRound::clean_group(env::Fiber& self, std::span<const std::shared_ptr<Segment>> group,
                                                   CleanTransactions& transactions) {
  const Offset base = group.front()->base_offset;
  TRY_ASSIGN(auto segment, CleanedSegment::create(self, log.files, base, log.config.index_interval_bytes));
  Copy made{std::move(segment)};
  auto copied = copy(self, group, transactions, made);
  const bool is_worth_it = copied && (made.changed || group.size() > 1);
  if (is_worth_it) {
    copied = swap_in(self, group, made);
    if (copied) outcome.bytes_after += made.segment.size_bytes();
    if (copied || log.failure) return copied;
  } else if (copied) {
    outcome.bytes_after += made.segment.size_bytes();
  }
  SegmentSwap swap(log.files, base, made.segment.aborted_bytes() > 0, {});
  if (auto undone = swap.undo(self); !undone && undone.error().code == Errc::io) {
    return log.poison(std::move(undone.error()));
  }
  return copied;
}

Result<void> PartitionLog::CleanRound::swap_in(env::Fiber& self, std::span<const std::shared_ptr<Segment>> group,
                                               Copy& made) {
  const auto writing = log.writing.lock(self);
  const auto flushing = log.flushing.lock(self);
  TRY(log.usable());
  const bool is_stale = log.cuts != cuts_before || std::any_of(group.begin(), group.end(),
                                                               [](const auto& segment) { return segment->is_removed; });
  if (is_stale) return fail(Errc::stale, log.seat.folder + " changed while it was compacted");
  PoisonOnUnwind guard(log);
  std::vector<Offset> replaced;
  for (const auto& source : group) replaced.push_back(source->base_offset);
  SegmentSwap swap(log.files, replaced.front(), made.segment.aborted_bytes() > 0, replaced);
  log.seat.observer.on(
      observe::SegmentsCompacted{log.seat.partition, replaced.front(), std::min(group.back()->end_offset, ask.end)});
  if (auto committed = swap.commit(self); !committed) {
    if (committed.error().code != Errc::no_space) return log.poison(std::move(committed.error()));
    return committed;
  }
  auto fresh = std::make_shared<Segment>(replaced.front());
  fresh->end_offset = group.back()->end_offset;
  fresh->size_bytes = made.segment.size_bytes();
  fresh->max_timestamp_ms = made.segment.max_timestamp_ms();
  fresh->created = group.front()->created;
  fresh->aborted_bytes = made.segment.aborted_bytes();
  fresh->is_sealed = true;
  fresh->is_flushed = true;
  // Until it has its names, its file and its index are reached through these alone.
  fresh->log_file = made.segment.log_file();
  fresh->index = made.segment.index();
  const auto swapping = log.swapping.lock(self);
  log.replace_segments(group, fresh);
  if (auto finished = swap.finish(self); !finished) return log.poison(std::move(finished.error()));
  fresh->log_file.reset();
  fresh->index.reset();
  return {};
}

Result<CleanOutcome> PartitionLog::CleanRound::run(env::Fiber& self) {
  for (const auto& segment : log.segments) {
    if (segment == log.segments.back() || segment->base_offset >= ask.end) break;
    sources.push_back(segment);
  }
  outcome.cleaned_up_to = ask.first_dirty;
  if (sources.empty()) return outcome;
  TRY(read_aborted(self));
  TRY(fill_map(self));
  const auto summaries = log.summaries();
  CleanTransactions transactions(aborted);
  for (const CleanGroup& group : group_segments(summaries, map_end, log.config)) {
    // What was deleted at the start meanwhile is no longer in the list that the groups were made from.
    if (group.end > sources.size() || summaries[group.first].base_offset != sources[group.first]->base_offset) {
      return fail(Errc::stale, log.seat.folder + " changed while it was compacted");
    }
    TRY(clean_group(self, std::span(sources).subspan(group.first, group.end - group.first), transactions));
  }
  outcome.cleaned_up_to = map_end;
  outcome.map_was_full = map_is_full;
  return outcome;
}

void PartitionLog::State::replace_segments(std::span<const std::shared_ptr<Segment>> old,
                                           const std::shared_ptr<Segment>& fresh) {
  const auto first = std::find(segments.begin(), segments.end(), old.front());
  const auto last = first + static_cast<std::ptrdiff_t>(old.size());
  for (const auto& source : old) {
    source->is_removed = true;
    source->log_file.reset();
    source->index.reset();
  }
  segments.insert(segments.erase(first, last), fresh);
  hints.clear();
  ++swaps;
}

std::vector<SegmentSummary> PartitionLog::State::summaries() const {
  std::vector<SegmentSummary> all;
  all.reserve(segments.size());
  for (const auto& segment : segments) {
    all.push_back({segment->base_offset, segment->end_offset, segment->size_bytes, segment->max_timestamp_ms,
                   segment->first_batch_timestamp_ms});
  }
  return all;
}

Result<CleanOutcome> PartitionLog::clean(env::Fiber& self, CleanAsk ask) {
  TRY(state_->usable());
  if (state_->aborted_unknown_from) return fail(Errc::invalid, folder() + ": its transaction indexes are unknown yet");
  // What is swapped must be on the disk before the old segments go; and their indexes are then there to be read.
  TRY(state_->flush(self, state_->active().base_offset));
  CleanRound round(*state_, ask);
  return round.run(self);
}

Result<void> PartitionLog::learn_first_timestamps(env::Fiber& self) {
  TRY(state_->usable());
  const Segments now = state_->segments;
  for (const auto& segment : now) {
    if (segment->first_batch_timestamp_ms >= 0 || segment->size_bytes == 0 || segment->is_removed) continue;
    TRY_ASSIGN(const auto file, state_->file_of(self, segment));
    BatchStream first(*file, FilePosition{0}, FilePosition{segment->size_bytes}, BatchTrust::header);
    const auto batch = first.next(self);
    if (segment->is_removed) continue;
    if (!batch) return fail(batch.error());
    if (*batch) segment->first_batch_timestamp_ms = (*batch)->batch.max_timestamp().ms;
  }
  return {};
}

}  // namespace gregor::storage
