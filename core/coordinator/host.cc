#include "coordinator/host.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/mutant.h"
#include "coordinator/log_replay.h"
#include "record/batch_builder.h"

namespace gregor::coordinator {
namespace {

/// Loading lets others run after this much.
constexpr std::size_t kBytesBetweenYields = 256 << 10;

std::size_t size_of(const NewRecord& record) {
  return record::BatchBuilder::record_size_max(Bytes(record.key),
                                               record.value ? std::optional<Bytes>(*record.value) : std::nullopt, {});
}

/// What those who wait are told when the partition refused a batch.
wire::ErrorCode told_for(std::int16_t append_error) {
  switch (wire::error_code_of(append_error)) {
    case wire::ErrorCode::not_leader_or_follower:
    case wire::ErrorCode::kafka_storage_error:
      return wire::ErrorCode::not_coordinator;
    case wire::ErrorCode::unknown_topic_or_partition:
    case wire::ErrorCode::not_enough_replicas:
    case wire::ErrorCode::not_enough_replicas_after_append:
    case wire::ErrorCode::request_timed_out:
      return wire::ErrorCode::coordinator_not_available;
    default:
      return wire::ErrorCode::unknown_server_error;
  }
}

}  // namespace

Host::Host(HostSeat seat, std::shared_ptr<partition::Partition> partition, LeaderEpoch epoch, MakeMachine make_machine)
    : seat_(std::move(seat)), partition_(std::move(partition)), epoch_(epoch), make_machine_(std::move(make_machine)) {}

Host::~Host() {
  if (timer_ != 0) seat_.shard.clock.disarm(timer_);
}

Now Host::now() const {
  return {.monotonic = seat_.shard.clock.now(), .wall = seat_.shard.clock.wall_now()};
}

void Host::start() {
  CHECK(stage_ == Stage::fresh);
  begin_to_load();
}

void Host::begin_to_load() {
  stage_ = Stage::loading;
  const std::uint64_t life = ++life_;
  seat_.spawn([keep = shared_from_this(), life](env::Fiber& self) { keep->load(self, life); });
}

void Host::load(env::Fiber& self, std::uint64_t life) {
  Milliseconds pause = kFirstPauseBeforeLoading;
  while (is_of_now(life)) {
    auto machine = make_machine_();
    const auto replayed = replay_log(self, *machine, life);
    if (replayed) await_commit(self, life);
    if (!is_of_now(life)) return;
    if (replayed) {
      machine_ = std::move(machine);
      stage_ = Stage::active;
      Effects effects;
      machine_->begin(now(), effects);
      return take(std::move(effects));
    }
    seat_.log.warn(
        "coordinator.load",
        {{"topic", partition().topic}, {"partition", partition().partition.value()}, {"error", replayed.error().text}});
    ended_.wait_until(self, seat_.shard.clock, seat_.shard.clock.now() + pause);
    pause = std::min(2 * pause, kLongestPauseBeforeLoading);
  }
}

/// What stands in the log and is not committed may still be cut off by another leader: nobody is told of it before.
void Host::await_commit(env::Fiber& self, std::uint64_t life) {
  if (MUTANT(coordinator_serves_uncommitted)) return;
  const Offset end = partition_->replica()->log_end_offset();
  while (is_of_now(life) && partition_->replica()->high_watermark() < end) {
    ended_.wait_until(self, seat_.shard.clock, seat_.shard.clock.now() + kBetweenLooksForCommit);
  }
}

Result<void> Host::replay_log(env::Fiber& self, Machine& machine, std::uint64_t life) {
  record::CodecScratch codec;  // its own: others use the shard's while this fiber is suspended
  std::size_t bytes = 0;
  return partition_->walk(self, [&](const record::BatchView& batch) -> Result<void> {
    if (!is_of_now(life)) return fail(Errc::closed, "the coordinator was unloaded");
    TRY(replay_batch(batch, codec, seat_.log, now(), machine));
    bytes += batch.size();
    if (bytes >= kBytesBetweenYields) {
      bytes = 0;
      self.yield();
    }
    return {};
  });
}

void Host::end(wire::ErrorCode why) {
  if (stage_ == Stage::ended) return;
  stage_ = Stage::ended;
  tell_all(why);
  ended_.wake_all();
}

/// Nothing rests on the machine's beliefs any more: what it decided and could not write would be seen otherwise.
void Host::start_over(wire::ErrorCode told) {
  seat_.log.warn("coordinator.reload", {{"topic", partition().topic}, {"partition", partition().partition.value()}});
  stage_ = Stage::loading;
  tell_all(told);
  if (stage_ == Stage::loading) begin_to_load();
}

void Host::tell_all(wire::ErrorCode error) {
  if (timer_ != 0) seat_.shard.clock.disarm(std::exchange(timer_, 0));
  timer_due_ = kForever;
  const auto machine = std::exchange(machine_, nullptr);
  auto calls = std::exchange(in_batch_, {});
  for (Call& call : std::exchange(queued_, {})) calls.push_back(std::move(call));
  writing_ = false;
  queued_bytes_ = waiting_releases_ = 0;
  for (Call& call : calls) {
    for (Release& release : call.releases) release(error);
  }
  if (machine) machine->abandon(error);
}

wire::ErrorCode Host::run(Work work) {
  if (stage_ == Stage::ended) return wire::ErrorCode::not_coordinator;
  if (stage_ != Stage::active) return wire::ErrorCode::coordinator_load_in_progress;
  if (queued_bytes_ >= kQueuedBytesMax || waiting_releases_ >= kQueuedReleasesMax) {
    return wire::ErrorCode::coordinator_not_available;
  }
  Effects effects;
  work(*machine_, now(), effects);
  take(std::move(effects));
  return wire::ErrorCode::none;
}

void Host::take(Effects effects) {
  const auto keep = shared_from_this();
  rearm();
  if (effects.records.empty() && effects.releases.empty()) return;
  Call call{.records = {}, .bytes = 0, .is_atomic = effects.is_atomic, .releases = std::move(effects.releases)};
  for (NewRecord& record : effects.records) {
    call.bytes += size_of(record);
    call.records.push_back(std::move(record));
  }
  queued_bytes_ += call.bytes;
  waiting_releases_ += call.releases.size();
  const bool rests_on_batch_alone = call.records.empty() && queued_.empty() && writing_;
  (rests_on_batch_alone ? in_batch_ : queued_).push_back(std::move(call));
  write_queued();
}

bool Host::fits(const record::BatchBuilder& builder, std::size_t bytes) const {
  const auto room =
      std::min<std::size_t>(kBatchBytesMax, static_cast<std::size_t>(partition_->config().max_message_bytes));
  return builder.record_count() == 0 || builder.plain_size() + bytes <= room;
}

/// Moves calls whose records are all in the batch to in_batch_. An empty batch: nothing is left to be written.
Result<ByteBuffer> Host::fill_batch() {
  record::BatchBuilder builder({.codec = seat_.batch_codec});
  const WallTime time = seat_.shard.clock.wall_now();
  while (!queued_.empty()) {
    Call& call = queued_.front();
    if (call.is_atomic && !fits(builder, call.bytes)) return builder.encode(seat_.codec);
    for (; !call.records.empty(); call.records.pop_front()) {
      const NewRecord& record = call.records.front();
      const std::size_t bytes = size_of(record);
      if (!call.is_atomic && !fits(builder, bytes)) return builder.encode(seat_.codec);
      builder.add(time, Bytes(record.key), record.value ? std::optional<Bytes>(*record.value) : std::nullopt);
      call.bytes -= bytes;
      queued_bytes_ -= bytes;
    }
    in_batch_.push_back(std::move(call));
    queued_.pop_front();
  }
  if (builder.record_count() == 0) return ByteBuffer{};
  return builder.encode(seat_.codec);
}

void Host::write_queued() {
  if (writing_ || stage_ != Stage::active || queued_.empty()) return;
  auto batch = fill_batch();
  if (!batch) return start_over(wire::ErrorCode::unknown_server_error);
  writing_ = true;
  if (batch->empty()) return on_written(life_, partition::AppendOutcome{});
  const auto owner = std::make_shared<ByteBuffer>(std::move(*batch));
  if (MUTANT(coordinator_answers_before_commit)) {
    for (Call& call : in_batch_) {
      for (Release& release : std::exchange(call.releases, {})) release(wire::ErrorCode::none);
    }
  }
  partition_->submit({.records = MutableBytes(*owner), .owner = owner, .only_in = epoch_},
                     [keep = shared_from_this(), life = life_](const partition::AppendOutcome& outcome) {
                       keep->on_written(life, outcome);
                     });
}

void Host::on_written(std::uint64_t life, const partition::AppendOutcome& outcome) {
  if (!is_of_now(life) || stage_ != Stage::active) return;
  writing_ = false;
  if (outcome.error != 0) return start_over(told_for(outcome.error));
  for (Call& call : std::exchange(in_batch_, {})) {
    for (Release& release : call.releases) release(wire::ErrorCode::none);
    waiting_releases_ -= std::min(waiting_releases_, call.releases.size());
  }
  write_queued();
}

void Host::rearm() {
  const auto due = machine_ ? machine_->next_deadline() : std::nullopt;
  const MonotonicTime wanted = due.value_or(kForever);
  if (wanted == timer_due_) return;
  if (timer_ != 0) seat_.shard.clock.disarm(std::exchange(timer_, 0));
  timer_due_ = wanted;
  if (!due) return;
  timer_ = seat_.shard.clock.arm(*due, [weak = weak_from_this()] {
    if (const auto host = weak.lock()) host->on_timer();
  });
}

void Host::on_timer() {
  timer_ = 0;
  timer_due_ = kForever;
  if (stage_ != Stage::active) return;
  Effects effects;
  machine_->tick(now(), effects);
  take(std::move(effects));
}

}  // namespace gregor::coordinator
