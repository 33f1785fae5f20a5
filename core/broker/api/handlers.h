// Every handler, one a file. See the file of its key for what is asked, from which version on, and which errors there
// are.
#pragma once

#include "broker/api/request.h"

namespace gregor::broker::api {

Result<Reply> produce(env::Fiber& self, Request& request);
Result<Reply> fetch(env::Fiber& self, Request& request);
Result<Reply> list_offsets(env::Fiber& self, Request& request);
Result<Reply> metadata(env::Fiber& self, Request& request);
Result<Reply> offset_commit(env::Fiber& self, Request& request);
Result<Reply> offset_fetch(env::Fiber& self, Request& request);
Result<Reply> find_coordinator(env::Fiber& self, Request& request);
Result<Reply> join_group(env::Fiber& self, Request& request);
Result<Reply> heartbeat(env::Fiber& self, Request& request);
Result<Reply> leave_group(env::Fiber& self, Request& request);
Result<Reply> sync_group(env::Fiber& self, Request& request);
Result<Reply> describe_groups(env::Fiber& self, Request& request);
Result<Reply> list_groups(env::Fiber& self, Request& request);
Result<Reply> api_versions(env::Fiber& self, Request& request);
Result<Reply> create_topics(env::Fiber& self, Request& request);
Result<Reply> delete_topics(env::Fiber& self, Request& request);
Result<Reply> delete_records(env::Fiber& self, Request& request);
Result<Reply> init_producer_id(env::Fiber& self, Request& request);
Result<Reply> delete_groups(env::Fiber& self, Request& request);
Result<Reply> offset_delete(env::Fiber& self, Request& request);
Result<Reply> offset_for_leader_epoch(env::Fiber& self, Request& request);
Result<Reply> write_txn_markers(env::Fiber& self, Request& request);
Result<Reply> describe_producers(env::Fiber& self, Request& request);
Result<Reply> alter_replica_log_dirs(env::Fiber& self, Request& request);
Result<Reply> describe_log_dirs(env::Fiber& self, Request& request);
Result<Reply> describe_cluster(env::Fiber& self, Request& request);
Result<Reply> describe_configs(env::Fiber& self, Request& request);
Result<Reply> alter_configs(env::Fiber& self, Request& request);
Result<Reply> create_partitions(env::Fiber& self, Request& request);
Result<Reply> elect_leaders(env::Fiber& self, Request& request);
Result<Reply> incremental_alter_configs(env::Fiber& self, Request& request);
Result<Reply> describe_client_quotas(env::Fiber& self, Request& request);
Result<Reply> alter_client_quotas(env::Fiber& self, Request& request);
Result<Reply> describe_user_scram_credentials(env::Fiber& self, Request& request);
Result<Reply> alter_user_scram_credentials(env::Fiber& self, Request& request);
Result<Reply> describe_quorum(env::Fiber& self, Request& request);
Result<Reply> update_features(env::Fiber& self, Request& request);
Result<Reply> unregister_broker(env::Fiber& self, Request& request);
Result<Reply> alter_partition_reassignments(env::Fiber& self, Request& request);
Result<Reply> list_partition_reassignments(env::Fiber& self, Request& request);
Result<Reply> alter_partition(env::Fiber& self, Request& request);
Result<Reply> envelope(env::Fiber& self, Request& request);
Result<Reply> broker_registration(env::Fiber& self, Request& request);
Result<Reply> broker_heartbeat(env::Fiber& self, Request& request);
Result<Reply> allocate_producer_ids(env::Fiber& self, Request& request);
Result<Reply> controller_registration(env::Fiber& self, Request& request);
Result<Reply> assign_replicas_to_dirs(env::Fiber& self, Request& request);
Result<Reply> get_telemetry_subscriptions(env::Fiber& self, Request& request);
Result<Reply> push_telemetry(env::Fiber& self, Request& request);
Result<Reply> list_config_resources(env::Fiber& self, Request& request);
Result<Reply> describe_topic_partitions(env::Fiber& self, Request& request);

// On controller listeners, see quorum_requests.cc.
Result<Reply> quorum_fetch(env::Fiber& self, Request& request);
Result<Reply> vote(env::Fiber& self, Request& request);
Result<Reply> begin_quorum_epoch(env::Fiber& self, Request& request);
Result<Reply> end_quorum_epoch(env::Fiber& self, Request& request);
Result<Reply> fetch_snapshot(env::Fiber& self, Request& request);
Result<Reply> add_raft_voter(env::Fiber& self, Request& request);
Result<Reply> remove_raft_voter(env::Fiber& self, Request& request);
Result<Reply> update_raft_voter(env::Fiber& self, Request& request);

/// The answer to ApiVersions at a version that is not served: version 0, error 35.
Result<Reply> api_versions_unsupported(const Request& request);

}  // namespace gregor::broker::api
