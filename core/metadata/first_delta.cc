#include "metadata/first_delta.h"

namespace gregor::metadata {

Delta first_delta_of(const Image& image) {
  Delta delta;
  for (const auto& [id, topic] : image.topics_by_id()) {
    delta.created_topics.insert(id);
    for (const auto& [index, partition] : topic->partitions) delta.partitions[id].insert(index);
  }
  for (const auto& [resource, values] : image.configs()) delta.configs.insert(resource);
  for (const auto& [id, broker] : image.brokers()) delta.brokers.insert(id);
  for (const auto& [id, controller] : image.controllers()) delta.controllers.insert(id);
  for (const auto& [name, level] : image.features()) delta.features.insert(name);
  for (const auto& [entity, values] : image.client_quotas()) delta.client_quotas.insert(entity);
  for (const auto& [key, credential] : image.scram_credentials()) delta.scram_credentials.insert(key);
  delta.producer_ids = image.next_producer_id() > 0;
  return delta;
}

}  // namespace gregor::metadata
