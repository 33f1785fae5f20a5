#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace gregor {

void check_failed(const char* claim, const char* file, int line) noexcept {
  std::fprintf(stderr, "CHECK failed: %s at %s:%d\n", claim, file, line);
  std::abort();
}

}  // namespace gregor
