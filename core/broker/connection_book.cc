#include "broker/connection_book.h"

#include <algorithm>

#include "base/check.h"

namespace gregor::broker {

Nanoseconds RateGate::take(std::int32_t per_second, MonotonicTime now, Nanoseconds wait_max) {
  const MonotonicTime turn = std::max(due_, now - kBurst);
  const Nanoseconds interval = Nanoseconds(std::chrono::seconds(1)) / per_second;
  // A second's worth at once: a turn counts as come as soon as it is that near.
  const Nanoseconds wait = std::max(Nanoseconds{0}, Nanoseconds(turn + interval - now));
  if (wait <= wait_max) due_ = turn + interval;
  return wait;
}

Admission ConnectionBook::enter(const std::string& address, const ConnectionLimits& limits, MonotonicTime now) {
  forget_idle(now);
  Address& from = addresses_[address];
  ++from.open;
  if (from.open > limits.per_address) return {.refusal = "max.connections.per.ip reached"};
  if (limits.per_second_of_address != ConnectionLimits::kNone) {
    constexpr std::string_view kReached = "the quota connection_creation_rate of its address is reached";
    if (limits.per_second_of_address <= 0) return {.refusal = kReached};
    const Nanoseconds wait = from.gate.take(limits.per_second_of_address, now, Nanoseconds{0});
    // Told late, so that who comes again at once gains nothing.
    if (wait > Nanoseconds{0}) return {.refusal = kReached, .wait = std::min(wait, kWaitMax)};
  }
  if (limits.per_second == ConnectionLimits::kNone) return {};
  constexpr std::string_view kReached = "max.connection.creation.rate reached";
  if (limits.per_second <= 0) return {.refusal = kReached};
  const Nanoseconds wait = gate_.take(limits.per_second, now, kWaitMax);
  if (wait > kWaitMax) return {.refusal = kReached};
  return {.refusal = "", .wait = wait};
}

void ConnectionBook::leave(const std::string& address, MonotonicTime now) {
  const auto from = addresses_.find(address);
  CHECK(from != addresses_.end() && from->second.open > 0);
  if (--from->second.open > 0) return;
  if (from->second.gate.is_idle(now)) {
    addresses_.erase(from);
  } else {
    left_.emplace_back(now + kWaitMax, address);
  }
}

void ConnectionBook::forget_idle(MonotonicTime now) {
  while (!left_.empty() && left_.front().first <= now) {
    const auto from = addresses_.find(left_.front().second);
    if (from != addresses_.end() && from->second.open == 0 && from->second.gate.is_idle(now)) addresses_.erase(from);
    left_.pop_front();
  }
}

}  // namespace gregor::broker
