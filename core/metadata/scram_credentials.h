// SCRAM credentials as data (KIP-554, KIP-900): what is kept of a salted password, who may be changed, and what is told
// of it. No listener asks for a password yet. Pure: keys are computed, nothing is drawn.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "metadata/decision.h"
#include "metadata/image.h"
#include "wire/error_code.h"

namespace gregor::metadata {

struct ScramDeletion {
  std::string user = {};
  std::int8_t mechanism = 0;
};
struct ScramUpsertion {
  std::string user = {};
  std::int8_t mechanism = 0;
  std::int32_t iterations = 0;
  ByteBuffer salt = {};
  ByteBuffer salted_password = {};
};
struct AlterScramCredentials {
  std::vector<ScramDeletion> deletions = {};
  std::vector<ScramUpsertion> upsertions = {};
};

/// One a user: those changed, then those refused.
struct AlteredScramCredential {
  std::string user = {};
  wire::ErrorCode error = {};
  std::optional<std::string> error_message = {};
};
Decision<AlteredScramCredential> decide_alter_scram_credentials(const Image& image,
                                                                const AlterScramCredentials& request);

struct FoundScramUser {
  std::string user = {};
  wire::ErrorCode error = {};
  std::optional<std::string> error_message = {};
  struct Credential {
    std::int8_t mechanism = 0;
    std::int32_t iterations = 0;
  };
  std::vector<Credential> credentials = {};
};
/// All users where none is named.
std::vector<FoundScramUser> find_scram_users(const Image& image, const std::vector<std::string>& users);

}  // namespace gregor::metadata
