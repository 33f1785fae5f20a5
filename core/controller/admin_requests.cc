// The controller's administrative requests: each decides from the image, commits what was decided, and answers.
#include "controller/controller_state.h"
#include "metadata/alter_configs.h"
#include "metadata/brokers.h"
#include "metadata/create_partitions.h"
#include "metadata/create_topics.h"
#include "metadata/delete_topics.h"
#include "metadata/elect_leaders.h"

namespace gregor::controller {

Result<std::vector<metadata::CreatedTopic>> Controller::create_topics(env::Fiber& self, ImageFeed& feed,
                                                                      metadata::CreateTopics asked) {
  using Replies = std::vector<metadata::CreatedTopic>;
  return request<Replies>(
      self, feed, state_, [state = state_, asked = std::move(asked)](env::Fiber& fiber) -> Result<Replies> {
        const metadata::TopicDefaults defaults{
            .num_partitions = state->config.num_partitions,
            .replication_factor = static_cast<std::int16_t>(state->config.default_replication_factor),
            .topic = state->config.topic_defaults};
        auto decision = metadata::decide_create_topics(state->replay.image(), asked, defaults, state->placement);
        TRY(state->commit(fiber, decision.records));
        return std::move(decision.replies);
      });
}

Result<std::vector<metadata::DeletedTopic>> Controller::delete_topics(env::Fiber& self, ImageFeed& feed,
                                                                      metadata::DeleteTopics asked) {
  using Replies = std::vector<metadata::DeletedTopic>;
  return request<Replies>(
      self, feed, state_, [state = state_, asked = std::move(asked)](env::Fiber& fiber) -> Result<Replies> {
        auto decision = metadata::decide_delete_topics(state->replay.image(), asked, state->config.delete_topic_enable);
        TRY(state->commit(fiber, decision.records));
        return std::move(decision.replies);
      });
}

Result<std::vector<metadata::CreatedPartitions>> Controller::create_partitions(env::Fiber& self, ImageFeed& feed,
                                                                               metadata::CreatePartitions asked) {
  return decided<metadata::CreatedPartitions>(
      self, feed, state_, [asked = std::move(asked)](State& state) -> DecisionOr<metadata::CreatedPartitions> {
        return metadata::decide_create_partitions(state.replay.image(), asked, state.placement);
      });
}

Result<std::vector<metadata::ElectedLeaders>> Controller::elect_leaders(env::Fiber& self, ImageFeed& feed,
                                                                        metadata::ElectLeaders asked) {
  return decided<metadata::ElectedLeaders>(
      self, feed, state_, [asked = std::move(asked)](State& state) -> DecisionOr<metadata::ElectedLeaders> {
        return metadata::decide_elect_leaders(state.replay.image(), state.election_rules(), asked);
      });
}

Result<std::vector<metadata::AlteredConfigs>> Controller::alter_configs(env::Fiber& self, ImageFeed& feed,
                                                                        metadata::AlterConfigs asked) {
  return decided<metadata::AlteredConfigs>(
      self, feed, state_, [asked = std::move(asked)](State& state) -> DecisionOr<metadata::AlteredConfigs> {
        return metadata::decide_alter_configs(state.replay.image(), asked, state.config);
      });
}

Result<std::vector<metadata::AlteredClientQuotas>> Controller::alter_client_quotas(env::Fiber& self, ImageFeed& feed,
                                                                                   metadata::AlterClientQuotas asked) {
  return decided<metadata::AlteredClientQuotas>(
      self, feed, state_, [asked = std::move(asked)](State& state) -> DecisionOr<metadata::AlteredClientQuotas> {
        return metadata::decide_alter_client_quotas(state.replay.image(), asked);
      });
}

Result<std::vector<metadata::AlteredScramCredential>> Controller::alter_scram_credentials(
    env::Fiber& self, ImageFeed& feed, metadata::AlterScramCredentials asked) {
  return decided<metadata::AlteredScramCredential>(
      self, feed, state_, [asked = std::move(asked)](State& state) -> DecisionOr<metadata::AlteredScramCredential> {
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
    TRY_ASSIGN(const auto records,
               metadata::decide_unregister_broker(state->replay.image(), state->election_rules(), broker));
    // This node's own former life is over, whatever is left of its session.
    const bool may_live = broker != state->config.node_id || state->own_broker_came;
    if (may_live && state->book.has_session(state->replay.image(), broker, state->home.clock.now())) {
      return fail(Errc::exists, "broker " + std::to_string(broker.value()) + " is at work: stop it first");
    }
    TRY(state->commit(fiber, records));
    state->book.forget(broker);
    return {};
  });
}

Result<std::vector<metadata::AlteredReassignments>> Controller::alter_reassignments(
    env::Fiber& self, ImageFeed& feed, metadata::AlterReassignments asked) {
  return decided<metadata::AlteredReassignments>(
      self, feed, state_, [asked = std::move(asked)](State& state) -> DecisionOr<metadata::AlteredReassignments> {
        return metadata::decide_alter_reassignments(state.replay.image(), state.election_rules(), asked);
      });
}

Result<std::vector<metadata::OngoingReassignments>> Controller::list_reassignments(
    env::Fiber& self, ImageFeed& feed, std::optional<std::vector<metadata::AskedReassignments>> asked) {
  using Ongoing = std::vector<metadata::OngoingReassignments>;
  return request<Ongoing>(self, feed, state_,
                          [state = state_, asked = std::move(asked)](env::Fiber&) -> Result<Ongoing> {
                            return metadata::list_reassignments(state->replay.image(), asked);
                          });
}

}  // namespace gregor::controller
