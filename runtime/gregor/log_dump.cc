#include "runtime/gregor/log_dump.h"

#include <algorithm>
#include <ostream>

#include "record/batch_view.h"
#include "record/record_view.h"
#include "runtime/gregor/names.h"
#include "storage/aborted_transaction.h"
#include "storage/producer_snapshot.h"
#include "storage/segment_index.h"

namespace gregor::program {
namespace {

using Json = nlohmann::ordered_json;
using record::BatchView;
using record::RecordView;

std::string_view codec_name(const BatchView& batch) {
  const auto codec = batch.codec();
  return codec ? std::string_view(record::name_of(*codec)) : "unknown";
}

std::string_view timestamp_name(const BatchView& batch) {
  return batch.timestamp_type() == record::TimestampType::log_append_time ? "LogAppendTime" : "CreateTime";
}

std::string_view word(bool claim) {
  return claim ? "true" : "false";
}

std::string horizon_text(const BatchView& batch) {
  const auto horizon = batch.delete_horizon();
  return horizon ? "OptionalLong[" + std::to_string(horizon->ms) + "]" : "OptionalLong.empty";
}

void print_batch(std::ostream& out, const BatchView& batch, std::size_t position) {
  out << "baseOffset: " << batch.base_offset().value() << " lastOffset: " << batch.last_offset().value()
      << " count: " << batch.record_count() << " baseSequence: " << batch.base_sequence().value()
      << " lastSequence: " << batch.last_sequence().value() << " producerId: " << batch.producer_id().value()
      << " producerEpoch: " << batch.producer_epoch().value()
      << " partitionLeaderEpoch: " << batch.leader_epoch().value()
      << " isTransactional: " << word(batch.is_transactional()) << " isControl: " << word(batch.is_control())
      << " deleteHorizonMs: " << horizon_text(batch) << " position: " << position << " " << timestamp_name(batch)
      << ": " << batch.max_timestamp().ms << " size: " << batch.size()
      << " magic: 2 compresscodec: " << codec_name(batch) << " crc: " << batch.crc()
      << " isvalid: " << word(batch.crc_is_right()) << "\n";
}

Json json_of_batch(const BatchView& batch, std::size_t position) {
  return {{"base_offset", batch.base_offset().value()},
          {"last_offset", batch.last_offset().value()},
          {"count", batch.record_count()},
          {"base_sequence", batch.base_sequence().value()},
          {"producer_id", batch.producer_id().value()},
          {"producer_epoch", batch.producer_epoch().value()},
          {"leader_epoch", batch.leader_epoch().value()},
          {"transactional", batch.is_transactional()},
          {"control", batch.is_control()},
          {"position", position},
          {"size", batch.size()},
          {"max_timestamp", batch.max_timestamp().ms},
          {"codec", codec_name(batch)},
          {"crc", batch.crc()},
          {"crc_is_right", batch.crc_is_right()}};
}

std::string_view control_name(record::ControlType type) {
  using enum record::ControlType;
  switch (type) {
    case abort:
      return "ABORT";
    case commit:
      return "COMMIT";
    case leader_change:
      return "LEADER_CHANGE";
    case snapshot_header:
      return "SNAPSHOT_HEADER";
    case snapshot_footer:
      return "SNAPSHOT_FOOTER";
    case kraft_version:
      return "KRAFT_VERSION";
    case kraft_voters:
      return "KRAFT_VOTERS";
  }
  return "UNKNOWN";
}

/// What follows the numbers of a record's line.
std::string content_text(const BatchView& batch, const RecordView& record) {
  std::string text;
  if (batch.is_control()) {
    const auto type = record::control_type_of(record);
    text = type ? " " + std::string(control_name(*type)) : " UNKNOWN";
    const bool is_marker = type == record::ControlType::abort || type == record::ControlType::commit;
    if (const auto epoch = is_marker ? record::coordinator_epoch_of(record) : Result<std::int32_t>(-1);
        is_marker && epoch) {
      text = " endTxnMarker:" + text + " coordinatorEpoch: " + std::to_string(*epoch);
    }
    return text;
  }
  if (record.key) text += " key: " + std::string(text_of(*record.key));
  if (record.value) text += " payload: " + std::string(text_of(*record.value));
  return text;
}

void print_record(std::ostream& out, const BatchView& batch, const RecordView& record) {
  const auto size_of = [](const std::optional<Bytes>& bytes) {
    return bytes ? static_cast<std::int64_t>(bytes->size()) : -1;
  };
  out << "| offset: " << record.offset.value() << " " << timestamp_name(batch) << ": " << record.timestamp.ms
      << " keySize: " << size_of(record.key) << " valueSize: " << size_of(record.value);
  out << " sequence: " << record.sequence.value() << " headerKeys: [";
  bool first = true;
  for (const record::HeaderView header : record.headers) {
    out << (first ? "" : ",") << header.key;
    first = false;
  }
  out << "]" << content_text(batch, record) << "\n";
}

Json json_of_record(const RecordView& record) {
  Json json = {{"offset", record.offset.value()}, {"timestamp", record.timestamp.ms}};
  add_content(json, record);
  return json;
}

/// Walks over a batch's records. Errors: as PlainRecords and RecordIterator.
template <class Visit>
Result<void> for_each_record(const BatchView& batch, record::CodecScratch& scratch, const Visit& visit) {
  TRY_ASSIGN(const record::PlainRecords plain, record::PlainRecords::of(batch, scratch));
  record::RecordIterator records(batch, plain.bytes());
  for (;;) {
    TRY_ASSIGN(const std::optional<RecordView> record, records.next());
    if (!record) return {};
    visit(*record);
  }
}

bool is_all_zero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

void LogDump::damage(std::size_t position, std::string_view what) {
  ++totals_.damaged;
  if (options_.style == DumpStyle::json) {
    out_ << Json{{"position", position}, {"damage", what}} << "\n";
  } else if (options_.style == DumpStyle::kafka) {
    out_ << "position: " << position << " damage: " << what << "\n";
  }
}

std::size_t LogDump::batch(Bytes rest, std::size_t position) {
  const auto parsed = BatchView::parse(rest);
  if (!parsed) {
    damage(position, parsed.error().text);
    return 0;
  }
  const BatchView& view = *parsed;
  ++totals_.batches;
  const bool right = view.crc_is_right();
  const bool comparable = options_.style == DumpStyle::comparable;
  Json json;
  if (options_.style == DumpStyle::json) json = json_of_batch(view, position);
  if (options_.style == DumpStyle::kafka) print_batch(out_, view, position);
  Result<void> walked;
  if (right) {
    walked = for_each_record(view, scratch_, [&](const RecordView& record) {
      if (!view.is_control()) ++totals_.records;
      if (comparable && !view.is_control()) out_ << comparable_line(record) << "\n";
      if (options_.style == DumpStyle::kafka && options_.records) print_record(out_, view, record);
      if (options_.style == DumpStyle::json && options_.records) json["records"].push_back(json_of_record(record));
    });
  }
  if (options_.style == DumpStyle::json) out_ << json.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
  if (!right) damage(position, "the CRC of this batch is wrong");
  if (right && !walked) damage(position, walked.error().text);
  return view.size();
}

void LogDump::batches(Bytes content) {
  std::size_t position = 0;
  while (position < content.size()) {
    const Bytes rest = content.subspan(position);
    if (rest.size() >= record::kBatchPrefixBytes && is_all_zero(rest.first(record::kBatchPrefixBytes)) &&
        is_all_zero(rest))
      return;
    const std::size_t size = batch(rest, position);
    if (size == 0) return;
    position += size;
  }
}

void LogDump::offset_index(Offset base_offset, Bytes content) {
  if (options_.style == DumpStyle::comparable) return;
  for (const storage::OffsetEntry& entry : storage::raw_offset_entries(base_offset, content)) {
    if (options_.style == DumpStyle::json) {
      out_ << Json{{"offset", entry.offset.value()}, {"position", entry.position.value()}} << "\n";
    } else {
      out_ << "offset: " << entry.offset.value() << " position: " << entry.position.value() << "\n";
    }
  }
}

void LogDump::time_index(Offset base_offset, Bytes content) {
  if (options_.style == DumpStyle::comparable) return;
  for (const storage::TimeEntry& entry : storage::raw_time_entries(base_offset, content)) {
    if (options_.style == DumpStyle::json) {
      out_ << Json{{"timestamp", entry.timestamp_ms}, {"offset", entry.offset.value()}} << "\n";
    } else {
      out_ << "timestamp: " << entry.timestamp_ms << " offset: " << entry.offset.value() << "\n";
    }
  }
}

Result<void> LogDump::transaction_index(Bytes content) {
  TRY_ASSIGN(const auto transactions, storage::parse_transaction_index(content));
  if (options_.style == DumpStyle::comparable) return {};
  for (const storage::AbortedTransaction& t : transactions) {
    if (options_.style == DumpStyle::json) {
      out_ << Json{{"producer_id", t.producer_id.value()},
                   {"first_offset", t.first_offset.value()},
                   {"last_offset", t.last_offset.value()},
                   {"last_stable_offset", t.last_stable_offset.value()}}
           << "\n";
    } else {
      out_ << "version: 0 producerId: " << t.producer_id.value() << " firstOffset: " << t.first_offset.value()
           << " lastOffset: " << t.last_offset.value() << " lastStableOffset: " << t.last_stable_offset.value() << "\n";
    }
  }
  return {};
}

Result<void> LogDump::producer_snapshot(Bytes content) {
  TRY_ASSIGN(const auto producers, storage::parse_producer_snapshot(content));
  if (options_.style == DumpStyle::comparable) return {};
  for (const storage::ProducerEntry& p : producers) {
    const bool in_transaction = p.current_txn_first_offset != kNoOffset;
    if (options_.style == DumpStyle::json) {
      out_ << Json{{"producer_id", p.producer_id.value()},
                   {"producer_epoch", p.producer_epoch.value()},
                   {"last_sequence", p.last_sequence.value()},
                   {"last_offset", p.last_offset.value()},
                   {"offset_delta", p.offset_delta},
                   {"timestamp", p.timestamp_ms},
                   {"coordinator_epoch", p.coordinator_epoch},
                   {"current_txn_first_offset",
                    in_transaction ? Json(p.current_txn_first_offset.value()) : Json(nullptr)}}
           << "\n";
    } else {
      out_ << "producerId: " << p.producer_id.value() << " producerEpoch: " << p.producer_epoch.value()
           << " coordinatorEpoch: " << p.coordinator_epoch << " currentTxnFirstOffset: "
           << (in_transaction ? std::to_string(p.current_txn_first_offset.value()) : std::string("None"))
           << " lastTimestamp: " << p.timestamp_ms << " lastSequence: " << p.last_sequence.value()
           << " lastOffset: " << p.last_offset.value() << " offsetDelta: " << p.offset_delta << "\n";
    }
  }
  return {};
}

}  // namespace gregor::program
