// ReplicaTies: what ties a shard's partitions to other brokers, made of the newest metadata: where they are, who may
// join an ISR, the fetchers of what is followed, and the way of ISR proposals. On a node alone none of it ever acts.
#pragma once

#include "broker/isr_proposals.h"
#include "broker/replica_fetcher.h"

namespace gregor::broker {

class BrokerShard;

/// By the listeners that brokers registered: that of inter.broker.listener.name, or of this node's first that is not a
/// controller's.
class ImageDirectory final : public BrokerDirectory {
 public:
  ImageDirectory(const controller::ImageFeed& feed, std::string listener)
      : feed_(feed), listener_(std::move(listener)) {}
  [[nodiscard]] std::optional<BrokerPlace> place_of(NodeId broker) const override;

 private:
  const controller::ImageFeed& feed_;
  const std::string listener_;
};

/// Moves between log directories, and copies that are given up, are told to the controller by shard 0.
class ShardPlaces final : public partition::PlaceListener {
 public:
  explicit ShardPlaces(BrokerShard& shard) : shard_(shard) {}
  void on_place_changed() override;

 private:
  BrokerShard& shard_;
};

class ReplicaTies {
 public:
  /// Both outlive it; `shard` need not be whole yet.
  ReplicaTies(BrokerShard& shard, const controller::ImageFeed& feed, env::Shard& own,
              const config::BrokerConfig& settings);
  [[nodiscard]] partition::IsrChannel& isr() { return isr_; }
  [[nodiscard]] ReplicaFetchers& fetchers() { return fetchers_; }
  [[nodiscard]] partition::PlaceListener& places() { return places_; }
  [[nodiscard]] const BrokerDirectory& directory() const { return directory_; }

 private:
  ImageDirectory directory_;
  ShardIsrChannel isr_;
  ReplicaFetchers fetchers_;
  ShardPlaces places_;
};

}  // namespace gregor::broker
