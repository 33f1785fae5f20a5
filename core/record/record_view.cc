#include "record/record_view.h"

#include <utility>

#include "base/check.h"
#include "base/varint.h"

namespace gregor::record {

namespace {

/// Reads fields off the front of one record's bytes. After a failure it stays failed and yields zeros.
class Fields {
 public:
  explicit Fields(Bytes bytes) : rest_(bytes) {}

  std::int8_t int8() {
    if (rest_.empty()) return fail_with_zero();
    const auto value = static_cast<std::int8_t>(rest_[0]);
    rest_ = rest_.subspan(1);
    return value;
  }
  std::int32_t varint() {
    std::uint32_t value = 0;
    return take(read_varint(rest_, value)) ? unzigzag(value) : 0;
  }
  std::int64_t varlong() {
    std::uint64_t value = 0;
    return take(read_varint(rest_, value)) ? unzigzag(value) : 0;
  }
  /// A length and as many bytes; none where the length is negative.
  std::optional<Bytes> nullable() {
    const std::int32_t length = varint();
    if (length < 0) return std::nullopt;
    if (static_cast<std::size_t>(length) > rest_.size()) failed_ = true;
    if (failed_) return std::nullopt;
    const Bytes bytes = rest_.first(static_cast<std::size_t>(length));
    rest_ = rest_.subspan(bytes.size());
    return bytes;
  }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] Bytes rest() const { return rest_; }

 private:
  std::int8_t fail_with_zero() {
    failed_ = true;
    return 0;
  }
  bool take(std::size_t length) {
    failed_ = failed_ || length == 0;
    if (!failed_) rest_ = rest_.subspan(length);
    return !failed_;
  }
  Bytes rest_;
  bool failed_ = false;
};

/// Walks over the headers, to know that later reads of them are safe. They must be all that is left.
bool headers_are_sound(Fields fields, std::int32_t count) {
  if (count < 0 || static_cast<std::size_t>(count) > fields.rest().size()) return false;
  for (std::int32_t i = 0; i < count; ++i) {
    const auto key = fields.nullable();
    fields.nullable();
    if (!key || fields.failed()) return false;
  }
  return fields.rest().empty();
}

std::int64_t add_wrapping(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// `record` is what follows the length prefix.
std::optional<RecordView> parse_record(const BatchView& batch, Bytes record) {
  Fields fields(record);
  RecordView view;
  view.attributes = fields.int8();
  const std::int64_t timestamp_delta = fields.varlong();
  view.offset_delta = fields.varint();
  view.key = fields.nullable();
  view.value = fields.nullable();
  const std::int32_t header_count = fields.varint();
  if (fields.failed() || !headers_are_sound(fields, header_count)) return std::nullopt;
  view.headers = HeaderRange(fields.rest(), static_cast<std::uint32_t>(header_count));

  view.offset = Offset{add_wrapping(batch.base_offset().value(), view.offset_delta)};
  view.timestamp = batch.timestamp_type() == TimestampType::log_append_time
                       ? batch.max_timestamp()
                       : WallTime{add_wrapping(batch.base_timestamp().ms, timestamp_delta)};
  if (batch.base_sequence().value() >= 0 && view.offset_delta >= 0) {
    view.sequence = advance_sequence(batch.base_sequence(), view.offset_delta);
  }
  return view;
}

}  // namespace

HeaderView HeaderRange::Iterator::operator*() const {
  Fields fields(rest_);
  const auto key = fields.nullable();
  const auto value = fields.nullable();
  CHECK(key.has_value() && !fields.failed());
  return {text_of(*key), value};
}

HeaderRange::Iterator& HeaderRange::Iterator::operator++() {
  Fields fields(rest_);
  fields.nullable();
  fields.nullable();
  rest_ = fields.rest();
  --left_;
  return *this;
}

Result<std::optional<RecordView>> RecordIterator::next() {
  if (left_ < 0) return fail(Errc::malformed, "batch: a negative count of records");
  if (left_ == 0) {
    if (!rest_.empty()) return fail(Errc::malformed, "batch: bytes are left after its last record");
    return std::optional<RecordView>{};
  }
  std::uint32_t encoded = 0;
  const std::size_t prefix = read_varint(rest_, encoded);
  if (prefix == 0) return fail(Errc::malformed, "batch: ends before its last record");
  const std::int32_t length = unzigzag(encoded);
  if (length < 0 || static_cast<std::size_t>(length) > rest_.size() - prefix) {
    return fail(Errc::malformed, "record: length " + std::to_string(length) + " does not fit its batch");
  }
  auto record = parse_record(batch_, rest_.subspan(prefix, static_cast<std::size_t>(length)));
  if (!record) return fail(Errc::malformed, "record: its fields do not fill its length");
  record->size = prefix + static_cast<std::size_t>(length);
  rest_ = rest_.subspan(record->size);
  --left_;
  return record;
}

Result<PlainRecords> PlainRecords::of(const BatchView& batch, CodecScratch& scratch, std::size_t bytes_max) {
  const auto codec = batch.codec();
  if (!codec) return fail(Errc::unsupported, "batch: unknown codec");
  PlainRecords records;
  if (*codec == Codec::none) {
    records.borrowed_ = batch.record_bytes();
    return records;
  }
  TRY_ASSIGN(records.owned_, decompress(scratch, *codec, batch.record_bytes(), bytes_max));
  return records;
}

std::optional<ControlType> control_type_of(const RecordView& record) {
  constexpr std::size_t kTypeAt = 2;  // after the version
  if (!record.key || record.key->size() < kTypeAt + 2) return std::nullopt;
  const auto type = load_big_endian<std::int16_t>(record.key->data() + kTypeAt);
  if (type < 0 || type > static_cast<std::int16_t>(ControlType::kraft_voters)) return std::nullopt;
  return static_cast<ControlType>(type);
}

Result<std::int32_t> coordinator_epoch_of(const RecordView& marker) {
  constexpr std::size_t kCoordinatorEpochAt = 2;  // after the version
  if (!marker.value || marker.value->size() < kCoordinatorEpochAt + 4) {
    return fail(Errc::malformed, "end marker: its value is too short");
  }
  return load_big_endian<std::int32_t>(marker.value->data() + kCoordinatorEpochAt);
}

}  // namespace gregor::record
