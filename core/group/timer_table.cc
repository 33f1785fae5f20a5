#include "group/timer_table.h"

namespace gregor::group {

void TimerTable::set(TimerName name, MonotonicTime deadline) {
  const Place place{deadline, next_order_++};
  const auto [at, added] = deadlines_.try_emplace(name, place);
  if (!added) {
    due_.erase(at->second);
    at->second = place;
  }
  due_.emplace(place, std::move(name));
}

void TimerTable::cancel(const TimerName& name) {
  const auto at = deadlines_.find(name);
  if (at == deadlines_.end()) return;
  due_.erase(at->second);
  deadlines_.erase(at);
}

void TimerTable::cancel_group(std::string_view group_id) {
  auto at =
      deadlines_.lower_bound(TimerName{.group_id = std::string(group_id), .kind = TimerKind::session, .member_id = {}});
  while (at != deadlines_.end() && at->first.group_id == group_id) {
    due_.erase(at->second);
    at = deadlines_.erase(at);
  }
}

std::optional<TimerName> TimerTable::take_due(MonotonicTime now, std::uint64_t mark) {
  if (due_.empty()) return std::nullopt;
  const auto first = due_.begin();
  if (first->first.first > now || first->first.second >= mark) return std::nullopt;
  TimerName name = std::move(first->second);
  due_.erase(first);
  deadlines_.erase(name);
  return name;
}

}  // namespace gregor::group
