// Controller::State: what a controller keeps, and the way of a request to it and back. For the controller's own
// sources.
//
// Promises: as controller.h. Never touched but on shard 0, by what request() runs there.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "controller/controller.h"
#include "env/ask.h"
#include "metadata/record_list.h"
#include "metadata/replay.h"
#include "quorum/node.h"

namespace gregor::controller {

/// All of it is used on shard 0 alone.
struct Controller::State final : quorum::CommitListener {
  State(env::Shard& home_shard, const config::BrokerConfig& settings, observe::Observer& events, observe::Log& lines)
      : home(home_shard),
        table{&home_shard},
        config(settings),
        observer(events),
        log(lines),
        placement(home_shard.entropy.stream("topic-id")) {}

  Result<void> on_committed(const quorum::CommittedBatch& batch) override;
  void publish(const metadata::Replay::Change& change);
  /// A feed and the shard that it lives on.
  void follow(ImageFeed& feed, ShardId shard);
  void show(ImageFeed& feed, ShardId shard, const metadata::Replay::Change& change);
  /// Commits what was decided; nothing where nothing is to be written. Requires `deciding`.
  Result<void> commit(env::Fiber& self, const metadata::RecordList& records);

  /// What a decision answers, and the offset that the asker's image must have before it leaves.
  template <class Answer>
  struct Decided {
    Result<Answer> answer;
    Offset offset;
  };
  template <class Answer, class Decide>
  Decided<Answer> decide(env::Fiber& self, Decide& decide);

  env::Shard& home;
  const env::ShardTable table;  ///< shard 0, for those who ask it
  const config::BrokerConfig& config;
  observe::Observer& observer;
  observe::Log& log;
  quorum::Identity identity;
  std::unique_ptr<quorum::Node> node;
  metadata::Replay replay;
  std::optional<metadata::Replay::Change> newest;
  std::vector<std::pair<ImageFeed*, ShardId>> feeds;
  RandomStream placement;
  std::set<NodeId> sessions;  ///< brokers that this life has heard of
  bool is_stopping = false;
  env::FiberMutex deciding;
};

template <class Answer, class Decide>
Controller::State::Decided<Answer> Controller::State::decide(env::Fiber& self, Decide& decide) {
  const auto held = deciding.lock(self);
  if (is_stopping) return {fail(Errc::closed, "the controller has stopped"), kNoOffset};
  CHECK(!replay.in_transaction());
  Result<Answer> answer = decide(self);
  return {std::move(answer), replay.image().offset()};
}

/// Runs `work(fiber)` on shard 0, on a fiber of its own there too: what becomes of a decision whose asker is cancelled
/// must not depend on the shard that the asker was on.
template <class Work>
auto run_at_home(env::Fiber& self, env::Shard& here, const Controller::State& state, Work work) {
  using Answer = std::invoke_result_t<Work&, env::Fiber&>;
  if (&here != &state.home) return env::ask(self, here, state.table, ShardId{0}, std::move(work));
  const auto promise = std::make_shared<env::Promise<Answer>>();
  here.fibers.spawn("decision",
                    [promise, work = std::move(work)](env::Fiber& fiber) mutable { promise->set(work(fiber)); });
  return promise->await(self);
}

/// Runs `decide(fiber)` on shard 0 when all decisions before it are committed, and returns its answer once `feed` shows
/// what it wrote.
template <class Answer, class Decide>
Result<Answer> request(env::Fiber& self, ImageFeed& feed, const std::shared_ptr<Controller::State>& state,
                       Decide decide) {
  auto decided =
      run_at_home(self, feed.shard(), *state, [state, decide = std::move(decide)](env::Fiber& fiber) mutable {
        return state->template decide<Answer>(fiber, decide);
      });
  feed.wait_for(self, decided.offset);
  return std::move(decided.answer);
}

}  // namespace gregor::controller
