#include "controller/controller.h"

#include <utility>

#include "base/check.h"
#include "base/mutant.h"
#include "controller/bootstrap.h"
#include "controller/controller_state.h"
#include "metadata/first_delta.h"

namespace gregor::controller {

Result<void> Controller::State::on_committed(const quorum::CommittedBatch& batch) {
  TRY(replay.apply_batch(batch.values, batch.last_offset, batch.epoch));
  if (auto change = replay.take_change()) publish(*change);
  snapshots.committed(batch);
  return {};
}

Result<void> Controller::State::on_snapshot(const quorum::CommittedBatch& whole) {
  TRY(replay.load_snapshot(whole.values, whole.last_offset, whole.epoch));
  if (auto change = replay.take_change()) publish(*change);
  snapshots.loaded(whole);
  return {};
}

void Controller::State::publish(const metadata::Replay::Change& change) {
  newest = change;
  if (watch) watch->show(*change.image);
  for (const auto& [feed, shard] : feeds) show(*feed, shard, change);
}

void Controller::State::follow(ImageFeed& feed, ShardId shard) {
  feeds.emplace_back(&feed, shard);
  home.mailbox.post(shard, [&feed, leader = told_leader()] { feed.show_leader(leader); });
  if (!newest) return;
  show(feed, shard, {newest->image, std::make_shared<const metadata::Delta>(metadata::first_delta_of(*newest->image))});
}

void Controller::State::show(ImageFeed& feed, ShardId shard, const metadata::Replay::Change& change) {
  home.mailbox.post(shard, [&feed, change] { feed.show(change.image, change.delta); });
}

Result<void> Controller::State::commit(env::Fiber& self, const metadata::RecordList& records) {
  if (records.empty()) return {};
  auto appended = node->append(self, records.values());
  if (appended) return {};
  Error& error = appended.error();
  if (error.code == Errc::stale || error.code == Errc::timed_out) error.code = Errc::closed;  // D1
  return fail(std::move(error));
}

Result<void> Controller::State::commit_whole(env::Fiber& self, const metadata::RecordList& records) {
  if (records.bytes() > metadata::kMetadataBatchBytesMax) {
    return fail(Errc::limit, "the request needs more metadata than one batch may hold");
  }
  if (MUTANT(decision_answered_before_commit)) {
    home.fibers.spawn("late", [state = shared_from_this(), late = records](env::Fiber& later) {
      const auto held = state->deciding.lock(later);
      static_cast<void>(state->commit(later, late).has_value());
    });
    return {};
  }
  return commit(self, records);
}

Result<quorum::FormatRule> Controller::State::format_rule(env::Fiber& self, const quorum::Directories& directories) {
  if (directories.metadata->meta()) return quorum::FormatRule{};
  const bool is_told_new = !config.gregor_initial_cluster.empty() || config.gregor_initial_standalone;
  if (is_told_new && !config.is_alone()) {
    if (const auto living = quorum::find_living_cluster(self, home, config)) {
      log.warn("cluster.lives",
               {{"cluster_id", *living},
                {"hint",
                 "gregor.initial.* is for clusters that never lived, this one does: this node's empty directories join "
                 "it, and vote once they have caught up (or were added, where the log names the voters)"}});
      return quorum::FormatRule{.may_vote = false, .cluster_id = *living};
    }
  }
  if (config.gregor_initial_standalone) {
    quorum::FormatRule first{.begins_quorum = true};
    if (!config.gregor_initial_cluster.empty()) first.cluster_id = config.gregor_initial_cluster;
    return first;
  }
  if (!config.gregor_initial_cluster.empty()) {
    return quorum::FormatRule{.may_vote = config.is_alone(), .cluster_id = config.gregor_initial_cluster};
  }
  if (config.is_alone()) return quorum::FormatRule{};
  auto found = search->find(self);
  if (!found) return fail(Errc::closed, "no controller had said which cluster this is");
  return quorum::FormatRule{.may_vote = false, .cluster_id = std::move(*found)};
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
  TRY_ASSIGN(const quorum::FormatRule rule, state.format_rule(self, directories));
  TRY_ASSIGN(state.identity, quorum::identify(self, state.home.disk, directories, state.config.node_id,
                                              bootstrap.values(), ids, state.home.clock.wall_now(), rule));
  state.begin_watch();
  // The log is written from here on: no power loss may find it beside the mark of a clean end.
  TRY(directories.metadata->begin_use(self));
  TRY_ASSIGN(state.node, quorum::Node::open(
                             self, {state.home, state.observer, state.log, state.config, *directories.metadata, state},
                             state.identity));
  state.home.fibers.spawn("snapshots", [held = state_](env::Fiber& fiber) {
    held->snapshots.run(fiber, *held->node, [&held] { return held->newest ? held->newest->image : nullptr; });
  });
  return state.leadership.is_ours ? state.activate(self, state.leadership.epoch) : Result<void>{};
}

void Controller::give_up_search() {
  state_->search->give_up();
}

const quorum::Identity& Controller::identity() const {
  return state_->identity;
}

quorum::Service& Controller::quorum_service() {
  return state_->node->service();
}

bool Controller::is_sole_voter() const {
  const raft::Fsm& fsm = state_->node->fsm();
  return fsm.voters().size() == 1 && fsm.is_voter();
}

std::int16_t Controller::kraft_version() const {
  return state_->node->kraft_version();
}

Result<void> Controller::stop(env::Fiber& self) {
  State& state = *state_;
  const auto close = [&]() -> Result<void> {
    const auto held = state.deciding.lock(self);
    state.is_stopping = true;
    state.snapshots.stop();
    state.watch->end();
    return state.node->close(self);
  };
  const Result<void> closed = close();
  state.duty_called.wake_all();
  while (state.duties > 0) state.duties_ended.wait(self);
  state.watch->stop(self);
  return closed;
}

void Controller::attach(ImageFeed& feed) {
  env::Mailbox& mailbox = feed.shard().mailbox;
  mailbox.post(ShardId{0}, [state = state_, &feed, shard = mailbox.self()] { state->follow(feed, shard); });
}

}  // namespace gregor::controller
