// What the sanitizers and valgrind must be told when a thread changes its stack. Nothing at all in a plain build. For
// fiber.cc and stack_slab.cc alone.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define GREGOR_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GREGOR_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define GREGOR_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GREGOR_TSAN 1
#endif
#endif

#ifdef GREGOR_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef GREGOR_TSAN
#include <sanitizer/tsan_interface.h>
#endif
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif

namespace gregor::env::notes {

#if defined(GREGOR_ASAN) || defined(GREGOR_TSAN)
inline constexpr std::size_t kStackFactor = 4;
#else
inline constexpr std::size_t kStackFactor = 1;
#endif

/// Before a jump to the stack [bottom, bottom + bytes). `frames` keeps ours for the way back; null says that we die
/// here.
inline void leaving([[maybe_unused]] void** frames, [[maybe_unused]] const void* bottom,
                    [[maybe_unused]] std::size_t bytes) {
#ifdef GREGOR_ASAN
  __sanitizer_start_switch_fiber(frames, bottom, bytes);
#endif
}

/// First thing on the stack that was jumped to. Fills in the stack we came from where asked.
inline void arrived([[maybe_unused]] void* frames, [[maybe_unused]] const void** from_bottom,
                    [[maybe_unused]] std::size_t* from_bytes) {
#ifdef GREGOR_ASAN
  __sanitizer_finish_switch_fiber(frames, from_bottom, from_bytes);
#endif
}

inline void* thread_sanitizer_create() {
#ifdef GREGOR_TSAN
  return __tsan_create_fiber(0);
#else
  return nullptr;
#endif
}
inline void thread_sanitizer_destroy([[maybe_unused]] void* fiber) {
#ifdef GREGOR_TSAN
  __tsan_destroy_fiber(fiber);
#endif
}
inline void* thread_sanitizer_current() {
#ifdef GREGOR_TSAN
  return __tsan_get_current_fiber();
#else
  return nullptr;
#endif
}
inline void thread_sanitizer_switch_to([[maybe_unused]] void* fiber) {
#ifdef GREGOR_TSAN
  __tsan_switch_to_fiber(fiber, 0);
#endif
}

inline void stack_is_free([[maybe_unused]] const void* bottom, [[maybe_unused]] std::size_t bytes) {
#ifdef GREGOR_ASAN
  __asan_poison_memory_region(bottom, bytes);
#endif
}
inline void stack_is_used([[maybe_unused]] const void* bottom, [[maybe_unused]] std::size_t bytes) {
#ifdef GREGOR_ASAN
  __asan_unpoison_memory_region(bottom, bytes);
#endif
}
inline void stack_was_made([[maybe_unused]] std::byte* bottom, [[maybe_unused]] std::size_t bytes) {
#ifdef VALGRIND_STACK_REGISTER
  (void)VALGRIND_STACK_REGISTER(bottom, bottom + bytes);
#endif
}

}  // namespace gregor::env::notes
