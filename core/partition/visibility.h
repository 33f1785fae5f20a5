// Visibility: how many of the bytes that were appended in this life each kind of reader can see by now. Counts only
// rise: a reader that waits for more compares them with what it saw. Pure.
#pragma once

#include <cstdint>
#include <deque>

#include "base/ids.h"

namespace gregor::partition {

class Visibility {
 public:
  /// The log that was opened: nothing in it counts as new.
  void begin(Offset last_stable_offset);
  /// A batch that ends below `end` stands in the log.
  void on_appended(Offset end, std::uint64_t bytes);
  /// The log ends at `end` by now.
  void on_cut(Offset end);
  /// How many bytes consumers can see beyond what they could: at least one where the high watermark moved.
  std::uint64_t on_moved(Offset high_watermark, Offset last_stable_offset);

  /// By consumers.
  [[nodiscard]] std::uint64_t visible_bytes() const { return visible_; }
  /// By followers.
  [[nodiscard]] std::uint64_t appended_bytes() const { return appended_; }

 private:
  struct Hidden {
    Offset end;
    std::uint64_t bytes;
  };
  std::deque<Hidden> hidden_;  ///< batches not below the high watermark, in order; neighbours are merged when many
  std::uint64_t appended_ = 0;
  std::uint64_t visible_ = 0;
  std::uint64_t unstable_ = 0;  ///< below the high watermark, yet perhaps not below the last stable offset
  Offset high_watermark_{0};
  Offset last_stable_{0};
};

/// Beyond it a batch is counted with the one before it, and becomes visible later in the count than in truth.
inline constexpr std::size_t kHiddenBatchesMax = 4096;

}  // namespace gregor::partition
