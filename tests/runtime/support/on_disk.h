// Runs a test on the disk of a machine of one shard.
#pragma once

#include <string>

#include "env/disk.h"
#include "env/shard.h"
#include "tests/runtime/support/on_machine.h"

namespace gregor::runtime {

inline std::string text_in(const ByteBuffer& bytes) {
  return std::string(text_of(bytes));
}

/// Runs `test(self, disk)` on a machine of one shard.
template <class Test>
void on_disk(Test test) {
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) { test(self, shard.disk); });
}

}  // namespace gregor::runtime
