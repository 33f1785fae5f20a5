#include "config/group_config.h"

#include <algorithm>
#include <string>

#include "config/key.h"
#include "config/table.h"
#include "config/value.h"

namespace gregor::config {
namespace {

/// A group's setting and the broker's that bound it.
struct Bound {
  std::string_view name;
  std::string_view minimum;  ///< empty: none
  std::string_view maximum;
};
constexpr Bound kBounds[] = {
    {"consumer.heartbeat.interval.ms", "group.consumer.min.heartbeat.interval.ms",
     "group.consumer.max.heartbeat.interval.ms"},
    {"consumer.session.timeout.ms", "group.consumer.min.session.timeout.ms", "group.consumer.max.session.timeout.ms"},
    {"consumer.assignment.interval.ms", "group.consumer.min.assignment.interval.ms",
     "group.consumer.max.assignment.interval.ms"},
    {"share.heartbeat.interval.ms", "group.share.min.heartbeat.interval.ms", "group.share.max.heartbeat.interval.ms"},
    {"share.session.timeout.ms", "group.share.min.session.timeout.ms", "group.share.max.session.timeout.ms"},
    {"share.assignment.interval.ms", "group.share.min.assignment.interval.ms",
     "group.share.max.assignment.interval.ms"},
    {"share.record.lock.duration.ms", "group.share.min.record.lock.duration.ms",
     "group.share.max.record.lock.duration.ms"},
    {"share.delivery.count.limit", "group.share.min.delivery.count.limit", "group.share.max.delivery.count.limit"},
    {"share.partition.max.record.locks", "group.share.min.partition.max.record.locks",
     "group.share.max.partition.max.record.locks"},
    {"streams.heartbeat.interval.ms", "group.streams.min.heartbeat.interval.ms",
     "group.streams.max.heartbeat.interval.ms"},
    {"streams.session.timeout.ms", "group.streams.min.session.timeout.ms", "group.streams.max.session.timeout.ms"},
    {"streams.assignment.interval.ms", "group.streams.min.assignment.interval.ms",
     "group.streams.max.assignment.interval.ms"},
    {"streams.num.standby.replicas", "", "group.streams.max.standby.replicas"},
};

const Key* find_group_key(std::string_view name) {
  const KeyTable keys = group_keys();
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

std::int64_t number(std::string_view text) {
  return parse_integer(text, INT64_MIN, INT64_MAX).value_or(0);
}

std::int64_t of_broker(const SettingMap& broker, std::string_view name) {
  const auto set = broker.find(name);
  return number(set == broker.end() ? std::string_view(find_broker_key(name)->default_text) : set->second);
}

/// The group's own, or what it has from the broker.
std::int64_t of_group(const SettingMap& group, const SettingMap& broker, std::string_view name) {
  const auto set = group.find(name);
  if (set != group.end()) return number(set->second);
  return of_broker(broker, find_group_key(name)->synonyms);
}

Result<void> check_bounds(const SettingMap& group, const SettingMap& broker) {
  for (const Bound& bound : kBounds) {
    const auto set = group.find(bound.name);
    if (set == group.end()) continue;
    const std::int64_t value = number(set->second);
    if (!bound.minimum.empty() && value < of_broker(broker, bound.minimum)) {
      return fail(Errc::invalid, set->first + " must be greater than or equal to " + std::string(bound.minimum));
    }
    if (value > of_broker(broker, bound.maximum)) {
      return fail(Errc::invalid, set->first + " must be less than or equal to " + std::string(bound.maximum));
    }
  }
  return {};
}

Result<void> check_heartbeats(const SettingMap& group, const SettingMap& broker) {
  for (const std::string kind : {"consumer", "share", "streams"}) {
    const std::string heartbeat = kind + ".heartbeat.interval.ms";
    const std::string session = kind + ".session.timeout.ms";
    if (of_group(group, broker, session) > of_group(group, broker, heartbeat)) continue;
    return fail(Errc::invalid, session + " must be greater than " + heartbeat);
  }
  return {};
}

}  // namespace

Result<void> check_group_config(const SettingMap& group, const SettingMap& broker) {
  for (const auto& [name, value] : group) {
    const Key* key = find_group_key(name);
    if (key == nullptr) return fail(Errc::invalid, "Unknown group config name: " + name);
    TRY(check_value(*key, &value));
  }
  TRY(check_bounds(group, broker));
  return check_heartbeats(group, broker);
}

}  // namespace gregor::config
