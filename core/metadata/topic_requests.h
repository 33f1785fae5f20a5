// Creating and deleting topics, as owned values: what is asked of the controller and what it answers. They own their
// text because they travel between shards, which a request's frame does not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "wire/error_code.h"

namespace gregor::metadata {

struct NewTopic {
  std::string name = {};
  std::int32_t num_partitions = -1;      ///< -1: num.partitions
  std::int16_t replication_factor = -1;  ///< -1: default.replication.factor
  struct Assignment {
    std::int32_t partition_index = 0;
    std::vector<NodeId> broker_ids = {};
  };
  std::vector<Assignment> assignments = {};  ///< not empty: the client places the replicas; both counts must be -1 then
  std::vector<std::pair<std::string, std::optional<std::string>>> configs = {};
};

struct CreateTopics {
  std::vector<NewTopic> topics = {};
  bool validate_only = false;
};

/// One for each distinct name asked for, in the order of the request. Where `error` is set the counts are -1, the id
/// zero.
struct CreatedTopic {
  std::string name = {};
  TopicId id = {};  ///< drawn for a validated topic too, as Kafka does
  wire::ErrorCode error = {};
  std::optional<std::string> error_message = {};
  std::int32_t num_partitions = -1;
  std::int16_t replication_factor = -1;
  std::vector<std::pair<std::string, std::string>> configs =
      {};  ///< as set on the topic; the defaults are the broker's to add
};

/// By name (v1-v5, v6) or by id (v6); both or neither is INVALID_REQUEST.
struct TopicToDelete {
  std::optional<std::string> name = {};
  TopicId id = {};
};

struct DeleteTopics {
  std::vector<TopicToDelete> topics = {};
};

struct DeletedTopic {
  std::optional<std::string> name = {};
  TopicId id = {};
  wire::ErrorCode error = {};
  std::optional<std::string> error_message = {};
};

}  // namespace gregor::metadata
