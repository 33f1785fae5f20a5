// Deleting topics by name or id (KIP-4, KIP-516). The records go; partition folders are for those who hear the delta.
#pragma once

#include "metadata/create_topics.h"
#include "metadata/image.h"
#include "metadata/topic_requests.h"

namespace gregor::metadata {

/// Where `enabled` is false (delete.topic.enable) every topic is refused. One reply for each topic asked for.
Decision<DeletedTopic> decide_delete_topics(const Image& image, const DeleteTopics& request, bool enabled);

}  // namespace gregor::metadata
