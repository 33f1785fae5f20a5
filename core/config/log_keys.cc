// Broker keys of partition logs and what new topics start with.
#include "config/table.h"

namespace gregor::config {
namespace {

using enum Type;
using enum Importance;
using enum UpdateMode;
using enum Support;

// name, type, default, valid, importance, update mode, support, synonyms, list rule, internal, reason
// clang-format off
constexpr Key kLogKeys[] = {
    {"auto.create.topics.enable", boolean, "true", any(), high, read_only, honoured},
    {"background.threads", int32, "10", at_least(1), high, cluster_wide, accepted},
    {"compression.gzip.level", int32, "-1", between_or(1, 9, -1), medium, cluster_wide, honoured, "compression.gzip.level"},
    {"compression.lz4.level", int32, "9", between(1, 17), medium, cluster_wide, honoured, "compression.lz4.level"},
    {"compression.type", string, "producer", one_of("uncompressed, zstd, lz4, snappy, gzip, producer"), high, cluster_wide, honoured, "compression.type"},
    {"compression.zstd.level", int32, "3", between(-131072, 22), medium, cluster_wide, honoured, "compression.zstd.level"},
    {"cordoned.log.dirs", list, "", any(), medium, per_broker, refused, {}, kDistinctOrNull, false, "cordoning of directories is not built"},
    {"default.replication.factor", int32, "1", any(), medium, read_only, honoured},
    {"delete.topic.enable", boolean, "true", any(), high, read_only, honoured},
    {"log.cleaner.backoff.ms", int64, "15000", at_least(0), medium, cluster_wide, honoured},
    {"log.cleaner.dedupe.buffer.size", int64, "134217728", any(), medium, cluster_wide, honoured},
    {"log.cleaner.delete.retention.ms", int64, "86400000", at_least(0), medium, cluster_wide, honoured, "delete.retention.ms"},
    {"log.cleaner.enable", boolean, "true", any(), medium, read_only, honoured},
    {"log.cleaner.io.buffer.load.factor", real, "0.9", any(), medium, cluster_wide, honoured},
    {"log.cleaner.io.buffer.size", int32, "524288", at_least(0), medium, cluster_wide, accepted},
    {"log.cleaner.io.max.bytes.per.second", real, "1.7976931348623157E308", any(), medium, cluster_wide, honoured},
    {"log.cleaner.max.compaction.lag.ms", int64, "9223372036854775807", at_least(1), medium, cluster_wide, honoured, "max.compaction.lag.ms"},
    {"log.cleaner.min.cleanable.ratio", real, "0.5", real_between(0, 1), medium, cluster_wide, honoured, "min.cleanable.dirty.ratio"},
    {"log.cleaner.min.compaction.lag.ms", int64, "0", at_least(0), medium, cluster_wide, honoured, "min.compaction.lag.ms"},
    {"log.cleaner.threads", int32, "1", at_least(0), medium, cluster_wide, accepted},
    {"log.cleanup.policy", list, "delete", one_of("compact, delete"), medium, cluster_wide, honoured, "cleanup.policy", kDistinct},
    {"log.dir", list, "/tmp/kafka-logs", any(), high, read_only, honoured, {}, kDistinctNotEmpty},
    {"log.dir.failure.timeout.ms", int64, "30000", at_least(1), low, read_only, accepted},
    {"log.dirs", list, nullptr, any(), high, read_only, honoured, {}, kDistinctNotEmptyOrNull},
    {"log.flush.interval.messages", int64, "9223372036854775807", at_least(1), high, cluster_wide, honoured, "flush.messages"},
    {"log.flush.interval.ms", int64, nullptr, any(), high, cluster_wide, honoured, "flush.ms"},
    {"log.flush.offset.checkpoint.interval.ms", int32, "60000", at_least(0), high, read_only, accepted},
    {"log.flush.scheduler.interval.ms", int64, "9223372036854775807", any(), high, read_only, honoured},
    {"log.flush.start.offset.checkpoint.interval.ms", int32, "60000", at_least(0), high, read_only, accepted},
    {"log.index.interval.bytes", int32, "4096", at_least(0), medium, cluster_wide, honoured, "index.interval.bytes"},
    {"log.index.size.max.bytes", int32, "10485760", at_least(4), medium, cluster_wide, honoured, "segment.index.bytes"},
    {"log.initial.task.delay.ms", int64, "30000", at_least(0), low, read_only, accepted, {}, kAnyList, true},
    {"log.message.timestamp.after.max.ms", int64, "3600000", at_least(0), medium, cluster_wide, honoured, "message.timestamp.after.max.ms"},
    {"log.message.timestamp.before.max.ms", int64, "9223372036854775807", at_least(0), medium, cluster_wide, honoured, "message.timestamp.before.max.ms"},
    {"log.message.timestamp.type", string, "CreateTime", one_of("CreateTime, LogAppendTime"), medium, cluster_wide, honoured, "message.timestamp.type"},
    {"log.preallocate", boolean, "false", any(), medium, cluster_wide, accepted, "preallocate"},
    {"log.retention.bytes", int64, "-1", any(), high, cluster_wide, honoured, "retention.bytes"},
    {"log.retention.check.interval.ms", int64, "300000", at_least(1), medium, read_only, honoured},
    {"log.retention.hours", int32, "168", any(), high, read_only, honoured},
    {"log.retention.minutes", int32, nullptr, any(), high, read_only, honoured},
    {"log.retention.ms", int64, nullptr, any(), high, cluster_wide, honoured, "retention.ms"},
    {"log.roll.hours", int32, "168", at_least(1), high, read_only, honoured},
    {"log.roll.jitter.hours", int32, "0", at_least(0), high, read_only, accepted},
    {"log.roll.jitter.ms", int64, nullptr, any(), high, cluster_wide, accepted, "segment.jitter.ms"},
    {"log.roll.ms", int64, nullptr, any(), high, cluster_wide, honoured, "segment.ms"},
    {"log.segment.bytes", int32, "1073741824", at_least(1048576), high, cluster_wide, honoured, "segment.bytes"},
    {"log.segment.delete.delay.ms", int64, "60000", at_least(0), high, cluster_wide, honoured, "file.delete.delay.ms"},
    {"message.max.bytes", int32, "1048588", at_least(0), high, cluster_wide, honoured, "max.message.bytes"},
    {"min.insync.replicas", int32, "1", at_least(1), high, cluster_wide, honoured, "min.insync.replicas"},
    {"num.partitions", int32, "1", at_least(1), medium, read_only, honoured},
    {"num.recovery.threads.per.data.dir", int32, "2", at_least(1), high, cluster_wide, honoured},
};
// clang-format on

}  // namespace

KeyTable log_keys() {
  return kLogKeys;
}

}  // namespace gregor::config
