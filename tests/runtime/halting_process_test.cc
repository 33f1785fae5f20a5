#include "runtime/halting_process.h"

#include <gtest/gtest.h>

#include "runtime/line_log.h"
#include "runtime/machine.h"

namespace gregor::runtime {
namespace {

TEST(HaltingProcessDeathTest, HaltEndsTheProcessWithOneLine) {
  EXPECT_EXIT(
      {
        LineLog log(2);
        Machine machine(MachineOptions{}, log);
        machine.run([](env::Fiber& self, env::Shard& shard) { shard.process.halt(self, "the disk lied"); });
      },
      ::testing::ExitedWithCode(kHaltExitCode), "process.halted reason=\"the disk lied\"");
}

}  // namespace
}  // namespace gregor::runtime
