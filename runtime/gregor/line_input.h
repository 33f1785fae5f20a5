// Lines of a file descriptor, read on a fiber that must not block its shard.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "env/clock.h"

namespace gregor::program {

/// A line longer than this ends the input with an error: no record could hold it.
inline constexpr std::size_t kLineBytesMax = 64u << 20;

class LineInput {
 public:
  /// Borrows the descriptor.
  explicit LineInput(int descriptor) : descriptor_(descriptor) {}

  /// True while next() would answer without waiting.
  [[nodiscard]] bool has_line() const { return ended_ || find_line() != std::string::npos; }
  /// Waits until has_line(), looking at the descriptor every few milliseconds. Suspends. Throws Cancelled.
  void wait(env::Fiber& self, env::Clock& clock);
  /// The next line without its end; none at the end of input. A last line needs no end. Requires has_line().
  std::optional<std::string> next();
  /// What ended the input early; empty where it just ended.
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  [[nodiscard]] std::size_t find_line() const { return held_.find('\n', begin_); }
  /// Reads once what is there. False where nothing is, just now.
  bool read_some();

  int descriptor_;
  std::string held_;
  std::size_t begin_ = 0;  ///< what was given out lies before it
  bool ended_ = false;
  std::string error_;
};

}  // namespace gregor::program
