// Gregor's own keys: what Kafka has no key for.
#include "config/table.h"

namespace gregor::config {
namespace {

using enum Type;
using enum Importance;
using enum UpdateMode;
using enum Support;

// name, type, default, valid, importance, update mode, support, synonyms, list rule, internal, reason
// clang-format off
constexpr Key kGregorKeys[] = {
    {"gregor.failover.probe.ms", int32, "100", between(0, 60000), medium, read_only, honoured},
    {"gregor.http.listener", string, "", any(), low, read_only, honoured},
    {"gregor.initial.cluster", string, "", any(), low, read_only, honoured},
    {"gregor.initial.standalone", boolean, "false", any(), low, read_only, honoured},
    {"gregor.shards", int32, "1", between(1, 64), medium, read_only, honoured},
};
// clang-format on

}  // namespace

KeyTable gregor_keys() {
  return kGregorKeys;
}

}  // namespace gregor::config
