// FetchedBatches: the records of a fetch's answer, taken apart and checked. Pure.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "raft/messages.h"

namespace gregor::quorum {

/// Whole batches, one behind the other, and the frame that they stand in.
struct FetchedBatches {
  struct Piece {
    Bytes bytes;  ///< of `frame`; moving that keeps them
    raft::Batch batch;
  };
  ByteBuffer frame;
  std::vector<Piece> pieces = {};
};

inline constexpr std::size_t kFetchedBatchesMax = 100'000;

/// The whole batches that `records` begins with; a last one that was cut short is left out, as Kafka allows. The first
/// begins at `from`, each other where the one before ended. Errors: corrupt (CRC, offsets, epochs that fall),
/// malformed, limit (kFetchedBatchesMax).
Result<std::vector<FetchedBatches::Piece>> check_fetched(Bytes records, Offset from);

}  // namespace gregor::quorum
