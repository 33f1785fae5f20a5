// Three replicas of one partition, each a Partition over a folder of its own, and a controller that takes every
// proposal that is not too old. What a follower fetches goes by hand, request by request, so that a test decides who
// hears what.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/partition/support/bench_top.h"

namespace gregor::partition::test {

/// The partition's record.
class OneController {
 public:
  OneController(std::vector<NodeId> replicas, LeaderEpoch first) {
    state_.replicas = state_.isr = replicas;
    state_.leader = replicas.front();
    state_.leader_epoch = first;
    state_.partition_epoch = PartitionEpoch{0};
  }
  [[nodiscard]] const replica::PartitionState& state() const { return state_; }
  void elect(NodeId leader) {
    state_.leader = leader;
    state_.leader_epoch = state_.leader_epoch + 1;
    state_.partition_epoch = state_.partition_epoch + 1;
  }
  void set_isr(std::vector<NodeId> isr) {
    state_.isr = std::move(isr);
    state_.partition_epoch = state_.partition_epoch + 1;
  }
  replica::AlterPartitionAnswer alter(const replica::AlterPartition& proposal) {
    replica::AlterPartitionAnswer answer{.request = proposal.request};
    const bool is_current =
        proposal.leader_epoch == state_.leader_epoch && proposal.partition_epoch == state_.partition_epoch;
    answer.verdict = is_current ? replica::AlterPartitionVerdict::accepted : replica::AlterPartitionVerdict::fenced;
    if (!is_current) return answer;
    std::vector<NodeId> isr;
    for (const auto& member : proposal.isr) isr.push_back(member.replica);
    set_isr(std::move(isr));
    answer.leader_epoch = state_.leader_epoch;
    answer.partition_epoch = state_.partition_epoch;
    answer.isr = state_.isr;
    return answer;
  }

 private:
  replica::PartitionState state_;
};

/// Lives within one run_fiber body.
class Member final : IsrChannel, replica::BrokerView {
 public:
  Member(env::Fiber& self, env::Shard& outer, NodeId id, OneController& controller)
      : node(id),
        disk(outer.disk),
        shard{outer.fibers, outer.clock, outer.entropy, outer.network, disk, outer.mailbox, outer.process},
        shards{&shard},
        directories(shards, observer, log),
        controller_(controller) {
    settings.node_id = id;
    settings.replica_lag_time_max_ms = 1'000;
    EXPECT_TRUE(directories.open(self, shard, {"node-" + std::to_string(id.value())}, 1));
    EXPECT_TRUE(directories.begin_use(self));
  }

  void open(env::Fiber& self, const config::TopicConfig& config) {
    table.emplace(PartitionSeat{.shard = shard,
                                .directories = directories,
                                .observer = observer,
                                .log = log,
                                .codec = codec,
                                .settings = settings,
                                .isr = this,
                                .quotas = &quotas});
    partition = table->create(kOrders, config);
    hear(self);
  }
  /// Of the partition's record as it is now.
  void hear(env::Fiber& self) {
    partition->apply(controller_.state());
    EXPECT_TRUE(partition->settled(self));
  }
  [[nodiscard]] Offset log_end() const { return partition->replica()->log_end_offset(); }
  [[nodiscard]] Offset high_watermark() const { return partition->replica()->high_watermark(); }

