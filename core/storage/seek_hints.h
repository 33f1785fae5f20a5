// SeekHints: where the last few readers of a log stopped, since they will go on there. Spares the index and the scan.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "base/ids.h"

namespace gregor::storage {

class SeekHints {
 public:
  /// The batch that holds `next` begins at `position` of the segment.
  void note(Offset segment_base, Offset next, FilePosition position) {
    hints_[oldest_] = {segment_base, next, position};
    oldest_ = (oldest_ + 1) % kHints;
  }
  [[nodiscard]] std::optional<FilePosition> find(Offset segment_base, Offset next) const {
    for (const auto& hint : hints_) {
      if (hint.next == next && hint.segment_base == segment_base) return hint.position;
    }
    return std::nullopt;
  }
  /// After anything was cut.
  void clear() { hints_.fill({}); }

 private:
  static constexpr std::size_t kHints = 8;
  struct Hint {
    Offset segment_base = kNoOffset;
    Offset next = kNoOffset;
    FilePosition position{0};
  };
  std::array<Hint, kHints> hints_{};
  std::size_t oldest_ = 0;
};

}  // namespace gregor::storage
