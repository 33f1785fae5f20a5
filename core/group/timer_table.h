// TimerTable: deadlines by name, and which of them is due first. Equal deadlines go in the order in which they were
// set.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace gregor::group {

enum class TimerKind : std::uint8_t {
  session,  ///< of a member or of one whose id is given out
  join,     ///< end of the join phase, or of the first rebalance's delay
  sync,     ///< members of the generation that did not sync are given up
};

struct TimerName {
  std::string group_id;
  TimerKind kind = TimerKind::session;
  std::string member_id;  ///< of sessions
  auto operator<=>(const TimerName&) const = default;
};

class TimerTable {
 public:
  /// Replaces the deadline that `name` had.
  void set(TimerName name, MonotonicTime deadline);
  void cancel(const TimerName& name);
  /// All timers of a group.
  void cancel_group(std::string_view group_id);
  [[nodiscard]] MonotonicTime next_deadline() const { return due_.empty() ? kForever : due_.begin()->first.first; }
  [[nodiscard]] std::size_t size() const { return deadlines_.size(); }

  /// A mark for take_due(): timers set later are left for the next round, so that a round ends.
  [[nodiscard]] std::uint64_t mark() const { return next_order_; }
  /// The first timer due at `now`, no longer set; none when there is none, or it was set after `mark`.
  std::optional<TimerName> take_due(MonotonicTime now, std::uint64_t mark);

 private:
  using Place = std::pair<MonotonicTime, std::uint64_t>;  ///< deadline, order of setting
  std::map<TimerName, Place> deadlines_;
  std::map<Place, TimerName> due_;
  std::uint64_t next_order_ = 1;
};

}  // namespace gregor::group
