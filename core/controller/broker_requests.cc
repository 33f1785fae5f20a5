// The controller's requests of brokers: their lives (register, heartbeat, fence), what their partitions and directories
// become, and blocks of producer ids.
#include <algorithm>

#include "controller/controller_state.h"
#include "metadata/brokers.h"
#include "metadata/controllers.h"
#include "metadata/producer_ids.h"

namespace gregor::controller {

namespace {

/// A heartbeat of this life is overdue, by half an interval: a process that lives and reaches us is never that late.
bool missed_a_heartbeat(const Controller::State& state, const metadata::BrokerRegistration& broker) {
  const Nanoseconds overdue = Milliseconds(state.config.broker_heartbeat_interval_ms) * 3 / 2;
  const auto heard = state.book.last_heard(broker);
  return heard && state.home.clock.now() - *heard > overdue;
}

bool are_same(std::vector<Uuid> directories, std::vector<Uuid> others) {
  std::sort(directories.begin(), directories.end());
  std::sort(others.begin(), others.end());
  return directories == others;
}

/// Another process of the same broker, which listens where the former did. Where its connection to us ended, the former
/// lost its port and is over. A machine that lost power ends no connection; but then who comes back has the former's
/// directories too, which one process at a time can lock, and the former is silent. (Kafka's controller lets it wait
/// for the end of the session.)
bool replaces_a_dead_process(const Controller::State& state, const metadata::RegisterBroker& asked) {
  const metadata::BrokerRegistration* former = state.replay.image().find_broker(asked.id);
  if (former == nullptr || former->incarnation_id == asked.incarnation_id || former->listeners != asked.listeners) {
    return false;
  }
  if (state.watch->has_ended_unheard(asked.id, former->epoch)) return true;
  return are_same(former->log_dirs, asked.log_dirs) && missed_a_heartbeat(state, *former);
}

/// The registered incarnation lives, so that no other may take its id. This node's own former life is over for sure:
/// its broker is registered by this very process.
bool is_id_taken(const Controller::State& state, const metadata::RegisterBroker& asked) {
  if (asked.id == state.config.node_id && !state.own_broker_came) return false;
  if (replaces_a_dead_process(state, asked)) return false;
  return state.book.has_session(state.replay.image(), asked.id, state.home.clock.now());
}

}  // namespace

Result<BrokerEpoch> Controller::register_broker(env::Fiber& self, ImageFeed& feed, metadata::RegisterBroker asked) {
  return request<BrokerEpoch>(
      self, feed, state_, [state = state_, body = std::move(asked)](env::Fiber& fiber) -> Result<BrokerEpoch> {
        TRY_ASSIGN(const auto registration,
                   metadata::decide_register_broker(state->replay.image(), state->election_rules(), body,
                                                    state->identity.cluster_id, state->node->log_end(),
                                                    is_id_taken(*state, body)));
        TRY(state->commit(fiber, registration.records));
        if (body.id == state->config.node_id) state->own_broker_came = true;
        state->book.registered(body.id, registration.epoch, state->home.clock.now());
        state->duty_called.wake_all();
        return registration.epoch;
      });
}

Result<HeartbeatReply> Controller::broker_heartbeat(env::Fiber& self, ImageFeed& feed,
                                                    metadata::BrokerHeartbeat asked) {
  return request<HeartbeatReply>(
      self, feed, state_, [state = state_, body = std::move(asked)](env::Fiber& fiber) -> Result<HeartbeatReply> {
        TRY_ASSIGN(const auto decision, metadata::decide_broker_heartbeat(state->replay.image(), state->book,
                                                                          state->election_rules(), body));
        TRY(state->commit(fiber, decision.records));
        state->book.took(body, decision, state->node->log_end() - 1, state->home.clock.now());
        state->watch->heard(body.id, body.epoch);
        if (!decision.records.empty()) state->duty_called.wake_all();
        return HeartbeatReply{.is_caught_up = decision.is_caught_up,
                              .is_fenced = decision.is_fenced,
                              .should_shut_down = decision.should_shut_down};
      });
}

Result<std::vector<metadata::AlteredPartitions>> Controller::alter_partition(env::Fiber& self, ImageFeed& feed,
                                                                             metadata::AlterPartition asked) {
  return decided<metadata::AlteredPartitions>(self, feed, state_, [asked = std::move(asked)](State& state) {
    return metadata::decide_alter_partition(state.replay.image(), state.election_rules(), asked);
  });
}

Result<std::vector<metadata::AssignedReplicas>> Controller::assign_replicas(env::Fiber& self, ImageFeed& feed,
                                                                            metadata::AssignReplicas asked) {
  return decided<metadata::AssignedReplicas>(self, feed, state_, [asked = std::move(asked)](State& state) {
    return metadata::decide_assign_replicas(state.replay.image(), state.election_rules(), asked);
  });
}

Result<void> Controller::register_controller(env::Fiber& self, ImageFeed& feed,
                                             metadata::ControllerRegistration asked) {
  return request<void>(
      self, feed, state_, [state = state_, body = std::move(asked)](env::Fiber& fiber) -> Result<void> {
        TRY_ASSIGN(const auto records, metadata::decide_register_controller(state->replay.image(), body));
        return state->commit(fiber, records);
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

Result<void> Controller::unfence_broker(env::Fiber& self, ImageFeed& feed, NodeId broker, BrokerEpoch epoch) {
  return request<void>(self, feed, state_, [state = state_, broker, epoch](env::Fiber& fiber) -> Result<void> {
    TRY_ASSIGN(const auto records,
               metadata::decide_unfence_broker(state->replay.image(), state->election_rules(), broker, epoch));
    TRY(state->commit(fiber, records));
    state->duty_called.wake_all();
    return {};
  });
}

Result<void> Controller::fence_broker(env::Fiber& self, ImageFeed& feed, NodeId broker, BrokerEpoch epoch) {
  return request<void>(self, feed, state_, [state = state_, broker, epoch](env::Fiber& fiber) -> Result<void> {
    TRY_ASSIGN(const auto records,
               metadata::decide_fence_broker(state->replay.image(), state->election_rules(), broker, epoch));
    return state->commit(fiber, records);
  });
}

}  // namespace gregor::controller
