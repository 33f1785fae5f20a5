#include "metadata/delete_topics.h"

#include <map>
#include <set>

#include "wire/metadata_records.h"

namespace gregor::metadata {

namespace {

using wire::ErrorCode;

DeletedTopic refused(const TopicToDelete& asked, ErrorCode error, std::string text) {
  return {.name = asked.name, .id = asked.id, .error = error, .error_message = std::move(text)};
}

/// What is wrong with the asking itself, whatever the image holds.
std::optional<DeletedTopic> fault_of(const TopicToDelete& asked) {
  if (asked.name && !asked.id.is_zero()) {
    return refused(asked, ErrorCode::invalid_request, "You may not specify both topic name and topic id.");
  }
  if (!asked.name && asked.id.is_zero()) {
    return refused(asked, ErrorCode::invalid_request, "Neither topic name nor id were specified.");
  }
  return std::nullopt;
}

class Deletion {
 public:
  Deletion(const Image& image, const DeleteTopics& request) : image_(image) {
    for (const TopicToDelete& asked : request.topics) {
      if (fault_of(asked)) continue;
      if (const Topic* topic = find(asked)) ++times_asked_[topic->id];
    }
  }
  DeletedTopic remove(const TopicToDelete& asked, RecordList& records) {
    if (auto fault = fault_of(asked)) return *fault;
    const Topic* topic = find(asked);
    if (topic == nullptr) {
      return asked.name ? refused(asked, ErrorCode::unknown_topic_or_partition,
                                  "This server does not host this topic-partition.")
                        : refused(asked, ErrorCode::unknown_topic_id, "This server does not host this topic ID.");
    }
    if (times_asked_[topic->id] > 1) {
      return refused(asked, ErrorCode::invalid_request, asked.name ? "Duplicate topic name." : "Duplicate topic id.");
    }
    records.add(wire::RemoveTopicRecord{.topic_id = topic->id}, 0);
    return {.name = topic->name, .id = topic->id, .error = ErrorCode::none, .error_message = std::nullopt};
  }

 private:
  const Topic* find(const TopicToDelete& asked) const {
    return asked.name ? image_.find_topic(*asked.name) : image_.find_topic(asked.id);
  }

  const Image& image_;
  std::map<TopicId, int> times_asked_;
};

}  // namespace

Decision<DeletedTopic> decide_delete_topics(const Image& image, const DeleteTopics& request, bool enabled) {
  Decision<DeletedTopic> decision;
  Deletion deletion(image, request);
  for (const TopicToDelete& asked : request.topics) {
    decision.replies.push_back(enabled ? deletion.remove(asked, decision.records)
                                       : refused(asked, ErrorCode::topic_deletion_disabled,
                                                 "Topic deletion is disabled (delete.topic.enable)."));
  }
  return decision;
}

}  // namespace gregor::metadata
