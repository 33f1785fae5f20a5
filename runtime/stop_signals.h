// SIGINT and SIGTERM as events of a loop.
#pragma once

#include <csignal>

#include "base/unique_function.h"
#include "runtime/loop.h"

namespace gregor::runtime {

/// From its construction the two signals are blocked in this thread and in the threads that it starts; they come here
/// instead. Its end restores the thread's mask.
class StopSignals final : private EventHandler {
 public:
  /// The first signal calls `on_stop` on the loop. The second ends the process at once, with 128 plus the signal's
  /// number.
  StopSignals(Loop& loop, UniqueFunction<void()> on_stop);
  ~StopSignals() override;
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  void on_events(std::uint32_t epoll_events) override;
  Loop& loop_;
  UniqueFunction<void()> on_stop_;
  sigset_t former_mask_{};
  Descriptor descriptor_;
  Watch* watch_ = nullptr;
  bool was_asked_ = false;
};

}  // namespace gregor::runtime
