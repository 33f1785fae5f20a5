#include "runtime/timer_heap.h"

#include <algorithm>

namespace gregor::runtime {

bool TimerHeap::is_later(const Entry& left, const Entry& right) {
  return left.when != right.when ? left.when > right.when : left.ordinal > right.ordinal;
}

bool TimerHeap::is_dead(const Entry& entry) const {
  return slots_[entry.slot].generation != entry.generation;
}

env::TimerId TimerHeap::arm(MonotonicTime when, UniqueFunction<void()> due) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_slots_.back();
  free_slots_.pop_back();
  Slot& slot = slots_[index];
  slot.due = std::move(due);
  slot.armed = true;
  ++armed_;
  heap_.push_back({when, ++ordinals_, index, slot.generation});
  std::push_heap(heap_.begin(), heap_.end(), is_later);
  return (static_cast<env::TimerId>(slot.generation) << 32) | index;
}

UniqueFunction<void()> TimerHeap::take(std::uint32_t index) {
  Slot& slot = slots_[index];
  slot.armed = false;
  ++slot.generation;
  --armed_;
  free_slots_.push_back(index);
  return std::move(slot.due);
}

bool TimerHeap::disarm(env::TimerId timer) {
  const auto index = static_cast<std::uint32_t>(timer);
  const auto generation = static_cast<std::uint32_t>(timer >> 32);
  if (index >= slots_.size() || !slots_[index].armed || slots_[index].generation != generation) return false;
  take(index);
  if (heap_.size() > 2 * armed_ + kDeadEntriesMin) sweep();
  return true;
}

void TimerHeap::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), is_later);
  heap_.pop_back();
}

void TimerHeap::sweep() {
  std::erase_if(heap_, [this](const Entry& entry) { return is_dead(entry); });
  std::make_heap(heap_.begin(), heap_.end(), is_later);
}

MonotonicTime TimerHeap::next() {
  while (!heap_.empty() && is_dead(heap_.front())) pop();
  return heap_.empty() ? kForever : heap_.front().when;
}

void TimerHeap::fire(MonotonicTime now) {
  const std::uint64_t last_ordinal = ordinals_;
  while (next() <= now && heap_.front().when != kForever) {
    if (heap_.front().ordinal > last_ordinal) return;
    const std::uint32_t slot = heap_.front().slot;
    pop();
    UniqueFunction<void()> due = take(slot);
    due();
  }
}

void TimerHeap::clear() {
  while (next() != kForever || !heap_.empty()) {
    const std::uint32_t slot = heap_.front().slot;
    pop();
    take(slot);
  }
}

}  // namespace gregor::runtime
