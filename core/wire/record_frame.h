// The three ways in which records of Kafka's own topics carry their type and version:
//   framed    metadata and remote-log records: unsigned varints frame version (1), type, version, then the body
//   prefixed  coordinator keys: int16 type, body at version 0; coordinator values, consumer protocol and principal:
//   int16 version, body control   keys of control records: int16 version 0, int16 type
// metadata_records.h and its kin add variants over all records of a family, chosen by type.
#pragma once

#include "wire/message.h"

namespace gregor::wire {

inline constexpr std::uint32_t kRecordFrameVersion = 1;

struct RecordFrame {
  std::int16_t type = 0;
  std::int16_t version = 0;
};

/// Takes frame version, type and version; leaves the reader at the body.
Result<RecordFrame> decode_record_frame(Reader& from);
/// Takes an int16 type or version; leaves the reader at the body.
Result<std::int16_t> decode_prefix(Reader& from);

/// Room for prefix and body in `into`, prefix written; the writer stands at the body.
Writer begin_framed(ByteBuffer& into, RecordFrame frame, std::size_t body_size);
Writer begin_prefixed(ByteBuffer& into, std::int16_t prefix, std::size_t body_size);

template <class Record>
Result<ByteBuffer> encode_framed(const Record& record, std::int16_t version) {
  TRY(check_version(record, version));
  ByteBuffer framed;
  Writer to = begin_framed(framed, {Record::kRecordType, version}, size_of(record, version));
  encode(to, record, version);
  to.finish();
  return framed;
}

/// Decodes a framed record that must be of this type; gives its version.
template <class Record>
Result<std::int16_t> decode_framed(Bytes framed, Record& into) {
  Reader from(framed);
  TRY_ASSIGN(const RecordFrame frame, decode_record_frame(from));
  if (frame.type != Record::kRecordType)
    return fail(Errc::unsupported, "record of another type than " + std::string(Record::kName));
  TRY(decode(from, into, frame.version));
  TRY(from.finish());
  return frame.version;
}

/// A coordinator key: its type, then the body at version 0.
template <class Key>
Result<ByteBuffer> encode_key(const Key& key) {
  TRY(check_version(key, 0));
  ByteBuffer bytes;
  Writer to = begin_prefixed(bytes, Key::kRecordType, size_of(key, 0));
  encode(to, key, 0);
  to.finish();
  return bytes;
}

/// A coordinator value, or consumer protocol or principal data: its version, then the body.
template <class Value>
Result<ByteBuffer> encode_versioned(const Value& value, std::int16_t version) {
  TRY(check_version(value, version));
  ByteBuffer bytes;
  Writer to = begin_prefixed(bytes, version, size_of(value, version));
  encode(to, value, version);
  to.finish();
  return bytes;
}

/// Gives the version that stood before the body. Bytes behind the body are malformed.
template <class Value>
Result<std::int16_t> decode_versioned(Bytes bytes, Value& into) {
  Reader from(bytes);
  TRY_ASSIGN(const std::int16_t version, decode_prefix(from));
  TRY(decode(from, into, version));
  TRY(from.finish());
  return version;
}

/// Types of control records, in their keys.
enum class ControlRecordType : std::int16_t {
  abort = 0,
  commit = 1,
  leader_change = 2,
  snapshot_header = 3,
  snapshot_footer = 4,
  kraft_version = 5,
  kraft_voters = 6,
};

/// The four bytes of a control record's key.
ByteBuffer encode_control_key(ControlRecordType type);
/// unsupported for a type that Kafka 4.3 does not define; later key versions are read as far as we know them.
Result<ControlRecordType> decode_control_key(Bytes key);

}  // namespace gregor::wire
