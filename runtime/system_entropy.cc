#include "runtime/system_entropy.h"

#include <sys/random.h>

#include <cerrno>

#include "base/check.h"

namespace gregor::runtime {

RandomStream SystemEntropy::stream(std::string_view purpose, std::uint64_t object) {
  std::uint64_t seed = 0;
  ssize_t taken = 0;
  do {
    taken = ::getrandom(&seed, sizeof seed, 0);
  } while (taken < 0 && errno == EINTR);
  CHECK(taken == static_cast<ssize_t>(sizeof seed));
  return RandomStream(hash_name(purpose, object) ^ seed);
}

}  // namespace gregor::runtime
