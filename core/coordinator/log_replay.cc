#include "coordinator/log_replay.h"

#include "record/record_view.h"

namespace gregor::coordinator {
namespace {

void replay_marker(const record::BatchView& batch, const record::RecordView& marker, Machine& machine) {
  const auto type = record::control_type_of(marker);
  if (type != record::ControlType::commit && type != record::ControlType::abort) return;
  machine.replay_transaction_end(batch.producer_id(), type == record::ControlType::commit);
}

}  // namespace

Result<void> replay_batch(const record::BatchView& batch, record::CodecScratch& codec, observe::Log& log,
                          const Now& now, Machine& machine) {
  TRY_ASSIGN(const auto plain, record::PlainRecords::of(batch, codec));
  record::RecordIterator records(batch, plain.bytes());
  for (;;) {
    TRY_ASSIGN(const auto record, records.next());
    if (!record) return {};
    if (batch.is_control()) {
      replay_marker(batch, *record, machine);
      continue;
    }
    if (!record->key) continue;  // nothing of ours
    const StoredRecord stored{.offset = record->offset,
                              .timestamp = record->timestamp,
                              .key = *record->key,
                              .value = record->value,
                              .transaction = batch.is_transactional() ? batch.producer_id() : kNoProducerId};
    if (const auto taken = machine.replay(stored, now); !taken) {
      log.warn("coordinator.record", {{"offset", record->offset.value()}, {"error", taken.error().text}});
    }
  }
}

}  // namespace gregor::coordinator
