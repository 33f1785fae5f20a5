#include "sim/event_queue.h"

#include <algorithm>

#include "base/check.h"

namespace gregor::sim {
namespace {

EventId id_of(std::uint32_t slot, std::uint32_t generation) {
  return (static_cast<std::uint64_t>(generation) << 32) | slot;
}

}  // namespace

EventId EventQueue::add(SimTime when, UniqueFunction<void()> action) {
  CHECK(action);
  std::uint32_t slot = 0;
  if (free_slots_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  slots_[slot].action = std::move(action);
  heap_.push_back({when, ++last_sequence_, slot});
  std::push_heap(heap_.begin(), heap_.end(), &is_later);
  return id_of(slot, slots_[slot].generation);
}

bool EventQueue::cancel(EventId event) {
  const auto slot = static_cast<std::uint32_t>(event);
  const auto generation = static_cast<std::uint32_t>(event >> 32);
  if (slot >= slots_.size() || slots_[slot].generation != generation || !slots_[slot].action) return false;
  const UniqueFunction<void()> dropped = std::move(slots_[slot].action);
  slots_[slot].action = UniqueFunction<void()>();
  return true;
}

void EventQueue::free_slot(std::uint32_t slot) {
  ++slots_[slot].generation;
  free_slots_.push_back(slot);
}

void EventQueue::drop_cancelled() {
  while (!heap_.empty() && !slots_[heap_.front().slot].action) {
    const std::uint32_t slot = heap_.front().slot;
    std::pop_heap(heap_.begin(), heap_.end(), &is_later);
    heap_.pop_back();
    free_slot(slot);
  }
}

SimTime EventQueue::next_time() {
  drop_cancelled();
  return heap_.empty() ? kNever : heap_.front().when;
}

UniqueFunction<void()> EventQueue::take_next() {
  drop_cancelled();
  CHECK(!heap_.empty());
  const std::uint32_t slot = heap_.front().slot;
  std::pop_heap(heap_.begin(), heap_.end(), &is_later);
  heap_.pop_back();
  UniqueFunction<void()> action = std::move(slots_[slot].action);
  slots_[slot].action = UniqueFunction<void()>();
  free_slot(slot);
  return action;
}

}  // namespace gregor::sim
