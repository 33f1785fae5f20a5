#include "broker/api/forward.h"

#include "broker/controller_link.h"

namespace gregor::broker::api {
namespace {

/// As a frame: its size goes in front.
Reply reply_of(Bytes answer) {
  Reply reply;
  reply.frame.own.resize(sizeof(std::int32_t));
  store_big_endian(reply.frame.own.data(), static_cast<std::int32_t>(answer.size()));
  append_bytes(reply.frame.own, answer);
  return reply;
}

}  // namespace

Result<ByteBuffer> forward_frame(env::Fiber& self, Request& request, Bytes frame) {
  BrokerShard& shard = request.shard;
  const MonotonicTime deadline = shard.shard.clock.now() + Milliseconds(shard.config().request_timeout_ms);
  return shard.controller->forward(self, frame, request.client.peer.address, deadline);
}

Result<Reply> forward(env::Fiber& self, Request& request, Handler decide) {
  const FramePtr frame = request.in_flight.frame;
  const auto answer = forward_frame(self, request, frame->bytes());
  if (answer) return reply_of(*answer);
  request.shard.core.log.warn("request.not_forwarded",
                              {{"api", request.header.request_api_key}, {"error", answer.error().text}});
  return decide(self, request);
}

}  // namespace gregor::broker::api
