// BatchStream: the batches of a stretch of a segment file, read forward in large pieces and checked one by one.
// Trusts nothing in the file. Never writes.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "env/disk.h"
#include "record/batch_view.h"
#include "storage/segment_index.h"

namespace gregor::storage {

struct StreamedBatch {
  FilePosition position;
  record::BatchView batch;  ///< good until the next call

  [[nodiscard]] IndexedBatch indexed() const {
    return {batch.last_offset(), batch.max_timestamp().ms, position, batch.size()};
  }
};

enum class BatchTrust : unsigned char {
  header,  ///< frames and offsets must be right; the CRC is not computed
  crc      ///< and the CRC
};

class BatchStream {
 public:
  /// Of [begin, end) of the file, which must outlive it. `begin` is where a batch begins.
  BatchStream(env::File& file, FilePosition begin, FilePosition end, BatchTrust trust)
      : file_(file), position_(begin), end_(end), trust_(trust) {}

  /// None at the end. Errors: io; corrupt, when what stands at position() is not a whole batch of magic 2 with offsets
  /// above its predecessor's.
  Result<std::optional<StreamedBatch>> next(env::Fiber& self);
  /// After the last batch that next() gave.
  [[nodiscard]] FilePosition position() const { return position_; }

 private:
  Result<Bytes> window(env::Fiber& self, std::size_t size);
  Result<record::BatchView> checked(Bytes frame) const;

  env::File& file_;
  FilePosition position_;
  FilePosition end_;
  BatchTrust trust_;
  Offset last_offset_ = kNoOffset;
  ByteBuffer buffer_;
  FilePosition buffer_begin_{0};
  std::size_t buffer_size_ = 0;
};

/// Whether the offsets of a header, which may be anything, are offsets: from 0, rising, with one behind the last. Only
/// then may they be computed with.
bool has_sound_offsets(const record::BatchView& batch);
/// What is wrong with one whole batch, or nothing: its frame, its offsets, and its CRC where asked for.
Result<record::BatchView> check_stored_batch(Bytes frame, BatchTrust trust);

}  // namespace gregor::storage
