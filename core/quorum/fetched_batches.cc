#include "quorum/fetched_batches.h"

#include <string>

#include "record/batch_view.h"

namespace gregor::quorum {

namespace {

/// Whether a whole batch stands at the start of `rest`, by the length that it claims.
bool is_whole(Bytes rest) {
  if (rest.size() < record::kBatchPrefixBytes) return false;
  const auto length = load_big_endian<std::int32_t>(rest.data() + record::kBatchLengthAt);
  return length < 0 || rest.size() - record::kBatchPrefixBytes >= static_cast<std::size_t>(length);
}

}  // namespace

Result<std::vector<FetchedBatches::Piece>> check_fetched(Bytes records, Offset from) {
  std::vector<FetchedBatches::Piece> pieces;
  Offset end = from;
  LeaderEpoch epoch{0};
  for (Bytes rest = records; is_whole(rest); rest = rest.subspan(pieces.back().bytes.size())) {
    if (pieces.size() >= kFetchedBatchesMax) return fail(Errc::limit, "a fetch brought too many batches");
    TRY_ASSIGN(const auto batch, record::BatchView::parse(rest));
    const std::string where = "a fetched batch at offset " + std::to_string(end.value());
    if (!batch.crc_is_right()) return fail(Errc::corrupt, where + " fails its CRC");
    if (batch.base_offset() != end || batch.last_offset() < end) {
      return fail(Errc::corrupt, where + " claims to begin at " + std::to_string(batch.base_offset().value()));
    }
    if (batch.leader_epoch() < epoch) return fail(Errc::corrupt, where + " is of an epoch that was over");
    end = batch.next_offset();
    epoch = batch.leader_epoch();
    pieces.push_back({batch.bytes(), {end, epoch}});
  }
  return pieces;
}

}  // namespace gregor::quorum
