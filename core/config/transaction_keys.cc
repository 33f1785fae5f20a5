// Broker keys of transactions and producer ids.
#include "config/table.h"

namespace gregor::config {
namespace {

using enum Type;
using enum Importance;
using enum UpdateMode;
using enum Support;

// name, type, default, valid, importance, update mode, support, synonyms, list rule, internal, reason
// clang-format off
constexpr Key kTransactionKeys[] = {
    {"add.partitions.to.txn.retry.backoff.max.ms", int32, "100", at_least(0), high, read_only, accepted},
    {"add.partitions.to.txn.retry.backoff.ms", int32, "20", at_least(1), high, read_only, accepted},
    {"producer.id.expiration.check.interval.ms", int32, "600000", at_least(1), low, read_only, honoured, {}, kAnyList, true},
    {"producer.id.expiration.ms", int32, "86400000", at_least(1), low, cluster_wide, honoured},
    {"transaction.abort.timed.out.transaction.cleanup.interval.ms", int32, "10000", at_least(1), low, read_only, accepted},
    {"transaction.max.timeout.ms", int32, "900000", at_least(1), high, read_only, accepted},
    {"transaction.partition.verification.enable", boolean, "true", any(), low, cluster_wide, honoured},
    {"transaction.remove.expired.transaction.cleanup.interval.ms", int32, "3600000", at_least(1), low, read_only, accepted},
    {"transaction.state.log.load.buffer.size", int32, "5242880", at_least(1), high, read_only, accepted},
    {"transaction.state.log.min.isr", int32, "2", at_least(1), high, read_only, accepted},
    {"transaction.state.log.num.partitions", int32, "50", at_least(1), high, read_only, accepted},
    {"transaction.state.log.replication.factor", int16, "3", at_least(1), high, read_only, accepted},
    {"transaction.state.log.segment.bytes", int32, "104857600", at_least(1), high, read_only, accepted},
    {"transaction.two.phase.commit.enable", boolean, "false", any(), low, read_only, refused, {}, kAnyList, false, "transactions are not built"},
    {"transactional.id.expiration.ms", int32, "604800000", at_least(1), high, read_only, accepted},
};
// clang-format on

}  // namespace

KeyTable transaction_keys() {
  return kTransactionKeys;
}

}  // namespace gregor::config
