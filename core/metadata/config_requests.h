// Changing configurations, as owned values: what is asked of the controller and what it answers (KIP-133, KIP-339).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metadata/delta.h"
#include "wire/error_code.h"

namespace gregor::metadata {

/// Kafka's numbers of operations.
inline constexpr std::int8_t kConfigSet = 0;
inline constexpr std::int8_t kConfigDelete = 1;
inline constexpr std::int8_t kConfigAppend = 2;    ///< to a list
inline constexpr std::int8_t kConfigSubtract = 3;  ///< from a list

struct ConfigChange {
  std::string name = {};
  std::int8_t operation = kConfigSet;  ///< what is none of the four is answered, not trusted
  std::optional<std::string> value = {};
};

struct AlterConfigs {
  struct Resource {
    ConfigResource resource = {};
    std::vector<ConfigChange> changes = {};
  };
  std::vector<Resource> resources = {};  ///< distinct
  bool replaces_all = false;             ///< the older API: what is not named is deleted; all operations are `set`
  bool validate_only = false;
};

/// One a resource, in the order of the request.
struct AlteredConfigs {
  ConfigResource resource = {};
  wire::ErrorCode error = {};
  std::optional<std::string> error_message = {};
};

}  // namespace gregor::metadata
