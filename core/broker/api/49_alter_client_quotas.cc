// AlterClientQuotas, v0-v1: sets and removes quotas of users, clients and addresses (KIP-546). They are kept and told;
// nothing is held back by them in this version.
// Errors per entity: INVALID_REQUEST; REQUEST_TIMED_OUT while the node stops. Suspends until it is committed.
#include "broker/api/handlers.h"
#include "wire/alter_client_quotas.h"

namespace gregor::broker::api {
namespace {

metadata::AlterClientQuotas owned(const wire::AlterClientQuotasRequest& asked) {
  metadata::AlterClientQuotas request{.entries = {}, .validate_only = asked.validate_only};
  for (const auto& entry : asked.entries) {
    auto& wanted = request.entries.emplace_back();
    for (const auto& part : entry.entity) {
      wanted.entity.emplace_back(part.entity_type,
                                 part.entity_name ? std::optional<std::string>(*part.entity_name) : std::nullopt);
    }
    for (const auto& operation : entry.ops) {
      wanted.operations.push_back({.key = std::string(operation.key),
                                   .value = operation.remove ? std::nullopt : std::optional<double>(operation.value)});
    }
  }
  return request;
}

}  // namespace

Result<Reply> alter_client_quotas(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::AlterClientQuotasRequest>());
  const auto altered = request.shard.core.controller->alter_client_quotas(self, request.shard.feed, owned(asked));
  wire::AlterClientQuotasResponse response;
  if (!altered) {
    const wire::ErrorCode refusal = refusal_of(request, altered.error());
    for (const auto& entry : asked.entries) {
      auto& answered = response.entries.emplace_back();
      answered.error_code = code(refusal);
      answered.error_message = altered.error().text;
      for (const auto& part : entry.entity) {
        answered.entity.push_back({.entity_type = part.entity_type, .entity_name = part.entity_name});
      }
    }
    return request.answer(response);
  }
  for (const metadata::AlteredClientQuotas& entry : *altered) {
    auto& answered = response.entries.emplace_back();
    answered.error_code = code(entry.error);
    answered.error_message = entry.error_message;
    for (const auto& [type, name] : entry.entity) {
      answered.entity.push_back({.entity_type = type, .entity_name = name});
    }
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
