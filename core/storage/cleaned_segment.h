// CleanedSegment: writes one segment beside the live ones (NNN.log.cleaned and what belongs to it), for SegmentSwap to
// put in their place. Nothing is visible to readers, and a crash leaves only what the next start removes.
#pragma once

#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "env/disk.h"
#include "storage/aborted_transaction.h"
#include "storage/segment_files.h"
#include "storage/segment_index.h"

namespace gregor::storage {

class CleanedSegment {
 public:
  /// What an earlier attempt left of these files is emptied. Errors: io, no_space.
  static Result<CleanedSegment> create(env::Fiber& self, SegmentFiles& files, Offset base_offset,
                                       std::int64_t index_interval_bytes);

  /// The next batch, whole. Errors: io, no_space.
  Result<void> append(env::Fiber& self, Bytes batch);
  /// Writes the indexes and makes all of it durable; nothing may be appended afterwards. Errors: io, no_space.
  Result<void> finish(env::Fiber& self, const std::vector<AbortedTransaction>& aborted);

  [[nodiscard]] Offset base_offset() const { return index_->base_offset(); }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  [[nodiscard]] std::int64_t max_timestamp_ms() const { return index_->cursor().max_timestamp_ms; }
  /// Of the transaction index; 0: there is none.
  [[nodiscard]] std::uint64_t aborted_bytes() const { return aborted_bytes_; }
  [[nodiscard]] const std::shared_ptr<env::File>& log_file() const { return log_file_; }
  [[nodiscard]] const std::shared_ptr<SegmentIndex>& index() const { return index_; }

 private:
  CleanedSegment(SegmentFiles& files, Offset base_offset, std::int64_t interval_bytes);
  Result<void> write_out(env::Fiber& self);
  Result<void> write_beside(env::Fiber& self, FileKind kind, Bytes content);

  SegmentFiles* files_;
  std::int64_t interval_bytes_;
  std::shared_ptr<env::File> log_file_;
  std::shared_ptr<SegmentIndex> index_;
  ByteBuffer waiting_;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t aborted_bytes_ = 0;
};

}  // namespace gregor::storage
