#include "storage/topic_folder.h"

#include <algorithm>
#include <array>
#include <utility>

#include "storage/text_fields.h"

namespace gregor::storage {
namespace {

constexpr std::size_t kFolderNameMax = 255;
constexpr std::array<std::pair<std::string_view, FolderStage>, 3> kFolderStages{
    {{"-delete", FolderStage::deleted}, {"-future", FolderStage::future}, {"-stray", FolderStage::stray}}};

bool is_topic_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::string hex_of(std::uint64_t value) {
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[(value >> shift) & 0xF];
  return text;
}

/// What stands behind the topic's name.
std::string unique_tail(PartitionIndex partition, const Uuid& unique, std::string_view suffix) {
  return "-" + std::to_string(partition.value()) + "." + hex_of(unique.high) + hex_of(unique.low) + std::string(suffix);
}

/// "TOPIC-PARTITION".
std::optional<TopicFolder> parse_topic_partition(std::string_view name) {
  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0 || dash + 1 == name.size()) return std::nullopt;
  const auto topic = name.substr(0, dash);
  const auto digits = name.substr(dash + 1);
  if (!std::all_of(topic.begin(), topic.end(), is_topic_character)) return std::nullopt;
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  const auto partition = parse_number<std::int32_t>(digits);
  if (!partition) return std::nullopt;
  return TopicFolder{.topic = std::string(topic), .partition = PartitionIndex{*partition}};
}

}  // namespace

std::string folder_name(std::string_view topic, PartitionIndex partition) {
  return std::string(topic) + "-" + std::to_string(partition.value());
}

std::string deleted_folder_name(std::string_view topic, PartitionIndex partition, const Uuid& unique) {
  const std::string tail = unique_tail(partition, unique, "-delete");
  return std::string(topic.substr(0, kFolderNameMax - tail.size())) + tail;
}

std::string future_folder_name(std::string_view topic, PartitionIndex partition, const Uuid& unique) {
  return std::string(topic) + unique_tail(partition, unique, "-future");
}

bool has_future_name(std::string_view topic, PartitionIndex partition) {
  return future_folder_name(topic, partition, Uuid{}).size() <= kFolderNameMax;
}

std::optional<TopicFolder> parse_folder_name(std::string_view name) {
  for (const auto& [suffix, stage] : kFolderStages) {
    if (!name.ends_with(suffix)) continue;
    name.remove_suffix(suffix.size());
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos || dot + 1 == name.size()) return std::nullopt;
    auto folder = parse_topic_partition(name.substr(0, dot));
    if (folder) folder->stage = stage;
    return folder;
  }
  return parse_topic_partition(name);
}

}  // namespace gregor::storage
