// UpdateFeatures, v0-v2: raises or lowers finalized feature levels, all that are asked for or none (KIP-584; v1 names
// the kind of change and may only check it; v2 answers for all at once).
// Errors: INVALID_UPDATE_VERSION for the whole; REQUEST_TIMED_OUT while the node stops. Suspends until it is committed.
#include "broker/api/handlers.h"
#include "wire/update_features.h"

namespace gregor::broker::api {
namespace {

constexpr std::int16_t kTypesFrom = 1;
constexpr std::int16_t kResultsUntil = 1;

}  // namespace

Result<Reply> update_features(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::UpdateFeaturesRequest>());
  std::vector<metadata::FeatureUpdate> updates;
  for (const auto& update : asked.feature_updates) {
    const std::int8_t old_type = update.allow_downgrade ? metadata::kFeatureSafeDowngrade : metadata::kFeatureUpgrade;
    updates.push_back({.feature = std::string(update.feature),
                       .level = update.max_version_level,
                       .type = request.version() >= kTypesFrom ? update.upgrade_type : old_type});
  }
  const auto updated =
      request.shard.core.controller->update_features(self, request.shard.feed, std::move(updates), asked.validate_only);
  wire::UpdateFeaturesResponse response;
  if (!updated) {
    const bool is_refused = updated.error().code == Errc::invalid;
    response.error_code =
        code(is_refused ? wire::ErrorCode::invalid_update_version : refusal_of(request, updated.error()));
    response.error_message = updated.error().text;
    return request.answer(response);
  }
  response.error_message = std::nullopt;
  if (request.version() <= kResultsUntil) {
    for (const auto& update : asked.feature_updates) response.results.push_back({.feature = update.feature});
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
