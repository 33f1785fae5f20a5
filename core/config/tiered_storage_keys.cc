// Broker keys of tiered storage.
#include "config/table.h"

namespace gregor::config {
namespace {

using enum Type;
using enum Importance;
using enum UpdateMode;
using enum Support;

// name, type, default, valid, importance, update mode, support, synonyms, list rule, internal, reason
// clang-format off
constexpr Key kTieredStorageKeys[] = {
    {"follower.fetch.last.tiered.offset.enable", boolean, "false", any(), medium, cluster_wide, accepted},
    {"log.local.retention.bytes", int64, "-2", at_least(-2), medium, cluster_wide, accepted, "local.retention.bytes"},
    {"log.local.retention.ms", int64, "-2", at_least(-2), medium, cluster_wide, accepted, "local.retention.ms"},
    {"remote.fetch.max.wait.ms", int32, "500", at_least(1), medium, cluster_wide, accepted},
    {"remote.list.offsets.request.timeout.ms", int64, "30000", at_least(1), medium, cluster_wide, accepted},
    {"remote.log.index.file.cache.total.size.bytes", int64, "1073741824", at_least(1), low, cluster_wide, accepted},
    {"remote.log.index.file.cache.ttl.ms", int64, "900000", at_least(-1), low, read_only, accepted, {}, kAnyList, true},
    {"remote.log.manager.copier.thread.pool.size", int32, "10", at_least(1), medium, cluster_wide, accepted},
    {"remote.log.manager.copy.max.bytes.per.second", int64, "9223372036854775807", at_least(1), medium, cluster_wide, accepted},
    {"remote.log.manager.copy.quota.window.num", int32, "11", at_least(1), medium, read_only, accepted},
    {"remote.log.manager.copy.quota.window.size.seconds", int32, "1", at_least(1), medium, read_only, accepted},
    {"remote.log.manager.expiration.thread.pool.size", int32, "10", at_least(1), medium, cluster_wide, accepted},
    {"remote.log.manager.fetch.max.bytes.per.second", int64, "9223372036854775807", at_least(1), medium, cluster_wide, accepted},
    {"remote.log.manager.fetch.quota.window.num", int32, "11", at_least(1), medium, read_only, accepted},
    {"remote.log.manager.fetch.quota.window.size.seconds", int32, "1", at_least(1), medium, read_only, accepted},
    {"remote.log.manager.follower.thread.pool.size", int32, "2", at_least(1), medium, cluster_wide, accepted},
    {"remote.log.manager.task.interval.ms", int64, "30000", at_least(1), low, read_only, accepted},
    {"remote.log.manager.task.retry.backoff.max.ms", int64, "30000", at_least(1), low, read_only, accepted, {}, kAnyList, true},
    {"remote.log.manager.task.retry.backoff.ms", int64, "500", at_least(1), low, read_only, accepted, {}, kAnyList, true},
    {"remote.log.manager.task.retry.jitter", real, "0.2", real_between(0, 0.5), low, read_only, accepted, {}, kAnyList, true},
    {"remote.log.manager.thread.pool.size", int32, "2", at_least(1), medium, read_only, accepted},
    {"remote.log.metadata.custom.metadata.max.bytes", int32, "128", at_least(0), low, read_only, accepted},
    {"remote.log.metadata.manager.class.name", string, "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager", checked_as(Valid::Kind::not_empty), medium, read_only, accepted},
    {"remote.log.metadata.manager.class.path", string, nullptr, any(), medium, read_only, accepted},
    {"remote.log.metadata.manager.impl.prefix", string, "rlmm.config.", checked_as(Valid::Kind::not_empty), medium, read_only, accepted},
    {"remote.log.metadata.manager.listener.name", string, nullptr, checked_as(Valid::Kind::not_empty), medium, read_only, accepted},
    {"remote.log.reader.max.pending.tasks", int32, "100", at_least(1), medium, read_only, accepted},
    {"remote.log.reader.threads", int32, "10", at_least(1), medium, cluster_wide, accepted},
    {"remote.log.storage.manager.class.name", string, nullptr, checked_as(Valid::Kind::not_empty), medium, read_only, accepted},
    {"remote.log.storage.manager.class.path", string, nullptr, any(), medium, read_only, accepted},
    {"remote.log.storage.manager.impl.prefix", string, "rsm.config.", checked_as(Valid::Kind::not_empty), medium, read_only, accepted},
    {"remote.log.storage.system.enable", boolean, "false", any(), medium, read_only, refused, {}, kAnyList, false, "tiered storage is not built"},
};
// clang-format on

}  // namespace

KeyTable tiered_storage_keys() {
  return kTieredStorageKeys;
}

}  // namespace gregor::config
