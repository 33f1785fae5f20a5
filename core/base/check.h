// CHECK: programmer errors crash, in production too. Operating errors are Results and never come here.
#pragma once

namespace gregor {

/// Prints the claim that failed and where, then aborts. Never returns and never allocates.
[[noreturn]] void check_failed(const char* claim, const char* file, int line) noexcept;

}  // namespace gregor

#define CHECK(claim)                                      \
  do {                                                    \
    if (__builtin_expect(!(claim), 0)) {                  \
      ::gregor::check_failed(#claim, __FILE__, __LINE__); \
    }                                                     \
  } while (false)
