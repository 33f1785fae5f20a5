// A cluster of brokers that are nothing but words: they register with a controller, say that they live, and fall
// silent, as a test likes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "metadata/metadata_version.h"
#include "tests/controller/support/home.h"

namespace gregor::controller {

class FakeBrokers {
 public:
  FakeBrokers(env::Fiber& self, const Seat& seat) : self_(self), seat_(seat) {}

  static metadata::RegisterBroker registration(NodeId broker, std::uint64_t incarnation, const std::string& cluster) {
    const auto id = static_cast<std::uint64_t>(broker.value());
    return {.id = broker,
            .incarnation_id = Uuid{id, incarnation},
            .cluster_id = cluster,
            .listeners = {{"PLAINTEXT", "host" + std::to_string(id), 9092, 0}},
            .features = metadata::supported_features(),
            .rack = std::nullopt,
            .log_dirs = {Uuid{1000 + id, 1}}};
  }
  Result<BrokerEpoch> enroll(NodeId broker, std::uint64_t incarnation = 1) {
    auto asked = registration(broker, incarnation, seat_.controller.identity().cluster_id);
    const auto epoch = seat_.controller.register_broker(self_, seat_.feed, std::move(asked));
    if (epoch) epochs_[broker] = *epoch;
    return epoch;
  }
  Result<HeartbeatReply> beat(NodeId broker, bool want_shut_down = false) {
    return seat_.controller.broker_heartbeat(self_, seat_.feed,
                                             {.id = broker,
                                              .epoch = epochs_[broker],
                                              .current_metadata_offset = seat_.feed.image()->offset(),
                                              .want_shut_down = want_shut_down});
  }
  /// Registered, caught up, unfenced.
  void serve(NodeId broker, std::uint64_t incarnation = 1) {
    const auto epoch = enroll(broker, incarnation);
    ASSERT_TRUE(epoch) << why(epoch);
    const auto told = beat(broker);
    ASSERT_TRUE(told) << why(told);
    EXPECT_FALSE(told->is_fenced);
  }
  void serve_all(const std::vector<NodeId>& brokers) {
    for (const NodeId broker : brokers) serve(broker);
  }
  /// One partition with these replicas, the first of them its leader.
  TopicId place(const std::string& topic, const std::vector<NodeId>& replicas) {
    metadata::NewTopic asked{.name = topic};
    asked.assignments.push_back({.partition_index = 0, .broker_ids = replicas});
    const auto created = seat_.controller.create_topics(self_, seat_.feed, {.topics = {asked}});
    EXPECT_TRUE(created) << why(created);
    EXPECT_EQ(created->at(0).error, wire::ErrorCode::none);
    return created->at(0).id;
  }
  [[nodiscard]] const metadata::Partition& partition(const TopicId& topic) const {
    return *seat_.feed.image()->find_partition(topic, PartitionIndex{0});
  }
  [[nodiscard]] const metadata::BrokerRegistration& shown(NodeId broker) const {
    return *seat_.feed.image()->find_broker(broker);
  }
  /// As the leader of the first partition of `topic`, by what the image says; members under their present epochs.
  Result<std::vector<metadata::AlteredPartitions>> propose(const TopicId& topic, const std::vector<NodeId>& isr) {
    const metadata::Partition& present = partition(topic);
    metadata::AlterPartition asked{.broker = present.leader, .broker_epoch = epochs_[present.leader], .topics = {}};
    metadata::AlterPartition::Partition wanted{
        .index = 0, .leader_epoch = present.leader_epoch, .partition_epoch = present.partition_epoch, .isr = {}};
    for (const NodeId member : isr) wanted.isr.push_back({.id = member, .epoch = epochs_[member]});
    asked.topics.push_back({.id = topic, .partitions = {wanted}});
    return seat_.controller.alter_partition(self_, seat_.feed, asked);
  }
  /// Time passes in steps of a second in which only these say that they live.
  void pass(std::chrono::seconds time, const std::vector<NodeId>& alive) {
    for (std::chrono::seconds passed{0}; passed < time; passed += std::chrono::seconds(1)) {
      env::sleep_for(self_, seat_.shard.clock, std::chrono::seconds(1));
      for (const NodeId broker : alive) EXPECT_TRUE(beat(broker));
    }
  }
  [[nodiscard]] BrokerEpoch epoch(NodeId broker) { return epochs_[broker]; }

 private:
  env::Fiber& self_;
  const Seat& seat_;
  std::map<NodeId, BrokerEpoch> epochs_;
};

}  // namespace gregor::controller
