// Controller: turns requests about topics, brokers and producer ids into metadata records, commits them in the quorum's
// log, and shows the image that follows to every shard. It lives on shard 0; requests may come from any shard. Every
// node has one: it follows the log, and decides while its node leads the quorum.
//
// Promises:
//   D1  it decides only while its node leads and it has applied everything that was committed before: else a request
//       fails with `closed`, as does one whose commit a lost leadership cut off (it may yet be committed);
//   D2  decisions are made one after the other, each from the image that includes all decisions before it;
//   D3  a reply leaves only after its records are committed and the asker's own shard shows them;
//   D4  what it keeps beside the log (when brokers were heard of) is made anew with each leadership;
//   D5  feeds follow the committed log whether or not it leads; a restart replays to the same image.
// When the log can no longer be trusted (a failed fsync) the node halts. Never touches partition data: those who own it
// listen to the image.
#pragma once

#include <memory>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "config/broker_config.h"
#include "controller/image_feed.h"
#include "env/fiber.h"
#include "env/shard.h"
#include "metadata/alter_partition.h"
#include "metadata/broker_requests.h"
#include "metadata/client_quotas.h"
#include "metadata/config_requests.h"
#include "metadata/directory_failures.h"
#include "metadata/image.h"
#include "metadata/partition_requests.h"
#include "metadata/reassignments.h"
#include "metadata/scram_credentials.h"
#include "metadata/topic_requests.h"
#include "metadata/update_features.h"
#include "observe/event.h"
#include "observe/log.h"
#include "quorum/identity.h"

namespace gregor::quorum {
class Service;
}

namespace gregor::controller {

/// What a heartbeat is answered.
struct HeartbeatReply {
  bool is_caught_up = false;
  bool is_fenced = true;
  bool should_shut_down = false;
};

class Controller {
 public:
  /// Lives on the shard that constructs it, which must be shard 0. All arguments outlive it.
  Controller(env::Shard& home, const config::BrokerConfig& config, observe::Observer& observer, observe::Log& log);
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  /// Formats empty directories, opens `__cluster_metadata-0`, replays what is committed; alone, elects this node. On
  /// shard 0. `directories` outlive the controller. Errors: invalid (foreign cluster id or node id, settings),
  /// unsupported (unknown records), corrupt, io, no_space, closed (given up). Throws Cancelled.
  Result<void> start(env::Fiber& self, const quorum::Directories& directories);
  /// Of a start() that asks which cluster this is: it fails at once, with the directories as they were. Nothing
  /// afterwards. On shard 0; does not suspend.
  void give_up_search();
  /// Known once start() succeeded.
  [[nodiscard]] const quorum::Identity& identity() const;
  /// The level of the feature kraft.version: as quorum::Node has it. From any shard, once start() succeeded.
  [[nodiscard]] std::int16_t kraft_version() const;
  /// This node is the only voter: nobody else decides or commits. On shard 0, once start() succeeded.
  [[nodiscard]] bool is_sole_voter() const;
  /// What answers the other nodes of the quorum. On shard 0, once start() succeeded.
  [[nodiscard]] quorum::Service& quorum_service();
  /// No request is taken any more; what is in flight ends. On shard 0, after start() succeeded. Afterwards the log is
  /// flushed and closed.
  Result<void> stop(env::Fiber& self);

  /// From now on `feed` shows this controller's images, the newest at once (posted to the feed's shard). The feed
  /// outlives the controller's fibers. From any shard, after start() returned.
  void attach(ImageFeed& feed);

  // Requests. `feed` is that of the shard which `self` runs on; each suspends until its records are committed and
  // `feed` shows them, and throws Cancelled. Errors of the whole request: closed (D1, or the controller stopped: ask
  // another), no_space and limit (nothing of it was written).

