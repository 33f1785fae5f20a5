// Kafka's range assignor: the partitions of each topic in equal runs to its subscribers, in order of their ids; the
// first ones get one more where it does not come out even. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace gregor::client {

/// Partitions by topic, each list rising.
using Assignment = std::map<std::string, std::vector<std::int32_t>>;

struct Subscriber {
  std::string member_id;
  std::optional<std::string> instance_id;  ///< static members come first, by this
  std::vector<std::string> topics;
};

/// One entry for each subscriber, by member id, empty for whom nothing is left. `partition_counts` of topics that
/// exist.
std::map<std::string, Assignment> assign_ranges(std::vector<Subscriber> subscribers,
                                                const std::map<std::string, std::int32_t>& partition_counts);

/// What a consumer says of itself in JoinGroup, and what its leader tells it in SyncGroup: Kafka's consumer protocol.
ByteBuffer encode_subscription(const std::vector<std::string>& topics);
/// Errors: malformed, unsupported.
Result<std::vector<std::string>> decode_subscription(Bytes metadata);
ByteBuffer encode_assignment(const Assignment& assignment);
/// No bytes: nothing is assigned. Errors: malformed, unsupported.
Result<Assignment> decode_assignment(Bytes assignment);

}  // namespace gregor::client
