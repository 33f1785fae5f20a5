// What a handler gives back: the bytes of a response frame, and what they borrow from.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wire/frame.h"

namespace gregor::broker {

struct Reply {
  wire::GatheredFrame frame;
  /// Owners of the buffers that `frame.pieces` point into; kept until the last byte is written.
  std::vector<std::shared_ptr<const void>> keeps;
  bool is_silent = false;        ///< acks=0: nothing goes out
  bool ends_connection = false;  ///< close once everything before it is sent
};

/// A response whose texts and bytes may borrow: what it points to must live until `keeps` go, or be shorter than
/// wire::kBorrowBytesMin and live until this returns.
template <class Response>
Result<Reply> make_reply(std::int32_t correlation_id, const Response& response, std::int16_t version,
                         std::vector<std::shared_ptr<const void>> keeps = {}) {
  Reply reply;
  TRY_ASSIGN(reply.frame, wire::encode_response_frame(correlation_id, response, version));
  reply.keeps = std::move(keeps);
  return reply;
}

}  // namespace gregor::broker
