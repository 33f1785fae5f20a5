// Broker keys of policies, metrics, quotas and the rest.
#include "config/table.h"

namespace gregor::config {
namespace {

using enum Type;
using enum Importance;
using enum UpdateMode;
using enum Support;

// name, type, default, valid, importance, update mode, support, synonyms, list rule, internal, reason
// clang-format off
constexpr Key kServerKeys[] = {
    {"alter.config.policy.class.name", class_name, nullptr, any(), low, read_only, refused, {}, kAnyList, false, "classes of Java cannot be loaded"},
    {"client.quota.callback.class", class_name, nullptr, any(), low, read_only, refused, {}, kAnyList, false, "classes of Java cannot be loaded"},
    {"config.providers", list, "", any(), low, cluster_wide, refused, {}, kDistinct, false, "values are taken as they stand, no provider resolves them"},
    {"create.topic.policy.class.name", class_name, nullptr, any(), low, read_only, refused, {}, kAnyList, false, "classes of Java cannot be loaded"},
    {"delete.records.purgatory.purge.interval.requests", int32, "1", any(), medium, read_only, accepted},
    {"kafka.metrics.polling.interval.secs", int32, "10", at_least(1), low, read_only, accepted},
    {"kafka.metrics.reporters", list, "", any(), low, read_only, accepted, {}, kDistinct},
    {"metric.reporters", list, "org.apache.kafka.common.metrics.JmxReporter", any(), low, cluster_wide, accepted, {}, kDistinct},
    {"metrics.num.samples", int32, "2", at_least(1), low, read_only, accepted},
    {"metrics.recording.level", string, "INFO", any(), low, read_only, accepted},
    {"metrics.sample.window.ms", int64, "30000", at_least(1), low, read_only, accepted},
    {"producer.purgatory.purge.interval.requests", int32, "1000", any(), medium, read_only, accepted},
    {"quota.window.num", int32, "11", at_least(1), low, read_only, accepted},
    {"quota.window.size.seconds", int32, "1", at_least(1), low, read_only, accepted},
    {"telemetry.max.bytes", int32, "1048576", at_least(1), low, read_only, honoured},
};
// clang-format on

}  // namespace

KeyTable server_keys() {
  return kServerKeys;
}

}  // namespace gregor::config
