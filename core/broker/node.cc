#include "broker/node.h"

#include <algorithm>

#include "base/check.h"
#include "broker/lifecycle.h"
#include "broker/node_start.h"

namespace gregor::broker {

/// What the shards write on their own: each its member, and shard 0 the rest.
struct Node::State {
  struct Member {
    std::unique_ptr<BrokerShard> broker_shard;
    bool must_quit = false;
    env::WaitQueue told;
  };
  State(const config::BrokerConfig& settings, std::size_t count, observe::Observer& observer, observe::Log& log)
      : config(settings), core(config, count, observer, log), members(count) {}

  Result<void> run_first(env::Fiber& self, env::Shard& shard);
  Result<void> run_member(env::Fiber& self, env::Shard& shard);
  Result<void> serve(env::Fiber& self, NodeStart& steps);
  BrokerShard& join(env::Shard& shard);
  /// What ended so was ended by stop().
  [[nodiscard]] bool was_stopped(const Result<void>& ended) const {
    return stop_asked && ended.error().code == Errc::closed;
  }
  void tell_to_quit();

  const config::BrokerConfig config;
  NodeCore core;
  std::vector<Member> members;
  std::size_t arrived = 0;
  env::WaitQueue arrival;
  bool stop_asked = false;
  NodeStart* start = nullptr;  ///< while it comes up or serves
  bool serving = false;
  env::WaitQueue stop_told;
  std::uint16_t port = 0;
  UniqueFunction<void(std::uint16_t)> ready;
};

Node::Node(const config::BrokerConfig& config, std::size_t shard_count, observe::Observer& observer, observe::Log& log)
    : state_(std::make_unique<State>(config, shard_count, observer, log)) {
  CHECK(shard_count >= 1);
}

Node::~Node() = default;

Result<void> Node::run(env::Fiber& self, env::Shard& shard) {
  return shard.mailbox.self() == ShardId{0} ? state_->run_first(self, shard) : state_->run_member(self, shard);
}

void Node::stop() {
  state_->stop_asked = true;
  if (state_->start != nullptr) state_->start->stop();
  state_->stop_told.wake_all();
  state_->arrival.wake_all();
}

void Node::when_ready(UniqueFunction<void(std::uint16_t port)> ready) {
  state_->ready = std::move(ready);
}

std::uint16_t Node::port() const {
  return state_->port;
}

bool Node::is_ready() const {
  if (!state_->serving || state_->stop_asked) return false;
  const auto& directories = state_->core.directories;
  return directories.offline_count() < directories.count();
}

Result<std::string> Node::scrape(env::Fiber& self) {
  if (!state_->serving || state_->stop_asked) return fail(Errc::closed, "the node is not serving");
  return broker::scrape(self, *state_->members.front().broker_shard);
}

Result<std::vector<ConnectionFigures>> Node::connections(env::Fiber& self) {
  if (!state_->serving || state_->stop_asked) return fail(Errc::closed, "the node is not serving");
  return connections_of(self, *state_->members.front().broker_shard);
}

BrokerShard& Node::State::join(env::Shard& shard) {
  const std::size_t id = shard.mailbox.self().value();
  auto& broker_shard = members[id].broker_shard;
  broker_shard = std::make_unique<BrokerShard>(core, shard);
  core.shards[id] = &shard;
  core.broker_shards[id] = broker_shard.get();
  return *broker_shard;
}

Result<void> Node::State::run_member(env::Fiber& self, env::Shard& shard) {
  Member& member = members[shard.mailbox.self().value()];
  join(shard);
  shard.mailbox.post(ShardId{0}, [this] {
    ++arrived;
    arrival.wake_all();
  });
  while (!member.must_quit) member.told.wait(self);
  member.broker_shard.reset();
  return {};
}

void Node::State::tell_to_quit() {
  BrokerShard& first = *members.front().broker_shard;
  for (std::size_t id = 1; id < members.size(); ++id) {
    first.shard.mailbox.post(ShardId{static_cast<std::uint32_t>(id)}, [&member = members[id]] {
      member.must_quit = true;
      member.told.wake_all();
    });
  }
}

Result<void> Node::State::run_first(env::Fiber& self, env::Shard& shard) {
  BrokerShard& first = join(shard);
  while (arrived + 1 < members.size()) arrival.wait(self);
  NodeStart steps(core, first);
  start = &steps;
  const Result<void> outcome = serve(self, steps);
  start = nullptr;
  if (!outcome) core.log.error("broker.failed", {{"error", outcome.error().text}});
  const Result<void> ended = steps.take_down(self, outcome.has_value());
  tell_to_quit();
  members.front().broker_shard.reset();
  core.controller.reset();
  core.directories.close();
  return outcome ? ended : outcome;
}

Result<void> Node::State::serve(env::Fiber& self, NodeStart& steps) {
  if (stop_asked) return {};
  TRY_ASSIGN(port, steps.bind(self));
  if (auto opened = steps.open(self); !opened) return was_stopped(opened) ? Result<void>{} : opened;
  if (stop_asked) return {};
  if (auto joined = steps.join_cluster(self); !joined) return stop_asked ? Result<void>{} : joined;
  steps.open_doors(self);
  core.observer.on(observe::NodeReady{config.node_id, port});
  core.log.info("broker.ready",
                {{"node_id", config.node_id.value()}, {"port", port}, {"listeners", steps.listeners()}});
  serving = true;
  if (ready) ready(port);
  while (!stop_asked) stop_told.wait(self);
  serving = false;
  return {};
}

}  // namespace gregor::broker
