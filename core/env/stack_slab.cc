// The one file of core/ that asks the system for memory mappings: mmap, mprotect, munmap.
#include "env/stack_slab.h"

#include <sys/mman.h>

#include "base/check.h"
#include "env/sanitizer_notes.h"

namespace gregor::env {
namespace {

constexpr std::size_t kStacksPerChunk = 32;
constexpr int kReadWrite = PROT_READ | PROT_WRITE;
constexpr int kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

std::size_t place_bytes_of(StackClass size_class) {
  return kStackGuardBytes + stack_bytes_of(size_class);
}

/// Puts zero pages that hold no memory over the stack.
void drop_pages(std::byte* bottom, std::size_t bytes) {
  CHECK(mmap(bottom, bytes, kReadWrite, kAnonymous | MAP_FIXED, -1, 0) == bottom);
}

}  // namespace

std::size_t stack_bytes_of(StackClass size_class) {
  const std::size_t plain = size_class == StackClass::small_64k ? 64 * 1024 : 256 * 1024;
  return plain * notes::kStackFactor;
}

StackSlab::~StackSlab() {
  CHECK(in_use_ == 0);
  for (const Chunk& chunk : chunks_) {
    notes::stack_is_used(chunk.start, chunk.bytes);
    CHECK(munmap(chunk.start, chunk.bytes) == 0);
  }
}

std::byte* StackSlab::take(StackClass size_class) {
  Shelf& shelf = shelves_[static_cast<std::size_t>(size_class)];
  std::vector<std::byte*>& free = shelf.warm.empty() ? shelf.cold : shelf.warm;
  ++in_use_;
  if (free.empty()) return make_one(size_class);
  std::byte* bottom = free.back();
  free.pop_back();
  notes::stack_is_used(bottom, stack_bytes_of(size_class));
  return bottom;
}

void StackSlab::give_back(std::byte* bottom, StackClass size_class) {
  CHECK(in_use_ > 0);
  --in_use_;
  Shelf& shelf = shelves_[static_cast<std::size_t>(size_class)];
  const std::size_t bytes = stack_bytes_of(size_class);
  if (shelf.warm.size() < kWarmStacksMax) {
    shelf.warm.push_back(bottom);
  } else {
    drop_pages(bottom, bytes);
    shelf.cold.push_back(bottom);
  }
  notes::stack_is_free(bottom, bytes);
}

std::byte* StackSlab::make_one(StackClass size_class) {
  Shelf& shelf = shelves_[static_cast<std::size_t>(size_class)];
  const std::size_t place_bytes = place_bytes_of(size_class);
  if (shelf.unmade_count == 0) {
    void* start = mmap(nullptr, place_bytes * kStacksPerChunk, PROT_NONE, kAnonymous, -1, 0);
    CHECK(start != MAP_FAILED);
    chunks_.push_back({static_cast<std::byte*>(start), place_bytes * kStacksPerChunk});
    shelf.unmade = static_cast<std::byte*>(start);
    shelf.unmade_count = kStacksPerChunk;
  }
  std::byte* bottom = shelf.unmade + kStackGuardBytes;
  shelf.unmade += place_bytes;
  --shelf.unmade_count;
  CHECK(mprotect(bottom, stack_bytes_of(size_class), kReadWrite) == 0);
  notes::stack_was_made(bottom, stack_bytes_of(size_class));
  ++made_;
  return bottom;
}

}  // namespace gregor::env
