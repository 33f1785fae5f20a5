// The keys that SCRAM keeps of a salted password (RFC 5802): HMAC and hash over SHA-256 or SHA-512. Pure functions of
// their arguments; no global state of a library is touched.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace gregor::metadata {

struct ScramKeys {
  ByteBuffer stored_key = {};
  ByteBuffer server_key = {};
};
/// Requires kScramSha256 or kScramSha512.
ScramKeys scram_keys_of(std::int8_t mechanism, Bytes salted_password);

}  // namespace gregor::metadata
