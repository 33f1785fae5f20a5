// Names of partition folders in a log directory: "orders-0", and what Kafka calls them on their way in or out. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace gregor::storage {

/// A folder being deleted is TOPIC-PARTITION.UNIQUE-delete, one moving between directories ends in -future, one that
/// nobody knows any more in -stray.
enum class FolderStage : unsigned char { live, deleted, future, stray };

struct TopicFolder {
  std::string topic;
  PartitionIndex partition;
  FolderStage stage = FolderStage::live;
  bool operator==(const TopicFolder&) const = default;
};

inline constexpr std::string_view kClusterMetadataTopic = "__cluster_metadata";

/// "orders-0".
std::string folder_name(std::string_view topic, PartitionIndex partition);
/// "orders-0.0123...cdef-delete": `unique` tells apart the incarnations of one name. Cut, as Kafka does, so that the
/// whole stays within 255 bytes.
std::string deleted_folder_name(std::string_view topic, PartitionIndex partition, const Uuid& unique);
/// Of a folder on its way into another directory: "orders-0.0123...cdef-future". Never cut: it tells which topic it is
/// of. Requires has_future_name().
std::string future_folder_name(std::string_view topic, PartitionIndex partition, const Uuid& unique);
/// Whether there is one: a topic's name may be too long to be moved (KAFKA-4893).
bool has_future_name(std::string_view topic, PartitionIndex partition);
/// None when no partition folder has this name.
std::optional<TopicFolder> parse_folder_name(std::string_view name);

}  // namespace gregor::storage
