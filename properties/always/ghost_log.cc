#include "properties/always/ghost_log.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "properties/history.h"

namespace gregor::properties {
namespace {

std::string text_of(Offset offset) {
  return std::to_string(offset.value());
}

Sequence sequence_after(Sequence first, std::int64_t steps) {
  constexpr std::int64_t kModulus = std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1;
  return Sequence{static_cast<std::int32_t>((first.value() + steps) % kModulus)};
}

}  // namespace

GhostLog::GhostLog(Rules rules, Verdict& verdict, UniqueFunction<MonotonicTime()> now)
    : rules_(std::move(rules)), verdict_(verdict), now_(std::move(now)) {}

void GhostLog::on(const observe::Event& event) {
  ++events_checked_;
  std::visit([this](const auto& typed) { judge(typed); }, event);
}

void GhostLog::node_died(Death death) {
  damaged_ = damaged_ || death == Death::damage;
  if (death == Death::replaced) return partitions_.clear();
  for (auto& [name, partition] : partitions_) {
    const bool was_open = partition.death == Death::none;
    const Death own = death != Death::machine ? death : was_open ? Death::clean : Death::power;
    partition.death = std::max(partition.death, own);
  }
}

std::vector<TopicPartition> GhostLog::rotted(std::string_view folder) {
  std::vector<TopicPartition> struck;
  for (auto& [name, partition] : partitions_) {
    if (to_text(name) != folder) continue;
    partition.is_rotten = true;
    struck.push_back(name);
  }
  return struck;
}

bool GhostLog::has_unopened() const {
  return std::ranges::any_of(partitions_, [](const auto& entry) { return entry.second.death != Death::none; });
}

bool GhostLog::flushes_first(const TopicPartition& name) const {
  return rules_.flush_before_acknowledge && !rules_.unsteady_topics.contains(name.topic);
}

bool GhostLog::may_delete(const TopicPartition& name) const {
  return rules_.may_delete || name.topic == kMetadataTopic;
}

bool GhostLog::has_gaps(const TopicPartition& name) {
  return rules_.is_compacted && rules_.is_compacted(name.topic);
}

Offset GhostLog::committed_end(const TopicPartition& name) const {
  const Partition& partition = partitions_.at(name);
  return name.topic == kMetadataTopic ? partition.flushed : partition.high_watermark;
}

void GhostLog::expect(bool holds, const char* invariant, const TopicPartition& name, const std::string& text) {
  const bool may_lose = rules_.may_give_up && invariant != std::string_view("R10");
  const bool excused =
      may_lose || (damaged_ && invariant != std::string_view("R10") && invariant != std::string_view("R5"));
  if (holds || excused) return;
  verdict_.violated(invariant, to_text(name) + ": " + text, now_());
}

/// Behind a snapshot of what it never held, which a former life fetched: K4 asks whether that is durable
/// (metadata_fold.h).
bool GhostLog::is_behind_snapshot(const observe::LogOpened& event, const Partition& partition) {
  return event.partition.topic == kMetadataTopic && event.log_start == event.log_end &&
         event.log_end > partition.log_end;
}

void GhostLog::judge(const observe::LogOpened& event) {
  const auto [place, is_new] = partitions_.try_emplace(event.partition);
  Partition& partition = place->second;
  if (!is_new && !partition.begun_anew) {
    const bool must_keep_all = partition.death == Death::clean || partition.death == Death::process;
    const bool may_lose_all = partition.death == Death::damage || partition.is_rotten;
    const Offset floor = may_lose_all ? Offset{0} : must_keep_all ? partition.log_end : partition.flushed;
    expect(event.log_end >= floor, "S1", event.partition,
           "recovery found the log end at " + text_of(event.log_end) + ", below " + text_of(floor) +
               " which had to survive");
    // A deletion by request is durable before anybody is told of it.
    const bool was_asked_for = may_delete(event.partition) && event.log_start <= committed_end(event.partition);
    const bool may_begin_there = event.log_start <= partition.log_start || was_asked_for ||
                                 partition.death == Death::damage || is_behind_snapshot(event, partition);
    expect(may_begin_there, "S1", event.partition,
           "recovery found the log start at " + text_of(event.log_start) + ", beyond " + text_of(partition.log_start));
    const bool on_boundary = event.log_end >= partition.log_end || event.log_end <= partition.log_start ||
                             event.log_end <= partition.compacted ||  // gaps
                             find_batch(partition, event.log_end) != nullptr;
    expect(on_boundary, "S1", event.partition, "the recovered log ends inside a batch, at " + text_of(event.log_end));
  }
  // What rot took, it takes over from others, in whatever epoch it stood.
  if (partition.is_rotten && event.log_end < partition.log_end) partition.led = kNoLeaderEpoch;
  judge_stored(event, partition, is_new);
  partition.log_start = event.log_start;
  cut(partition, event.log_end);
  partition.log_end = event.log_end;
  partition.flushed = event.log_end;  // recovery flushes what it keeps
  partition.high_watermark = Offset{0};
  partition.death = Death::none;
}

/// What is opened next holds no more and no less than what was closed.
void GhostLog::judge(const observe::LogMoved& event) {
  const auto moved = partitions_.find(event.partition);
  if (moved != partitions_.end()) moved->second.death = std::max(moved->second.death, Death::clean);
}

/// A batch may stand in the log that no event told of: the node died between the write and the telling.
void GhostLog::judge_stored(const observe::LogOpened& event, Partition& partition, bool is_new) {
  if (is_behind_snapshot(event, partition)) return cut(partition, Offset{0});
  const bool may_hold_more = !is_new && partition.death != Death::none && partition.death != Death::clean;
  expect(event.log_end <= partition.log_end || may_hold_more, is_new ? "S7" : "S1", event.partition,
         "recovery found the log end at " + text_of(event.log_end) + ", beyond " + text_of(partition.log_end) +
             " that was ever appended");
  if (!reader_) {
    partition.is_rotten = false;  // for all that events tell
    return;
  }
  const Stored stored = reader_(event.partition);
  if (partition.begun_anew && partition.batches.empty() && !stored.batches.empty()) {
    partition.batches = std::move(partition.former);
    partition.log_end = partition.batches.empty() ? Offset{0} : partition.batches.back().last + 1;
  }
  if (partition.death == Death::damage) {
    partition.batches = stored.batches;
    partition.log_end = event.log_end;
    return;
  }
  if (partition.is_rotten && !stored.damage.empty()) return;  // not found yet
  partition.is_rotten = false;
  expect(stored.damage.empty(), "S1", event.partition, "a recovered log holds damage at " + stored.damage);
  for (const Batch& batch : stored.batches) {
    if (batch.base >= event.log_end) break;
    if (batch.base >= partition.log_end) {
      partition.batches.push_back(batch);
      partition.log_end = batch.last + 1;
      continue;
    }
    const Batch* appended = find_batch(partition, batch.base);
    const bool may_differ = batch.base < partition.compacted;
    const bool same = appended != nullptr && appended->last == batch.last && (may_differ || appended->crc == batch.crc);
    expect(same, "S1", event.partition,
           "the recovered batch at " + text_of(batch.base) + " is not the one that was appended there");
  }
  // A roll may have come before the batch behind a gap.
  expect(event.log_end <= partition.log_end || has_gaps(event.partition), "S1", event.partition,
         "the files hold the log up to " + text_of(partition.log_end) + " and it was opened up to " +
             text_of(event.log_end));
}

void GhostLog::judge(const observe::BatchAppended& event) {
  Partition& partition = partitions_[event.partition];
  partition.begun_anew = false;
  partition.former.clear();
  // A follower takes over the gaps of a leader that compacts.
  const bool may_have_gap = has_gaps(event.partition) && event.epoch != partition.led;
  if (may_have_gap && event.base > partition.log_end) {
    partition.compacted = std::max(partition.compacted, event.base);
    partition.next_sequence.clear();
    partition.log_end = event.base;
  }
  expect(event.base == partition.log_end, "R8", event.partition,
         "a batch was appended at " + text_of(event.base) + " while the log ended at " + text_of(partition.log_end));
  expect(event.last >= event.base, "R8", event.partition,
         "a batch at " + text_of(event.base) + " ends before it begins");
  if (event.producer != kNoProducerId && event.first_sequence.value() >= 0)
    judge_sequence(event.partition, partition, event);
  partition.batches.push_back(
      {event.base, event.last, event.crc, event.producer, event.producer_epoch, event.first_sequence, event.epoch});
  partition.log_end = event.last + 1;
}

void GhostLog::judge_sequence(const TopicPartition& name, Partition& partition, const observe::BatchAppended& event) {
  const auto twin = std::ranges::find_if(partition.batches, [&](const Batch& batch) {
    return batch.base >= partition.log_start && batch.producer == event.producer &&
           batch.epoch == event.producer_epoch && batch.first_sequence == event.first_sequence;
  });
  const std::int64_t records = event.last - event.base + 1;
  expect(twin == partition.batches.end(), "P1", name,
         "producer " + std::to_string(event.producer.value()) + " sequence " +
             std::to_string(event.first_sequence.value()) + " was appended at " + text_of(event.base) +
             " although it stands already");
  const auto known = partition.next_sequence.find(event.producer);
  if (known != partition.next_sequence.end()) {
    const auto& [epoch, next] = known->second;
    const bool follows = event.producer_epoch == epoch
                             ? event.first_sequence == next
                             : event.producer_epoch > epoch && event.first_sequence == Sequence{0};
    expect(follows, "P2", name,
           "producer " + std::to_string(event.producer.value()) + " epoch " +
               std::to_string(event.producer_epoch.value()) + " sequence " +
               std::to_string(event.first_sequence.value()) + " was appended where " + std::to_string(next.value()) +
               " of epoch " + std::to_string(epoch.value()) + " was next");
  }
  partition.next_sequence[event.producer] = {event.producer_epoch, sequence_after(event.first_sequence, records)};
}

void GhostLog::judge(const observe::LogTruncated& event) {
  Partition& partition = partitions_[event.partition];
  expect(event.to >= partition.high_watermark, "R5", event.partition,
         "the log was truncated to " + text_of(event.to) + ", below the high watermark " +
             text_of(partition.high_watermark));
  cut(partition, event.to);
  partition.log_end = std::min(partition.log_end, event.to);
  partition.flushed = std::min(partition.flushed, event.to);
}

/// A follower whose leader's log begins elsewhere: what it held says nothing any more.
void GhostLog::judge(const observe::LogBegunAnew& event) {
  Partition& partition = partitions_[event.partition];
  if (!partition.batches.empty()) partition.former = std::exchange(partition.batches, {});
  partition.next_sequence.clear();
  partition.log_start = partition.log_end = partition.flushed = partition.high_watermark = event.at;
  partition.begun_anew = true;
  partition.led = kNoLeaderEpoch;  // what it led in, it takes over from others now
}

void GhostLog::judge(const observe::LeadershipBegan& event) {
  Partition& partition = partitions_[event.partition];
  partition.led = std::max(partition.led, event.epoch);
}

void GhostLog::judge(const observe::LogFlushed& event) {
  Partition& partition = partitions_[event.partition];
  expect(event.offset <= partition.log_end, "S2", event.partition,
         "flushed up to " + text_of(event.offset) + " is claimed while the log ends at " + text_of(partition.log_end));
  partition.flushed = std::max(partition.flushed, event.offset);
}

void GhostLog::judge(const observe::HighWatermarkMoved& event) {
  Partition& partition = partitions_[event.partition];
  expect(event.to >= partition.high_watermark, "R5", event.partition,
         "the high watermark fell from " + text_of(partition.high_watermark) + " to " + text_of(event.to));
  expect(event.to <= partition.log_end, "R8", event.partition,
         "the high watermark " + text_of(event.to) + " passed the log end " + text_of(partition.log_end));
  if (flushes_first(event.partition)) {
    expect(event.to <= partition.flushed, "S2", event.partition,
           "the high watermark " + text_of(event.to) + " shows readers what is flushed only up to " +
               text_of(partition.flushed));
  }
  partition.high_watermark = event.to;
}

void GhostLog::judge(const observe::LogStartMoved& event) {
  Partition& partition = partitions_[event.partition];
  expect(may_delete(event.partition), "S6", event.partition, "records below " + text_of(event.to) + " were deleted");
  expect(event.to >= partition.log_start, "R8", event.partition, "the log start offset fell to " + text_of(event.to));
  const Offset committed = committed_end(event.partition);
  expect(event.to <= committed, "S6", event.partition,
         "the log start offset " + text_of(event.to) + " passed the high watermark " + text_of(committed));
  partition.log_start = event.to;
}

void GhostLog::judge(const observe::SegmentsCompacted& event) {
  Partition& partition = partitions_[event.partition];
  expect(event.end <= partition.high_watermark, "S5", event.partition,
         "segments up to " + text_of(event.end) + " were compacted, beyond the high watermark " +
             text_of(partition.high_watermark));
  partition.compacted = std::max(partition.compacted, event.end);
}

void GhostLog::judge(const observe::ProduceAcknowledged& event) {
  const Partition& partition = partitions_[event.partition];
  const Batch* batch = find_batch(partition, event.base);
  const char* invariant = event.duplicate ? "P3" : "R7";
  const bool stands = batch != nullptr && batch->last == event.last && (event.duplicate || batch->crc == event.crc);
  expect(
      stands, invariant, event.partition,
      "a batch was acknowledged at " + text_of(event.base) + ".." + text_of(event.last) + " that does not stand there");
  if (event.acks == -1) {
    expect(event.last < partition.high_watermark, "R7", event.partition,
           "acks=all was given for " + text_of(event.last) + " at or above the high watermark " +
               text_of(partition.high_watermark));
  }
  if (flushes_first(event.partition) && event.acks != 0) {
    expect(event.last < partition.flushed, "S2", event.partition,
           "offset " + text_of(event.last) + " was acknowledged while only " + text_of(partition.flushed) +
               " was flushed");
  }
}

void GhostLog::judge(const observe::FetchAnswered& event) {
  const Partition& partition = partitions_[event.partition];
  expect(event.end <= partition.high_watermark, "R10", event.partition,
         "a fetch was given records up to " + text_of(event.end) + " beyond the high watermark " +
             text_of(partition.high_watermark));
}

const GhostLog::Batch* GhostLog::find_batch(const Partition& partition, Offset base) {
  const auto place = std::ranges::lower_bound(partition.batches, base, {}, &Batch::base);
  return place != partition.batches.end() && place->base == base ? &*place : nullptr;
}

void GhostLog::cut(Partition& partition, Offset to) {
  while (!partition.batches.empty() && partition.batches.back().base >= to) partition.batches.pop_back();
  partition.next_sequence.clear();
  Offset end = partition.batches.empty() ? to : partition.batches.front().base;
  const auto forget_across_gap = [&](Offset at) {
    if (at > end) partition.next_sequence.clear();
  };
  for (const Batch& batch : partition.batches) {
    forget_across_gap(batch.base);
    end = batch.last + 1;
    if (batch.producer == kNoProducerId || batch.first_sequence.value() < 0) continue;
    if (batch.base < partition.log_start) continue;  // what was deleted may be forgotten
    partition.next_sequence[batch.producer] = {batch.epoch,
                                               sequence_after(batch.first_sequence, batch.last - batch.base + 1)};
  }
  forget_across_gap(to);
}

}  // namespace gregor::properties
