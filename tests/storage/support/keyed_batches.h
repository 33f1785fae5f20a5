// Batches of keyed records for tests of compaction, and what a log's batches hold, record by record.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "record/batch_builder.h"
#include "record/record_view.h"
#include "storage/partition_log.h"

namespace gregor::storage {

struct KeyedRecord {
  std::string key;
  std::optional<std::string> value;  ///< none: a tombstone
};

/// The records stand at base_offset and behind it, a millisecond apart from `timestamp_ms` on.
inline ByteBuffer keyed_batch(record::BatchSettings settings, const std::vector<KeyedRecord>& records,
                              std::int64_t timestamp_ms = 1000) {
  record::CodecScratch scratch;
  if (settings.leader_epoch == kNoLeaderEpoch) settings.leader_epoch = LeaderEpoch{0};
  record::BatchBuilder builder(settings);
  for (const KeyedRecord& record : records) {
    std::optional<Bytes> value;
    if (record.value) value = bytes_of(*record.value);
    builder.add(WallTime{timestamp_ms++}, bytes_of(record.key), value);
  }
  return builder.encode(scratch).value();
}

struct StoredRecord {
  std::int64_t offset = 0;
  std::string key;
  std::optional<std::string> value;
  std::int64_t timestamp_ms = 0;
  bool operator==(const StoredRecord&) const = default;
};

/// The data records of whole batches.
inline std::vector<StoredRecord> records_of(Bytes batches) {
  std::vector<StoredRecord> found;
  record::CodecScratch scratch;
  while (!batches.empty()) {
    const auto batch = record::BatchView::parse(batches).value();
    const auto plain = record::PlainRecords::of(batch, scratch).value();
    record::RecordIterator records(batch, plain.bytes());
    while (const auto record = records.next().value()) {
      if (batch.is_control()) continue;
      StoredRecord stored{record->offset.value(), std::string(text_of(*record->key)), std::nullopt,
                          record->timestamp.ms};
      if (record->value) stored.value = std::string(text_of(*record->value));
      found.push_back(std::move(stored));
    }
    batches = batches.subspan(batch.size());
  }
  return found;
}

inline std::vector<record::BatchView> batches_of(Bytes bytes) {
  std::vector<record::BatchView> found;
  for (; !bytes.empty(); bytes = bytes.subspan(found.back().size())) {
    found.push_back(record::BatchView::parse(bytes).value());
  }
  return found;
}

}  // namespace gregor::storage
