// BoundedLog: the lines that strangers on the network can cause, so many a second at most; of the rest it says how many
// there were. Lives on one shard and is called on it alone.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "env/clock.h"
#include "observe/log.h"

namespace gregor::broker {

class BoundedLog final : public observe::Log {
 public:
  static constexpr int kLinesPerSecondMax = 20;

  /// Both outlive it.
  BoundedLog(observe::Log& log, env::Clock& clock) : log_(log), clock_(clock) {}
  ~BoundedLog() override;

  /// Passes the line on, or counts it: a second later one line tells of those that were counted.
  void line(observe::Level level, std::string_view event, std::initializer_list<observe::Field> fields) override;

 private:
  void tell_withheld();

  observe::Log& log_;
  env::Clock& clock_;
  MonotonicTime second_end_{};
  int passed_ = 0;  ///< in this second
  std::uint64_t withheld_ = 0;
  env::TimerId timer_ = 0;
};

}  // namespace gregor::broker