  std::shared_ptr<env::Promise<AppendOutcome>> submit(const BatchOf& batch, std::int16_t acks = -1,
                                                      Milliseconds timeout = Milliseconds(5'000)) {
    auto promise = std::make_shared<env::Promise<AppendOutcome>>();
    const auto bytes = batch_of(batch);
    partition->submit({.records = *bytes,
                       .owner = bytes,
                       .acks = acks,
                       .transaction_check = TransactionCheck::waived,
                       .timeout = timeout},
                      [promise](AppendOutcome outcome) { promise->set(std::move(outcome)); });
    return promise;
  }
  /// The file of the first segment.
  ByteBuffer file(env::Fiber& self) {
    const std::string path = "node-" + std::to_string(node.value()) + "/orders-0/00000000000000000000.log";
    auto bytes = env::read_file(self, disk, path, 1 << 20);
    EXPECT_TRUE(bytes) << (bytes ? "" : bytes.error().text);
    return bytes ? std::move(*bytes) : ByteBuffer{};
  }
  /// The process died and came again: what was written stands, what was in memory does not.
  void crash_and_reopen(env::Fiber& self, const config::TopicConfig& config) {
    const auto kept = directories.checkpoint(self, shard, table->checkpoint_lines());
    EXPECT_TRUE(kept);
    partition->wait_until_idle(self);
    partition.reset();
    table.reset();
    open(self, config);
  }

  const NodeId node;
  RememberingObserver observer;
  observe::NullLog log;
  storage::FaultyDisk disk;
  env::Shard shard;
  env::ShardTable shards;
  record::CodecScratch codec;
  config::BrokerConfig settings;
  Directories directories;
  ReplicationQuotas quotas;
  std::optional<PartitionTable> table;
  std::shared_ptr<Partition> partition;
  bool proposals_are_lost = false;
  int proposals = 0;

 private:
  void propose(const TopicPartition&, const replica::AlterPartition& proposal, IsrAnswered answered) override {
    ++proposals;
    if (proposals_are_lost) return;
    shard.fibers.spawn("controller", [this, proposal, answered = std::move(answered)](env::Fiber&) mutable {
      answered(controller_.alter(proposal));
    });
  }
  [[nodiscard]] const replica::BrokerView& brokers() const override { return *this; }
  [[nodiscard]] bool may_join_isr(NodeId, BrokerEpoch) const override { return true; }
  [[nodiscard]] BrokerEpoch own_epoch() const override { return BrokerEpoch{1}; }

  OneController& controller_;
};

/// Lets what is ready run.
inline void settle(env::Fiber& self, env::Shard& shard) {
  env::sleep_for(self, shard.clock, Milliseconds(1));
}

/// What the leader answers to one request of the follower's; none where the follower asks for nothing.
inline std::optional<LeaderAnswer> ask(env::Fiber& self, Member& follower, Member& leader,
                                       std::size_t bytes_max = 1 << 20) {
  const auto step = follower.partition->next_step();
  if (step.kind != replica::FollowerStep::Kind::fetch) return std::nullopt;
  auto read = leader.partition->read(
      self, {.offset = step.offset,
             .current_leader_epoch = step.current_leader_epoch,
             .last_fetched_epoch = step.last_fetched_epoch,
             .bytes_max = bytes_max,
             .follower = FollowerAsk{.replica = follower.node,
                                     .broker_epoch = BrokerEpoch{1},
                                     .log_start = follower.partition->replica()->log_start_offset()}});
  LeaderAnswer answer{.fetch = {.request = step.request,
                                .asked_in = step.current_leader_epoch,
                                .asked_offset = step.offset,
                                .verdict = static_cast<replica::ReplicaVerdict>(read.error),
                                .high_watermark = read.high_watermark,
                                .log_start = read.log_start_offset},
                      .records = read.records,
                      .owner = read.owner};
  if (read.diverging) answer.fetch.diverging = EpochEnd{read.diverging->epoch, read.diverging->end_offset};
  return answer;
}

inline Followed give(env::Fiber& self, Member& follower, LeaderAnswer answer) {
  env::Promise<Followed> done;
  follower.partition->replicate(std::move(answer), [&done](Followed followed) { done.set(followed); });
  return done.await(self);
}

/// One request and its answer. Whether it was dealt with.
inline bool fetch(env::Fiber& self, Member& follower, Member& leader, std::size_t bytes_max = 1 << 20) {
  const auto step = follower.partition->next_step();
  if (step.kind == replica::FollowerStep::Kind::ask_range) {
    const auto at = [&](std::int64_t timestamp) {
      return leader.partition
          ->find_offset(self, timestamp, Isolation::read_uncommitted, step.current_leader_epoch, Reader::follower)
          .offset;
    };
    const Offset start = at(kEarliestTimestamp);
    const Offset end = at(kLatestTimestamp);
    env::Promise<Followed> done;
    follower.partition->learn_range(
        {.request = step.request, .asked_in = step.current_leader_epoch, .log_start = start, .log_end = end},
        [&done](Followed followed) { done.set(followed); });
    return done.await(self) == Followed::done;
  }
  auto answer = ask(self, follower, leader, bytes_max);
  return answer && give(self, follower, std::move(*answer)) == Followed::done;
}

struct Trio {
  Trio(env::Fiber& self, env::Shard& outer, const config::TopicConfig& config, LeaderEpoch first = LeaderEpoch{0})
      : controller({NodeId{1}, NodeId{2}, NodeId{3}}, first),
        a(self, outer, NodeId{1}, controller),
        b(self, outer, NodeId{2}, controller),
        c(self, outer, NodeId{3}, controller) {
    for (Member* member : all()) member->open(self, config);
  }
  [[nodiscard]] std::array<Member*, 3> all() { return {&a, &b, &c}; }
  Member& leader() { return *all()[static_cast<std::size_t>(controller.state().leader.value() - 1)]; }
  void hear(env::Fiber& self) {
    for (Member* member : all()) member->hear(self);
  }
  /// Every follower fetches so many times.
  void replicate(env::Fiber& self, int rounds = 3) {
    for (int round = 0; round < rounds; ++round) {
      for (Member* member : all()) {
        if (member != &leader()) fetch(self, *member, leader());
      }
    }
  }

  OneController controller;
  Member a;
  Member b;
  Member c;
};

}  // namespace gregor::partition::test
