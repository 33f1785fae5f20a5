#include "record/batch_split.h"

#include <string>

namespace gregor::record {

Result<std::optional<std::size_t>> batch_size_at(Bytes bytes) {
  if (bytes.size() < kBatchPrefixBytes) return std::optional<std::size_t>{};
  const auto length = load_big_endian<std::int32_t>(bytes.data() + kBatchLengthAt);
  if (length < kBatchLengthMin) {
    return fail(Errc::corrupt, "batch: length " + std::to_string(length) + " is less than any batch's");
  }
  if (bytes.size() < kBytesUpToMagic) return std::optional<std::size_t>{};
  const auto magic = static_cast<int>(static_cast<std::int8_t>(bytes[kMagicAt]));
  if (magic < 0 || magic > 2) return fail(Errc::corrupt, "batch: magic " + std::to_string(magic));
  return std::optional<std::size_t>{kBatchPrefixBytes + static_cast<std::size_t>(length)};
}

Result<std::optional<BatchFrame>> BatchSplitter::next() {
  TRY_ASSIGN(const std::optional<std::size_t> size, batch_size_at(rest_));
  if (!size || *size > rest_.size()) return std::optional<BatchFrame>{};
  const BatchFrame frame{rest_.first(*size), static_cast<std::int8_t>(rest_[kMagicAt])};
  rest_ = rest_.subspan(*size);
  return std::optional<BatchFrame>{frame};
}

}  // namespace gregor::record
