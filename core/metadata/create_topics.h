// Creating topics: what is refused, in Kafka's order of checks, and the records of what is granted (KIP-4, KIP-464,
// KIP-525). Pure.
#pragma once

#include <functional>
#include <vector>

#include "base/random.h"
#include "config/topic_config.h"
#include "metadata/decision.h"
#include "metadata/image.h"
#include "metadata/topic_requests.h"

namespace gregor::metadata {

/// Partitions that one request may create; beyond it every topic of the request is refused (POLICY_VIOLATION).
inline constexpr std::int64_t kPartitionsPerRequestMax = 10'000;

/// The broker's settings that decide about new topics.
struct TopicDefaults {
  std::int32_t num_partitions = 1;
  std::int16_t replication_factor = 1;
  config::TopicConfig topic = {};  ///< what a topic's own settings are laid over for the check across keys
};

/// Topic ids and starting brokers come from `random`. Never writes what `image` already holds.
Decision<CreatedTopic> decide_create_topics(const Image& image, const CreateTopics& request,
                                            const TopicDefaults& defaults, RandomStream& random);

}  // namespace gregor::metadata
