#include "wire/record_frame.h"

namespace gregor::wire {
namespace {

inline constexpr std::uint32_t kInt16Max = 0x7fff;

Result<std::uint32_t> take_small(Reader& from, const char* what) {
  std::uint32_t value = 0;
  if (!from.read_uvarint(value) || value > kInt16Max) {
    return fail(Errc::malformed,
                std::string("record frame: bad ") + what + ", at byte " + std::to_string(from.position()));
  }
  return value;
}

}  // namespace

Result<RecordFrame> decode_record_frame(Reader& from) {
  TRY_ASSIGN(const std::uint32_t frame_version, take_small(from, "frame version"));
  if (frame_version != kRecordFrameVersion)
    return fail(Errc::unsupported, "record frame version " + std::to_string(frame_version));
  TRY_ASSIGN(const std::uint32_t type, take_small(from, "type"));
  TRY_ASSIGN(const std::uint32_t version, take_small(from, "version"));
  return RecordFrame{static_cast<std::int16_t>(type), static_cast<std::int16_t>(version)};
}

Result<std::int16_t> decode_prefix(Reader& from) {
  std::int16_t prefix = 0;
  if (!from.read(prefix)) return fail(Errc::malformed, "record: ends before its type or version");
  return prefix;
}

Writer begin_framed(ByteBuffer& into, RecordFrame frame, std::size_t body_size) {
  const auto type = static_cast<std::uint32_t>(frame.type);
  const auto version = static_cast<std::uint32_t>(frame.version);
  into.assign(varint_size(kRecordFrameVersion) + varint_size(type) + varint_size(version) + body_size, std::byte{0});
  Writer to{MutableBytes(into)};
  to.write_uvarint(kRecordFrameVersion);
  to.write_uvarint(type);
  to.write_uvarint(version);
  return to;
}

Writer begin_prefixed(ByteBuffer& into, std::int16_t prefix, std::size_t body_size) {
  into.assign(sizeof prefix + body_size, std::byte{0});
  Writer to{MutableBytes(into)};
  to.write(prefix);
  return to;
}

ByteBuffer encode_control_key(ControlRecordType type) {
  ByteBuffer key;
  Writer to = begin_prefixed(key, 0, sizeof(std::int16_t));
  to.write(static_cast<std::int16_t>(type));
  to.finish();
  return key;
}

Result<ControlRecordType> decode_control_key(Bytes key) {
  Reader from(key);
  std::int16_t version = 0;
  std::int16_t type = 0;
  if (!from.read(version) || !from.read(type))
    return fail(Errc::malformed, "control record key: shorter than four bytes");
  if (version < 0) return fail(Errc::malformed, "control record key: version " + std::to_string(version));
  if (type < 0 || type > static_cast<std::int16_t>(ControlRecordType::kraft_voters)) {
    return fail(Errc::unsupported, "control record type " + std::to_string(type));
  }
  return static_cast<ControlRecordType>(type);
}

}  // namespace gregor::wire
