// DescribeTopicPartitions, v0: topics in order of names, a page at a time (KIP-966). No topic named: all. A page holds
// at most max.request.partition.size.limit partitions; the cursor of one answer begins the next request.
// Errors per topic: UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION; INVALID_REQUEST for each where the cursor is
// none of those asked for. Never suspends.
#include <algorithm>
#include <set>

#include "broker/api/handlers.h"
#include "metadata/node_ids.h"
#include "metadata/topic_name.h"
#include "wire/describe_topic_partitions.h"

namespace gregor::broker::api {
namespace {

using wire::ErrorCode;
using Response = wire::DescribeTopicPartitionsResponse;
using Topic = Response::DescribeTopicPartitionsResponseTopic;
using Partition = Response::DescribeTopicPartitionsResponsePartition;

Partition describe(const metadata::Image& image, PartitionIndex index, const metadata::Partition& state) {
  Partition partition{
      .partition_index = index.value(), .leader_id = state.leader.value(), .leader_epoch = state.leader_epoch.value()};
  if (state.leader == metadata::kNoLeader) partition.error_code = code(ErrorCode::leader_not_available);
  partition.replica_nodes = metadata::ids_of(state.replicas);
  partition.isr_nodes = metadata::ids_of(state.isr);
  partition.eligible_leader_replicas = metadata::ids_of(state.eligible_leader_replicas);
  partition.last_known_elr = metadata::ids_of(state.last_known_elr);
  for (const NodeId replica : state.replicas) {
    const metadata::BrokerRegistration* broker = image.find_broker(replica);
    if (broker == nullptr || broker->fenced) partition.offline_replicas.push_back(replica.value());
  }
  return partition;
}

Topic heading(std::string_view name, ErrorCode error) {
  Topic topic{.error_code = code(error), .name = name, .is_internal = metadata::is_internal_topic(name)};
  topic.topic_authorized_operations = kAllTopicOperations;
  return topic;
}

class Page {
 public:
  Page(const metadata::Image& image, std::size_t limit) : image_(image), left_(limit) {}
  Response response;

  /// False where the page is full, and its cursor set.
  bool add(std::string_view name, std::int32_t first, bool tells_missing) {
    if (left_ == 0) return end_at(name, 0);
    const metadata::Topic* known = image_.find_topic(name);
    if (known == nullptr) {
      if (!tells_missing) return true;
      response.topics.push_back(heading(name, metadata::fault_of_topic_name(name)
                                                  ? ErrorCode::invalid_topic_exception
                                                  : ErrorCode::unknown_topic_or_partition));
      return true;
    }
    Topic& topic = response.topics.emplace_back(heading(name, ErrorCode::none));
    topic.topic_id = known->id;
    for (auto at = known->partitions.lower_bound(PartitionIndex{first}); at != known->partitions.end(); ++at) {
      if (left_ == 0) return end_at(name, at->first.value());
      topic.partitions.push_back(describe(image_, at->first, at->second));
      --left_;
    }
    return true;
  }

 private:
  bool end_at(std::string_view name, std::int32_t index) {
    response.next_cursor.emplace();
    response.next_cursor->topic_name = name;
    response.next_cursor->partition_index = index;
    return false;
  }

  const metadata::Image& image_;
  std::size_t left_;
};

Result<Reply> refuse(const Request& request, const wire::DescribeTopicPartitionsRequest& asked) {
  Response response;
  for (const auto& topic : asked.topics) {
    auto& answered = response.topics.emplace_back();
    answered.error_code = code(ErrorCode::invalid_request);
    answered.name = topic.name;
  }
  return request.answer(response);
}

}  // namespace

Result<Reply> describe_topic_partitions(env::Fiber&, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::DescribeTopicPartitionsRequest>());
  const controller::ImagePtr image = request.shard.image();
  const std::string_view from = asked.cursor ? asked.cursor->topic_name : std::string_view{};
  std::set<std::string_view> names;
  for (const auto& topic : asked.topics) names.insert(topic.name);
  const bool is_lost = asked.cursor && !names.empty() && !names.contains(from);
  if (is_lost || (asked.cursor && asked.cursor->partition_index < 0)) return refuse(request, asked);

  const bool wants_all = names.empty();
  if (wants_all) {
    for (const auto& [name, topic] : image->topics()) names.insert(name);
  }
  const std::int32_t limit =
      std::min(request.shard.config().max_request_partition_size_limit, asked.response_partition_limit);
  Page page(*image, static_cast<std::size_t>(std::max(limit, 1)));
  for (auto name = names.lower_bound(from); name != names.end(); ++name) {
    const std::int32_t first = asked.cursor && *name == from ? asked.cursor->partition_index : 0;
    if (!page.add(*name, first, !wants_all)) break;
  }
  return request.answer(page.response);
}

}  // namespace gregor::broker::api
