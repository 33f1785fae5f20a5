// A partition's part in compaction: what there is to do by its topic's rules, and one round of it. The cleaner decides
// when.
#include "partition/partition.h"
#include "storage/clean_plan.h"

namespace gregor::partition {
namespace {

storage::CleanPolicy policy_of(const config::TopicConfig& config) {
  const auto ppm = static_cast<std::uint64_t>(config.min_cleanable_dirty_ratio * static_cast<double>(storage::kWhole));
  return {.min_dirty_ppm = ppm, .min_lag_ms = config.min_compaction_lag_ms, .max_lag_ms = config.max_compaction_lag_ms};
}

}  // namespace

bool Partition::may_be_cleaned() const {
  return stage_ == Stage::open && config_.cleanup_policy_compact && !is_uncleanable_ && !closing_ && !move_ &&
         unusable() == PartitionError::none && log_->segment_count() > 1;
}

std::optional<storage::CleanWork> Partition::cleanable(env::Fiber& self) {
  const Use use(self, *this);
  if (!may_be_cleaned()) return std::nullopt;
  const storage::CleanPolicy policy = policy_of(config_);
  if (policy.max_lag_ms != INT64_MAX) {
    const auto learnt = log_->learn_first_timestamps(self);
    if (!learnt) give_up_cleaning(self, learnt.error());
    if (!may_be_cleaned()) return std::nullopt;
  }
  const auto segments = log_->segments();
  const storage::CleanWork work = storage::find_work({.segments = segments,
                                                      .log_start = log_->log_start(),
                                                      .cleaned_up_to = cleaned_up_to_,
                                                      .last_stable = replica_->last_stable_offset(producers_),
                                                      .now = seat_.shard.clock.wall_now()},
                                                     policy);
  if (!work.is_due(policy)) return std::nullopt;
  return work;
}

bool Partition::clean(env::Fiber& self, const storage::CleanWork& work, std::uint64_t map_bytes_max,
                      std::uint64_t map_load_percent, UniqueFunction<bool(env::Fiber&, std::uint64_t)> pace) {
  const Use use(self, *this);
  if (!may_be_cleaned()) return false;
  RandomStream seeds = seat_.shard.entropy.stream("cleaner", hash_name(id_.topic, id_.topic_id.low) + cleanings_++);
  storage::HashSeed seed;
  seed.low = seeds.next();
  seed.high = seeds.next();
  storage::CleanAsk ask{.first_dirty = work.first_dirty,
                        .end = work.end,
                        .now = seat_.shard.clock.wall_now(),
                        .delete_retention_ms = config_.delete_retention_ms,
                        .seed = seed,
                        .memory = {.bytes_max = map_bytes_max, .load_percent_max = map_load_percent},
                        .last_of = [this](ProducerId id) { return last_of(id); },
                        .pace =
                            [this, &pace](env::Fiber& fiber, std::uint64_t bytes) {
                              return may_be_cleaned() && pace(fiber, bytes) && may_be_cleaned();
                            }};
  const auto begun = begin_cleaning(self);
  const auto cleaned = begun ? log_->clean(self, std::move(ask)) : tl::unexpected(begun.error());
  if (!cleaned) {
    give_up_cleaning(self, cleaned.error());
    return false;
  }
  cleaned_up_to_ = cleaned->cleaned_up_to;
  seat_.log.info("partition.compacted", {{"topic", id_.topic},
                                         {"partition", id_.partition.value()},
                                         {"up_to", cleaned->cleaned_up_to.value()},
                                         {"bytes_before", static_cast<std::int64_t>(cleaned->bytes_before)},
                                         {"bytes_after", static_cast<std::int64_t>(cleaned->bytes_after)}});
  return true;
}

/// Before the first gap: the next life must not take gaps for the end of the log, should the topic no longer be one
/// that is compacted.
Result<void> Partition::begin_cleaning(env::Fiber& self) {
  if (producers_.size() > 0) {
    TRY_ASSIGN(const bool are_kept, log_->keep_producers(self));
    if (!are_kept)
      return gregor::fail(Errc::closed, "what is known of producers is not on the disk before the next roll");
  }
  if (cleaned_up_to_) return {};
  const Offset from = log_->log_start();
  TRY(seat_.directories.begin_cleaning(self, seat_.shard, placement_->directory, id_, from));
  if (!cleaned_up_to_) cleaned_up_to_ = from;
  return {};
}

std::optional<storage::LastOfProducer> Partition::last_of(ProducerId id) const {
  const replica::ProducerEntry* entry = producers_.find(id);
  if (entry == nullptr) return std::nullopt;
  storage::LastOfProducer last{.data_offset = std::nullopt, .epoch = entry->epoch};
  if (!entry->known().empty()) last.data_offset = entry->known().back().last_offset;
  return last;
}

/// Damage is not for a cleaner to judge: the log stays as it is, and serves what it can. A full disk and a log that was
/// cut are for the next round.
void Partition::give_up_cleaning(env::Fiber& self, const Error& error) {
  if (log_->failure() && stage_ == Stage::open) return fail(self, *log_->failure());
  if (error.code == Errc::closed || error.code == Errc::stale) return;
  seat_.log.warn("partition.not_compacted",
                 {{"topic", id_.topic}, {"partition", id_.partition.value()}, {"error", error.text}});
  if (error.code == Errc::no_space) return;
  note_damage(error, log_->log_start());
  is_uncleanable_ = true;
}

}  // namespace gregor::partition
