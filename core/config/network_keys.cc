// Broker keys of listeners, connections and requests.
#include "config/table.h"

namespace gregor::config {
namespace {

using enum Type;
using enum Importance;
using enum UpdateMode;
using enum Support;

// name, type, default, valid, importance, update mode, support, synonyms, list rule, internal, reason
// clang-format off
constexpr Key kNetworkKeys[] = {
    {"advertised.listeners", list, nullptr, any(), high, read_only, honoured, {}, kDistinctNotEmptyOrNull},
    {"connections.max.idle.ms", int64, "600000", any(), medium, read_only, honoured},
    {"fetch.max.bytes", int32, "57671680", at_least(1024), medium, read_only, honoured},
    {"fetch.purgatory.purge.interval.requests", int32, "1000", any(), medium, read_only, accepted},
    {"listener.security.protocol.map", string, "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT", any(), low, per_broker, honoured},
    {"listeners", list, "PLAINTEXT://:9092", any(), high, per_broker, honoured, {}, kDistinctNotEmpty},
    {"max.connection.creation.rate", int32, "2147483647", at_least(0), medium, cluster_wide, honoured},
    {"max.connections", int32, "2147483647", at_least(0), medium, cluster_wide, honoured},
    {"max.connections.per.ip", int32, "2147483647", at_least(0), medium, cluster_wide, honoured},
    {"max.connections.per.ip.overrides", string, "", checked_as(Valid::Kind::address_limits), medium, cluster_wide, honoured},
    {"max.incremental.fetch.session.cache.slots", int32, "1000", at_least(0), medium, read_only, honoured},
    {"max.request.partition.size.limit", int32, "2000", at_least(1), medium, read_only, honoured},
    {"num.io.threads", int32, "8", at_least(1), high, cluster_wide, accepted},
    {"num.network.threads", int32, "3", at_least(1), high, cluster_wide, accepted},
    {"queued.max.request.bytes", int64, "-1", any(), medium, read_only, honoured},
    {"queued.max.requests", int32, "500", at_least(1), high, read_only, accepted},
    {"request.timeout.ms", int32, "30000", any(), high, read_only, honoured},
    {"socket.connection.setup.timeout.max.ms", int64, "30000", any(), medium, read_only, accepted},
    {"socket.connection.setup.timeout.ms", int64, "10000", any(), medium, read_only, accepted},
    {"socket.listen.backlog.size", int32, "50", at_least(1), medium, read_only, accepted},
    {"socket.receive.buffer.bytes", int32, "102400", any(), high, read_only, accepted},
    {"socket.request.max.bytes", int32, "104857600", at_least(1), high, read_only, honoured},
    {"socket.send.buffer.bytes", int32, "102400", any(), high, read_only, accepted},
};
// clang-format on

}  // namespace

KeyTable network_keys() {
  return kNetworkKeys;
}

}  // namespace gregor::config
