// BrokerShard: one shard's part of a node: its view of the metadata, its partitions, its connections and what handlers
// need. Made on its own shard; others reach it only through the mailbox.
#pragma once

#include <array>
#include <atomic>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "broker/bounded_log.h"
#include "broker/client_metrics.h"
#include "broker/connection.h"
#include "broker/connection_book.h"
#include "broker/doors.h"
#include "broker/fetch_session.h"
#include "broker/live_settings.h"
#include "broker/lobby.h"
#include "broker/metrics.h"
#include "broker/partition_sync.h"
#include "broker/producer_ids.h"
#include "broker/replica_ties.h"
#include "broker/wakefulness.h"
#include "config/broker_config.h"
#include "controller/controller.h"
#include "env/ask.h"
#include "partition/directories.h"
#include "partition/partition_table.h"

namespace gregor::broker {

class BrokerShard;
class ControllerDirectory;
class ControllerLink;
class DirectoryAssignments;
class GroupShard;

/// What the shards of a node share. Written by shard 0 while the node starts, before the others hear of it; constant
/// from the ready line on but for the atomics.
struct NodeCore {
  NodeCore(const config::BrokerConfig& settings, std::size_t count, observe::Observer& events, observe::Log& lines)
      : config(settings),
        shard_count(count),
        observer(events),
        log(lines),
        shards(count),
        broker_shards(count),
        directories(shards, events, lines) {}

  const config::BrokerConfig& config;
  const std::size_t shard_count;
  observe::Observer& observer;
  observe::Log& log;
  env::ShardTable shards;
  std::vector<BrokerShard*> broker_shards;
  partition::Directories directories;
  partition::ReplicationQuotas quotas;
  std::unique_ptr<controller::Controller> controller;
  std::unique_ptr<IsrSender> isr_sender;  ///< shard 0's; none before a broker is unfenced, nor where there is no broker
  std::string cluster_id;
  std::atomic<BrokerEpoch> broker_epoch{kNoBrokerEpoch};  ///< of the present registration
  const ControllerDirectory* controllers = nullptr;       ///< where other nodes' controllers are
  DirectoryAssignments* assignments = nullptr;            ///< shard 0's, while there is one
  ConnectionBook connection_book;                         ///< shard 0's
  std::atomic<std::size_t> connections{0};
  std::atomic<std::uint64_t> next_connection{1};
};

/// Something that waits on this shard and should be told when the node stops.
class StopListener {
 public:
  virtual ~StopListener() = default;
  virtual void on_stop() = 0;
};

/// Requests at work or waiting, in a node: each has a fiber, whose stack takes two of the mappings that a process may
/// have (65530 by default). What comes beyond loses its connection.
inline constexpr std::size_t kRequestsInFlightMax = 16'000;

class BrokerShard final : RequestServer, ConnectionOwner {
 public:
  BrokerShard(NodeCore& core, env::Shard& shard);
  ~BrokerShard() override;

  NodeCore& core;
  env::Shard& shard;
  controller::ImageFeed feed;
  LiveSettings live_settings;  ///< the first to hear of an image
  record::CodecScratch codec;
  ReplicaTies replicas;
  partition::PartitionTable partitions;
  PartitionSync partition_sync;
  FetchSessionCache fetch_sessions;
  std::unique_ptr<ControllerLink> controller;
  ProducerIds producer_ids;
  Wakefulness wakefulness;
  ClientMetrics client_metrics;
  RandomStream metrics_client_ids;
  std::unique_ptr<GroupShard> groups;
  RequestFigures requests;
  std::set<std::string> topics_being_created;  ///< by Metadata; so that a storm of clients asks once

  /// What is in force now: the node's own file with dynamic settings over it.
  [[nodiscard]] const config::BrokerConfig& config() const { return live_settings.now(); }
  [[nodiscard]] const controller::ImagePtr& image() const { return feed.image(); }
  [[nodiscard]] ShardId id() const { return shard.mailbox.self(); }
  [[nodiscard]] ShardId owner_of(const TopicId& topic, PartitionIndex partition) const {
    return partition::shard_of(topic, partition, core.shard_count);
  }
  /// Runs `work(fiber, that shard)` on shard `to` and returns its answer. As env::ask().
  template <class Work>
  auto ask(env::Fiber& self, ShardId to, Work work) {
    return env::ask(self, shard, core.shards, to,
                    [&shards = core.broker_shards, to, work = std::move(work)](env::Fiber& fiber) mutable {
                      return work(fiber, *shards[to.value()]);
                    });
  }
  /// Posts `work(that shard)` to its loop, in order with other posts; in place where that is this shard.
  template <class Work>
  void post(ShardId to, Work work) {
    if (to == id()) return work(*this);
    shard.mailbox.post(
        to, [&shards = core.broker_shards, to, work = std::move(work)]() mutable { work(*shards[to.value()]); });
  }

