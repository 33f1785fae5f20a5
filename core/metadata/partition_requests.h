// Adding partitions and electing leaders, as owned values: what is asked of the controller and what it answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "wire/error_code.h"

namespace gregor::metadata {

struct CreatePartitions {
  struct Topic {
    std::string name = {};
    std::int32_t count = 0;                                            ///< of partitions afterwards
    std::optional<std::vector<std::vector<NodeId>>> assignments = {};  ///< replicas of each new one; none: placed
  };
  std::vector<Topic> topics = {};
  bool validate_only = false;
};

/// One for each distinct name; those named twice come first, as in Kafka.
struct CreatedPartitions {
  std::string name = {};
  wire::ErrorCode error = {};
  std::optional<std::string> error_message = {};
};

enum class ElectionType : std::int8_t { preferred = 0, unclean = 1 };

struct ElectLeaders {
  struct Topic {
    std::string name = {};
    std::vector<std::int32_t> partitions = {};
  };
  ElectionType type = ElectionType::preferred;
  std::optional<std::vector<Topic>> topics = {};  ///< none: all, and only what was done or failed is answered
};

struct ElectedLeaders {
  struct Partition {
    std::int32_t index = 0;
    wire::ErrorCode error = {};
    std::optional<std::string> error_message = {};
  };
  std::string topic = {};
  std::vector<Partition> partitions = {};
};

}  // namespace gregor::metadata
