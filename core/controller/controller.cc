#include "controller/controller.h"

#include <utility>

#include "base/check.h"
#include "controller/bootstrap.h"
#include "controller/controller_state.h"
#include "metadata/brokers.h"
#include "metadata/create_topics.h"
#include "metadata/delete_topics.h"
#include "metadata/first_delta.h"
#include "metadata/producer_ids.h"

namespace gregor::controller {

Result<void> Controller::State::on_committed(const quorum::CommittedBatch& batch) {
  TRY(replay.apply_batch(batch.values, batch.last_offset, batch.epoch));
  if (auto change = replay.take_change()) publish(*change);
  return {};
}

void Controller::State::publish(const metadata::Replay::Change& change) {
  newest = change;
  for (const auto& [feed, shard] : feeds) show(*feed, shard, change);
}

void Controller::State::follow(ImageFeed& feed, ShardId shard) {
  feeds.emplace_back(&feed, shard);
  if (!newest) return;
  show(feed, shard, {newest->image, std::make_shared<const metadata::Delta>(metadata::first_delta_of(*newest->image))});
}

void Controller::State::show(ImageFeed& feed, ShardId shard, const metadata::Replay::Change& change) {
  home.mailbox.post(shard, [&feed, change] { feed.show(change.image, change.delta); });
}

Result<void> Controller::State::commit(env::Fiber& self, const metadata::RecordList& records) {
  if (records.empty()) return {};
  TRY(node->append(self, records.values()));
  return {};
}

Controller::Controller(env::Shard& home, const config::BrokerConfig& config, observe::Observer& observer,
                       observe::Log& log)
    : state_(std::make_shared<State>(home, config, observer, log)) {
  CHECK(home.mailbox.self() == ShardId{0});
}

Controller::~Controller() = default;

Result<void> Controller::start(env::Fiber& self, const quorum::Directories& directories) {
  State& state = *state_;
  const auto bootstrap = bootstrap_records();
  RandomStream ids = state.home.entropy.stream("identity");
  TRY_ASSIGN(state.identity, quorum::identify(self, state.home.disk, directories, state.config.node_id,
                                              bootstrap.values(), ids, state.home.clock.wall_now()));
  // The log is written from here on: no power loss may find it beside the mark of a clean end.
  TRY(directories.metadata->begin_use(self));
  TRY_ASSIGN(state.node, quorum::Node::open(
                             self, {state.home, state.observer, state.log, state.config, *directories.metadata, state},
                             state.identity));
  if (state.replay.in_transaction()) {
    return fail(Errc::unsupported, "the metadata log ends inside a transaction that its controller never finished");
  }
  if (!state.node->is_blank()) return {};
  TRY_ASSIGN(auto first_records, state.node->bootstrap_values(self, bootstrap.values()));
  TRY(complete_bootstrap(first_records, state.config.topic_defaults.min_insync_replicas));
  if (!first_records.empty()) TRY(state.node->append(self, first_records));
  return {};
}

const quorum::Identity& Controller::identity() const {
  return state_->identity;
}

std::int16_t Controller::kraft_version() const {
  return state_->node->kraft_version();
}

Result<void> Controller::stop(env::Fiber& self) {
  const auto held = state_->deciding.lock(self);
  state_->is_stopping = true;
  return state_->node->close(self);
}

void Controller::attach(ImageFeed& feed) {
  env::Mailbox& mailbox = feed.shard().mailbox;
  mailbox.post(ShardId{0}, [state = state_, &feed, shard = mailbox.self()] { state->follow(feed, shard); });
}

Result<std::vector<metadata::CreatedTopic>> Controller::create_topics(env::Fiber& self, ImageFeed& feed,
                                                                      metadata::CreateTopics request_body) {
  using Replies = std::vector<metadata::CreatedTopic>;
  return request<Replies>(
      self, feed, state_, [state = state_, body = std::move(request_body)](env::Fiber& fiber) -> Result<Replies> {
        const metadata::TopicDefaults defaults{
            .num_partitions = state->config.num_partitions,
            .replication_factor = static_cast<std::int16_t>(state->config.default_replication_factor),
            .topic = state->config.topic_defaults};
        auto decision = metadata::decide_create_topics(state->replay.image(), body, defaults, state->placement);
        TRY(state->commit(fiber, decision.records));
        return std::move(decision.replies);
      });
}

Result<std::vector<metadata::DeletedTopic>> Controller::delete_topics(env::Fiber& self, ImageFeed& feed,
                                                                      metadata::DeleteTopics request_body) {
  using Replies = std::vector<metadata::DeletedTopic>;
  return request<Replies>(
      self, feed, state_, [state = state_, body = std::move(request_body)](env::Fiber& fiber) -> Result<Replies> {
        auto decision = metadata::decide_delete_topics(state->replay.image(), body, state->config.delete_topic_enable);
        TRY(state->commit(fiber, decision.records));
        return std::move(decision.replies);
      });
}

Result<metadata::ProducerIdBlock> Controller::allocate_producer_ids(env::Fiber& self, ImageFeed& feed, NodeId broker,
                                                                    BrokerEpoch epoch) {
  using Block = metadata::ProducerIdBlock;
  return request<Block>(self, feed, state_, [state = state_, broker, epoch](env::Fiber& fiber) -> Result<Block> {
    TRY_ASSIGN(const auto grant, metadata::decide_allocate_producer_ids(state->replay.image(), broker, epoch));
    TRY(state->commit(fiber, grant.records));
    return grant.block;
  });
}

Result<BrokerEpoch> Controller::register_broker(env::Fiber& self, ImageFeed& feed,
                                                metadata::RegisterBroker request_body) {
  return request<BrokerEpoch>(
      self, feed, state_, [state = state_, body = std::move(request_body)](env::Fiber& fiber) -> Result<BrokerEpoch> {
        const bool has_session = state->sessions.count(body.id) > 0;
        TRY_ASSIGN(const auto registration,
                   metadata::decide_register_broker(state->replay.image(), body, state->identity.cluster_id,
                                                    state->node->log_end(), has_session));
        TRY(state->commit(fiber, registration.records));
        state->sessions.insert(body.id);
        return registration.epoch;
      });
}

Result<void> Controller::unfence_broker(env::Fiber& self, ImageFeed& feed, NodeId broker, BrokerEpoch epoch) {
  return request<void>(self, feed, state_, [state = state_, broker, epoch](env::Fiber& fiber) -> Result<void> {
    TRY_ASSIGN(const auto records, metadata::decide_unfence_broker(state->replay.image(), broker, epoch));
    return state->commit(fiber, records);
  });
}

Result<void> Controller::fence_broker(env::Fiber& self, ImageFeed& feed, NodeId broker, BrokerEpoch epoch) {
  return request<void>(self, feed, state_, [state = state_, broker, epoch](env::Fiber& fiber) -> Result<void> {
    TRY_ASSIGN(const auto records, metadata::decide_fence_broker(state->replay.image(), broker, epoch));
    return state->commit(fiber, records);
  });
}

}  // namespace gregor::controller
