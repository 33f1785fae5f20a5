// Straight-line reading and writing on a socket, for code that has a fiber to spare (clients, links between nodes).
#pragma once

#include <memory>

#include "env/clock.h"
#include "env/network.h"
#include "env/wait.h"

namespace gregor::env {

class Stream final : SocketWatcher {
 public:
  explicit Stream(std::unique_ptr<Socket> socket);
  ~Stream() override;

  /// Fills all of `into` or fails: closed at end of stream or reset, timed_out at `deadline`. Throws Cancelled.
  Result<void> read_exactly(Fiber& self, Clock& clock, MutableBytes into, MonotonicTime deadline);
  /// Reads what there is, at least a byte; 0 at end of stream. Errors and exceptions as above.
  Result<std::size_t> read_some(Fiber& self, Clock& clock, MutableBytes into, MonotonicTime deadline);
  /// Sends all or fails. One writer at a time.
  Result<void> write_all(Fiber& self, Clock& clock, Bytes bytes, MonotonicTime deadline);
  [[nodiscard]] Socket& socket() { return *socket_; }

 private:
  void on_readable() override;
  void on_writable() override;
  std::unique_ptr<Socket> socket_;
  WaitQueue readable_;
  WaitQueue writable_;
};

}  // namespace gregor::env
