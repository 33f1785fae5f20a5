// Admin's part that reads and changes configurations, and adds partitions.
#include <algorithm>
#include <array>
#include <charconv>

#include "client/admin.h"
#include "client/retried.h"
#include "wire/create_partitions.h"
#include "wire/describe_configs.h"
#include "wire/incremental_alter_configs.h"

namespace gregor::client {

namespace {

std::optional<std::string> owned(const std::optional<std::string_view>& text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

ConfigRow row_of(const wire::DescribeConfigsResponse::DescribeConfigsResourceResult& from) {
  ConfigRow row{.name = std::string(from.name),
                .value = owned(from.value),
                .source = from.config_source,
                .read_only = from.read_only,
                .is_sensitive = from.is_sensitive};
  for (const auto& synonym : from.synonyms) {
    row.synonyms.push_back({std::string(synonym.name), owned(synonym.value), synonym.source});
  }
  return row;
}

/// The broker that alone can tell of itself; none where any will do.
std::optional<NodeId> broker_to_ask(const ConfigTarget& target) {
  const bool is_a_broker =
      target.kind == ConfigTarget::Kind::broker || target.kind == ConfigTarget::Kind::broker_logger;
  std::int32_t id = -1;
  const char* end = target.name.data() + target.name.size();
  const auto read = std::from_chars(target.name.data(), end, id);
  if (!is_a_broker || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return NodeId{id};
}

/// `any`, or the link to the broker that must be asked, where it is known.
Outcome<std::shared_ptr<Connection>> link_for(env::Fiber& self, Cluster& cluster, const ConfigTarget& target) {
  const auto broker = broker_to_ask(target);
  CLIENT_TRY(cluster.refresh(self, nullptr, false));
  const auto is_it = [&](const BrokerMetadata& known) { return broker && known.node_id == *broker; };
  if (std::any_of(cluster.brokers().begin(), cluster.brokers().end(), is_it)) return cluster.link_to(self, *broker);
  return cluster.any_link(self);
}

}  // namespace

std::string_view name_of_config_source(std::int8_t source) {
  constexpr std::array<std::string_view, 9> kNames = {
      "UNKNOWN",       "TOPIC",   "DYNAMIC_BROKER",        "DYNAMIC_DEFAULT_BROKER",
      "STATIC_BROKER", "DEFAULT", "DYNAMIC_BROKER_LOGGER", "CLIENT_METRICS",
      "GROUP"};
  return source >= 0 && static_cast<std::size_t>(source) < kNames.size() ? kNames[static_cast<std::size_t>(source)]
                                                                         : kNames.front();
}

Outcome<void> Admin::create_partitions(env::Fiber& self, const std::string& topic, std::int32_t count) {
  wire::CreatePartitionsRequest request;
  request.timeout_ms = static_cast<std::int32_t>(cluster_.settings().link.request_timeout.count());
  request.topics.push_back({.name = topic, .count = count, .assignments = std::nullopt});
  cluster_.forget(topic);
  return retried(self, cluster_, [&](Connection& link) -> Outcome<void> {
    auto reply = link.ask<wire::CreatePartitionsRequest, wire::CreatePartitionsResponse>(self, request);
    if (!reply) return passed_on(std::move(reply.error()));
    if (reply->body.results.empty()) return failed(Errc::malformed, "CreatePartitions: an empty answer", Fate::unknown);
    const auto& result = reply->body.results[0];
    if (result.error_code == 0) return {};
    return answered(wire::error_code_of(result.error_code), std::string(result.error_message.value_or("")));
  });
}

Outcome<std::vector<ConfigRow>> Admin::describe_configs(env::Fiber& self, const ConfigTarget& target) {
  wire::DescribeConfigsRequest request;
  request.include_synonyms = true;
  request.resources.push_back({.resource_type = static_cast<std::int8_t>(target.kind),
                               .resource_name = target.name,
                               .configuration_keys = std::nullopt});
  return retried(self, cluster_, [&](Connection&) -> Outcome<std::vector<ConfigRow>> {
    CLIENT_TRY_ASSIGN(const auto link, link_for(self, cluster_, target));
    auto reply = link->ask<wire::DescribeConfigsRequest, wire::DescribeConfigsResponse>(self, request);
    if (!reply) return passed_on(std::move(reply.error()));
    if (reply->body.results.empty()) return failed(Errc::malformed, "DescribeConfigs: an empty answer");
    const auto& result = reply->body.results[0];
    if (result.error_code != 0) {
      return answered(wire::error_code_of(result.error_code), std::string(result.error_message.value_or("")));
    }
    std::vector<ConfigRow> rows;
    for (const auto& row : result.configs) rows.push_back(row_of(row));
    std::stable_sort(rows.begin(), rows.end(), [](const ConfigRow& a, const ConfigRow& b) { return a.name < b.name; });
    return rows;
  });
}

Outcome<void> Admin::alter_configs(env::Fiber& self, const ConfigTarget& target, const std::vector<ConfigEdit>& edits,
                                   bool validate_only) {
  wire::IncrementalAlterConfigsRequest request;
  request.validate_only = validate_only;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = static_cast<std::int8_t>(target.kind);
  resource.resource_name = target.name;
  for (const ConfigEdit& edit : edits) {
    const bool has_value = edit.kind != ConfigEdit::Kind::remove;
    resource.configs.push_back({.name = edit.name,
                                .config_operation = static_cast<std::int8_t>(edit.kind),
                                .value = has_value ? std::optional<std::string_view>(edit.value) : std::nullopt});
  }
  return retried(self, cluster_, [&](Connection&) -> Outcome<void> {
    CLIENT_TRY_ASSIGN(const auto link, link_for(self, cluster_, target));
    auto reply = link->ask<wire::IncrementalAlterConfigsRequest, wire::IncrementalAlterConfigsResponse>(self, request);
    if (!reply) return passed_on(std::move(reply.error()));
    if (reply->body.responses.empty()) {
      return failed(Errc::malformed, "IncrementalAlterConfigs: an empty answer", Fate::unknown);
    }
    const auto& result = reply->body.responses[0];
    if (result.error_code == 0) return {};
    return answered(wire::error_code_of(result.error_code), std::string(result.error_message.value_or("")));
  });
}

}  // namespace gregor::client
