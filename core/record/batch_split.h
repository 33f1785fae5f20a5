// Walks over batches that stand one after the other (a Produce request, a fetched range, a segment) without reading
// their records. Messages of magic 0 and 1 are recognised, so that they can be refused or skipped; nothing more is read
// of them.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "record/batch_view.h"

namespace gregor::record {

struct BatchFrame {
  Bytes bytes;            ///< the whole batch, or legacy message (set)
  std::int8_t magic = 2;  ///< 0, 1 or 2
};

class BatchSplitter {
 public:
  explicit BatchSplitter(Bytes range) : rest_(range) {}

  /// The next whole batch; none when the rest is empty or holds only the beginning of one (as a fetch may cut it).
  /// Errors: corrupt, when a length is below kBatchLengthMin or a magic is not 0, 1 or 2.
  /// A frame of magic 2 may still be shorter than a header: BatchView::parse says so.
  Result<std::optional<BatchFrame>> next();
  /// What next() has not handed out.
  [[nodiscard]] Bytes rest() const { return rest_; }

 private:
  Bytes rest_;
};

/// Size of the batch that begins with these bytes, whole or not: for those who read a file piece by piece. None when
/// `bytes` are fewer than kBytesUpToMagic. Errors: as BatchSplitter::next().
Result<std::optional<std::size_t>> batch_size_at(Bytes bytes);

}  // namespace gregor::record
