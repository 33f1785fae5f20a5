// env::Process: one line in the log, then the end of the process without any unwinding, flush or farewell.
#pragma once

#include "env/process.h"
#include "observe/log.h"

namespace gregor::runtime {

inline constexpr int kHaltExitCode = 70;  ///< EX_SOFTWARE

class HaltingProcess final : public env::Process {
 public:
  explicit HaltingProcess(observe::Log& log) : log_(log) {}
  [[noreturn]] void halt(env::Fiber& self, std::string_view reason) override;

 private:
  observe::Log& log_;
};

}  // namespace gregor::runtime
