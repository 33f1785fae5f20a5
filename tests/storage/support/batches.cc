#include "tests/storage/support/batches.h"

#include "record/batch_builder.h"

namespace gregor::storage {

ByteBuffer make_batch(const BatchRecipe& recipe) {
  record::CodecScratch scratch;
  record::BatchBuilder builder({.codec = recipe.codec,
                                .base_offset = Offset{recipe.base_offset},
                                .leader_epoch = LeaderEpoch{recipe.leader_epoch}});
  for (int i = 0; i < recipe.records; ++i) {
    ByteBuffer value(static_cast<std::size_t>(recipe.value_bytes));
    for (std::size_t at = 0; at < value.size(); ++at) {
      value[at] = static_cast<std::byte>(recipe.base_offset * 131 + i * 31 + static_cast<std::int64_t>(at));
    }
    builder.add(WallTime{recipe.timestamp_ms + i}, std::nullopt, Bytes(value));
  }
  return builder.encode(scratch).value();
}

}  // namespace gregor::storage
