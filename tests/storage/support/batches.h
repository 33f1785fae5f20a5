// Batches for tests of the log: small, chosen by offset, count and time.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/ids.h"
#include "record/batch_format.h"

namespace gregor::storage {

struct BatchRecipe {
  std::int64_t base_offset = 0;
  int records = 1;
  std::int64_t timestamp_ms = 1000;  ///< of the first record; each next one is 1 ms later
  int value_bytes = 10;
  std::int32_t leader_epoch = 0;
  record::Codec codec = record::Codec::none;
};

ByteBuffer make_batch(const BatchRecipe& recipe);

}  // namespace gregor::storage
