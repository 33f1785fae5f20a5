// DescribeConfigs, v1-v4: the settings of topics, brokers, groups and client metrics subscriptions: value, where it
// comes from, what else sets it (v1 synonyms; v3 types and documentation, KIP-569).
// A broker tells of itself and of the cluster's default, whose name is empty. Errors per resource: INVALID_REQUEST (an
// unknown kind of resource, another broker), UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION. Never suspends.
#include <algorithm>

#include "broker/api/handlers.h"
#include "config/describe.h"
#include "config/value.h"
#include "metadata/alter_configs.h"
#include "metadata/topic_name.h"
#include "wire/arena.h"
#include "wire/describe_configs.h"

namespace gregor::broker::api {
namespace {

using config::DescribedSetting;
using metadata::ConfigResource;
using wire::ErrorCode;
using Asked = wire::DescribeConfigsRequest::DescribeConfigsResource;
using Described = wire::DescribeConfigsResponse::DescribeConfigsResult;
using Row = wire::DescribeConfigsResponse::DescribeConfigsResourceResult;

/// Settings in one answer, at some hundred bytes each, however little the request itself took. Beyond it the connection
/// ends.
constexpr std::size_t kRowsMax = 1'000'000;

/// The rows of one resource, or why there are none.
struct Found {
  ErrorCode error = ErrorCode::none;
  std::string message = {};
  std::vector<DescribedSetting> settings = {};
};

Found refused(ErrorCode error, std::string message) {
  return {.error = error, .message = std::move(message)};
}

class Description {
 public:
  Description(const Request& request, const wire::DescribeConfigsRequest& asked)
      : asked_(asked),
        node_id_(request.shard.core.config.node_id),
        image_(request.shard.image()),
        layers_(metadata::broker_layers(*image_, request.shard.core.config)) {}

  Described describe(const Asked& resource) {
    Described result{
        .error_message = "", .resource_type = resource.resource_type, .resource_name = resource.resource_name};
    Found found = find(resource.resource_type, std::string(resource.resource_name));
    result.error_code = code(found.error);
    result.error_message = texts_.keep(std::move(found.message));
    for (DescribedSetting& setting : found.settings) {
      if (is_wanted(resource, setting.name)) result.configs.push_back(row_of(std::move(setting)));
    }
    return result;
  }

 private:
  Found find(std::int8_t type, const std::string& name) const {
    switch (type) {
      case ConfigResource::kTopic:
        return find_topic(name);
      case ConfigResource::kBroker:
        if (name.empty()) return {.settings = config::describe_cluster_default(layers_)};
        if (Found other = check_broker(name); other.error != ErrorCode::none) return other;
        return {.settings = config::describe_broker(layers_)};
      case ConfigResource::kBrokerLogger:
        return find_logger(name);
      case ConfigResource::kClientMetrics:
        if (name.empty()) {
          return refused(ErrorCode::invalid_request, "Client metrics subscription name must not be empty");
        }
        return {.settings = config::describe_client_metrics(image_->configs_of({type, name}))};
      case ConfigResource::kGroup:
        if (name.empty()) return refused(ErrorCode::invalid_request, "Group name must not be empty");
        return {.settings = config::describe_group(layers_, image_->configs_of({type, name}))};
      default:
        return refused(ErrorCode::invalid_request, "Unexpected resource type " + std::to_string(type));
    }
  }

  Found find_topic(const std::string& name) const {
    if (const auto fault = metadata::fault_of_topic_name(name)) {
      return refused(ErrorCode::invalid_topic_exception, *fault);
    }
    if (image_->find_topic(name) == nullptr) return refused(ErrorCode::unknown_topic_or_partition, "");
    return {.settings = config::describe_topic(layers_, image_->topic_configs(name))};
  }

  Found check_broker(const std::string& name) const {
    const auto id = config::parse_integer(name, INT32_MIN, INT32_MAX);
    if (!id) return refused(ErrorCode::invalid_request, "Broker id must be an integer, but it is: " + name);
    if (*id == node_id_.value()) return {};
    return refused(ErrorCode::invalid_request, "Unexpected broker id, expected " + std::to_string(node_id_.value()) +
                                                   " or empty string, but received " + name);
  }

  /// There is one log, of one level, under the names that tools look for.
  Found find_logger(const std::string& name) const {
    if (name.empty()) return refused(ErrorCode::invalid_request, "Broker id must not be empty");
    Found found = check_broker(name);
    if (found.error != ErrorCode::none) return found;
    for (const char* logger : {"kafka", "root"}) {
      found.settings.push_back({.name = logger, .value = "INFO", .source = config::Source::broker_logger});
    }
    return found;
  }

  static bool is_wanted(const Asked& resource, std::string_view name) {
    if (!resource.configuration_keys || resource.configuration_keys->empty()) return true;
    const auto& keys = *resource.configuration_keys;
    return std::find(keys.begin(), keys.end(), name) != keys.end();
  }

  std::optional<std::string_view> kept(std::optional<std::string> text) {
    if (!text) return std::nullopt;
    return texts_.keep(std::move(*text));
  }

  Row row_of(DescribedSetting setting) {
    Row row{.read_only = setting.read_only,
            .config_source = static_cast<std::int8_t>(setting.source),
            .is_sensitive = setting.is_sensitive,
            .config_type = setting.type()};
    row.documentation = std::nullopt;
    if (asked_.include_documentation && setting.key != nullptr) {
      row.documentation = texts_.keep(config::documentation_of(*setting.key));
    }
    if (asked_.include_synonyms) {
      for (config::SettingSynonym& synonym : setting.synonyms) {
        row.synonyms.push_back({.name = texts_.keep(std::move(synonym.name)),
                                .value = kept(std::move(synonym.value)),
                                .source = static_cast<std::int8_t>(synonym.source)});
      }
    }
    row.name = texts_.keep(std::move(setting.name));
    row.value = kept(std::move(setting.value));
    return row;
  }

  const wire::DescribeConfigsRequest& asked_;
  const NodeId node_id_;
  const controller::ImagePtr image_;
  const config::BrokerLayers layers_;
  wire::Arena texts_;
};

}  // namespace

Result<Reply> describe_configs(env::Fiber&, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::DescribeConfigsRequest>());
  Description description(request, asked);
  wire::DescribeConfigsResponse response;
  std::size_t rows = 0;
  for (const Asked& resource : asked.resources) {
    response.results.push_back(description.describe(resource));
    rows += 1 + response.results.back().configs.size();
    if (rows > kRowsMax)
      return fail(Errc::limit, "DescribeConfigs asks for more than " + std::to_string(kRowsMax) + " settings");
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
