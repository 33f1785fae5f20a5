// AlterUserScramCredentials, v0: sets and deletes SCRAM credentials (KIP-554). The client salts the password; what is
// kept of it are keys to check with. No listener asks for them in this version.
// Errors per user: UNACCEPTABLE_CREDENTIAL (no name, iterations), UNSUPPORTED_SASL_MECHANISM, RESOURCE_NOT_FOUND,
// DUPLICATE_RESOURCE (named twice); REQUEST_TIMED_OUT while the node stops. Suspends until it is committed.
#include <set>

#include "broker/api/handlers.h"
#include "wire/alter_user_scram_credentials.h"

namespace gregor::broker::api {
namespace {

ByteBuffer copy_of(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

metadata::AlterScramCredentials owned(const wire::AlterUserScramCredentialsRequest& asked) {
  metadata::AlterScramCredentials request;
  for (const auto& deletion : asked.deletions) {
    request.deletions.push_back({.user = std::string(deletion.name), .mechanism = deletion.mechanism});
  }
  for (const auto& upsertion : asked.upsertions) {
    request.upsertions.push_back({.user = std::string(upsertion.name),
                                  .mechanism = upsertion.mechanism,
                                  .iterations = upsertion.iterations,
                                  .salt = copy_of(upsertion.salt),
                                  .salted_password = copy_of(upsertion.salted_password)});
  }
  return request;
}

}  // namespace

Result<Reply> alter_user_scram_credentials(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::AlterUserScramCredentialsRequest>());
  const auto altered = request.shard.core.controller->alter_scram_credentials(self, request.shard.feed, owned(asked));
  wire::AlterUserScramCredentialsResponse response;
  if (!altered) {
    const wire::ErrorCode refusal = refusal_of(request, altered.error());
    std::set<std::string_view> users;
    for (const auto& deletion : asked.deletions) users.insert(deletion.name);
    for (const auto& upsertion : asked.upsertions) users.insert(upsertion.name);
    for (const std::string_view user : users) {
      response.results.push_back({.user = user, .error_code = code(refusal), .error_message = altered.error().text});
    }
    return request.answer(response);
  }
  for (const metadata::AlteredScramCredential& one : *altered) {
    response.results.push_back({.user = one.user, .error_code = code(one.error), .error_message = one.error_message});
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
