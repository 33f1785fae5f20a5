// DescribeUserScramCredentials, v0: which users have SCRAM credentials, of which mechanisms and iterations; never the
// keys (KIP-554). No user named, or null: all.
// Errors per user: RESOURCE_NOT_FOUND, DUPLICATE_RESOURCE (named twice). Never suspends.
#include "broker/api/handlers.h"
#include "metadata/scram_credentials.h"
#include "wire/describe_user_scram_credentials.h"

namespace gregor::broker::api {

Result<Reply> describe_user_scram_credentials(env::Fiber&, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::DescribeUserScramCredentialsRequest>());
  std::vector<std::string> users;
  if (asked.users) {
    for (const auto& user : *asked.users) users.emplace_back(user.name);
  }
  const auto found = metadata::find_scram_users(*request.shard.image(), users);
  wire::DescribeUserScramCredentialsResponse response;
  response.error_message = std::nullopt;
  for (const metadata::FoundScramUser& user : found) {
    auto& result = response.results.emplace_back();
    result.user = user.user;
    result.error_code = code(user.error);
    result.error_message = user.error_message;
    for (const auto& credential : user.credentials) {
      result.credential_infos.push_back({.mechanism = credential.mechanism, .iterations = credential.iterations});
    }
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
