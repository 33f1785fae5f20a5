#include "record/batch_view.h"

#include "base/check.h"
#include "base/crc32c.h"

namespace gregor::record {

Result<BatchView> BatchView::parse_header(Bytes bytes) {
  if (bytes.size() < kBatchHeaderBytes) return fail(Errc::malformed, "batch: shorter than a header");
  const auto magic = static_cast<int>(static_cast<std::int8_t>(bytes[kMagicAt]));
  if (magic != 2) return fail(Errc::unsupported, "batch: magic " + std::to_string(magic));
  const auto length = load_big_endian<std::int32_t>(bytes.data() + kBatchLengthAt);
  if (length < static_cast<std::int32_t>(kBatchHeaderBytes - kBatchPrefixBytes)) {
    return fail(Errc::malformed, "batch: length " + std::to_string(length) + " is less than its header's");
  }
  return BatchView(bytes);
}

Result<BatchView> BatchView::parse(Bytes bytes) {
  TRY_ASSIGN(BatchView batch, parse_header(bytes));
  if (batch.size() > bytes.size()) return fail(Errc::malformed, "batch: cut short");
  batch.bytes_ = bytes.first(batch.size());
  return batch;
}

std::optional<Codec> BatchView::codec() const {
  const int id = attributes() & kCodecMask;
  if (id > static_cast<int>(Codec::zstd)) return std::nullopt;
  return static_cast<Codec>(id);
}

std::optional<WallTime> BatchView::delete_horizon() const {
  if (!has(kDeleteHorizonFlag)) return std::nullopt;
  return base_timestamp();
}

Sequence BatchView::last_sequence() const {
  if (base_sequence().value() < 0 || last_offset_delta() < 0) return base_sequence();
  return advance_sequence(base_sequence(), last_offset_delta());
}

std::uint32_t BatchView::computed_crc() const {
  return crc32c(bytes().subspan(kAttributesAt));
}

Sequence advance_sequence(Sequence sequence, std::int32_t steps) {
  CHECK(sequence.value() >= 0 && steps >= 0);
  constexpr std::int64_t kSequences = std::int64_t{INT32_MAX} + 1;
  return Sequence{static_cast<std::int32_t>((std::int64_t{sequence.value()} + steps) % kSequences)};
}

}  // namespace gregor::record
