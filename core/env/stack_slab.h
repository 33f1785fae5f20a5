// Stacks for fibers: mapped once, used again last in, first out, so that a new fiber finds warm pages and equal runs
// use equal stacks. Each stack lies above a guard region: running over its end is a fault, not a corruption. One
// thread's, never shared.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "env/fiber.h"

namespace gregor::env {

/// Unmapped room below each stack; larger than a page so that one big frame does not step over it.
inline constexpr std::size_t kStackGuardBytes = 16 * 1024;
/// Free stacks of a class that keep their pages; the pages of others go back to the system.
inline constexpr std::size_t kWarmStacksMax = 2048;

/// Usable bytes: the class's name, times four where a sanitizer's frames need it.
std::size_t stack_bytes_of(StackClass size_class);

class StackSlab {
 public:
  StackSlab() = default;
  /// Requires that every stack is back.
  ~StackSlab();
  StackSlab(const StackSlab&) = delete;
  StackSlab& operator=(const StackSlab&) = delete;

  /// The lowest usable byte of a stack of stack_bytes_of(size_class) bytes, aligned to a page. Crashes when the system
  /// has no more mappings (vm.max_map_count: about 32,000 stacks).
  std::byte* take(StackClass size_class);
  void give_back(std::byte* bottom, StackClass size_class);

  [[nodiscard]] std::size_t in_use() const { return in_use_; }
  /// Stacks made since the start, in use or free.
  [[nodiscard]] std::size_t made() const { return made_; }

 private:
  struct Chunk {
    std::byte* start;
    std::size_t bytes;
  };
  struct Shelf {
    std::vector<std::byte*> warm;  ///< free, pages kept
    std::vector<std::byte*> cold;  ///< free, pages given back
    std::byte* unmade = nullptr;   ///< next place of the newest chunk that never was a stack
    std::size_t unmade_count = 0;
  };
  std::byte* make_one(StackClass size_class);

  std::array<Shelf, 2> shelves_;
  std::vector<Chunk> chunks_;
  std::size_t in_use_ = 0;
  std::size_t made_ = 0;
};

}  // namespace gregor::env
