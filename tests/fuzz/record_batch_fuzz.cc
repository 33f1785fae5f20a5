// Any bytes as the records of a Produce request. What is accepted can be walked to its last record, within the bounds
// that were set; what is compressed anew holds the same records and is accepted again. Input: two bytes of policy; the
// rest are the records, raw or with length, magic and CRC put right so that the bytes behind them are reached.
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/check.h"
#include "base/crc32c.h"
#include "record/batch_check.h"
#include "record/batch_split.h"
#include "record/batch_view.h"
#include "record/record_view.h"

namespace {

using namespace gregor;

constexpr std::size_t kPlainBytesMax = 1 << 20;
constexpr WallTime kNow{1'700'000'000'000};

record::CodecScratch& scratch() {
  static record::CodecScratch kept;
  return kept;
}

record::BatchPolicy policy_of(std::uint8_t first, std::uint8_t second) {
  record::BatchPolicy policy;
  policy.produce_version = static_cast<std::int16_t>(first % 16);
  policy.origin = (first & 16) != 0 ? record::BatchOrigin::coordinator : record::BatchOrigin::client;
  policy.is_compacted = (first & 32) != 0;
  if ((first & 64) != 0) policy.timestamp_type = record::TimestampType::log_append_time;
  if (second % 8 < 5) policy.codec = static_cast<record::Codec>(second % 8);
  if ((second & 64) != 0) policy.timestamp_before_max_ms = 1000;
  policy.decompressed_bytes_max = kPlainBytesMax;
  return policy;
}

/// A header that fits what stands behind it.
ByteBuffer put_right(Bytes bytes) {
  ByteBuffer batch(bytes.begin(), bytes.end());
  if (batch.size() < record::kBatchHeaderBytes) return batch;
  store_big_endian<std::int32_t>(batch.data() + record::kBatchLengthAt,
                                 static_cast<std::int32_t>(batch.size() - record::kBatchPrefixBytes));
  batch[record::kMagicAt] = std::byte{2};
  store_big_endian(batch.data() + record::kCrcAt, crc32c(Bytes(batch).subspan(record::kAttributesAt)));
  return batch;
}

/// Looks at everything in the records; how many there are, where all are right.
std::optional<std::int32_t> walk(const record::BatchView& batch) {
  const auto plain = record::PlainRecords::of(batch, scratch(), kPlainBytesMax);
  if (!plain) return std::nullopt;
  record::RecordIterator records(batch, plain->bytes());
  std::size_t bytes = 0;
  for (std::int32_t count = 0;; ++count) {
    const auto next = records.next();
    if (!next) return std::nullopt;
    if (!*next) return count;
    const record::RecordView& view = **next;
    bytes += view.size + view.key.value_or(Bytes{}).size() + view.value.value_or(Bytes{}).size();
    for (const record::HeaderView header : view.headers) bytes += header.key.size();
    static_cast<void>(record::control_type_of(view));
    static_cast<void>(record::coordinator_epoch_of(view).has_value());
    CHECK(bytes <= 3 * plain->bytes().size());
  }
}

void split(Bytes records) {
  record::BatchSplitter splitter(records);
  std::size_t taken = 0;
  for (;;) {
    const auto frame = splitter.next();
    if (!frame || !*frame) break;
    taken += (*frame)->bytes.size();
    const auto batch = record::BatchView::parse((*frame)->bytes);
    if (batch) static_cast<void>(walk(*batch));
  }
  CHECK(taken <= records.size());
}

void check(Bytes records, const record::BatchPolicy& policy) {
  const record::BatchCheck first = record::check_batch(records, policy, kNow, scratch());
  if (!first.is_accepted()) {
    CHECK(!first.text.empty() && first.record_errors.size() <= record::kRecordErrorsMax);
    return;
  }
  const auto batch = record::BatchView::parse(first.batch);
  CHECK(batch && batch->crc_is_right());
  const auto count = walk(*batch);
  CHECK(count == batch->record_count());
  CHECK(first.recompressed.empty() || !batch->is_control());
  // What is stamped with the broker's time would be refused from a producer.
  if (first.recompressed.empty() || batch->timestamp_type() == record::TimestampType::log_append_time) return;
  record::BatchPolicy again = policy;
  again.codec = std::nullopt;
  again.message_bytes_max = INT32_MAX;
  again.produce_version = 13;
  CHECK(record::check_batch(first.batch, again, kNow, scratch()).is_accepted());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  if (size < 2) return 0;
  const Bytes rest = std::as_bytes(std::span(input, size)).subspan(2);
  const record::BatchPolicy policy = policy_of(input[0], input[1]);
  if ((input[0] & 128) != 0) {
    split(rest);
    check(rest, policy);
    return 0;
  }
  const ByteBuffer batch = put_right(rest);
  split(batch);
  check(batch, policy);
  return 0;
}
