// Broker keys of the node's identity, its roles and the metadata quorum.
#include "config/table.h"

namespace gregor::config {
namespace {

using enum Type;
using enum Importance;
using enum UpdateMode;
using enum Support;

// name, type, default, valid, importance, update mode, support, synonyms, list rule, internal, reason
// clang-format off
constexpr Key kQuorumKeys[] = {
    {"broker.heartbeat.interval.ms", int32, "2000", any(), medium, read_only, honoured},
    {"broker.id", int32, "-1", any(), high, read_only, honoured},
    {"broker.rack", string, nullptr, any(), medium, read_only, honoured},
    {"broker.session.timeout.ms", int32, "9000", any(), medium, read_only, honoured},
    {"controlled.shutdown.enable", boolean, "true", any(), medium, read_only, honoured},
    {"controller.listener.names", list, kRequired, any(), high, read_only, honoured, {}, kDistinctNotEmpty},
    {"controller.performance.always.log.threshold.ms", int64, "2000", at_least(0), medium, read_only, accepted, {}, kAnyList, true},
    {"controller.performance.sample.period.ms", int64, "60000", at_least(100), medium, read_only, accepted, {}, kAnyList, true},
    {"controller.quorum.append.linger.ms", int32, "25", at_least(0), medium, read_only, accepted},
    {"controller.quorum.auto.join.enable", boolean, "false", any(), low, read_only, honoured},
    {"controller.quorum.bootstrap.servers", list, "", checked_as(Valid::Kind::not_empty_list), high, read_only, honoured},
    {"controller.quorum.election.backoff.max.ms", int32, "1000", at_least(0), high, read_only, honoured},
    {"controller.quorum.election.timeout.ms", int32, "1000", at_least(0), high, read_only, honoured},
    {"controller.quorum.fetch.max.bytes", int32, "1048576", at_least(1), low, read_only, honoured},
    {"controller.quorum.fetch.snapshot.max.bytes", int32, "1048576", at_least(1), low, read_only, honoured},
    {"controller.quorum.fetch.timeout.ms", int32, "2000", at_least(0), high, read_only, honoured},
    {"controller.quorum.request.timeout.ms", int32, "2000", at_least(0), medium, read_only, honoured},
    {"controller.quorum.retry.backoff.ms", int32, "20", at_least(0), low, read_only, honoured},
    {"controller.quorum.voters", list, "", checked_as(Valid::Kind::not_empty_list), high, read_only, honoured},
    {"controller.quota.window.num", int32, "11", at_least(1), low, read_only, accepted},
    {"controller.quota.window.size.seconds", int32, "1", at_least(1), low, read_only, accepted},
    {"controller.socket.timeout.ms", int32, "30000", any(), medium, read_only, honoured},
    {"early.start.listeners", list, nullptr, any(), high, read_only, accepted, {}, kDistinctOrNull},
    {"initial.broker.registration.timeout.ms", int32, "60000", any(), medium, read_only, honoured},
    {"internal.metadata.delete.delay.millis", int64, "60000", any(), low, read_only, accepted, {}, kAnyList, true},
    {"internal.metadata.log.segment.bytes", int32, nullptr, any(), low, read_only, honoured, {}, kAnyList, true},
    {"internal.metadata.max.batch.size.in.bytes", int32, "8388608", any(), low, read_only, accepted, {}, kAnyList, true},
    {"metadata.log.dir", string, nullptr, any(), high, read_only, honoured},
    {"metadata.log.max.record.bytes.between.snapshots", int64, "20971520", at_least(1), high, read_only, honoured},
    {"metadata.log.max.snapshot.interval.ms", int64, "3600000", at_least(0), high, read_only, honoured},
    {"metadata.log.segment.bytes", int32, "1073741824", at_least(8388608), high, read_only, honoured},
    {"metadata.log.segment.ms", int64, "604800000", any(), high, read_only, honoured},
    {"metadata.max.idle.interval.ms", int32, "500", at_least(0), low, read_only, accepted},
    {"metadata.max.retention.bytes", int64, "104857600", any(), high, read_only, honoured},
    {"metadata.max.retention.ms", int64, "604800000", any(), high, read_only, honoured},
    {"node.id", int32, kRequired, at_least(0), high, read_only, honoured},
    {"process.roles", list, kRequired, one_of("broker, controller"), high, read_only, honoured, {}, kDistinctNotEmpty},
    {"server.max.startup.time.ms", int64, "9223372036854775807", at_least(0), medium, read_only, accepted, {}, kAnyList, true},
    {"unstable.api.versions.enable", boolean, "false", any(), high, read_only, accepted, {}, kAnyList, true},
    {"unstable.feature.versions.enable", boolean, "false", any(), high, read_only, accepted, {}, kAnyList, true},
};
// clang-format on

}  // namespace

KeyTable quorum_keys() {
  return kQuorumKeys;
}

}  // namespace gregor::config
