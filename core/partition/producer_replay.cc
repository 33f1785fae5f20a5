#include "partition/producer_replay.h"

#include "record/record_view.h"

namespace gregor::partition {

storage::AbortedTransaction index_entry(const replica::AbortedTransaction& aborted) {
  return {.producer_id = aborted.producer_id,
          .first_offset = aborted.first_offset,
          .last_offset = aborted.last_offset,
          .last_stable_offset = aborted.last_stable_offset};
}

Result<std::optional<storage::AbortedTransaction>> replay(replica::ProducerTable& producers,
                                                          const record::BatchView& batch) {
  std::optional<record::RecordView> marker;
  if (batch.is_control()) {
    TRY_ASSIGN(marker, record::RecordIterator(batch, batch.record_bytes()).next());
  }
  const auto aborted = producers.replay(batch, marker);
  if (!aborted) return std::nullopt;
  return index_entry(*aborted);
}

}  // namespace gregor::partition
