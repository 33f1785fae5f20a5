// The log for people as lines on a file descriptor: `2026-01-31T12:00:00.123Z INFO broker.ready port=9092`.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "base/time.h"
#include "observe/log.h"

namespace gregor::runtime {

/// Thread-safe; a line is never torn by another. Lines below `least` are dropped. A descriptor that fails loses its
/// lines.
class LineLog final : public observe::Log {
 public:
  /// Borrows the descriptor: 1 for standard output, 2 for standard error.
  explicit LineLog(int descriptor, observe::Level least = observe::Level::info)
      : descriptor_(descriptor), least_(least) {}
  void line(observe::Level level, std::string_view event, std::initializer_list<observe::Field> fields) override;

 private:
  int descriptor_;
  observe::Level least_;
  std::mutex mutex_;
};

/// "2026-01-31T12:00:00.123Z" for milliseconds since 1970.
std::string utc_text(std::int64_t unix_ms);

}  // namespace gregor::runtime
