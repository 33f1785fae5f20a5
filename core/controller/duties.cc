// What the active controller does unasked: brokers that fell silent are fenced, leaderships go back to preferred
// replicas, and where a topic allows it leaderless partitions get a leader that may lack records.
#include <algorithm>

#include "controller/controller_state.h"
#include "metadata/periodic_elections.h"

namespace gregor::controller {

namespace {

/// A duty that could not be done (the disk is full) is tried again.
constexpr Milliseconds kDutyRetry{1000};

MonotonicTime from_now(const env::Clock& clock, Milliseconds interval) {
  return clock.now() + std::max(interval, Milliseconds{1});
}

}  // namespace

MonotonicTime Controller::State::next_duty(const Duties& duties_due) const {
  const MonotonicTime next = std::min(duties_due.next_preferred, duties_due.next_unclean);
  const auto expiry = book.next_expiry(replay.image());
  return expiry ? std::min(next, *expiry) : next;
}

void Controller::State::hear_own_broker() {
  const metadata::BrokerRegistration* own = replay.image().find_broker(config.node_id);
  if (own != nullptr && own_broker_came) book.registered(own->id, own->epoch, home.clock.now());
}

void Controller::State::begin_watch() {
  watch = std::make_shared<DeathWatch>(home, config, [weak = weak_from_this()](NodeId broker, BrokerEpoch epoch) {
    if (const auto state = weak.lock()) state->process_gone(broker, epoch);
  });
}

void Controller::State::process_gone(NodeId broker, BrokerEpoch epoch) {
  const metadata::BrokerRegistration* registered = replay.image().find_broker(broker);
  if (!is_active() || registered == nullptr || registered->epoch != epoch || registered->fenced) return;
  if (book.has_session(replay.image(), broker, home.clock.now())) {
    log.warn("broker.process_gone", {{"broker_id", broker.value()}, {"broker_epoch", epoch.value()}});
  }
  book.lost(broker);
  duty_called.wake_all();
}

Result<void> Controller::State::fence_silent(env::Fiber& self) {
  hear_own_broker();
  const auto sessions = metadata::decide_expired_sessions(replay.image(), book, election_rules(), home.clock.now());
  TRY(commit(self, sessions.records));
  for (const NodeId broker : sessions.brokers) log.warn("broker.session_ended", {{"broker_id", broker.value()}});
  return {};
}

Result<void> Controller::State::do_duties(env::Fiber& self, Duties& due) {
  TRY(fence_silent(self));
  const MonotonicTime now = home.clock.now();
  if (now >= due.next_preferred) {
    const auto elections = metadata::decide_preferred_leaders(replay.image(), election_rules());
    TRY(commit(self, elections.records));
    if (!elections.may_have_more) {
      due.next_preferred = from_now(home.clock, std::chrono::seconds(config.leader_imbalance_check_interval_seconds));
    }
  }
  if (now >= due.next_unclean) {
    const auto elections = metadata::decide_unclean_leaders(replay.image(), election_rules());
    TRY(commit(self, elections.records));
    if (!elections.may_have_more) {
      due.next_unclean = from_now(home.clock, Milliseconds(config.unclean_leader_election_interval_ms));
    }
  }
  return {};
}

void Controller::State::keep_duties(env::Fiber& self, LeaderEpoch epoch) {
  Duties due;
  if (config.auto_leader_rebalance_enable) {
    due.next_preferred = from_now(home.clock, std::chrono::seconds(config.leader_imbalance_check_interval_seconds));
  }
  due.next_unclean = from_now(home.clock, Milliseconds(config.unclean_leader_election_interval_ms));
  while (leads_in(epoch)) {
    const MonotonicTime next = next_duty(due);
    if (home.clock.now() < next) {
      duty_called.wait_until(self, home.clock, next);
      continue;
    }
    const auto held = deciding.lock(self);
    if (!leads_in(epoch)) return;
    if (const auto done = do_duties(self, due); !done) {
      if (!leads_in(epoch)) return;
      log.warn("controller.duty_failed", {{"error", done.error().text}});
      duty_called.wait_until(self, home.clock, home.clock.now() + kDutyRetry);
    }
  }
}

}  // namespace gregor::controller
