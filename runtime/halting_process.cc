#include "runtime/halting_process.h"

#include <unistd.h>

namespace gregor::runtime {

void HaltingProcess::halt(env::Fiber& self, std::string_view reason) {
  log_.error("process.halted", {{"reason", reason}, {"fiber", self.name()}});
  ::_exit(kHaltExitCode);
}

}  // namespace gregor::runtime
