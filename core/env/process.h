// The end of a node.
#pragma once

#include <string_view>

#include "env/fiber.h"

namespace gregor::env {

class Process {
 public:
  virtual ~Process() = default;
  /// The node may not go on (a disk lied, an invariant broke): ends the process at once, as kill -9 would, after one
  /// line. In the simulator the node crashes. Never returns.
  [[noreturn]] virtual void halt(Fiber& self, std::string_view reason) = 0;
};

}  // namespace gregor::env
