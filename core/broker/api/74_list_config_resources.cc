// ListConfigResources, v0-v1: which things have configurations. v0 (ListClientMetricsResources) knows client metrics
// subscriptions alone, v1 (KIP-1142) every kind; no kind named: all.
// Errors: UNSUPPORTED_VERSION for unknown kinds. Never suspends.
#include <algorithm>
#include <set>

#include "broker/api/handlers.h"
#include "wire/arena.h"
#include "wire/list_config_resources.h"

namespace gregor::broker::api {
namespace {

using metadata::ConfigResource;

constexpr std::int16_t kKindsFrom = 1;

std::set<std::int8_t> kinds_of(const wire::ListConfigResourcesRequest& asked, std::int16_t version) {
  if (version < kKindsFrom) return {ConfigResource::kClientMetrics};
  if (!asked.resource_types.empty()) return {asked.resource_types.begin(), asked.resource_types.end()};
  return {ConfigResource::kTopic, ConfigResource::kBroker, ConfigResource::kBrokerLogger,
          ConfigResource::kClientMetrics, ConfigResource::kGroup};
}

bool is_known(std::int8_t kind) {
  return kind == ConfigResource::kTopic || kind == ConfigResource::kBroker || kind == ConfigResource::kBrokerLogger ||
         kind == ConfigResource::kClientMetrics || kind == ConfigResource::kGroup;
}

/// Topics and brokers are listed whether anything is set on them or not.
void add_kind(const metadata::Image& image, std::int8_t kind, wire::Arena& texts,
              wire::ListConfigResourcesResponse& response) {
  const auto add = [&](std::string_view name) {
    response.config_resources.push_back({.resource_name = name, .resource_type = kind});
  };
  if (kind == ConfigResource::kTopic) {
    for (const auto& [name, topic] : image.topics()) add(name);
  } else if (kind == ConfigResource::kBroker || kind == ConfigResource::kBrokerLogger) {
    for (const auto& [id, broker] : image.brokers()) {
      if (!broker.fenced) add(texts.keep(std::to_string(id.value())));
    }
  } else {
    for (const auto& [resource, values] : image.configs()) {
      if (resource.type == kind) add(resource.name);
    }
  }
}

}  // namespace

Result<Reply> list_config_resources(env::Fiber&, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::ListConfigResourcesRequest>());
  const std::set<std::int8_t> kinds = kinds_of(asked, request.version());
  wire::ListConfigResourcesResponse response;
  if (!std::all_of(kinds.begin(), kinds.end(), is_known)) {
    response.error_code = code(wire::ErrorCode::unsupported_version);
    return request.answer(response);
  }
  const controller::ImagePtr image = request.shard.image();
  wire::Arena texts;
  for (const std::int8_t kind : kinds) add_kind(*image, kind, texts, response);
  return request.answer(response);
}

}  // namespace gregor::broker::api
