#include "client/range_assignor.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"
#include "wire/consumer_protocol.h"
#include "wire/record_frame.h"

namespace gregor::client {
namespace {

constexpr std::int16_t kProtocolVersion = 1;

/// Static members by instance id before dynamic ones by member id.
bool goes_before(const Subscriber& a, const Subscriber& b) {
  return std::tuple(!a.instance_id, a.instance_id.value_or(""), a.member_id) <
         std::tuple(!b.instance_id, b.instance_id.value_or(""), b.member_id);
}

bool subscribes(const Subscriber& subscriber, const std::string& topic) {
  return std::find(subscriber.topics.begin(), subscriber.topics.end(), topic) != subscriber.topics.end();
}

void assign_topic(const std::string& topic, std::int32_t count, const std::vector<Subscriber>& subscribers,
                  std::map<std::string, Assignment>& plan) {
  std::vector<const Subscriber*> takers;
  for (const Subscriber& subscriber : subscribers) {
    if (subscribes(subscriber, topic)) takers.push_back(&subscriber);
  }
  if (takers.empty()) return;
  const auto members = static_cast<std::int32_t>(takers.size());
  std::int32_t next = 0;
  for (std::int32_t i = 0; i < members; ++i) {
    const std::int32_t share = count / members + (i < count % members ? 1 : 0);
    for (std::int32_t taken = 0; taken < share; ++taken) plan[takers[i]->member_id][topic].push_back(next++);
  }
}

}  // namespace

std::map<std::string, Assignment> assign_ranges(std::vector<Subscriber> subscribers,
                                                const std::map<std::string, std::int32_t>& partition_counts) {
  std::stable_sort(subscribers.begin(), subscribers.end(), goes_before);
  std::map<std::string, Assignment> plan;
  for (const Subscriber& subscriber : subscribers) plan.try_emplace(subscriber.member_id);
  for (const auto& [topic, count] : partition_counts) assign_topic(topic, count, subscribers, plan);
  return plan;
}

ByteBuffer encode_subscription(const std::vector<std::string>& topics) {
  wire::ConsumerProtocolSubscription subscription;
  subscription.topics.assign(topics.begin(), topics.end());
  auto bytes = wire::encode_versioned(subscription, kProtocolVersion);
  CHECK(bytes.has_value());
  return std::move(*bytes);
}

Result<std::vector<std::string>> decode_subscription(Bytes metadata) {
  wire::ConsumerProtocolSubscription subscription;
  TRY(wire::decode_versioned(metadata, subscription));
  return std::vector<std::string>(subscription.topics.begin(), subscription.topics.end());
}

ByteBuffer encode_assignment(const Assignment& assignment) {
  wire::ConsumerProtocolAssignment message;
  for (const auto& [topic, partitions] : assignment) {
    message.assigned_partitions.push_back({.topic = topic, .partitions = partitions});
  }
  auto bytes = wire::encode_versioned(message, kProtocolVersion);
  CHECK(bytes.has_value());
  return std::move(*bytes);
}

Result<Assignment> decode_assignment(Bytes assignment) {
  Assignment decoded;
  if (assignment.empty()) return decoded;
  wire::ConsumerProtocolAssignment message;
  TRY(wire::decode_versioned(assignment, message));
  for (const auto& topic : message.assigned_partitions) decoded[std::string(topic.topic)] = topic.partitions;
  return decoded;
}

}  // namespace gregor::client
