// Broker keys of consumer, share and streams groups and their offsets.
#include "config/table.h"

namespace gregor::config {
namespace {

using enum Type;
using enum Importance;
using enum UpdateMode;
using enum Support;

// name, type, default, valid, importance, update mode, support, synonyms, list rule, internal, reason
// clang-format off
constexpr Key kGroupCoordinatorKeys[] = {
    {"group.consumer.assignment.interval.ms", int32, "1000", at_least(0), medium, cluster_wide, accepted},
    {"group.consumer.assignors", list, "uniform,range", any(), medium, read_only, accepted, {}, kDistinctNotEmpty},
    {"group.consumer.heartbeat.interval.ms", int32, "5000", at_least(1), medium, read_only, accepted},
    {"group.consumer.max.assignment.interval.ms", int32, "15000", at_least(0), medium, read_only, accepted},
    {"group.consumer.max.heartbeat.interval.ms", int32, "15000", at_least(1), medium, read_only, accepted},
    {"group.consumer.max.session.timeout.ms", int32, "60000", at_least(1), medium, read_only, accepted},
    {"group.consumer.max.size", int32, "2147483647", at_least(1), medium, read_only, accepted},
    {"group.consumer.migration.policy", string, "bidirectional", one_of_any_case("DISABLED, DOWNGRADE, UPGRADE, BIDIRECTIONAL"), medium, read_only, accepted},
    {"group.consumer.min.assignment.interval.ms", int32, "0", at_least(0), medium, read_only, accepted},
    {"group.consumer.min.heartbeat.interval.ms", int32, "5000", at_least(1), medium, read_only, accepted},
    {"group.consumer.min.session.timeout.ms", int32, "45000", at_least(1), medium, read_only, accepted},
    {"group.consumer.regex.refresh.interval.ms", int32, "600000", at_least(10000), medium, read_only, accepted, {}, kAnyList, true},
    {"group.consumer.session.timeout.ms", int32, "45000", at_least(1), medium, read_only, accepted},
    {"group.coordinator.append.linger.ms", int32, "-1", at_least(-1), medium, read_only, accepted},
    {"group.coordinator.background.threads", int32, "2", at_least(1), high, read_only, accepted},
    {"group.coordinator.cached.buffer.max.bytes", int32, "1048588", at_least(524288), medium, cluster_wide, accepted},
    {"group.coordinator.rebalance.protocols", list, "classic,consumer,streams", one_of("consumer, classic, share, streams"), medium, read_only, accepted, {}, kDistinctNotEmpty},
    {"group.coordinator.threads", int32, "4", at_least(1), high, read_only, accepted},
    {"group.initial.rebalance.delay.ms", int32, "3000", any(), medium, read_only, honoured},
    {"group.max.session.timeout.ms", int32, "1800000", any(), medium, read_only, honoured},
    {"group.max.size", int32, "2147483647", at_least(1), medium, read_only, honoured},
    {"group.min.session.timeout.ms", int32, "6000", any(), medium, read_only, honoured},
    {"group.share.assignment.interval.ms", int32, "1000", at_least(0), medium, cluster_wide, accepted},
    {"group.share.assignors", list, "simple", any(), medium, read_only, accepted, {}, kDistinctNotEmpty},
    {"group.share.delivery.count.limit", int32, "5", between(2, 10), medium, read_only, accepted},
    {"group.share.heartbeat.interval.ms", int32, "5000", at_least(1), medium, read_only, accepted},
    {"group.share.initialize.retry.interval.ms", int32, "30000", at_least(1), low, read_only, accepted, {}, kAnyList, true},
    {"group.share.max.assignment.interval.ms", int32, "15000", at_least(0), medium, read_only, accepted},
    {"group.share.max.delivery.count.limit", int32, "10", between(5, 25), medium, read_only, accepted},
    {"group.share.max.heartbeat.interval.ms", int32, "15000", at_least(1), medium, read_only, accepted},
    {"group.share.max.partition.max.record.locks", int32, "4000", between(2000, 10000), medium, read_only, accepted},
    {"group.share.max.record.lock.duration.ms", int32, "60000", between(30000, 3600000), medium, read_only, accepted},
    {"group.share.max.session.timeout.ms", int32, "60000", at_least(1), medium, read_only, accepted},
    {"group.share.max.share.sessions", int32, "2000", at_least(1), medium, read_only, accepted},
    {"group.share.max.size", int32, "200", between(1, 1000), medium, read_only, accepted},
    {"group.share.min.assignment.interval.ms", int32, "0", at_least(0), medium, read_only, accepted},
    {"group.share.min.delivery.count.limit", int32, "2", between(2, 5), medium, read_only, accepted},
    {"group.share.min.heartbeat.interval.ms", int32, "5000", at_least(1), medium, read_only, accepted},
    {"group.share.min.partition.max.record.locks", int32, "100", between(100, 2000), medium, read_only, accepted},
    {"group.share.min.record.lock.duration.ms", int32, "15000", between(1000, 30000), medium, read_only, accepted},
    {"group.share.min.session.timeout.ms", int32, "45000", at_least(1), medium, read_only, accepted},
    {"group.share.partition.max.record.locks", int32, "2000", between(100, 10000), medium, read_only, accepted},
    {"group.share.persister.class.name", string, "org.apache.kafka.server.share.persister.DefaultStatePersister", any(), medium, read_only, accepted, {}, kAnyList, true},
    {"group.share.record.lock.duration.ms", int32, "30000", between(1000, 3600000), medium, read_only, accepted},
    {"group.share.session.timeout.ms", int32, "45000", at_least(1), medium, read_only, accepted},
    {"group.streams.assignment.interval.ms", int32, "1000", at_least(0), medium, cluster_wide, accepted},
    {"group.streams.heartbeat.interval.ms", int32, "5000", at_least(1), medium, read_only, accepted},
    {"group.streams.initial.rebalance.delay.ms", int32, "3000", at_least(0), medium, read_only, accepted},
    {"group.streams.max.assignment.interval.ms", int32, "15000", at_least(0), medium, read_only, accepted},
    {"group.streams.max.heartbeat.interval.ms", int32, "15000", at_least(1), medium, read_only, accepted},
    {"group.streams.max.session.timeout.ms", int32, "60000", at_least(1), medium, read_only, accepted},
    {"group.streams.max.size", int32, "2147483647", at_least(1), medium, read_only, accepted},
    {"group.streams.max.standby.replicas", int32, "2", at_least(0), medium, read_only, accepted},
    {"group.streams.min.assignment.interval.ms", int32, "0", at_least(0), medium, read_only, accepted},
    {"group.streams.min.heartbeat.interval.ms", int32, "5000", at_least(1), medium, read_only, accepted},
    {"group.streams.min.session.timeout.ms", int32, "45000", at_least(1), medium, read_only, accepted},
    {"group.streams.num.standby.replicas", int32, "0", at_least(0), medium, read_only, accepted},
    {"group.streams.session.timeout.ms", int32, "45000", at_least(1), medium, read_only, accepted},
    {"offset.metadata.max.bytes", int32, "4096", any(), high, read_only, honoured},
    {"offsets.commit.timeout.ms", int32, "5000", at_least(1), high, read_only, accepted},
    {"offsets.load.buffer.size", int32, "5242880", at_least(1), high, read_only, accepted},
    {"offsets.retention.check.interval.ms", int64, "600000", at_least(1), high, read_only, honoured},
    {"offsets.retention.minutes", int32, "10080", at_least(1), high, read_only, honoured},
    {"offsets.topic.compression.codec", int32, "0", any(), high, read_only, honoured},
    {"offsets.topic.num.partitions", int32, "50", at_least(1), high, read_only, honoured},
    {"offsets.topic.replication.factor", int16, "3", at_least(1), high, read_only, honoured},
    {"offsets.topic.segment.bytes", int32, "104857600", at_least(1), high, read_only, honoured},
    {"share.coordinator.append.linger.ms", int32, "-1", at_least(-1), medium, read_only, accepted},
    {"share.coordinator.cached.buffer.max.bytes", int32, "1048588", at_least(524288), medium, cluster_wide, accepted},
    {"share.coordinator.cold.partition.snapshot.interval.ms", int32, "300000", at_least(1), low, read_only, accepted, {}, kAnyList, true},
    {"share.coordinator.load.buffer.size", int32, "5242880", at_least(1), high, read_only, accepted},
    {"share.coordinator.snapshot.update.records.per.snapshot", int32, "500", between(0, 500), medium, read_only, accepted},
    {"share.coordinator.state.topic.compression.codec", int32, "0", any(), high, read_only, accepted},
    {"share.coordinator.state.topic.min.isr", int16, "2", at_least(1), high, read_only, accepted},
    {"share.coordinator.state.topic.num.partitions", int32, "50", at_least(1), high, read_only, accepted},
    {"share.coordinator.state.topic.prune.interval.ms", int32, "300000", at_least(1), low, read_only, accepted, {}, kAnyList, true},
    {"share.coordinator.state.topic.replication.factor", int16, "3", at_least(1), high, read_only, accepted},
    {"share.coordinator.state.topic.segment.bytes", int32, "104857600", at_least(1), high, read_only, accepted},
    {"share.coordinator.threads", int32, "1", at_least(1), medium, read_only, accepted},
    {"share.coordinator.write.timeout.ms", int32, "5000", at_least(1), high, read_only, accepted},
    {"share.fetch.purgatory.purge.interval.requests", int32, "1000", any(), medium, read_only, accepted},
};
// clang-format on

}  // namespace

KeyTable group_coordinator_keys() {
  return kGroupCoordinatorKeys;
}

}  // namespace gregor::config
