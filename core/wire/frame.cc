#include "wire/frame.h"

namespace gregor::wire {
namespace {

template <class Header>
Writer begin(GatheredFrame& frame, const Header& header, std::int16_t header_version, const Size& body) {
  const std::size_t header_size = size_of(header, header_version);
  const std::size_t frame_size = header_size + body.bytes;
  CHECK(frame_size <= INT32_MAX);
  frame.pieces.clear();
  frame.own.assign(sizeof(std::int32_t) + frame_size - body.borrowed, std::byte{0});
  Writer to = body.borrowed == 0 ? Writer(MutableBytes(frame.own)) : Writer(frame);
  to.write(static_cast<std::int32_t>(frame_size));
  encode(to, header, header_version);
  return to;
}

}  // namespace

Result<RequestHeader> decode_request_header(Reader& frame) {
  Reader ahead = frame;  // the key and the version stand first in every header version
  std::int16_t key = 0;
  std::int16_t version = 0;
  if (!ahead.read(key) || !ahead.read(version))
    return fail(Errc::malformed, "RequestHeader: the frame ends before key and version");
  const ApiRow* row = find_api(key);
  if (row == nullptr) return fail(Errc::unsupported, "no API has key " + std::to_string(key));
  RequestHeader header;
  TRY(decode(frame, header, request_header_version(row->key, version)));
  return header;
}

Result<ResponseHeader> decode_response_header(Reader& frame, ApiKey key, std::int16_t version) {
  ResponseHeader header;
  TRY(decode(frame, header, response_header_version(key, version)));
  return header;
}

Writer begin_request(GatheredFrame& frame, const RequestHeader& header, std::int16_t header_version, const Size& body) {
  return begin(frame, header, header_version, body);
}

Writer begin_response(GatheredFrame& frame, const ResponseHeader& header, std::int16_t header_version,
                      const Size& body) {
  return begin(frame, header, header_version, body);
}

}  // namespace gregor::wire
