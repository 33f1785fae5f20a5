// Whole frames: int32 size, header, body. Header versions are chosen here and nowhere else; an ApiVersions response
// always carries header version 0, so that a client can read it before it knows anything.
#pragma once

#include "wire/api_keys.h"
#include "wire/header.h"
#include "wire/message.h"

namespace gregor::wire {

/// Header of a request frame; `frame` begins behind the size. Leaves the reader at the body.
/// unsupported when the API key is not in the table (the version may still be one that we lack: ask find_api()).
Result<RequestHeader> decode_request_header(Reader& frame);
/// Header of the answer to a request of that key and version. Leaves the reader at the body.
Result<ResponseHeader> decode_response_header(Reader& frame, ApiKey key, std::int16_t version);

/// Begins a frame in `frame.own`: makes room for size, header and body and writes size and header. `body` is what
/// add_size() said; the writer refers to zero-copy fields instead of copying them when body.borrowed is not 0.
Writer begin_request(GatheredFrame& frame, const RequestHeader& header, std::int16_t header_version, const Size& body);
Writer begin_response(GatheredFrame& frame, const ResponseHeader& header, std::int16_t header_version,
                      const Size& body);

/// Size, header and body in one buffer, ready to send. The version is header.request_api_version; the key is the
/// message's own.
template <class Request>
Result<ByteBuffer> encode_request_frame(RequestHeader header, const Request& request) {
  const std::int16_t version = header.request_api_version;
  header.request_api_key = static_cast<std::int16_t>(Request::kApiKey);
  TRY(check_version(request, version));
  Size body;
  add_size(body, request, version);
  body.borrowed = 0;  // one buffer: copy everything
  GatheredFrame frame;
  Writer to = begin_request(frame, header, request_header_version(Request::kApiKey, version), body);
  encode(to, request, version);
  to.finish();
  return std::move(frame.own);
}

/// The same for an answer, without copying zero-copy fields (records above all).
/// The frame borrows: keep what the response points to until it is sent.
template <class Response>
Result<GatheredFrame> encode_response_frame(std::int32_t correlation_id, const Response& response,
                                            std::int16_t version) {
  TRY(check_version(response, version));
  Size body;
  add_size(body, response, version);
  GatheredFrame frame;
  const ResponseHeader header{.correlation_id = correlation_id};
  Writer to = begin_response(frame, header, response_header_version(Response::kApiKey, version), body);
  encode(to, response, version);
  to.finish();
  return frame;
}

}  // namespace gregor::wire
