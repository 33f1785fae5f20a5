// ApiVersions, v0-v4: which APIs at which versions, and which features at which levels?  (KIP-35, KIP-511, KIP-584)
// The first request of every client. What it does not find here it does not ask for.
// Errors: INVALID_REQUEST (v3: a client name that is none), UNSUPPORTED_VERSION (answered in v0, readable for all).
// Never suspends.
#include <algorithm>

#include "broker/api/handlers.h"
#include "broker/api/table.h"
#include "metadata/metadata_version.h"
#include "wire/api_versions.h"

namespace gregor::broker::api {
namespace {

/// From this version on the answer names features whose lowest level is 0.
constexpr std::int16_t kWithLevelZero = 4;
constexpr std::int16_t kWithClientName = 3;

/// KIP-511: letters, digits, dots and dashes, the last two not at the ends.
bool is_software_text(std::string_view text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const auto is_inner = [&](char c) { return is_plain(c) || c == '.' || c == '-'; };
  return !text.empty() && is_plain(text.front()) && is_plain(text.back()) &&
         std::all_of(text.begin(), text.end(), is_inner);
}

void add_apis(wire::ApiVersionsResponse& response, Side side) {
  for (const ApiHandler& api : served_apis(side)) {
    if (!api.advertised) continue;
    const wire::ApiRow* row = wire::find_api(static_cast<std::int16_t>(api.key));
    response.api_keys.push_back({.api_key = static_cast<std::int16_t>(api.key),
                                 .min_version = std::min(api.version_min, row->advertised_min),
                                 .max_version = api.version_max});
  }
}

void add_features(wire::ApiVersionsResponse& response, const metadata::SupportedFeatures& supported,
                  const metadata::Image& image, std::int16_t kraft_version, std::int16_t version) {
  for (const auto& [name, range] : supported) {
    if (version < kWithLevelZero && range.lowest == 0) continue;
    response.supported_features.push_back({.name = name, .min_version = range.lowest, .max_version = range.highest});
  }
  const auto add_finalized = [&response](std::string_view name, std::int16_t level) {
    if (level == 0) return;
    response.finalized_features.push_back({.name = name, .max_version_level = level, .min_version_level = level});
  };
  for (const auto& [name, level] : image.features()) add_finalized(name, level);
  add_finalized(metadata::kKraftVersion, kraft_version);
  response.finalized_features_epoch = image.offset().value();
}

}  // namespace

Result<Reply> api_versions(env::Fiber&, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::ApiVersionsRequest>());
  wire::ApiVersionsResponse response;
  const bool is_named = is_software_text(asked.client_software_name) && is_software_text(asked.client_software_version);
  if (request.version() >= kWithClientName && !is_named) {
    response.error_code = code(wire::ErrorCode::invalid_request);
    return request.answer(response);
  }
  request.in_flight.note_software(asked.client_software_name, asked.client_software_version);
  const controller::ImagePtr image = request.shard.image();
  const metadata::SupportedFeatures supported = metadata::told_features();  // the answer borrows the names
  add_apis(response, request.client.side);
  add_features(response, supported, *image, request.shard.core.controller->kraft_version(), request.version());
  return request.answer(response);
}

Result<Reply> api_versions_unsupported(const Request& request) {
  wire::ApiVersionsResponse response;
  response.error_code = code(wire::ErrorCode::unsupported_version);
  const ApiHandler& own = *find_api_handler(static_cast<std::int16_t>(wire::ApiKey::api_versions));
  response.api_keys.push_back(
      {.api_key = static_cast<std::int16_t>(own.key), .min_version = own.version_min, .max_version = own.version_max});
  return make_reply(request.header.correlation_id, response, 0);
}

}  // namespace gregor::broker::api
