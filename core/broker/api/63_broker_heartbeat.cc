// BrokerHeartbeat, v0-v2, of controllers: a broker lives, is ready, wants to leave, or lost directories (KIP-631,
// KIP-858 from v1 on). Errors: STALE_BROKER_EPOCH, NOT_CONTROLLER; REQUEST_TIMED_OUT while the node stops. Suspends
// until what follows is committed.
#include "broker/api/handlers.h"
#include "wire/broker_heartbeat.h"

namespace gregor::broker::api {

Result<Reply> broker_heartbeat(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::BrokerHeartbeatRequest>());
  const auto taken =
      request.shard.core.controller->broker_heartbeat(self, request.shard.feed,
                                                      {.id = NodeId{asked.broker_id},
                                                       .epoch = BrokerEpoch{asked.broker_epoch},
                                                       .current_metadata_offset = Offset{asked.current_metadata_offset},
                                                       .want_fence = asked.want_fence,
                                                       .want_shut_down = asked.want_shut_down,
                                                       .offline_log_dirs = asked.offline_log_dirs});
  wire::BrokerHeartbeatResponse response;
  if (taken) {
    response.is_caught_up = taken->is_caught_up;
    response.is_fenced = taken->is_fenced;
    response.should_shut_down = taken->should_shut_down;
  } else {
    response.error_code = code(refusal_of_broker(request, taken.error()));
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
