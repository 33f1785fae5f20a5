// Writes that wait until the whole ISR holds them (acks=all), and the leader's care for the ISR: what it proposes, what
// it is answered, and when to look again.
#include "partition/partition.h"

#include "env/clock.h"

namespace gregor::partition {

/// The writer is answered when the high watermark has passed the write, when this replica leads no more, or in time.
void Partition::wait_for_isr(Entry& entry) {
  const WaitingKey key{entry.outcome.last_offset + 1, waited_++};
  const MonotonicTime due = seat_.shard.clock.now() + entry.ask.timeout;
  auto& waiting = waiting_[key];
  waiting.entry = std::move(entry);
  waiting.timer = seat_.shard.clock.arm(due, [weak = weak_from_this(), key] {
    if (const auto partition = weak.lock()) partition->on_timeout(key);
  });
}

/// Answers those that can be answered by now. All that wait were appended in this leader epoch, or none was.
void Partition::settle_waiting() {
  std::vector<std::pair<Entry, std::int16_t>> settled;
  while (!waiting_.empty()) {
    const auto first = waiting_.begin();
    const auto verdict = verdict_on(first->second.entry);
    if (!verdict) break;
    seat_.shard.clock.disarm(first->second.timer);
    settled.emplace_back(std::move(first->second.entry), *verdict);
    waiting_.erase(first);
  }
  for (auto& [entry, error] : settled) answer(entry, error);
}

void Partition::refuse_waiting(PartitionError error) {
  auto refused = std::exchange(waiting_, {});
  for (auto& [key, waiting] : refused) {
    seat_.shard.clock.disarm(waiting.timer);
    answer(waiting.entry, static_cast<std::int16_t>(error));
  }
}

void Partition::on_timeout(const WaitingKey& key) {
  auto late = waiting_.extract(key);
  if (late.empty()) return;
  answer(late.mapped().entry, static_cast<std::int16_t>(PartitionError::request_timed_out));
}

/// To be called whenever a follower was heard, the role or the ISR changed, or time has come.
void Partition::tend_isr() {
  if (seat_.isr == nullptr || !leads()) return;
  const auto proposal = replica_->take_alter_partition(seat_.isr->brokers(), seat_.shard.clock.now());
  if (proposal) {
    seat_.isr->propose(id_, *proposal, [weak = weak_from_this()](const replica::AlterPartitionAnswer& answer) {
      const auto partition = weak.lock();
      if (!partition || !partition->replica_) return;
      if (partition->replica_->on_alter_partition(answer, partition->seat_.shard.clock.now())) partition->publish();
      partition->tend_isr();
    });
  }
  arm_tick();
}

/// A timer that rings too early only looks again.
void Partition::arm_tick() {
  if (seat_.isr == nullptr) return;
  const MonotonicTime next = replica_->next_tick();
  if (next >= tick_due_) return;
  if (tick_ != 0) seat_.shard.clock.disarm(tick_);
  tick_due_ = next;
  tick_ = seat_.shard.clock.arm(next, [weak = weak_from_this()] {
    const auto partition = weak.lock();
    if (!partition) return;
    partition->tick_ = 0;
    partition->tick_due_ = kForever;
    if (partition->unusable() == PartitionError::none) partition->tend_isr();
  });
}

}  // namespace gregor::partition
