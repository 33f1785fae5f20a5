// DescribeClientQuotas, v0-v1: the quotas of the users, clients and addresses that a filter finds (KIP-546, KIP-612).
// Errors: INVALID_REQUEST and UNSUPPORTED_VERSION (a filter that says nothing, an unknown type of entity), with null
// for entries. Never suspends.
#include "broker/api/handlers.h"
#include "metadata/client_quotas.h"
#include "wire/describe_client_quotas.h"

namespace gregor::broker::api {

Result<Reply> describe_client_quotas(env::Fiber&, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::DescribeClientQuotasRequest>());
  metadata::QuotaFilter filter{.components = {}, .strict = asked.strict};
  for (const auto& part : asked.components) {
    filter.components.push_back({.type = std::string(part.entity_type),
                                 .match_type = part.match_type,
                                 .match = part.match ? std::optional<std::string>(*part.match) : std::nullopt});
  }
  const metadata::FoundQuotas found = metadata::find_client_quotas(*request.shard.image(), filter);
  wire::DescribeClientQuotasResponse response;
  response.error_code = code(found.error);
  response.error_message = found.error_message;
  if (found.error != wire::ErrorCode::none) {
    response.entries.reset();
    return request.answer(response);
  }
  for (const auto& [entity, values] : found.entries) {
    auto& entry = response.entries->emplace_back();
    for (const auto& [type, name] : entity) entry.entity.push_back({.entity_type = type, .entity_name = name});
    for (const auto& [key, value] : values) entry.values.push_back({.key = key, .value = value});
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
