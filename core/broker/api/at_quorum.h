// The way of a request to this node's part in the metadata quorum, which lives on shard 0, and of its answer back.
#pragma once

#include <memory>

#include "broker/api/request.h"
#include "quorum/service.h"
#include "wire/arena.h"

namespace gregor::broker::api {

/// `call(fiber, service, asked, arena)` on shard 0. Nothing is borrowed from the asker, who may be gone first.
template <class Asked, class Call>
Result<Reply> on_shard_0(env::Fiber& self, const Request& request, Call call) {
  return request.shard.ask(self, ShardId{0},
                           [frame = request.in_flight.frame, header = request.header, body = request.body, call](
                               env::Fiber& fiber, BrokerShard& home) -> Result<Reply> {
                             wire::Reader from(body);
                             Asked asked;
                             TRY(decode_message(from, asked, header.request_api_version));
                             const auto arena = std::make_shared<wire::Arena>();
                             const auto response = call(fiber, home.core.controller->quorum_service(), asked, *arena);
                             return make_reply(header.correlation_id, response, header.request_api_version, {arena});
                           });
}

}  // namespace gregor::broker::api