  Result<std::vector<metadata::CreatedTopic>> create_topics(env::Fiber& self, ImageFeed& feed,
                                                            metadata::CreateTopics request);
  Result<std::vector<metadata::DeletedTopic>> delete_topics(env::Fiber& self, ImageFeed& feed,
                                                            metadata::DeleteTopics request);
  /// A block of ids that no other caller gets, in this life or a later one. Errors: stale (broker epoch), not_found
  /// (broker).
  Result<metadata::ProducerIdBlock> allocate_producer_ids(env::Fiber& self, ImageFeed& feed, NodeId broker,
                                                          BrokerEpoch epoch);
  Result<std::vector<metadata::CreatedPartitions>> create_partitions(env::Fiber& self, ImageFeed& feed,
                                                                     metadata::CreatePartitions request);
  Result<std::vector<metadata::ElectedLeaders>> elect_leaders(env::Fiber& self, ImageFeed& feed,
                                                              metadata::ElectLeaders request);
  Result<std::vector<metadata::AlteredConfigs>> alter_configs(env::Fiber& self, ImageFeed& feed,
                                                              metadata::AlterConfigs request);
  Result<std::vector<metadata::AlteredClientQuotas>> alter_client_quotas(env::Fiber& self, ImageFeed& feed,
                                                                         metadata::AlterClientQuotas request);
  Result<std::vector<metadata::AlteredScramCredential>> alter_scram_credentials(
      env::Fiber& self, ImageFeed& feed, metadata::AlterScramCredentials request);
  /// All of the updates or none. Errors: invalid, a sentence that names the feature in the way.
  Result<void> update_features(env::Fiber& self, ImageFeed& feed, std::vector<metadata::FeatureUpdate> updates,
                               bool validate_only);
  /// Forgets a broker that is gone. Errors: not_found; exists where it is at work in this controller's life.
  Result<void> unregister_broker(env::Fiber& self, ImageFeed& feed, NodeId broker);

  /// How partitions' replicas move; what is under way is listed without writing anything.
  Result<std::vector<metadata::AlteredReassignments>> alter_reassignments(env::Fiber& self, ImageFeed& feed,
                                                                          metadata::AlterReassignments request);
  Result<std::vector<metadata::OngoingReassignments>> list_reassignments(
      env::Fiber& self, ImageFeed& feed, std::optional<std::vector<metadata::AskedReassignments>> asked);

  // Requests of brokers and controllers. Those that name a broker's epoch fail with not_found (no such broker) or stale
  // (another epoch): STALE_BROKER_EPOCH on the wire.

  /// The broker is known from now on, fenced; returns its epoch, the same for the same incarnation. The registration of
  /// this very node never waits for the end of its former life's session: that life is over. Errors: invalid (another
  /// cluster, directories, features), exists (another incarnation under that id has a session).
  Result<BrokerEpoch> register_broker(env::Fiber& self, ImageFeed& feed, metadata::RegisterBroker request);
  /// A sign of life: the broker's session is renewed once what follows from it is committed.
  Result<HeartbeatReply> broker_heartbeat(env::Fiber& self, ImageFeed& feed, metadata::BrokerHeartbeat request);
  /// A leader's ISR or recovery. Answered after the commit.
  Result<std::vector<metadata::AlteredPartitions>> alter_partition(env::Fiber& self, ImageFeed& feed,
                                                                   metadata::AlterPartition request);
  /// Where a broker keeps its replicas. Errors besides: unsupported (metadata.version).
  Result<std::vector<metadata::AssignedReplicas>> assign_replicas(env::Fiber& self, ImageFeed& feed,
                                                                  metadata::AssignReplicas request);
  /// A controller's addresses and abilities (KIP-919). Errors: unsupported (metadata.version).
  Result<void> register_controller(env::Fiber& self, ImageFeed& feed, metadata::ControllerRegistration request);
  /// Opens a broker to clients and makes it leader where it may be, as a heartbeat of one that has caught up does.
  /// Errors: stale, not_found.
  Result<void> unfence_broker(env::Fiber& self, ImageFeed& feed, NodeId broker, BrokerEpoch epoch);
  /// The opposite: it leads nothing afterwards. Errors: stale, not_found.
  Result<void> fence_broker(env::Fiber& self, ImageFeed& feed, NodeId broker, BrokerEpoch epoch);

  struct State;

 private:
  std::shared_ptr<State> state_;  ///< requests that outlive their askers hold it too
};

}  // namespace gregor::controller
