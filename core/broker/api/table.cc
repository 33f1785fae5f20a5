#include "broker/api/table.h"

#include <algorithm>
#include <array>

#include "broker/api/forward.h"
#include "broker/api/handlers.h"
#include "broker/controller_link.h"

namespace gregor::broker::api {
namespace {

using wire::ApiKey;

/// Nodes forward it, the active controller decides it.
constexpr ApiHandler forwarded(ApiHandler api) {
  api.decided = Decided::by_controller;
  return api;
}
constexpr ApiHandler half_forwarded(ApiHandler api) {
  api.decided = Decided::in_part;
  return api;
}

// Key, versions served, handler.
constexpr auto kServedToClients = std::to_array<ApiHandler>({
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
    forwarded({ApiKey::create_topics, 2, 7, create_topics}),
    forwarded({ApiKey::delete_topics, 1, 6, delete_topics}),
    {ApiKey::delete_records, 0, 2, delete_records},
    {ApiKey::init_producer_id, 0, 5, init_producer_id},
    {ApiKey::offset_for_leader_epoch, 2, 4, offset_for_leader_epoch},
    {ApiKey::write_txn_markers, 1, 2, write_txn_markers},
    {ApiKey::describe_configs, 1, 4, describe_configs},
    half_forwarded({ApiKey::alter_configs, 0, 2, alter_configs}),
    {ApiKey::alter_replica_log_dirs, 1, 2, alter_replica_log_dirs},
    {ApiKey::describe_log_dirs, 1, 5, describe_log_dirs},
    forwarded({ApiKey::create_partitions, 0, 3, create_partitions}),
    {ApiKey::delete_groups, 0, 2, delete_groups},
    forwarded({ApiKey::elect_leaders, 0, 2, elect_leaders}),
    half_forwarded({ApiKey::incremental_alter_configs, 0, 1, incremental_alter_configs}),
    forwarded({ApiKey::alter_partition_reassignments, 0, 1, alter_partition_reassignments}),
    forwarded({ApiKey::list_partition_reassignments, 0, 0, list_partition_reassignments}),
    {ApiKey::offset_delete, 0, 0, offset_delete},
    {ApiKey::describe_client_quotas, 0, 1, describe_client_quotas},
    forwarded({ApiKey::alter_client_quotas, 0, 1, alter_client_quotas}),
    {ApiKey::describe_user_scram_credentials, 0, 0, describe_user_scram_credentials},
    forwarded({ApiKey::alter_user_scram_credentials, 0, 0, alter_user_scram_credentials}),
    forwarded({ApiKey::describe_quorum, 0, 2, describe_quorum}),
    forwarded({ApiKey::update_features, 0, 2, update_features}),
    {ApiKey::describe_cluster, 0, 2, describe_cluster},
    {ApiKey::describe_producers, 0, 0, describe_producers},
    forwarded({ApiKey::unregister_broker, 0, 0, unregister_broker}),
    {ApiKey::get_telemetry_subscriptions, 0, 0, get_telemetry_subscriptions, /*advertised=*/false},
    {ApiKey::push_telemetry, 0, 0, push_telemetry, /*advertised=*/false},
    {ApiKey::list_config_resources, 0, 1, list_config_resources},
    {ApiKey::describe_topic_partitions, 0, 0, describe_topic_partitions},
    forwarded({ApiKey::add_raft_voter, 0, 1, add_raft_voter}),
    forwarded({ApiKey::remove_raft_voter, 0, 0, remove_raft_voter}),
});

// What other nodes, and tools that speak to controllers, may ask.
constexpr auto kServedToControllers = std::to_array<ApiHandler>({
    {ApiKey::fetch, 4, 18, quorum_fetch},
    {ApiKey::api_versions, 0, 4, api_versions},
    {ApiKey::create_topics, 2, 7, create_topics},
    {ApiKey::delete_topics, 1, 6, delete_topics},
    {ApiKey::describe_configs, 1, 4, describe_configs},
    {ApiKey::alter_configs, 0, 2, alter_configs},
    {ApiKey::create_partitions, 0, 3, create_partitions},
    {ApiKey::elect_leaders, 0, 2, elect_leaders},
    {ApiKey::incremental_alter_configs, 0, 1, incremental_alter_configs},
    {ApiKey::alter_partition_reassignments, 0, 1, alter_partition_reassignments},
    {ApiKey::list_partition_reassignments, 0, 0, list_partition_reassignments},
    {ApiKey::alter_client_quotas, 0, 1, alter_client_quotas},
    {ApiKey::describe_user_scram_credentials, 0, 0, describe_user_scram_credentials},
    {ApiKey::alter_user_scram_credentials, 0, 0, alter_user_scram_credentials},
    {ApiKey::vote, 0, 2, vote},
    {ApiKey::begin_quorum_epoch, 0, 1, begin_quorum_epoch},
    {ApiKey::end_quorum_epoch, 0, 1, end_quorum_epoch},
    {ApiKey::describe_quorum, 0, 2, describe_quorum},
    {ApiKey::alter_partition, 2, 3, alter_partition},
    {ApiKey::update_features, 0, 2, update_features},
    {ApiKey::envelope, 0, 0, envelope},
    {ApiKey::fetch_snapshot, 0, 1, fetch_snapshot},
    {ApiKey::describe_cluster, 0, 2, describe_cluster},
    {ApiKey::broker_registration, 0, 4, broker_registration},
    {ApiKey::broker_heartbeat, 0, 2, broker_heartbeat},
    {ApiKey::unregister_broker, 0, 0, unregister_broker},
    {ApiKey::allocate_producer_ids, 0, 0, allocate_producer_ids},
    {ApiKey::controller_registration, 0, 0, controller_registration},
    {ApiKey::assign_replicas_to_dirs, 0, 0, assign_replicas_to_dirs},
    {ApiKey::add_raft_voter, 0, 1, add_raft_voter},
    {ApiKey::remove_raft_voter, 0, 0, remove_raft_voter},
    {ApiKey::update_raft_voter, 0, 0, update_raft_voter},
});

bool serves(const ApiHandler& api, std::int16_t version) {
  return version >= api.version_min && version <= api.version_max;
}

Result<wire::RequestHeader> read_header(wire::Reader& frame, Side side) {
  TRY_ASSIGN(const wire::RequestHeader header, wire::decode_request_header(frame));
  const ApiHandler* api = find_api_handler(header.request_api_key, side);
  const std::string asked =
      "API " + std::to_string(header.request_api_key) + " version " + std::to_string(header.request_api_version);
  if (api == nullptr) return fail(Errc::unsupported, asked + " is not served");
  if (!serves(*api, header.request_api_version) && api->key != ApiKey::api_versions) {
    return fail(Errc::unsupported, asked + " is not served");
  }
  return header;
}

}  // namespace

std::span<const ApiHandler> served_apis(Side side) {
  if (side == Side::controllers) return kServedToControllers;
  return kServedToClients;
}

const ApiHandler* find_api_handler(std::int16_t key, Side side) {
  const auto served = served_apis(side);
  const auto found = std::find_if(served.begin(), served.end(),
                                  [key](const ApiHandler& api) { return static_cast<std::int16_t>(api.key) == key; });
  return found == served.end() ? nullptr : &*found;
}

Result<bool> admit(Bytes frame, Side side) {
  wire::Reader from(frame);
  TRY_ASSIGN(const wire::RequestHeader header, read_header(from, side));
  return header.request_api_key == static_cast<std::int16_t>(ApiKey::produce);
}

Result<Reply> serve(env::Fiber& self, BrokerShard& shard, const ClientPlace& client, InFlight& in_flight) {
  const FramePtr frame = in_flight.frame;
  wire::Reader from(frame->bytes());
  TRY_ASSIGN(const wire::RequestHeader header, wire::decode_request_header(from));
  Request request{.header = header, .body = from.rest(), .in_flight = in_flight, .client = client, .shard = shard};
  const ApiHandler& api = *find_api_handler(header.request_api_key, client.side);
  if (!serves(api, request.version())) return api_versions_unsupported(request);
  in_flight.note_client_id(header.client_id.value_or(std::string_view{}));
  const MonotonicTime begun = shard.shard.clock.now();
  const bool is_elsewhere = api.decided == Decided::by_controller && !shard.controller->is_here();
  auto reply = is_elsewhere ? forward(self, request, api.handle) : api.handle(self, request);
  if (client.listener.empty()) return reply;  // this node's own: the figures are of those who came by a listener
  shard.requests.served(header.request_api_key, header.request_api_version, shard.shard.clock.now() - begun,
                        reply.has_value());
  return reply;
}

}  // namespace gregor::broker::api
