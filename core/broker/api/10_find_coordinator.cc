// FindCoordinator, v0-v6: which broker looks after a group, a transactional id or a share partition. v1 other kinds of
// keys, v4 several keys at once (KIP-699), v6 share partitions (KIP-932).
// This version has no coordinator of any kind: each key is answered COORDINATOR_NOT_AVAILABLE, as by a cluster whose
// coordinators have not come up. It is served all the same because librdkafka compresses with LZ4 only where it is
// advertised. Errors besides: INVALID_REQUEST for kinds of keys that the version does not know. Never suspends.
#include "broker/api/handlers.h"
#include "wire/find_coordinator.h"

namespace gregor::broker::api {
namespace {

constexpr std::int8_t kShare = 2;
constexpr std::int16_t kManyKeysFrom = 4;
constexpr std::int16_t kShareFrom = 6;
constexpr std::int32_t kNoNode = -1;
constexpr std::int32_t kNoPort = -1;
constexpr std::string_view kWhy = "This version of the broker has no coordinators.";

wire::ErrorCode judge(std::int8_t key_type, std::int16_t version) {
  const bool is_known = key_type >= 0 && (key_type < kShare || (key_type == kShare && version >= kShareFrom));
  return is_known ? wire::ErrorCode::coordinator_not_available : wire::ErrorCode::invalid_request;
}

}  // namespace

Result<Reply> find_coordinator(env::Fiber&, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::FindCoordinatorRequest>());
  const wire::ErrorCode error = judge(asked.key_type, request.version());
  wire::FindCoordinatorResponse response;
  if (request.version() < kManyKeysFrom) {
    response.error_code = code(error);
    response.error_message = kWhy;
    response.node_id = kNoNode;
    response.port = kNoPort;
    return request.answer(response);
  }
  for (const std::string_view key : asked.coordinator_keys) {
    response.coordinators.push_back(
        {.key = key, .node_id = kNoNode, .port = kNoPort, .error_code = code(error), .error_message = kWhy});
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
