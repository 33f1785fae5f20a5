// The controller's administrative requests: each decides from the image, commits what was decided, and answers.
#include "base/mutant.h"
#include "controller/controller_state.h"
#include "metadata/alter_configs.h"
#include "metadata/brokers.h"
#include "metadata/create_partitions.h"
#include "metadata/elect_leaders.h"

namespace gregor::controller {

namespace {

using StatePtr = std::shared_ptr<Controller::State>;

/// For requests whose decision is a Decision<Reply>: commits its records, answers with its replies. What is too much
/// for one batch is refused whole.
template <class Reply, class Decide>
Result<std::vector<Reply>> decided(env::Fiber& self, ImageFeed& feed, const StatePtr& state, Decide decide) {
  using Replies = std::vector<Reply>;
  return request<Replies>(self, feed, state,
                          [state, decide = std::move(decide)](env::Fiber& fiber) mutable -> Result<Replies> {
                            metadata::Decision<Reply> decision = decide(*state);
                            if (decision.records.bytes() > metadata::kMetadataBatchBytesMax) {
                              return fail(Errc::limit, "the request needs more metadata than one batch may hold");
                            }
                            if (MUTANT(decision_answered_before_commit)) {
                              state->home.fibers.spawn("late", [state, late = decision.records](env::Fiber& later) {
                                const auto held = state->deciding.lock(later);
                                static_cast<void>(state->commit(later, late).has_value());
                              });
                              return std::move(decision.replies);
                            }
                            TRY(state->commit(fiber, decision.records));
                            return std::move(decision.replies);
                          });
}

}  // namespace

Result<std::vector<metadata::CreatedPartitions>> Controller::create_partitions(env::Fiber& self, ImageFeed& feed,
                                                                               metadata::CreatePartitions asked) {
  return decided<metadata::CreatedPartitions>(self, feed, state_, [asked = std::move(asked)](State& state) {
    return metadata::decide_create_partitions(state.replay.image(), asked, state.placement);
  });
}

Result<std::vector<metadata::ElectedLeaders>> Controller::elect_leaders(env::Fiber& self, ImageFeed& feed,
                                                                        metadata::ElectLeaders asked) {
  return decided<metadata::ElectedLeaders>(self, feed, state_, [asked = std::move(asked)](State& state) {
    return metadata::decide_elect_leaders(state.replay.image(), asked);
  });
}

Result<std::vector<metadata::AlteredConfigs>> Controller::alter_configs(env::Fiber& self, ImageFeed& feed,
                                                                        metadata::AlterConfigs asked) {
  return decided<metadata::AlteredConfigs>(self, feed, state_, [asked = std::move(asked)](State& state) {
    return metadata::decide_alter_configs(state.replay.image(), asked, state.config);
  });
}

Result<std::vector<metadata::AlteredClientQuotas>> Controller::alter_client_quotas(env::Fiber& self, ImageFeed& feed,
                                                                                   metadata::AlterClientQuotas asked) {
  return decided<metadata::AlteredClientQuotas>(self, feed, state_, [asked = std::move(asked)](State& state) {
    return metadata::decide_alter_client_quotas(state.replay.image(), asked);
  });
}

Result<std::vector<metadata::AlteredScramCredential>> Controller::alter_scram_credentials(
    env::Fiber& self, ImageFeed& feed, metadata::AlterScramCredentials asked) {
  return decided<metadata::AlteredScramCredential>(self, feed, state_, [asked = std::move(asked)](State& state) {
    return metadata::decide_alter_scram_credentials(state.replay.image(), asked);
  });
}

Result<void> Controller::update_features(env::Fiber& self, ImageFeed& feed,
                                         std::vector<metadata::FeatureUpdate> updates, bool validate_only) {
  return request<void>(
      self, feed, state_,
      [state = state_, updates = std::move(updates), validate_only](env::Fiber& fiber) -> Result<void> {
        TRY_ASSIGN(const auto records,
                   metadata::decide_update_features(state->replay.image(), updates,
                                                    state->config.topic_defaults.min_insync_replicas));
        return validate_only ? Result<void>{} : state->commit(fiber, records);
      });
}

Result<void> Controller::unregister_broker(env::Fiber& self, ImageFeed& feed, NodeId broker) {
  return request<void>(self, feed, state_, [state = state_, broker](env::Fiber& fiber) -> Result<void> {
    TRY_ASSIGN(const auto records, metadata::decide_unregister_broker(state->replay.image(), broker));
    if (state->sessions.contains(broker)) {
      return fail(Errc::exists, "broker " + std::to_string(broker.value()) + " is at work: stop it first");
    }
    return state->commit(fiber, records);
  });
}

Result<QuorumStanding> Controller::describe_quorum(env::Fiber& self, ImageFeed& feed) {
  return request<QuorumStanding>(self, feed, state_, [state = state_](env::Fiber&) -> Result<QuorumStanding> {
    const quorum::Node& node = *state->node;
    return QuorumStanding{.leader = state->config.node_id,
                          .epoch = node.epoch(),
                          .high_watermark = node.high_watermark(),
                          .log_end = node.log_end(),
                          .directory_id = node.kraft_version() > 0 ? state->identity.metadata_directory_id : Uuid{}};
  });
}

}  // namespace gregor::controller
