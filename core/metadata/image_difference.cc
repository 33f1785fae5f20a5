#include "metadata/image_difference.h"

#include <memory>

namespace gregor::metadata {

namespace {

template <class Value>
bool is_same(const Value& a, const Value& b) {
  return a == b;
}
template <class Value>
bool is_same(const std::shared_ptr<const Value>& a, const std::shared_ptr<const Value>& b) {
  return a == b || *a == *b;
}

/// Calls `differs(key, before, after)`, either of which may be null, in order of keys.
template <class Map, class Differs>
void compare(const Map& before, const Map& after, Differs differs) {
  if (before == after) return;
  auto old = before.begin();
  auto now = after.begin();
  const decltype(&old->second) nothing = nullptr;
  while (old != before.end() || now != after.end()) {
    const bool is_gone = now == after.end() || (old != before.end() && old->first < now->first);
    const bool is_new = !is_gone && (old == before.end() || now->first < old->first);
    if (is_gone) {
      differs(old->first, &old->second, nothing);
    } else if (is_new) {
      differs(now->first, nothing, &now->second);
    } else if (!is_same(old->second, now->second)) {
      differs(now->first, &old->second, &now->second);
    }
    if (!is_new) ++old;
    if (!is_gone) ++now;
  }
}

template <class Map, class Names>
void name_what_differs(const Map& before, const Map& after, Names& names) {
  compare(before, after, [&](const auto& key, const auto*, const auto*) { names.insert(key); });
}

void add_configs_of(const Topic& topic, const Image& image, Delta& delta) {
  if (!image.topic_configs(topic.name).empty()) delta.configs.insert({ConfigResource::kTopic, topic.name});
}

void add_partitions(const Topic* before, const Topic& after, Delta& delta) {
  const auto add = [&](PartitionIndex index, const Partition*, const Partition* now) {
    if (now != nullptr) delta.partitions[after.id].insert(index);
  };
  compare(before == nullptr ? decltype(Topic::partitions){} : before->partitions, after.partitions, add);
}

}  // namespace

Delta difference_of(const Image& before, const Image& after) {
  Delta delta;
  compare(before.topics_by_id(), after.topics_by_id(), [&](const TopicId& id, const auto* old, const auto* now) {
    if (old == nullptr) delta.created_topics.insert(id);
    if (now == nullptr) delta.deleted_topics.insert(id);
    if (old == nullptr) add_configs_of(**now, after, delta);
    if (now == nullptr) add_configs_of(**old, before, delta);
    if (now != nullptr) add_partitions(old == nullptr ? nullptr : old->get(), **now, delta);
  });
  name_what_differs(before.configs(), after.configs(), delta.configs);
  name_what_differs(before.brokers(), after.brokers(), delta.brokers);
  name_what_differs(before.controllers(), after.controllers(), delta.controllers);
  name_what_differs(before.features(), after.features(), delta.features);
  name_what_differs(before.client_quotas(), after.client_quotas(), delta.client_quotas);
  name_what_differs(before.scram_credentials(), after.scram_credentials(), delta.scram_credentials);
  delta.producer_ids = before.next_producer_id() != after.next_producer_id();
  return delta;
}

}  // namespace gregor::metadata
