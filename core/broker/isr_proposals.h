// IsrProposals: the way of ISR proposals to the controller and of its answers back. Each shard has a channel; what its
// partitions propose is gathered on shard 0, where one AlterPartition at a time carries all that came meanwhile.
//
// Promises: a proposal is sent at most once (its leader sends it anew after its own timeout) and answered at most once;
// of a partition's proposals only the newest waits. An answer that the controller did not give is `retriable`: nobody
// knows its fate.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "base/unique_function.h"
#include "controller/image_feed.h"
#include "env/shard.h"
#include "env/wait.h"
#include "partition/cluster_links.h"
#include "wire/alter_partition.h"

namespace gregor::broker {

/// Asks the active controller, wherever it is. Suspends. Errors: nobody answered in time.
using AlterPartitionCarrier =
    UniqueFunction<Result<wire::AlterPartitionResponse>(env::Fiber&, const wire::AlterPartitionRequest&)>;

/// What one partition proposes; `answered` runs on shard 0 and may post elsewhere.
struct IsrProposal {
  TopicPartition partition;
  replica::AlterPartition proposal;
  partition::IsrAnswered answered;
};

/// Of the node; lives on shard 0.
class IsrSender {
 public:
  IsrSender(env::Shard& shard, NodeId self, UniqueFunction<BrokerEpoch()> broker_epoch, AlterPartitionCarrier carry);
  void take(IsrProposal proposal);
  /// Nothing is sent from now on. Does not suspend.
  void begin_to_stop() { is_stopping_ = true; }
  /// Suspends until nothing is under way.
  void end(env::Fiber& self);

 private:
  using Key = std::pair<TopicId, PartitionIndex>;
  void send(env::Fiber& self);
  void send_once(env::Fiber& self);

  env::Shard& shard_;
  const NodeId self_;
  UniqueFunction<BrokerEpoch()> broker_epoch_;
  AlterPartitionCarrier carry_;
  std::map<Key, IsrProposal> waiting_;
  bool is_sending_ = false;
  bool is_stopping_ = false;
  env::WaitQueue ended_;
};

/// The request that holds them all: topics and partitions in the order of their ids.
wire::AlterPartitionRequest alter_partition_request(NodeId self, BrokerEpoch epoch,
                                                    const std::vector<const IsrProposal*>& proposals);
/// What the controller says of one of them.
replica::AlterPartitionAnswer isr_answer(const IsrProposal& proposal, const wire::AlterPartitionResponse& response);

/// The newest metadata's word on brokers.
class ImageBrokers final : public replica::BrokerView {
 public:
  ImageBrokers(const controller::ImageFeed& feed, NodeId self) : feed_(feed), self_(self) {}
  [[nodiscard]] bool may_join_isr(NodeId replica, BrokerEpoch fetched_with) const override;
  [[nodiscard]] BrokerEpoch own_epoch() const override;

 private:
  const controller::ImageFeed& feed_;
  const NodeId self_;
};

/// A shard's end of it. `submit` brings a proposal to the IsrSender, from this shard.
class ShardIsrChannel final : public partition::IsrChannel {
 public:
  using Submit = UniqueFunction<void(IsrProposal)>;
  ShardIsrChannel(const controller::ImageFeed& feed, NodeId self, Submit submit)
      : brokers_(feed, self), submit_(std::move(submit)) {}
  void propose(const TopicPartition& partition, const replica::AlterPartition& proposal,
               partition::IsrAnswered answered) override;
  [[nodiscard]] const replica::BrokerView& brokers() const override { return brokers_; }

 private:
  ImageBrokers brokers_;
  Submit submit_;
};

}  // namespace gregor::broker
