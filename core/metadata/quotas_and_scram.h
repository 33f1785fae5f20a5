// What the metadata log holds of quotas and credentials, by whom.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace gregor::metadata {

/// Type ("user", "client-id", "ip") to name; no name: the default of that type.
using QuotaEntity = std::map<std::string, std::optional<std::string>>;
/// Key ("producer_byte_rate") to value.
using QuotaValues = std::map<std::string, double, std::less<>>;

/// Kafka's numbers of mechanisms.
inline constexpr std::int8_t kScramSha256 = 1;
inline constexpr std::int8_t kScramSha512 = 2;

struct ScramKey {
  std::string user = {};
  std::int8_t mechanism = 0;
  auto operator<=>(const ScramKey&) const = default;
};
/// Enough to check who knows the password, and not the password (RFC 5802).
struct ScramCredential {
  ByteBuffer salt = {};
  ByteBuffer stored_key = {};
  ByteBuffer server_key = {};
  std::int32_t iterations = 0;
  bool operator==(const ScramCredential&) const = default;
};

}  // namespace gregor::metadata
