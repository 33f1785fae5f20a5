#include "record/record_scan.h"

#include <algorithm>
#include <utility>

#include "base/varint.h"

namespace gregor::record {

bool RecordScan::refill() {
  auto piece = pieces_.next();
  if (!piece) {
    error_ = std::move(piece.error());
    return false;
  }
  piece_ = *piece;
  return !piece_.empty();
}

bool RecordScan::byte(std::uint8_t& value) {
  if (left_in_record_ <= 0 || (piece_.empty() && !refill())) return false;
  --left_in_record_;
  value = std::to_integer<std::uint8_t>(piece_[0]);
  piece_ = piece_.subspan(1);
  return true;
}

bool RecordScan::skip(std::int64_t count) {
  if (count > left_in_record_) return false;
  left_in_record_ -= count;
  while (count > 0) {
    if (piece_.empty() && !refill()) return false;
    const auto taken = std::min<std::int64_t>(count, static_cast<std::int64_t>(piece_.size()));
    piece_ = piece_.subspan(static_cast<std::size_t>(taken));
    count -= taken;
  }
  return true;
}

template <class Int>
bool RecordScan::groups(Int& value, int bytes_max) {
  value = 0;
  for (int i = 0; i < bytes_max; ++i) {
    std::uint8_t group = 0;
    if (!byte(group)) return false;
    value |= static_cast<Int>(group & 0x7f) << (7 * i);
    if ((group & 0x80) == 0) return true;
  }
  return false;
}

bool RecordScan::varint(std::int32_t& value) {
  std::uint32_t encoded = 0;
  if (!groups(encoded, static_cast<int>(kVarintBytesMax))) return false;
  value = unzigzag(encoded);
  return true;
}

bool RecordScan::varlong(std::int64_t& value) {
  std::uint64_t encoded = 0;
  if (!groups(encoded, static_cast<int>(kVarlongBytesMax))) return false;
  value = unzigzag(encoded);
  return true;
}

bool RecordScan::nullable(std::int32_t& length) {
  return varint(length) && skip(std::max(length, 0));
}

bool RecordScan::headers() {
  std::int32_t count = 0;
  if (!varint(count) || count < 0) return false;
  for (std::int32_t i = 0; i < count; ++i) {  // each takes bytes, so a lying count ends with its record
    std::int32_t key = 0;
    std::int32_t value = 0;
    if (!nullable(key) || key < 0 || !nullable(value)) return false;
  }
  return true;
}

bool RecordScan::fields(ScannedRecord& record) {
  left_in_record_ = kVarintBytesMax;
  std::int32_t length = 0;
  if (!varint(length) || length < 0) return false;
  left_in_record_ = length;
  std::uint8_t attributes = 0;
  std::int32_t key = 0;
  std::int32_t value = 0;
  if (!byte(attributes) || !varlong(record.timestamp_delta) || !varint(record.offset_delta)) return false;
  if (!nullable(key) || !nullable(value) || !headers()) return false;
  record.has_key = key >= 0;
  return left_in_record_ == 0;
}

tl::unexpected<Error> RecordScan::failure() {
  if (error_.text.empty()) error_.text = "a record does not parse, or the batch ends before its count of records";
  return tl::unexpected<Error>(error_);
}

Result<ScannedRecord> RecordScan::next() {
  ScannedRecord record;
  if (!fields(record)) return failure();
  return record;
}

Result<void> RecordScan::finish() {
  if (!piece_.empty() || refill()) return fail(Errc::malformed, "bytes are left after the batch's last record");
  if (!error_.text.empty()) return failure();
  return {};
}

}  // namespace gregor::record
