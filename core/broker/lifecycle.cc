#include "broker/lifecycle.h"

#include <algorithm>
#include <utility>

#include "broker/registration_parts.h"

namespace gregor::broker {
namespace {

using wire::ErrorCode;

/// Between two tries to register, and two heartbeats of a broker that leaves.
constexpr Milliseconds kRegistrationRetry{200};
constexpr Milliseconds kLeavingPause{50};
/// How long one try to leave may take; then it looks who is left.
constexpr Milliseconds kLeavingBeat{2'000};

/// Borrows.
wire::BrokerRegistrationRequest request_of(const metadata::RegisterBroker& broker) {
  wire::BrokerRegistrationRequest request{.broker_id = broker.id.value(),
                                          .cluster_id = broker.cluster_id,
                                          .incarnation_id = broker.incarnation_id,
                                          .listeners = {},
                                          .features = {},
                                          .rack = std::nullopt,
                                          .log_dirs = broker.log_dirs};
  add_listeners_and_features(request, broker);
  if (broker.rack) request.rack = *broker.rack;
  request.previous_broker_epoch = broker.previous_broker_epoch.value_or(kNoBrokerEpoch).value();
  return request;
}

/// No later try could come to another end.
bool is_final(ErrorCode error) {
  return error == ErrorCode::inconsistent_cluster_id || error == ErrorCode::unsupported_version ||
         error == ErrorCode::invalid_registration;
}

Errc code_of(ErrorCode error) {
  return error == ErrorCode::kafka_storage_error ? Errc::no_space : Errc::timed_out;
}

std::string text_of(ErrorCode error) {
  return std::string(wire::name_of(error));
}

/// What an operator can do about a registration that is refused.
std::string advice_on(ErrorCode error) {
  switch (error) {
    case ErrorCode::duplicate_broker_registration:
      return ": a broker with this node.id is at work, or was until just now; if it is another node, give each one a "
             "node.id of its own";
    case ErrorCode::inconsistent_cluster_id:
      return ": the controllers that the settings name are of another cluster; correct controller.quorum.*, or "
             "choose log.dirs of theirs";
    default:
      return "";
  }
}

}  // namespace

Lifecycle::Lifecycle(Seat seat, metadata::RegisterBroker self_description, LifecycleSettings settings)
    : seat_(std::move(seat)), described_(std::move(self_description)), settings_(settings) {}

void Lifecycle::on_image(const controller::ImageChange& change) {
  const auto leaves = [](const metadata::BrokerRegistration* broker) {
    return broker != nullptr && broker->in_controlled_shutdown;
  };
  for (const auto& [id, broker] : change.after->brokers()) {
    if (id != described_.id && leaves(&broker) && !leaves(change.before->find_broker(id))) return call();
  }
}

MonotonicTime Lifecycle::soon(MonotonicTime deadline, Milliseconds wait) const {
  return std::min<MonotonicTime>(deadline, seat_.clock.now() + wait);
}

bool Lifecycle::is_shown_unfenced() const {
  const metadata::BrokerRegistration* shown = seat_.feed.image()->find_broker(described_.id);
  return shown != nullptr && shown->epoch == epoch() && !shown->fenced;
}

bool Lifecycle::has_company() const {
  for (const auto& [id, broker] : seat_.feed.image()->brokers()) {
    if (id != described_.id && !broker.fenced && !broker.in_controlled_shutdown) return true;
  }
  return false;
}

void Lifecycle::stop() {
  stopped_ = true;
  called_.wake_all();
}

void Lifecycle::call() {
  has_news_ = true;
  called_.wake_all();
}

Result<void> Lifecycle::enroll(env::Fiber& self, MonotonicTime deadline) {
  const wire::BrokerRegistrationRequest request = request_of(described_);
  std::string why = "no answer";
  bool is_told = false;
  while (!stopped_) {
    const auto answer = seat_.controller.register_broker(self, request, soon(deadline, settings_.request_timeout));
    const ErrorCode error = answer ? wire::error_code_of(answer->error_code) : ErrorCode::none;
    if (answer && error == ErrorCode::none) {
      seat_.epoch = BrokerEpoch{answer->broker_epoch};
      return {};
    }
    why = answer ? text_of(error) + advice_on(error) : answer.error().text;
    if (error == ErrorCode::duplicate_broker_registration && !std::exchange(is_told, true)) {
      seat_.log.warn("broker.id_is_taken", {{"node_id", described_.id.value()}, {"reason", why}});
    }
    if (is_final(error)) return fail(Errc::invalid, "the controller refuses this broker: " + why);
    if (settings_.is_alone) return fail(code_of(error), "the broker could not register: " + why);
    if (!answer && answer.error().code == Errc::closed) return fail(answer.error());
    if (seat_.clock.now() >= deadline) return fail(Errc::timed_out, "the broker could not register in time: " + why);
    called_.wait_until(self, seat_.clock, soon(deadline, kRegistrationRetry));
  }
  return fail(Errc::closed, "the broker stops");
}

Result<wire::BrokerHeartbeatResponse> Lifecycle::beat(env::Fiber& self, Wish wish, MonotonicTime deadline) {
  const auto turn = speaking_.lock(self);
  const wire::BrokerHeartbeatRequest request{.broker_id = described_.id.value(),
                                             .broker_epoch = epoch().value(),
                                             .current_metadata_offset = seat_.feed.image()->offset().value(),
                                             .want_fence = wish == Wish::be_fenced_and_leave,
                                             .want_shut_down = wish != Wish::serve,
                                             .offline_log_dirs = seat_.failed_directories()};
  TRY_ASSIGN(const auto answer, seat_.controller.heartbeat(self, request, deadline));
  const ErrorCode error = wire::error_code_of(answer.error_code);
  if (error == ErrorCode::none) return answer;
  const bool is_stale = error == ErrorCode::stale_broker_epoch || error == ErrorCode::broker_id_not_registered;
  return fail(is_stale ? Errc::stale : code_of(error), "the controller refuses a heartbeat: " + text_of(error));
}

Result<void> Lifecycle::await_unfenced(env::Fiber& self, MonotonicTime deadline) {
  while (!stopped_) {
    const auto answer = beat(self, Wish::serve, soon(deadline, settings_.request_timeout));
    if (!answer && (settings_.is_alone || answer.error().code == Errc::closed)) return fail(answer.error());
    if (!answer && answer.error().code == Errc::stale) TRY(enroll(self, deadline));
    const MonotonicTime next = soon(deadline, settings_.heartbeat_interval);
    if (answer && !answer->is_fenced) {
      while (!is_shown_unfenced() && !stopped_) {
        if (!seat_.feed.wait_for(self, seat_.feed.image()->offset() + 1, next)) break;
      }
      if (is_shown_unfenced()) return {};
    } else if (const Offset registered{epoch().value()}; seat_.feed.image()->offset() < registered) {
      static_cast<void>(seat_.feed.wait_for(self, registered, next));  // looked at anew above, whichever came first
    } else {
      called_.wait_until(self, seat_.clock, next);
    }
    if (seat_.clock.now() >= deadline) return fail(Errc::timed_out, "the broker was not unfenced in time");
  }
  return fail(Errc::closed, "the broker stops");
}

Result<void> Lifecycle::arrive(env::Fiber& self) {
  const MonotonicTime deadline = seat_.clock.now() + settings_.registration_timeout;
  TRY(enroll(self, deadline));
  if (!seat_.feed.wait_for(self, Offset{epoch().value()}, deadline)) {
    return fail(Errc::timed_out, "the metadata did not come as far as this broker's registration in time");
  }
  has_arrived_ = true;
  return {};
}

Result<BrokerEpoch> Lifecycle::enter(env::Fiber& self) {
  if (!has_arrived_) TRY(arrive(self));
  TRY(await_unfenced(self, seat_.clock.now() + settings_.registration_timeout));
  return epoch();
}

void Lifecycle::keep_once(env::Fiber& self) {
  const auto answer = beat(self, Wish::serve, seat_.clock.now() + settings_.request_timeout);
  if (!answer && is_heard_ && !leaving_ && !stopped_) {
    seat_.log.warn("broker.heartbeat_failed", {{"error", answer.error().text}});
  }
  is_heard_ = answer.has_value();
  if (answer || answer.error().code != Errc::stale || leaving_) return;
  const auto again = enroll(self, seat_.clock.now() + settings_.registration_timeout);
  if (again) {
    has_news_ = true;
    seat_.log.info("broker.registered_again", {{"epoch", epoch().value()}});
  } else if (!stopped_) {
    seat_.log.error("broker.not_registered", {{"error", again.error().text}});
  }
}

void Lifecycle::keep(env::Fiber& self) {
  struct Listening {
    Listening(controller::ImageFeed& to, controller::ImageListener& who) : feed(to), listener(who) {
      feed.subscribe(listener);
    }
    ~Listening() { feed.unsubscribe(listener); }
    controller::ImageFeed& feed;
    controller::ImageListener& listener;
  } const listening{seat_.feed, *this};
  MonotonicTime next = seat_.clock.now() + settings_.heartbeat_interval;
  while (!stopped_ && !leaving_) {
    if (!has_news_ && seat_.clock.now() < next) {
      called_.wait_until(self, seat_.clock, next);
      continue;
    }
    has_news_ = false;
    keep_once(self);
    next = seat_.clock.now() + settings_.heartbeat_interval;
  }
}

Result<void> Lifecycle::leave(env::Fiber& self) {
  leaving_ = true;
  called_.wake_all();
  const Wish wish = settings_.controlled_shutdown && has_company() ? Wish::leave : Wish::be_fenced_and_leave;
  MonotonicTime deadline = seat_.clock.now() + settings_.leaving_max;
  bool was_seen_alone = settings_.is_alone;  // its own controller is waited for
  for (;;) {
    if (!was_seen_alone && !has_company()) {
      was_seen_alone = true;
      deadline = std::min(deadline, seat_.clock.now() + settings_.leaving_alone_max);
    }
    const MonotonicTime look_again = settings_.is_alone ? deadline : seat_.clock.now() + kLeavingBeat;
    const auto answer = beat(self, wish, std::min(deadline, look_again));
    if (answer && answer->should_shut_down) return {};
    if (!answer && answer.error().code == Errc::stale)
      return {};  // it is not known any more: nothing is left to hand on
    const bool may_try_again = answer || (!settings_.is_alone && answer.error().code != Errc::closed);
    if (!may_try_again) return fail(answer.error());
    if (seat_.clock.now() >= deadline) {
      return fail(Errc::timed_out, "the controller did not let this broker go in time");
    }
    env::sleep_for(self, seat_.clock, kLeavingPause);
  }
}

}  // namespace gregor::broker
