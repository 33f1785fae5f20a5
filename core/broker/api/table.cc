#include "broker/api/table.h"

#include <algorithm>
#include <array>

#include "broker/api/handlers.h"

namespace gregor::broker::api {
namespace {

using wire::ApiKey;

// Key, versions served, handler.
constexpr auto kServed = std::to_array<ApiHandler>({
    {ApiKey::produce, 3, 13, produce},
    {ApiKey::fetch, 4, 18, fetch},
    {ApiKey::list_offsets, 1, 11, list_offsets},
    {ApiKey::metadata, 0, 13, metadata},
    {ApiKey::offset_commit, 2, 10, offset_commit},
    {ApiKey::offset_fetch, 1, 10, offset_fetch},
    {ApiKey::find_coordinator, 0, 6, find_coordinator},
    {ApiKey::join_group, 0, 9, join_group},
    {ApiKey::heartbeat, 0, 4, heartbeat},
    {ApiKey::leave_group, 0, 5, leave_group},
    {ApiKey::sync_group, 0, 5, sync_group},
    {ApiKey::describe_groups, 0, 6, describe_groups},
    {ApiKey::list_groups, 0, 5, list_groups},
    {ApiKey::api_versions, 0, 4, api_versions},
    {ApiKey::create_topics, 2, 7, create_topics},
    {ApiKey::delete_topics, 1, 6, delete_topics},
    {ApiKey::delete_records, 0, 2, delete_records},
    {ApiKey::init_producer_id, 0, 5, init_producer_id},
    {ApiKey::offset_for_leader_epoch, 2, 4, offset_for_leader_epoch},
    {ApiKey::write_txn_markers, 1, 2, write_txn_markers},
    {ApiKey::describe_configs, 1, 4, describe_configs},
    {ApiKey::alter_configs, 0, 2, alter_configs},
    {ApiKey::describe_log_dirs, 1, 5, describe_log_dirs},
    {ApiKey::create_partitions, 0, 3, create_partitions},
    {ApiKey::delete_groups, 0, 2, delete_groups},
    {ApiKey::elect_leaders, 0, 2, elect_leaders},
    {ApiKey::incremental_alter_configs, 0, 1, incremental_alter_configs},
    {ApiKey::offset_delete, 0, 0, offset_delete},
    {ApiKey::describe_client_quotas, 0, 1, describe_client_quotas},
    {ApiKey::alter_client_quotas, 0, 1, alter_client_quotas},
    {ApiKey::describe_user_scram_credentials, 0, 0, describe_user_scram_credentials},
    {ApiKey::alter_user_scram_credentials, 0, 0, alter_user_scram_credentials},
    {ApiKey::describe_quorum, 0, 2, describe_quorum},
    {ApiKey::update_features, 0, 2, update_features},
    {ApiKey::describe_cluster, 0, 2, describe_cluster},
    {ApiKey::describe_producers, 0, 0, describe_producers},
    {ApiKey::unregister_broker, 0, 0, unregister_broker},
    {ApiKey::get_telemetry_subscriptions, 0, 0, get_telemetry_subscriptions, /*advertised=*/false},
    {ApiKey::push_telemetry, 0, 0, push_telemetry, /*advertised=*/false},
    {ApiKey::list_config_resources, 0, 1, list_config_resources},
    {ApiKey::describe_topic_partitions, 0, 0, describe_topic_partitions},
});

bool serves(const ApiHandler& api, std::int16_t version) {
  return version >= api.version_min && version <= api.version_max;
}

Result<wire::RequestHeader> read_header(wire::Reader& frame) {
  TRY_ASSIGN(const wire::RequestHeader header, wire::decode_request_header(frame));
  const ApiHandler* api = find_api_handler(header.request_api_key);
  const std::string asked =
      "API " + std::to_string(header.request_api_key) + " version " + std::to_string(header.request_api_version);
  if (api == nullptr) return fail(Errc::unsupported, asked + " is not served");
  if (!serves(*api, header.request_api_version) && api->key != ApiKey::api_versions) {
    return fail(Errc::unsupported, asked + " is not served");
  }
  return header;
}

}  // namespace

std::span<const ApiHandler> served_apis() {
  return kServed;
}

const ApiHandler* find_api_handler(std::int16_t key) {
  const auto found = std::find_if(kServed.begin(), kServed.end(),
                                  [key](const ApiHandler& api) { return static_cast<std::int16_t>(api.key) == key; });
  return found == kServed.end() ? nullptr : &*found;
}

Result<bool> admit(Bytes frame) {
  wire::Reader from(frame);
  TRY_ASSIGN(const wire::RequestHeader header, read_header(from));
  return header.request_api_key == static_cast<std::int16_t>(ApiKey::produce);
}

Result<Reply> serve(env::Fiber& self, BrokerShard& shard, const ClientPlace& client, InFlight& in_flight) {
  const FramePtr frame = in_flight.frame;
  wire::Reader from(frame->bytes());
  TRY_ASSIGN(const wire::RequestHeader header, wire::decode_request_header(from));
  Request request{.header = header, .body = from.rest(), .in_flight = in_flight, .client = client, .shard = shard};
  const ApiHandler& api = *find_api_handler(header.request_api_key);
  if (!serves(api, request.version())) return api_versions_unsupported(request);
  in_flight.note_client_id(header.client_id.value_or(std::string_view{}));
  const MonotonicTime begun = shard.shard.clock.now();
  auto reply = api.handle(self, request);
  shard.requests.served(header.request_api_key, header.request_api_version, shard.shard.clock.now() - begun,
                        reply.has_value());
  return reply;
}

}  // namespace gregor::broker::api
