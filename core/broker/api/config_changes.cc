#include "broker/api/config_changes.h"

#include <map>
#include <set>

#include "broker/api/forward.h"
#include "broker/api/table.h"
#include "broker/controller_link.h"
#include "config/broker_layers.h"
#include "config/value.h"
#include "metadata/alter_configs.h"
#include "metadata/refusal.h"
#include "wire/alter_configs.h"
#include "wire/incremental_alter_configs.h"

namespace gregor::broker::api {
namespace {

using metadata::AlterConfigs;
using metadata::AlteredConfigs;
using metadata::ConfigChange;
using metadata::ConfigResource;
using wire::ErrorCode;

using metadata::Refusal;
using metadata::Verdict;

Verdict refuse(std::string text) {
  return Refusal{ErrorCode::invalid_request, std::move(text)};
}

Verdict check_changes(const AlterConfigs::Resource& resource) {
  std::set<std::string_view> names;
  std::string without_value;
  for (const ConfigChange& change : resource.changes) {
    if (!names.insert(change.name).second) return refuse("Error due to duplicate config keys");
    if (change.value || change.operation == metadata::kConfigDelete) continue;
    without_value += (without_value.empty() ? "" : ", ") + change.name;
  }
  if (!without_value.empty()) return refuse("Null value not supported for : " + without_value);
  return std::nullopt;
}

/// What came in an Envelope was checked by the broker that it is about.
Verdict check_node_id(const Request& request, const std::string& name) {
  const NodeId own = request.shard.core.config.node_id;
  const auto id = config::parse_integer(name, INT32_MIN, INT32_MAX);
  if (!id) return refuse("Node id must be an integer, but it is: " + name);
  if (*id == own.value() || request.is_forwarded) return std::nullopt;
  return refuse("Unexpected broker id, expected " + std::to_string(own.value()) + ", but received " + name);
}

Verdict check_broker(const Request& request, const AlterConfigs::Resource& resource, bool replaces_all) {
  const config::BrokerConfig& fixed = request.shard.core.config;
  const bool per_broker = !resource.resource.name.empty();
  if (per_broker) {
    if (Verdict refusal = check_node_id(request, resource.resource.name)) return refusal;
  }
  for (const ConfigChange& change : resource.changes) {
    if (change.operation < metadata::kConfigSet || change.operation > metadata::kConfigSubtract) {
      return refuse("Unknown operations type " + std::to_string(change.operation));
    }
  }
  const metadata::Image& image = *request.shard.image();
  const auto values = metadata::changed_configs(image, resource, replaces_all);
  if (!values) return Refusal{ErrorCode::invalid_config, values.error().text};
  const auto checked = config::check_dynamic(*values, per_broker, metadata::broker_layers(image, fixed));
  return checked ? Verdict{} : refuse(checked.error().text);
}

Verdict check(const Request& request, const AlterConfigs::Resource& resource, bool replaces_all) {
  if (Verdict refusal = check_changes(resource)) return refusal;
  switch (resource.resource.type) {
    case ConfigResource::kBroker:
      return check_broker(request, resource, replaces_all);
    case ConfigResource::kTopic:
    case ConfigResource::kClientMetrics:
    case ConfigResource::kGroup:
      return std::nullopt;
    case ConfigResource::kBrokerLogger:
      if (!replaces_all) {
        if (Verdict refusal = check_node_id(request, resource.resource.name)) return refusal;
        return Refusal{ErrorCode::invalid_config, "The levels of this broker's log do not change while it runs."};
      }
      [[fallthrough]];
    default:
      return refuse("Unknown resource type " + std::to_string(resource.resource.type));
  }
}

AlteredConfigs refused(const ConfigResource& resource, const Refusal& refusal) {
  return {.resource = resource, .error = refusal.error, .error_message = refusal.text};
}

/// Borrows from `changes`.
template <class WireRequest>
WireRequest on_the_wire(const AlterConfigs& changes) {
  WireRequest asked;
  asked.validate_only = changes.validate_only;
  for (const AlterConfigs::Resource& resource : changes.resources) {
    auto& named = asked.resources.emplace_back();
    named.resource_type = resource.resource.type;
    named.resource_name = resource.resource.name;
    for (const ConfigChange& change : resource.changes) {
      auto& config = named.configs.emplace_back();
      config.name = change.name;
      config.value = change.value ? std::optional<std::string_view>(*change.value) : std::nullopt;
      if constexpr (requires { config.config_operation; }) config.config_operation = change.operation;
    }
  }
  return asked;
}

/// What is left of the request goes to the active controller under the client's own header.
template <class WireRequest, class WireResponse>
Result<std::vector<AlteredConfigs>> ask_controller(env::Fiber& self, Request& request, const AlterConfigs& changes) {
  TRY_ASSIGN(const ByteBuffer frame, wire::encode_request_frame(request.header, on_the_wire<WireRequest>(changes)));
  TRY_ASSIGN(const ByteBuffer answer, forward_frame(self, request, Bytes(frame).subspan(sizeof(std::int32_t))));
  wire::Reader from{Bytes(answer)};
  TRY(wire::decode_response_header(from, WireResponse::kApiKey, request.version()));
  WireResponse response;
  TRY(decode_message(from, response, request.version()));
  if (response.responses.size() != changes.resources.size()) {
    return fail(Errc::malformed, "the controller answered for other resources than were asked for");
  }
  std::vector<AlteredConfigs> altered;
  for (const auto& one : response.responses) {
    altered.push_back(
        {.resource = {one.resource_type, std::string(one.resource_name)},
         .error = wire::error_code_of(one.error_code),
         .error_message = one.error_message ? std::optional<std::string>(*one.error_message) : std::nullopt});
  }
  return altered;
}

Result<std::vector<AlteredConfigs>> decide(env::Fiber& self, Request& request, AlterConfigs changes) {
  const bool is_elsewhere =
      !request.is_forwarded && request.client.side == Side::clients && !request.shard.controller->is_here();
  if (!is_elsewhere) {
    return request.shard.core.controller->alter_configs(self, request.shard.feed, std::move(changes));
  }
  if (changes.replaces_all) {
    return ask_controller<wire::AlterConfigsRequest, wire::AlterConfigsResponse>(self, request, changes);
  }
  return ask_controller<wire::IncrementalAlterConfigsRequest, wire::IncrementalAlterConfigsResponse>(self, request,
                                                                                                     changes);
}

}  // namespace

std::vector<AlteredConfigs> alter_configs_of(env::Fiber& self, Request& request, AlterConfigs asked) {
  std::map<ConfigResource, int> times_asked;
  for (const AlterConfigs::Resource& resource : asked.resources) ++times_asked[resource.resource];

  std::vector<AlteredConfigs> answers;
  std::vector<std::size_t> left;  // indexes of answers that the controller gives
  AlterConfigs passed_on{.resources = {}, .replaces_all = asked.replaces_all, .validate_only = asked.validate_only};
  for (AlterConfigs::Resource& resource : asked.resources) {
    Verdict refusal = times_asked[resource.resource] > 1 ? refuse("Each resource must appear at most once.")
                                                         : check(request, resource, asked.replaces_all);
    if (refusal) {
      answers.push_back(refused(resource.resource, *refusal));
      continue;
    }
    left.push_back(answers.size());
    answers.push_back({.resource = resource.resource, .error = ErrorCode::none, .error_message = std::nullopt});
    passed_on.resources.push_back(std::move(resource));
  }
  if (left.empty()) return answers;
  auto decided = decide(self, request, std::move(passed_on));
  const ErrorCode undecided = decided ? ErrorCode::none : refusal_of(request, decided.error());
  for (std::size_t i = 0; i < left.size(); ++i) {
    AlteredConfigs& answer = answers[left[i]];
    answer = decided ? std::move((*decided)[i]) : refused(answer.resource, {undecided, decided.error().text});
  }
  return answers;
}

}  // namespace gregor::broker::api
