// Controller: turns requests about topics, brokers and producer ids into metadata records, commits them in the quorum's
// log, and shows the image that follows to every shard. It lives on shard 0; requests may come from any shard.
//
// Promises: decisions are made one after the other, each from the image that includes all decisions before it; a reply
// leaves only after its records are committed (flushed) and the asker's own shard shows them; a restart replays to the
// same image. When the log can no longer be trusted (a failed fsync) the node halts. Never touches partition data:
// those who own it listen to the image.
#pragma once

#include <memory>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "config/broker_config.h"
#include "controller/image_feed.h"
#include "env/fiber.h"
#include "env/shard.h"
#include "metadata/broker_requests.h"
#include "metadata/client_quotas.h"
#include "metadata/config_requests.h"
#include "metadata/image.h"
#include "metadata/partition_requests.h"
#include "metadata/scram_credentials.h"
#include "metadata/topic_requests.h"
#include "metadata/update_features.h"
#include "observe/event.h"
#include "observe/log.h"
#include "quorum/identity.h"

namespace gregor::controller {

/// A quorum of one: its leader is its only voter.
struct QuorumStanding {
  NodeId leader = {};
  LeaderEpoch epoch = {};
  Offset high_watermark = {};
  Offset log_end = {};
  Uuid directory_id = {};  ///< of the voter; zero where the configuration names the voters, which knows none
};

class Controller {
 public:
  /// Lives on the shard that constructs it, which must be shard 0. All arguments outlive it.
  Controller(env::Shard& home, const config::BrokerConfig& config, observe::Observer& observer, observe::Log& log);
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  /// Formats empty directories, opens `__cluster_metadata-0`, elects this node, replays all of it. On shard 0.
  /// `directories` outlive the controller. Errors: invalid (foreign cluster id or node id, settings), unsupported
  /// (several voters), corrupt, io, no_space. Throws Cancelled.
  Result<void> start(env::Fiber& self, const quorum::Directories& directories);
  /// Known once start() succeeded.
  [[nodiscard]] const quorum::Identity& identity() const;
  /// The level of the feature kraft.version: as quorum::Node has it. From any shard, once start() succeeded.
  [[nodiscard]] std::int16_t kraft_version() const;
  /// No request is taken any more; what is in flight ends. On shard 0, after start() succeeded. Afterwards the log is
  /// flushed and closed.
  Result<void> stop(env::Fiber& self);

  /// From now on `feed` shows this controller's images, the newest at once (posted to the feed's shard). The feed
  /// outlives the controller's fibers. From any shard, after start() returned.
  void attach(ImageFeed& feed);

  // Requests. `feed` is that of the shard which `self` runs on; each suspends until its records are committed and
  // `feed` shows them, and throws Cancelled. Errors of the whole request: closed (the controller stopped), no_space and
  // limit (nothing of it was written).

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
  /// How the metadata quorum stands. Suspends.
  Result<QuorumStanding> describe_quorum(env::Fiber& self, ImageFeed& feed);

  /// The broker is known from now on, fenced; returns its epoch. Errors: invalid (another cluster), exists (id in use).
  Result<BrokerEpoch> register_broker(env::Fiber& self, ImageFeed& feed, metadata::RegisterBroker request);
  /// Opens it to clients and makes it leader where it may be: leader epochs rise. Errors: stale, not_found.
  Result<void> unfence_broker(env::Fiber& self, ImageFeed& feed, NodeId broker, BrokerEpoch epoch);
  /// The opposite, at a clean end: it leads nothing afterwards. Errors: stale, not_found.
  Result<void> fence_broker(env::Fiber& self, ImageFeed& feed, NodeId broker, BrokerEpoch epoch);

  struct State;

 private:
  std::shared_ptr<State> state_;  ///< requests that outlive their askers hold it too
};

}  // namespace gregor::controller
