#include "broker/api/config_changes.h"

#include <map>
#include <set>

#include "config/broker_layers.h"
#include "config/value.h"
#include "metadata/alter_configs.h"
#include "metadata/refusal.h"

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

Verdict check_node_id(const std::string& name, NodeId own) {
  const auto id = config::parse_integer(name, INT32_MIN, INT32_MAX);
  if (!id) return refuse("Node id must be an integer, but it is: " + name);
  if (*id == own.value()) return std::nullopt;
  return refuse("Unexpected broker id, expected " + std::to_string(own.value()) + ", but received " + name);
}

Verdict check_broker(const Request& request, const AlterConfigs::Resource& resource, bool replaces_all) {
  const config::BrokerConfig& fixed = request.shard.core.config;
  const bool per_broker = !resource.resource.name.empty();
  if (per_broker) {
    if (Verdict refusal = check_node_id(resource.resource.name, fixed.node_id)) return refusal;
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
        if (Verdict refusal = check_node_id(resource.resource.name, request.shard.core.config.node_id)) return refusal;
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
  auto decided = request.shard.core.controller->alter_configs(self, request.shard.feed, std::move(passed_on));
  for (std::size_t i = 0; i < left.size(); ++i) {
    AlteredConfigs& answer = answers[left[i]];
    answer = decided ? std::move((*decided)[i])
                     : refused(answer.resource, {ErrorCode::request_timed_out, decided.error().text});
  }
  return answers;
}

}  // namespace gregor::broker::api
