// ConnectionBook: who is connected to a node from where, and whether one more may be served: max.connections.per.ip,
// max.connection.creation.rate and the quotas connection_creation_rate of addresses (KIP-308, KIP-612). One for a node,
// on shard 0, so that the limits are those of the node and not of each shard. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace gregor::broker {

/// Turns at a rate per second; up to a second's worth may be taken at once.
class RateGate {
 public:
  /// Takes the next turn, and says how long until it comes; 0: now. A turn later than `wait_max` is not taken. Requires
  /// `per_second` above 0.
  Nanoseconds take(std::int32_t per_second, MonotonicTime now, Nanoseconds wait_max);
  /// As if it had never been used.
  [[nodiscard]] bool is_idle(MonotonicTime now) const { return due_ <= now - kBurst; }

 private:
  static constexpr Nanoseconds kBurst = std::chrono::seconds(1);
  MonotonicTime due_ = MonotonicTime::min();  ///< of the next turn
};

struct ConnectionLimits {
  static constexpr std::int32_t kNone = std::numeric_limits<std::int32_t>::max();
  std::int32_t per_address = kNone;            ///< open at a time
  std::int32_t per_second = kNone;             ///< new ones, of the whole node
  std::int32_t per_second_of_address = kNone;  ///< new ones, of the address that asks
  [[nodiscard]] bool are_none() const {
    return per_address == kNone && per_second == kNone && per_second_of_address == kNone;
  }
};

struct Admission {
  std::string_view refusal;  ///< empty: it is to be served; else why not, a literal
  Nanoseconds wait{0};       ///< before either
};

class ConnectionBook {
 public:
  /// Longer than this nobody waits for his turn.
  static constexpr Nanoseconds kWaitMax = std::chrono::seconds(10);

  /// One more from there; it counts until leave(), also where it is refused.
  Admission enter(const std::string& address, const ConnectionLimits& limits, MonotonicTime now);
  /// Requires a matching enter().
  void leave(const std::string& address, MonotonicTime now);
  /// Addresses that it remembers.
  [[nodiscard]] std::size_t size() const { return addresses_.size(); }

 private:
  struct Address {
    std::int32_t open = 0;
    RateGate gate;
  };
  void forget_idle(MonotonicTime now);

  std::map<std::string, Address> addresses_;
  RateGate gate_;
  std::deque<std::pair<MonotonicTime, std::string>> left_;  ///< addresses without connections whose rate still counts
};

}  // namespace gregor::broker
