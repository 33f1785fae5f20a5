#include "scenarios/group_client.h"

#include <iterator>
#include <utility>

#include "env/clock.h"
#include "scenarios/patience.h"

namespace gregor::scenarios {
namespace {

using properties::GroupCommit;
using properties::GroupFetch;
using properties::GroupSync;
using Step = GroupSeat::Step;
using properties::HistoryPartition;
using properties::Outcome;

constexpr Milliseconds kJoinWithin{5'000};
constexpr std::int64_t kActionsMax = 12;
constexpr std::int32_t kLeaderEpochs = 50;
/// Longer than any session of a run, so that whoever was there is gone.
constexpr Milliseconds kSessionsAreOver{2'500};
/// Of a member that has no other to wait for.
constexpr Milliseconds kLonelyRebalance{60'000};
constexpr Milliseconds kLonelySession{10'000};
constexpr Milliseconds kShortSession{300};

/// Codes that promise that nothing was stored.
bool is_refusal(wire::ErrorCode code) {
  switch (code) {
    case wire::ErrorCode::illegal_generation:
    case wire::ErrorCode::unknown_member_id:
    case wire::ErrorCode::fenced_instance_id:
    case wire::ErrorCode::rebalance_in_progress:
      return true;
    default:
      return false;
  }
}

/// Any will do, also none: the group keeps what it is told.
LeaderEpoch leader_epoch_of(Offset offset) {
  return LeaderEpoch{static_cast<std::int32_t>(offset.value() % kLeaderEpochs) - 1};
}

}  // namespace

GroupClient::GroupClient(client::Cluster cluster, client::MemberSettings settings, properties::History& history,
                         std::int64_t& next_offset, UniqueFunction<MonotonicTime()> now)
    : cluster_(std::move(cluster)),
      settings_(std::move(settings)),
      history_(history),
      next_offset_(next_offset),
      now_(std::move(now)) {
  seat_.emplace(cluster_, settings_);
}

void GroupClient::vanish() {
  const bool leaves_a_life = settings_.instance_id && seat_->is_synced();
  if (leaves_a_life) former_ = Former{seat_->member_id(), seat_->generation()};
  seat_.emplace(cluster_, settings_);
}

/// True when it was told its part of a generation.
bool GroupClient::take_part(env::Fiber& self, MonotonicTime asked) {
  if (seat_->sync(self, history_) != Step::done) return false;
  GroupSync sync;
  sync.group = settings_.group_id;
  sync.member_id = seat_->member_id();
  sync.instance_id = settings_.instance_id.value_or("");
  sync.generation = seat_->generation();
  sync.assigned = seat_->assigned();
  sync.asked = asked;
  sync.at = now_();
  if (former_ && !former_->fenced_since) former_->fenced_since = sync.at;
  history_.group_syncs.push_back(std::move(sync));
  return true;
}

bool GroupClient::join(env::Fiber& self, Milliseconds within, RandomStream* random) {
  const MonotonicTime asked = now_();
  const MonotonicTime deadline = cluster_.deadline_in(within);
  while (now_() < deadline) {
    const Step joined = seat_->join(self);
    if (joined == Step::replaced) return false;
    if (joined == Step::not_now) env::sleep_for(self, cluster_.shard().clock, kRetryPause);
    if (joined == Step::told_id && random != nullptr && random->chance(1, 8)) return false;
    if (joined != Step::done) continue;
    if (random != nullptr && settings_.instance_id && random->chance(1, 4)) return false;
    if (random != nullptr && random->chance(1, 2)) {
      const std::int64_t pause_ms = random->between(0, settings_.session_timeout.count() / 2);
      env::sleep_for(self, cluster_.shard().clock, Milliseconds(pause_ms));
      if (random->chance(1, 5)) return false;
    }
    if (take_part(self, asked)) return true;
    env::sleep_for(self, cluster_.shard().clock, kRetryPause);
  }
  return false;
}

/// In the name of its own generation, or of a former life.
bool GroupClient::commit(env::Fiber& self, const HistoryPartition& partition, const Former* former) {
  const std::size_t entry = history_.group_commits.size();
  GroupCommit commit;
  commit.group = settings_.group_id;
  commit.partition = partition;
  commit.generation = former != nullptr ? former->generation : seat_->generation();
  commit.offset = Offset{next_offset_++};
  commit.leader_epoch = leader_epoch_of(commit.offset);
  commit.invoked = now_();
  if (former != nullptr) commit.fenced_since = former->fenced_since;
  history_.group_commits.push_back(commit);
  const std::string member_id = former != nullptr ? former->member_id : seat_->member_id();
  const client::Committer committer{
      .generation = commit.generation,
      .member_id = member_id,
      .instance_id = settings_.instance_id ? std::optional<std::string_view>(*settings_.instance_id) : std::nullopt};
  const auto done = client::commit_offsets(
      self, seat_->link(), committer,
      {{partition.topic, PartitionIndex{partition.partition}, commit.offset, commit.leader_epoch}});
  GroupCommit& noted = history_.group_commits[entry];
  noted.completed = now_();
  if (done) noted.outcome = Outcome::acknowledged;
  if (!done && is_refusal(done.error().code)) noted.outcome = Outcome::refused;
  return done.has_value();
}

bool GroupClient::note_committed(env::Fiber& self, client::GroupLink& link,
                                 const std::set<HistoryPartition>& partitions, properties::History& history,
                                 UniqueFunction<MonotonicTime()>& now) {
  client::Assignment wanted;
  for (const HistoryPartition& one : partitions) wanted[one.topic].push_back(one.partition);
  const MonotonicTime asked = now();
  const auto offsets = client::fetch_committed(self, link, &wanted);
  if (!offsets) return false;
  for (const HistoryPartition& one : partitions) {
    GroupFetch fetch{.group = link.group_id(), .partition = one, .offset = kNoOffset, .asked = asked, .at = now()};
    for (const client::CommittedOffset& told : *offsets) {
      if (told.topic != one.topic || told.partition.value() != one.partition) continue;
      fetch.offset = told.offset;
      fetch.leader_epoch = told.leader_epoch;
    }
    history.group_fetches.push_back(std::move(fetch));
  }
  return true;
}

bool GroupClient::act_in_peace(env::Fiber& self, RandomStream& random, std::uint64_t action) {
  const auto mine = seat_->assigned();
  if (action < 5 && !mine.empty()) {
    const auto at = std::next(mine.begin(), static_cast<std::ptrdiff_t>(random.below(mine.size())));
    const bool as_former = former_ && former_->fenced_since && random.chance(1, 3);
    static_cast<void>(commit(self, *at, as_former ? &*former_ : nullptr));
    return true;
  }
  if (action < 7 && !mine.empty()) {
    static_cast<void>(note_committed(self, seat_->link(), mine, history_, now_));
    return true;
  }
  const Step alive = seat_->heartbeat(self);
  return alive == Step::done || alive == Step::not_now;
}

bool GroupClient::act(env::Fiber& self, RandomStream& random) {
  const std::uint64_t action = random.below(12);
  if (action < 10) return act_in_peace(self, random, action);
  if (action == 10) {  // sleeps over its session, and goes on as if nothing were
    env::sleep_for(self, cluster_.shard().clock, 2 * settings_.session_timeout);
    return true;
  }
  if (random.chance(1, 2)) seat_->leave(self);
  vanish();
  return false;
}

void GroupClient::round(env::Fiber& self, RandomStream& random) {
  if (!join(self, kJoinWithin, &random)) return vanish();
  const std::int64_t actions = random.between(1, kActionsMax);
  for (std::int64_t i = 0; i < actions; ++i) {
    if (!act(self, random)) return;
    const std::int64_t pause_ms = random.between(0, settings_.session_timeout.count() / 2);
    env::sleep_for(self, cluster_.shard().clock, Milliseconds(pause_ms));
  }
}

void GroupClient::steady_round(env::Fiber& self, RandomStream& random) {
  if (!seat_->is_synced() && !join(self, kJoinWithin, nullptr)) return;
  const std::uint64_t action = random.below(10);
  if (!act_in_peace(self, random, action)) static_cast<void>(join(self, kJoinWithin, nullptr));
}

void GroupClient::settle(env::Fiber& self) {
  for (;; env::sleep_for(self, cluster_.shard().clock, kRetryPause)) {
    if (!join(self, kJoinWithin, nullptr)) {
      vanish();
      continue;
    }
    const auto mine = seat_->assigned();
    if (mine.empty() || commit(self, *mine.begin(), nullptr)) break;
  }
  seat_->leave(self);
}

void GroupClient::rebalance_alone(env::Fiber& self, client::Cluster& cluster, client::MemberSettings settings,
                                  properties::History& history, UniqueFunction<MonotonicTime()>& now) {
  settings.session_timeout = kShortSession;
  GroupSeat ghost(cluster, settings);
  while (ghost.join(self) != Step::told_id) env::sleep_for(self, cluster.shard().clock, kRetryPause);
  env::sleep_for(self, cluster.shard().clock, kSessionsAreOver);
  settings.session_timeout = kLonelySession;
  settings.rebalance_timeout = kLonelyRebalance;
  GroupSeat seat(cluster, settings);
  MonotonicTime asked = now();
  for (int generations = 0; generations < 2;) {
    const Step joined = seat.join(self);
    if (joined == Step::done && seat.sync(self, history) == Step::done) {
      if (generations == 1) history.lonely_rebalances.push_back({settings.group_id, asked, now()});
      ++generations;
      asked = now();
    } else if (joined != Step::told_id) {
      env::sleep_for(self, cluster.shard().clock, kRetryPause);
    }
  }
  seat.leave(self);
}

}  // namespace gregor::scenarios
