#include "storage/batch_stream.h"

#include <algorithm>
#include <string>

#include "record/batch_split.h"

namespace gregor::storage {
namespace {

/// Read at once. A larger batch is read whole.
constexpr std::size_t kPieceBytes = 256 << 10;

}  // namespace

bool has_sound_offsets(const record::BatchView& batch) {
  const std::int64_t delta = batch.last_offset_delta();
  return delta >= 0 && batch.base_offset() >= Offset{0} && batch.base_offset() < Offset{INT64_MAX - delta};
}

Result<record::BatchView> check_stored_batch(Bytes frame, BatchTrust trust) {
  auto batch = record::BatchView::parse(frame);
  if (!batch) return fail(Errc::corrupt, batch.error().text);
  if (!has_sound_offsets(*batch)) return fail(Errc::corrupt, "offsets of a batch do not rise");
  if (trust == BatchTrust::crc && !batch->crc_is_right()) {
    return fail(Errc::corrupt,
                "CRC of the batch at offset " + std::to_string(batch->base_offset().value()) + " differs");
  }
  return batch;
}

Result<Bytes> BatchStream::window(env::Fiber& self, std::size_t size) {
  const bool is_held = position_ >= buffer_begin_ && position_ + size <= buffer_begin_ + buffer_size_;
  if (!is_held) {
    const std::size_t wanted = std::min<std::size_t>(std::max(size, kPieceBytes), end_ - position_);
    if (buffer_.size() < wanted) buffer_.resize(wanted);
    buffer_size_ = 0;
    TRY(env::read_exactly(self, file_, position_, MutableBytes(buffer_).first(wanted)));
    buffer_begin_ = position_;
    buffer_size_ = wanted;
  }
  return Bytes(buffer_).subspan(position_ - buffer_begin_, size);
}

Result<record::BatchView> BatchStream::checked(Bytes frame) const {
  auto batch = check_stored_batch(frame, trust_);
  if (batch && batch->base_offset() <= last_offset_) {
    return fail(Errc::corrupt, "offset " + std::to_string(batch->base_offset().value()) + " comes again");
  }
  return batch;
}

Result<std::optional<StreamedBatch>> BatchStream::next(env::Fiber& self) {
  const std::uint64_t rest = end_ - position_;
  if (rest == 0) return std::nullopt;
  if (rest < record::kBatchHeaderBytes) return fail(Errc::corrupt, "the file ends within a batch header");
  TRY_ASSIGN(const Bytes header, window(self, record::kBatchHeaderBytes));
  auto size = record::batch_size_at(header);
  if (!size || !*size || **size < record::kBatchHeaderBytes) return fail(Errc::corrupt, "no batch of magic 2");
  if (**size > rest) return fail(Errc::corrupt, "the file ends within a batch");
  TRY_ASSIGN(const Bytes frame, window(self, **size));
  TRY_ASSIGN(const record::BatchView batch, checked(frame));
  const StreamedBatch found{position_, batch};
  position_ = position_ + **size;
  last_offset_ = batch.last_offset();
  return found;
}

}  // namespace gregor::storage
