#include "broker/wakefulness.h"

#include <algorithm>
#include <utility>

#include "broker/broker_shard.h"
#include "broker/controller_link.h"
#include "wire/describe_quorum.h"

namespace gregor::broker {
namespace {

/// Turns within a session: a loop that is merely slow is not taken for one that slept.
constexpr int kTurnsPerSession = 4;
/// After a sleep the timers that came due meanwhile have their say first: a controller that led before it resigns.
constexpr Milliseconds kSettling{50};
constexpr Milliseconds kHearingPause{100};

/// -1: who was asked does not lead, or does not know yet.
Offset high_watermark_in(const wire::DescribeQuorumResponse& answer) {
  if (answer.error_code != 0 || answer.topics.empty() || answer.topics[0].partitions.empty()) return kNoOffset;
  const auto& partition = answer.topics[0].partitions[0];
  return partition.error_code == 0 ? Offset{partition.high_watermark} : kNoOffset;
}

}  // namespace

void Wakefulness::begin() {
  session_ = Milliseconds(std::max(shard_.core.config.broker_session_timeout_ms, kTurnsPerSession));
  last_turn_ = shard_.shard.clock.now();
  shard_.spawn_background("wakefulness", [this](env::Fiber& self) { watch(self); });
}

void Wakefulness::watch(env::Fiber& self) {
  while (shard_.pause(self, session_ / kTurnsPerSession)) turn();
  caught_up_.wake_all();
}

void Wakefulness::turn() {
  const MonotonicTime now = shard_.shard.clock.now();
  const auto gap = std::chrono::duration_cast<Milliseconds>(now - last_turn_);
  last_turn_ = now;
  if (gap <= session_) return;
  ++sleeps_;
  goes_on_at_ = now + session_;
  shard_.core.log.warn("broker.woke_up", {{"stood_still_ms", gap.count()}, {"session_ms", session_.count()}});
  if (std::exchange(catching_up_, true)) return;
  shard_.spawn_background("catching-up", [this](env::Fiber& self) { catch_up(self); });
}

void Wakefulness::await(env::Fiber& self) {
  if (session_ == Milliseconds{0}) return;
  turn();
  while (catching_up_ && !shard_.is_stopping() && caught_up_.wait_until(self, shard_.shard.clock, goes_on_at_)) {
  }
}

void Wakefulness::catch_up(env::Fiber& self) {
  bool has_heard = false;
  bool is_wanted = shard_.pause(self, kSettling);
  while (is_wanted && !has_heard && shard_.shard.clock.now() < goes_on_at_) {
    const std::uint64_t sleeps = sleeps_;
    has_heard = hear(self);
    turn();  // what was heard before another sleep is old
    has_heard = has_heard && sleeps == sleeps_;
    if (!has_heard) is_wanted = shard_.pause(self, kHearingPause);
  }
  catching_up_ = false;
  caught_up_.wake_all();
  if (is_wanted) shard_.core.log.info("broker.caught_up", {{"controller", has_heard ? "heard" : "silent"}});
}

bool Wakefulness::hear(env::Fiber& self) {
  wire::DescribeQuorumRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic_name = "__cluster_metadata";
  topic.partitions.emplace_back();
  const auto reply = shard_.controller->call<wire::DescribeQuorumResponse>(self, request, goes_on_at_);
  if (!reply) return false;
  const Offset committed = high_watermark_in(reply->body);
  if (committed < Offset{0}) return false;
  const MonotonicTime soon = std::min<MonotonicTime>(goes_on_at_, shard_.shard.clock.now() + kHearingPause);
  return shard_.feed.wait_for(self, committed - 1, soon);
}

}  // namespace gregor::broker