  // Connections.
  Doors doors;
  void accept(std::unique_ptr<env::Socket> socket, const std::string& listener);
  /// Lets accepted connections of that side speak; until then they are held.
  void open_doors(Side side);
  /// No new connection and no new request of clients; waiting requests are answered with what there is. Controllers are
  /// served on until finish().
  void begin_to_stop();
  /// No new connection and no new request on that side.
  void finish(Side side);
  [[nodiscard]] bool is_stopping() const { return stopping_; }
  [[nodiscard]] ShardFigures figures() const;
  /// Of every connection, in the order of their numbers.
  [[nodiscard]] std::vector<ConnectionFigures> connection_figures() const;
  /// Suspends until every connection of that side is gone; those left at `deadline` are cut.
  void drain(env::Fiber& self, Side side, MonotonicTime deadline);

  void add(StopListener& listener) { stop_listeners_.push_back(&listener); }
  void remove(StopListener& listener) { stop_listeners_.remove(&listener); }
  /// While one lives the shard does: for what may outlive its connection.
  class Working {
   public:
    explicit Working(BrokerShard& shard, Side side = Side::clients)
        : shard_(shard), count_(shard.working_[static_cast<std::size_t>(side)]) {
      ++count_;
    }
    ~Working();
    Working(const Working&) = delete;
    Working& operator=(const Working&) = delete;

   private:
    BrokerShard& shard_;
    std::size_t& count_;
  };
  /// Runs `work` on a fiber of its own that stop() waits for: it must end soon after pause() says so.
  void spawn_background(std::string_view name, UniqueFunction<void(env::Fiber&)> work);
  /// Suspends until all background work and every request of clients has ended. Requires begin_to_stop().
  void end_background(env::Fiber& self);
  /// Suspends until no request of that side is at work. Of controllers it requires finish() and drain(), and that the
  /// controller has stopped: others of the quorum may ask without a break until they are cut off.
  void await_idle(env::Fiber& self, Side side);
  /// Suspends for `wait`, or less when the node stops. False when it stops.
  bool pause(env::Fiber& self, Milliseconds wait);

 private:
  Result<bool> admit(const ClientPlace& client, const Frame& frame) override;
  Result<Reply> serve(env::Fiber& self, const ClientPlace& client, InFlight& request) override;
  void on_closed(Connection& connection) override;
  MutableBytes scratch() override { return {scratch_.get(), kScratchBytes}; }
  [[nodiscard]] bool has_room_for_requests() const override;
  void on_request_bytes(std::ptrdiff_t change) override;
  void hold_back(Connection& connection) override { held_back_.insert(connection.id()); }
  void refuse(const env::Endpoint& peer, std::string_view why);
  [[nodiscard]] bool may_speak(const Connection& connection) const;
  [[nodiscard]] std::vector<std::shared_ptr<Connection>> connections_of(Side side) const;
  [[nodiscard]] ConnectionLimits limits_of(const std::string& address) const;
  /// Asks shard 0; admit() or the lobby follows.
  void ask_admission(Connection& connection);
  void on_admission(std::uint64_t number, const Admission& admission);
  /// `refusal` empty: it may speak.
  void admit(std::uint64_t number, std::string_view refusal);

  static constexpr std::size_t kScratchBytes = 64 * 1024;
  std::unique_ptr<std::byte[]> scratch_;
  BoundedLog connection_log_;  ///< outlives the connections
  std::map<std::uint64_t, std::shared_ptr<Connection>> connections_;
  std::set<std::uint64_t> not_admitted_;
  Lobby lobby_;
  std::size_t request_bytes_ = 0;      ///< of requests that came and are not answered
  std::set<std::uint64_t> held_back_;  ///< connections that are not read while there are too many of those
  std::uint64_t connections_accepted_ = 0;
  std::uint64_t connections_refused_ = 0;
  std::array<bool, 2> doors_open_{};  ///< by Side
  bool stopping_ = false;
  std::list<StopListener*> stop_listeners_;
  env::WaitQueue stopped_;
  env::WaitQueue connection_closed_;
  std::array<std::size_t, 2> working_{};  ///< by Side; background work is for clients
  env::WaitQueue work_ended_;
};

}  // namespace gregor::broker
