#include "scenarios/group_client.h"

#include <utility>

#include "env/clock.h"

namespace gregor::scenarios {
namespace {

using properties::GroupCommit;
using properties::GroupFetch;
using properties::GroupSync;
using properties::HistoryPartition;
using properties::Outcome;

constexpr Milliseconds kJoinWithin{5'000};
constexpr Milliseconds kRetryPause{50};
constexpr std::int64_t kActionsMax = 12;

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

}  // namespace

GroupClient::GroupClient(client::Cluster cluster, client::MemberSettings settings, properties::History& history,
                         std::int64_t& next_offset, UniqueFunction<MonotonicTime()> now)
    : cluster_(std::move(cluster)),
      settings_(std::move(settings)),
      history_(history),
      next_offset_(next_offset),
      now_(std::move(now)) {
  vanish();
}

void GroupClient::vanish() {
  member_.emplace(cluster_, settings_);
}

std::set<HistoryPartition> GroupClient::assigned() const {
  std::set<HistoryPartition> all;
  for (const auto& [topic, partitions] : member_->assignment()) {
    for (const std::int32_t partition : partitions) all.insert({topic, partition});
  }
  return all;
}

bool GroupClient::join(env::Fiber& self, Milliseconds within) {
  const MonotonicTime asked = now_();
  if (!member_->join(self, cluster_.deadline_in(within))) return false;
  GroupSync sync;
  sync.group = settings_.group_id;
  sync.member_id = member_->member_id();
  sync.instance_id = settings_.instance_id.value_or("");
  sync.generation = member_->generation();
  sync.assigned = assigned();
  sync.asked = asked;
  sync.at = now_();
  history_.group_syncs.push_back(std::move(sync));
  return true;
}

bool GroupClient::commit(env::Fiber& self, const HistoryPartition& partition) {
  const std::size_t entry = history_.group_commits.size();
  GroupCommit commit;
  commit.group = settings_.group_id;
  commit.partition = partition;
  commit.generation = member_->generation();
  commit.offset = Offset{next_offset_++};
  commit.invoked = now_();
  history_.group_commits.push_back(commit);
  const auto done = member_->commit(self, {{partition.topic, PartitionIndex{partition.partition}, commit.offset}});
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
      if (told.topic == one.topic && told.partition.value() == one.partition) fetch.offset = told.offset;
    }
    history.group_fetches.push_back(std::move(fetch));
  }
  return true;
}

bool GroupClient::act(env::Fiber& self, RandomStream& random) {
  const std::uint64_t action = random.below(12);
  const auto mine = assigned();
  if (action < 5 && !mine.empty()) {
    const auto at = std::next(mine.begin(), static_cast<std::ptrdiff_t>(random.below(mine.size())));
    static_cast<void>(commit(self, *at));
    return true;
  }
  if (action < 7 && !mine.empty()) {
    static_cast<void>(note_committed(self, member_->link(), mine, history_, now_));
    return true;
  }
  if (action < 10) {
    const auto alive = member_->heartbeat(self);
    return !alive || *alive;
  }
  if (action == 10) {  // sleeps over its session, and goes on as if nothing were
    env::sleep_for(self, cluster_.shard().clock, 2 * settings_.session_timeout);
    return true;
  }
  if (random.chance(1, 2)) member_->leave(self);
  vanish();
  return false;
}

void GroupClient::round(env::Fiber& self, RandomStream& random) {
  if (!join(self, kJoinWithin)) return vanish();
  const std::int64_t actions = random.between(1, kActionsMax);
  for (std::int64_t i = 0; i < actions; ++i) {
    if (!act(self, random)) return;
    const std::int64_t pause_ms = random.between(0, settings_.session_timeout.count() / 2);
    env::sleep_for(self, cluster_.shard().clock, Milliseconds(pause_ms));
  }
}

void GroupClient::settle(env::Fiber& self) {
  for (;; env::sleep_for(self, cluster_.shard().clock, kRetryPause)) {
    if (!join(self, kJoinWithin)) continue;
    const auto mine = assigned();
    if (mine.empty() || commit(self, *mine.begin())) break;
  }
  member_->leave(self);
}

}  // namespace gregor::scenarios
