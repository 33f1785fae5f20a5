// Broker keys of replicas, their fetchers and leader elections.
#include "config/table.h"

namespace gregor::config {
namespace {

using enum Type;
using enum Importance;
using enum UpdateMode;
using enum Support;

// name, type, default, valid, importance, update mode, support, synonyms, list rule, internal, reason
// clang-format off
constexpr Key kReplicationKeys[] = {
    {"alter.log.dirs.replication.quota.window.num", int32, "11", at_least(1), low, read_only, honoured},
    {"alter.log.dirs.replication.quota.window.size.seconds", int32, "1", at_least(1), low, read_only, honoured},
    {"auto.leader.rebalance.enable", boolean, "true", any(), high, read_only, honoured},
    {"inter.broker.listener.name", string, nullptr, any(), medium, read_only, honoured},
    {"leader.imbalance.check.interval.seconds", int64, "300", at_least(1), high, read_only, honoured},
    {"num.replica.alter.log.dirs.threads", int32, nullptr, any(), high, read_only, accepted},
    {"num.replica.fetchers", int32, "1", at_least(1), high, cluster_wide, accepted},
    {"replica.fetch.backoff.ms", int32, "1000", at_least(0), medium, read_only, honoured},
    {"replica.fetch.max.bytes", int32, "1048576", at_least(0), medium, read_only, honoured},
    {"replica.fetch.min.bytes", int32, "1", any(), high, read_only, honoured},
    {"replica.fetch.response.max.bytes", int32, "10485760", at_least(0), medium, read_only, honoured},
    {"replica.fetch.wait.max.ms", int32, "500", any(), high, read_only, honoured},
    {"replica.high.watermark.checkpoint.interval.ms", int64, "5000", any(), high, read_only, honoured},
    {"replica.lag.time.max.ms", int64, "30000", any(), high, read_only, honoured},
    {"replica.selector.class", string, nullptr, any(), medium, read_only, honoured},
    {"replica.socket.receive.buffer.bytes", int32, "65536", any(), high, read_only, accepted},
    {"replica.socket.timeout.ms", int32, "30000", any(), high, read_only, honoured},
    {"replication.quota.window.num", int32, "11", at_least(1), low, read_only, honoured},
    {"replication.quota.window.size.seconds", int32, "1", at_least(1), low, read_only, honoured},
    {"unclean.leader.election.enable", boolean, "false", any(), high, cluster_wide, honoured, "unclean.leader.election.enable"},
    {"unclean.leader.election.interval.ms", int64, "300000", at_least(1), medium, read_only, honoured, {}, kAnyList, true},
};
// clang-format on

}  // namespace

KeyTable replication_keys() {
  return kReplicationKeys;
}

}  // namespace gregor::config
