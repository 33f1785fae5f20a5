// Keys of a topic. The synonyms are the broker keys that give the default, the first one set wins; "*60000" multiplies
// on the way.
#include "config/table.h"

namespace gregor::config {
namespace {

using enum Type;
using enum Importance;
using enum UpdateMode;
using enum Support;

// name, type, default, valid, importance, update mode, support, synonyms, list rule, internal, reason
// clang-format off
constexpr Key kTopicKeys[] = {
    {"cleanup.policy", list, "delete", one_of("compact, delete"), medium, not_of_a_broker, honoured, "log.cleanup.policy", kDistinct},
    {"compression.gzip.level", int32, "-1", between_or(1, 9, -1), medium, not_of_a_broker, honoured, "compression.gzip.level"},
    {"compression.lz4.level", int32, "9", between(1, 17), medium, not_of_a_broker, honoured, "compression.lz4.level"},
    {"compression.type", string, "producer", one_of("uncompressed, zstd, lz4, snappy, gzip, producer"), medium, not_of_a_broker, honoured, "compression.type"},
    {"compression.zstd.level", int32, "3", between(-131072, 22), medium, not_of_a_broker, honoured, "compression.zstd.level"},
    {"delete.retention.ms", int64, "86400000", at_least(0), medium, not_of_a_broker, honoured, "log.cleaner.delete.retention.ms"},
    {"file.delete.delay.ms", int64, "60000", at_least(0), medium, not_of_a_broker, honoured, "log.segment.delete.delay.ms"},
    {"flush.messages", int64, "9223372036854775807", at_least(1), medium, not_of_a_broker, honoured, "log.flush.interval.messages"},
    {"flush.ms", int64, "9223372036854775807", at_least(0), medium, not_of_a_broker, honoured, "log.flush.interval.ms,log.flush.scheduler.interval.ms"},
    {"follower.replication.throttled.replicas", list, "", checked_as(Valid::Kind::throttled_replicas), medium, not_of_a_broker, honoured},
    {"index.interval.bytes", int32, "4096", at_least(0), medium, not_of_a_broker, honoured, "log.index.interval.bytes"},
    {"internal.segment.bytes", int32, nullptr, any(), medium, not_of_a_broker, honoured, {}, kAnyList, true},
    {"leader.replication.throttled.replicas", list, "", checked_as(Valid::Kind::throttled_replicas), medium, not_of_a_broker, honoured},
    {"local.retention.bytes", int64, "-2", at_least(-2), medium, not_of_a_broker, accepted, "log.local.retention.bytes"},
    {"local.retention.ms", int64, "-2", at_least(-2), medium, not_of_a_broker, accepted, "log.local.retention.ms"},
    {"max.compaction.lag.ms", int64, "9223372036854775807", at_least(1), medium, not_of_a_broker, honoured, "log.cleaner.max.compaction.lag.ms"},
    {"max.message.bytes", int32, "1048588", at_least(0), medium, not_of_a_broker, honoured, "message.max.bytes"},
    {"message.timestamp.after.max.ms", int64, "3600000", at_least(0), medium, not_of_a_broker, honoured, "log.message.timestamp.after.max.ms"},
    {"message.timestamp.before.max.ms", int64, "9223372036854775807", at_least(0), medium, not_of_a_broker, honoured, "log.message.timestamp.before.max.ms"},
    {"message.timestamp.type", string, "CreateTime", one_of("CreateTime, LogAppendTime"), medium, not_of_a_broker, honoured, "log.message.timestamp.type"},
    {"min.cleanable.dirty.ratio", real, "0.5", real_between(0, 1), medium, not_of_a_broker, honoured, "log.cleaner.min.cleanable.ratio"},
    {"min.compaction.lag.ms", int64, "0", at_least(0), medium, not_of_a_broker, honoured, "log.cleaner.min.compaction.lag.ms"},
    {"min.insync.replicas", int32, "1", at_least(1), medium, not_of_a_broker, honoured, "min.insync.replicas"},
    {"preallocate", boolean, "false", any(), medium, not_of_a_broker, accepted, "log.preallocate"},
    {"remote.log.copy.disable", boolean, "false", any(), medium, not_of_a_broker, accepted},
    {"remote.log.delete.on.disable", boolean, "false", any(), medium, not_of_a_broker, accepted},
    {"remote.storage.enable", boolean, "false", any(), medium, not_of_a_broker, refused, {}, kAnyList, false, "tiered storage is not built"},
    {"retention.bytes", int64, "-1", any(), medium, not_of_a_broker, honoured, "log.retention.bytes"},
    {"retention.ms", int64, "604800000", at_least(-1), medium, not_of_a_broker, honoured, "log.retention.ms,log.retention.minutes*60000,log.retention.hours*3600000"},
    {"segment.bytes", int32, "1073741824", at_least(1048576), medium, not_of_a_broker, honoured, "log.segment.bytes"},
    {"segment.index.bytes", int32, "10485760", at_least(4), medium, not_of_a_broker, honoured, "log.index.size.max.bytes"},
    {"segment.jitter.ms", int64, "0", at_least(0), medium, not_of_a_broker, accepted, "log.roll.jitter.ms,log.roll.jitter.hours*3600000"},
    {"segment.ms", int64, "604800000", at_least(1), medium, not_of_a_broker, honoured, "log.roll.ms,log.roll.hours*3600000"},
    {"unclean.leader.election.enable", boolean, "false", any(), medium, not_of_a_broker, honoured, "unclean.leader.election.enable"},
};
// clang-format on

}  // namespace

KeyTable topic_keys() {
  return kTopicKeys;
}

}  // namespace gregor::config
