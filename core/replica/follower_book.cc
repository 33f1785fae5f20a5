#include "replica/follower_book.h"

#include <algorithm>

#include "base/mutant.h"

namespace gregor::replica {

namespace {

bool holds(std::span<const NodeId> nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

}  // namespace

void FollowerBook::begin_epoch(std::span<const NodeId> followers, std::span<const NodeId> isr, MonotonicTime now) {
  if (!MUTANT(followers_outlive_epoch)) followers_.clear();
  set_followers(followers);
  for (auto& [replica, follower] : followers_) {
    if (holds(isr, replica)) follower.caught_up_at = now;
  }
}

void FollowerBook::set_followers(std::span<const NodeId> followers) {
  std::erase_if(followers_, [&](const auto& entry) { return !holds(followers, entry.first); });
  for (const NodeId replica : followers) followers_.try_emplace(replica);
}

bool FollowerBook::note(const FollowerFetch& fetch, Offset leader_end, MonotonicTime now) {
  const auto found = followers_.find(fetch.replica);
  if (found == followers_.end()) return false;
  FollowerState& follower = found->second;
  if (fetch.broker_epoch != kNoBrokerEpoch && fetch.broker_epoch < follower.broker_epoch) return false;
  // Who has reached where the leader stood at the last fetch was caught up then, though the leader went on since.
  std::optional<MonotonicTime> caught_up_at;
  if (fetch.offset >= leader_end) {
    caught_up_at = now;
  } else if (follower.fetched_at && fetch.offset >= follower.leader_end_at_fetch) {
    caught_up_at = follower.fetched_at;
  }
  if (caught_up_at) follower.caught_up_at = std::max(follower.caught_up_at.value_or(*caught_up_at), *caught_up_at);
  follower.end_offset = fetch.offset;
  follower.log_start = fetch.log_start;
  follower.broker_epoch = fetch.broker_epoch;
  follower.leader_end_at_fetch = std::max(follower.leader_end_at_fetch, leader_end);
  follower.fetched_at = now;
  follower.asks_in = true;
  return true;
}

void FollowerBook::silence(NodeId replica) {
  const auto found = followers_.find(replica);
  if (found != followers_.end()) found->second.asks_in = false;
}

const FollowerState* FollowerBook::find(NodeId replica) const {
  const auto found = followers_.find(replica);
  return found == followers_.end() ? nullptr : &found->second;
}

Offset FollowerBook::end_offset(NodeId replica) const {
  const FollowerState* follower = find(replica);
  return follower == nullptr ? kNoOffset : follower->end_offset;
}

bool FollowerBook::is_caught_up(NodeId replica, Offset leader_end, MonotonicTime now, Nanoseconds lag_max) const {
  const FollowerState* follower = find(replica);
  if (follower == nullptr) return false;
  if (follower->end_offset == leader_end) return true;
  return follower->caught_up_at && now - *follower->caught_up_at <= lag_max;
}

}  // namespace gregor::replica
