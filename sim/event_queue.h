// What is due when: a heap ordered by (time, sequence), so that equal times keep the order of their making.
#pragma once

#include <cstdint>
#include <vector>

#include "base/unique_function.h"
#include "sim/time.h"

namespace gregor::sim {

using EventId = std::uint64_t;  ///< 0 is never given out

class EventQueue {
 public:
  EventId add(SimTime when, UniqueFunction<void()> action);
  /// Destroys the action. False when it was taken or cancelled before.
  bool cancel(EventId event);
  /// kNever when empty.
  [[nodiscard]] SimTime next_time();
  /// Requires that next_time() is not kNever.
  UniqueFunction<void()> take_next();

 private:
  struct Entry {
    SimTime when;
    std::uint64_t sequence;
    std::uint32_t slot;
  };
  struct Slot {
    UniqueFunction<void()> action;
    std::uint32_t generation = 1;
  };
  static bool is_later(const Entry& a, const Entry& b) {
    return a.when != b.when ? a.when > b.when : a.sequence > b.sequence;
  }
  void drop_cancelled();
  void free_slot(std::uint32_t slot);

  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::uint64_t last_sequence_ = 0;
};

}  // namespace gregor::sim
