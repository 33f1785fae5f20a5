// Keys that no properties file holds: of groups, of client metrics subscriptions, and the broker's that only
// IncrementalAlterConfigs sets.
#include "config/table.h"

namespace gregor::config {
namespace {

using enum Type;
using enum Importance;
using enum UpdateMode;
using enum Support;

// name, type, default, valid, importance, update mode, support, synonyms, list rule, internal, reason
// clang-format off
constexpr Key kGroupKeys[] = {
    {"consumer.assignment.interval.ms", int32, "1000", at_least(0), medium, not_of_a_broker, accepted, "group.consumer.assignment.interval.ms"},
    {"consumer.heartbeat.interval.ms", int32, "5000", at_least(1), medium, not_of_a_broker, accepted, "group.consumer.heartbeat.interval.ms"},
    {"consumer.session.timeout.ms", int32, "45000", at_least(1), medium, not_of_a_broker, accepted, "group.consumer.session.timeout.ms"},
    {"share.assignment.interval.ms", int32, "1000", at_least(0), medium, not_of_a_broker, accepted, "group.share.assignment.interval.ms"},
    {"share.auto.offset.reset", string, "latest", checked_as(Valid::Kind::auto_offset_reset), medium, not_of_a_broker, accepted},
    {"share.delivery.count.limit", int32, "5", at_least(2), medium, not_of_a_broker, accepted, "group.share.delivery.count.limit"},
    {"share.heartbeat.interval.ms", int32, "5000", at_least(1), medium, not_of_a_broker, accepted, "group.share.heartbeat.interval.ms"},
    {"share.isolation.level", string, "read_uncommitted", one_of("read_committed, read_uncommitted"), medium, not_of_a_broker, accepted},
    {"share.partition.max.record.locks", int32, "2000", at_least(100), medium, not_of_a_broker, accepted, "group.share.partition.max.record.locks"},
    {"share.record.lock.duration.ms", int32, "30000", at_least(1000), medium, not_of_a_broker, accepted, "group.share.record.lock.duration.ms"},
    {"share.renew.acknowledge.enable", boolean, "true", any(), medium, not_of_a_broker, accepted},
    {"share.session.timeout.ms", int32, "45000", at_least(1), medium, not_of_a_broker, accepted, "group.share.session.timeout.ms"},
    {"streams.assignment.interval.ms", int32, "1000", at_least(0), medium, not_of_a_broker, accepted, "group.streams.assignment.interval.ms"},
    {"streams.heartbeat.interval.ms", int32, "5000", at_least(1), medium, not_of_a_broker, accepted, "group.streams.heartbeat.interval.ms"},
    {"streams.initial.rebalance.delay.ms", int32, "3000", at_least(0), medium, not_of_a_broker, accepted, "group.streams.initial.rebalance.delay.ms"},
    {"streams.num.standby.replicas", int32, "0", at_least(0), medium, not_of_a_broker, accepted, "group.streams.num.standby.replicas"},
    {"streams.session.timeout.ms", int32, "45000", at_least(1), medium, not_of_a_broker, accepted, "group.streams.session.timeout.ms"},
};
constexpr Key kClientMetricsKeys[] = {
    {"interval.ms", int32, "300000", any(), medium, not_of_a_broker, accepted},
    {"match", list, "", any(), medium, not_of_a_broker, accepted, {}, kDistinct},
    {"metrics", list, "", any(), medium, not_of_a_broker, accepted, {}, kDistinct},
};
constexpr Key kDynamicBrokerKeys[] = {
    {"follower.replication.throttled.rate", int64, "9223372036854775807", at_least(0), medium, cluster_wide, honoured},
    {"leader.replication.throttled.rate", int64, "9223372036854775807", at_least(0), medium, cluster_wide, honoured},
    {"replica.alter.log.dirs.io.max.bytes.per.second", int64, "9223372036854775807", at_least(0), medium, cluster_wide, honoured},
};
// clang-format on

}  // namespace

KeyTable group_keys() {
  return kGroupKeys;
}
KeyTable client_metrics_keys() {
  return kClientMetricsKeys;
}
KeyTable dynamic_broker_keys() {
  return kDynamicBrokerKeys;
}

}  // namespace gregor::config
