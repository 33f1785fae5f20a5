// Any bytes as a frame behind its size: as a request, whose key and version say what the body is, and as a record of
// each family.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "wire/frame.h"
#include "wire/group_records.h"
#include "wire/metadata_records.h"
#include "wire/record_frame.h"
#include "wire/registry.h"
#include "wire/share_records.h"
#include "wire/storage_records.h"
#include "wire/transaction_records.h"

namespace {

using namespace gregor;

void as_request(Bytes frame) {
  wire::Reader from(frame);
  const auto header = wire::decode_request_header(from);
  if (!header) return;
  for (const wire::MessageRow& row : wire::all_messages()) {
    if (row.kind != wire::MessageKind::request || row.number != header->request_api_key) continue;
    const auto recoded = row.recode(from.rest(), header->request_api_version);
    CHECK(recoded.has_value() || recoded.error().code == Errc::malformed || recoded.error().code == Errc::unsupported);
  }
}

void as_record(Bytes bytes) {
  std::int16_t version = 0;
  if (const auto record = wire::decode_metadata_record(bytes, version)) {
    CHECK(wire::encode_metadata_record(*record, version).has_value());
  }
  if (const auto record = wire::decode_remote_log_record(bytes, version)) {
    CHECK(wire::encode_remote_log_record(*record, version).has_value());
  }
  if (const auto key = wire::decode_group_record_key(bytes)) CHECK(wire::encode_group_record_key(*key).has_value());
  if (const auto key = wire::decode_transaction_record_key(bytes))
    CHECK(wire::encode_transaction_record_key(*key).has_value());
  if (const auto key = wire::decode_share_record_key(bytes)) CHECK(wire::encode_share_record_key(*key).has_value());
  if (bytes.size() < 2) return;
  const auto type = load_big_endian<std::int16_t>(bytes.data());
  static_cast<void>(wire::decode_group_record_value(type, bytes.subspan(2), version).has_value());
  static_cast<void>(wire::decode_control_key(bytes).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  const Bytes bytes = std::as_bytes(std::span(input, size));
  as_request(bytes);
  as_record(bytes);
  return 0;
}
