// Timers by the time they are due; equal times in the order they were armed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "base/unique_function.h"
#include "env/clock.h"

namespace gregor::runtime {

/// Arming and firing cost O(log n); disarming O(1) now and its share of a sweep later: dead entries never outnumber
/// live ones by more than kDeadEntriesMin.
class TimerHeap {
 public:
  env::TimerId arm(MonotonicTime when, UniqueFunction<void()> due);
  /// Destroys the callback. False when it fired or never was armed.
  bool disarm(env::TimerId timer);
  /// When the next one is due; kForever when none is armed.
  [[nodiscard]] MonotonicTime next();
  /// Calls those due at `now`, at most as many as were armed when it began: a timer armed by a callback waits a round.
  void fire(MonotonicTime now);
  [[nodiscard]] std::size_t armed() const { return armed_; }
  /// Disarms all.
  void clear();

 private:
  static constexpr std::size_t kDeadEntriesMin = 64;
  struct Entry {
    MonotonicTime when;
    std::uint64_t ordinal;
    std::uint32_t slot;
    std::uint32_t generation;
  };
  struct Slot {
    UniqueFunction<void()> due;
    std::uint32_t generation = 1;  ///< rises each time the slot is freed
    bool armed = false;
  };
  static bool is_later(const Entry& left, const Entry& right);
  [[nodiscard]] bool is_dead(const Entry& entry) const;
  UniqueFunction<void()> take(std::uint32_t slot);
  void pop();
  void sweep();

  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::uint64_t ordinals_ = 0;
  std::size_t armed_ = 0;
};

}  // namespace gregor::runtime
