// AllocateProducerIds, v0, of controllers: a block of producer ids for one broker (KIP-730).
// Errors: STALE_BROKER_EPOCH, NOT_CONTROLLER; REQUEST_TIMED_OUT while the node stops. Suspends until it is committed.
#include "broker/api/handlers.h"
#include "wire/allocate_producer_ids.h"

namespace gregor::broker::api {

Result<Reply> allocate_producer_ids(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::AllocateProducerIdsRequest>());
  const auto block = request.shard.core.controller->allocate_producer_ids(
      self, request.shard.feed, NodeId{asked.broker_id}, BrokerEpoch{asked.broker_epoch});
  wire::AllocateProducerIdsResponse response;
  if (block) {
    response.producer_id_start = block->first;
    response.producer_id_len = block->count;
  } else {
    response.error_code = code(refusal_of_broker(request, block.error()));
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
