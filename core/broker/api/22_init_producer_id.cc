// InitProducerId, v0-v5: a producer id for an idempotent producer.  (KIP-98, KIP-360)
// Without a transactional id every caller gets a new id at epoch 0. Transactions need a coordinator, which is not
// built: a transactional id is answered COORDINATOR_NOT_AVAILABLE. Errors: INVALID_REQUEST (an empty transactional id;
// only one of producer id and epoch), COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS (no block of ids just
// now). Suspends where a new block of ids is needed.
#include "broker/api/handlers.h"
#include "wire/init_producer_id.h"

namespace gregor::broker::api {
namespace {

wire::ErrorCode fault_of(const wire::InitProducerIdRequest& asked) {
  const bool half_given = (asked.producer_id < 0) != (asked.producer_epoch < 0);
  if (half_given || (asked.transactional_id && asked.transactional_id->empty()))
    return wire::ErrorCode::invalid_request;
  return asked.transactional_id ? wire::ErrorCode::coordinator_not_available : wire::ErrorCode::none;
}

}  // namespace

Result<Reply> init_producer_id(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::InitProducerIdRequest>());
  wire::InitProducerIdResponse response;
  response.producer_epoch = -1;
  response.error_code = code(fault_of(asked));
  if (response.error_code != 0) return request.answer(response);
  const auto id = request.shard.producer_ids.next(self);
  if (id) {
    response.producer_id = id->value();
    response.producer_epoch = 0;
  } else {
    response.error_code = code(wire::ErrorCode::coordinator_load_in_progress);
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
