// Controller::State: what a controller keeps, and the way of a request to it and back. For the controller's own
// sources.
//
// Promises: as controller.h. Never touched but on shard 0, by what request() runs there.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "controller/controller.h"
#include "controller/death_watch.h"
#include "controller/snapshot_keeper.h"
#include "env/ask.h"
#include "metadata/decision.h"
#include "metadata/election_rules.h"
#include "metadata/heartbeats.h"
#include "metadata/record_list.h"
#include "metadata/replay.h"
#include "quorum/cluster_search.h"
#include "quorum/format_rule.h"
#include "quorum/node.h"

namespace gregor::controller {

/// All of it is used on shard 0 alone.
struct Controller::State final : quorum::CommitListener, std::enable_shared_from_this<Controller::State> {
  State(env::Shard& home_shard, const config::BrokerConfig& settings, observe::Observer& events, observe::Log& lines)
      : home(home_shard),
        table{&home_shard},
        config(settings),
        observer(events),
        log(lines),
        placement(home_shard.entropy.stream("topic-id")),
        search(std::make_shared<quorum::ClusterSearch>(home_shard, settings, lines)),
        snapshots(home_shard, settings, lines),
        book(Milliseconds(settings.broker_session_timeout_ms)) {}
  ~State() override {
    if (watch) watch->end();
  }

  Result<void> on_committed(const quorum::CommittedBatch& batch) override;
  Result<void> on_snapshot(const quorum::CommittedBatch& whole) override;
  void on_leadership(const quorum::Leadership& told) override;
  void publish(const metadata::Replay::Change& change);
  /// A feed and the shard that it lives on.
  void follow(ImageFeed& feed, ShardId shard);
  void show(ImageFeed& feed, ShardId shard, const metadata::Replay::Change& change);
  /// This node leads, in this epoch.
  [[nodiscard]] bool leads_in(LeaderEpoch epoch) const {
    return !is_stopping && leadership.is_ours && leadership.epoch == epoch;
  }
  /// ... and decides.
  [[nodiscard]] bool is_active() const { return active_epoch && leads_in(*active_epoch); }
  /// From a leadership to the first decision in it: the first records of a new cluster are written, what is kept beside
  /// the log begins anew, and duties are taken up. Errors: as quorum::Node::append().
  Result<void> activate(env::Fiber& self, LeaderEpoch epoch);
  Result<void> write_first_records(env::Fiber& self);
  /// Errors besides: unsupported (metadata.version).
  Result<void> abort_transaction(env::Fiber& self);
  [[nodiscard]] bool is_bootstrapped() const;
  /// Tells every shard's feed who leads.
  void publish_leader();
  [[nodiscard]] QuorumLeader told_leader() const;

  /// What the active controller does unasked until its epoch ends: it fences brokers whose sessions ended, and elects.
  void keep_duties(env::Fiber& self, LeaderEpoch epoch);
  struct Duties {
    MonotonicTime next_preferred = kForever;
    MonotonicTime next_unclean = kForever;
  };
  /// What is due now. Errors: as commit().
  Result<void> do_duties(env::Fiber& self, Duties& duties);
  Result<void> fence_silent(env::Fiber& self);
  /// The broker of this very process lives while its controller speaks: what stops one stops the other.
  void hear_own_broker();
  /// The death watch says that the process of this life of the broker is gone: its session ends now, as if it had been
  /// silent for long enough.
  void process_gone(NodeId broker, BrokerEpoch epoch);
  void begin_watch();
  [[nodiscard]] MonotonicTime next_duty(const Duties& duties) const;

  /// How empty directories are to be formatted: by the settings, or as the cluster's controllers say. Suspends. Errors:
  /// closed (the search was given up).
  Result<quorum::FormatRule> format_rule(env::Fiber& self, const quorum::Directories& directories);

  /// Commits what was decided; nothing where nothing is to be written. Requires `deciding`.
  Result<void> commit(env::Fiber& self, const metadata::RecordList& records);
  /// As commit(). What is too much for one batch is refused. Errors besides: limit.
  Result<void> commit_whole(env::Fiber& self, const metadata::RecordList& records);

  /// What topics' own settings are laid over.
  [[nodiscard]] metadata::ElectionRules election_rules() const {
    return metadata::election_rules_of(config.topic_defaults);
  }

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
  const std::shared_ptr<quorum::ClusterSearch> search;
  SnapshotKeeper snapshots;
  metadata::BrokerHeartbeats book;  ///< while it is active
  std::shared_ptr<DeathWatch> watch;
  bool own_broker_came = false;  ///< this node's broker registered in this life of it
  quorum::Leadership leadership{.epoch = kNoLeaderEpoch, .leader = std::nullopt};
  std::optional<LeaderEpoch> active_epoch;
  bool is_stopping = false;
  env::FiberMutex deciding;
  env::WaitQueue duty_called;  ///< something changed that duties depend on
  std::size_t duties = 0;      ///< fibers of keep_duties()
  env::WaitQueue duties_ended;
};

template <class Answer, class Decide>
Controller::State::Decided<Answer> Controller::State::decide(env::Fiber& self, Decide& decide) {
  const auto held = deciding.lock(self);
  if (is_stopping) return {fail(Errc::closed, "the controller has stopped"), kNoOffset};
  if (!is_active()) return {fail(Errc::closed, "this node is not the active controller"), kNoOffset};
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

template <class Reply>
using DecisionOr = Result<metadata::Decision<Reply>>;

/// For requests whose decision is a Decision<Reply>: commits its records, answers with its replies.
template <class Reply, class Decide>
Result<std::vector<Reply>> decided(env::Fiber& self, ImageFeed& feed, const std::shared_ptr<Controller::State>& state,
                                   Decide decide) {
  using Replies = std::vector<Reply>;
  return request<Replies>(self, feed, state,
                          [state, decide = std::move(decide)](env::Fiber& fiber) mutable -> Result<Replies> {
                            TRY_ASSIGN(metadata::Decision<Reply> decision, decide(*state));
                            TRY(state->commit_whole(fiber, decision.records));
                            return std::move(decision.replies);
                          });
}

}  // namespace gregor::controller
