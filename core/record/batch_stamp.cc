#include "record/batch_stamp.h"

#include <algorithm>

#include "base/check.h"
#include "base/crc32c.h"

namespace gregor::record {

namespace {

constexpr std::int16_t kKnownFlags = kCodecMask | kTransactionalFlag | kControlFlag | kDeleteHorizonFlag;

/// True when the CRC no longer holds.
bool stamp_time(std::byte* header, const BatchView& batch, const BatchStamp::Time& time) {
  if (batch.timestamp_type() == time.type && batch.max_timestamp() == time.max_timestamp) return false;
  auto attributes = static_cast<std::int16_t>(batch.attributes() & kKnownFlags);
  if (time.type == TimestampType::log_append_time) attributes |= kLogAppendTimeFlag;
  store_big_endian(header + kAttributesAt, attributes);
  store_big_endian(header + kMaxTimestampAt, time.max_timestamp.ms);
  return true;
}

}  // namespace

StampedHeader stamped_header(const BatchView& batch, const BatchStamp& stamp) {
  StampedHeader header;
  std::copy_n(batch.bytes().begin(), header.size(), header.begin());
  store_big_endian(header.data() + kBaseOffsetAt, stamp.base_offset.value());
  store_big_endian(header.data() + kLeaderEpochAt, stamp.leader_epoch.value());
  if (stamp.time && stamp_time(header.data(), batch, *stamp.time)) {
    const std::uint32_t of_header = crc32c(Bytes(header).subspan(kAttributesAt));
    store_big_endian(header.data() + kCrcAt, extend_crc32c(of_header, batch.record_bytes()));
  }
  return header;
}

void stamp_batch(MutableBytes bytes, const BatchStamp& stamp) {
  const auto batch = BatchView::parse(bytes);
  CHECK(batch.has_value());
  const StampedHeader header = stamped_header(*batch, stamp);
  std::copy(header.begin(), header.end(), bytes.begin());
}

}  // namespace gregor::record
