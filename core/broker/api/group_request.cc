#include "broker/api/group_request.h"

#include <algorithm>

#include "group/group_id.h"

namespace gregor::broker::api {
namespace {

/// One answer on its way. Lives on the shard of the connection.
struct Waiting {
  std::optional<coordinator::GroupAnswer> answer;
  bool is_abandoned = false;
  env::WaitQueue told;
};

std::string plain_host(const std::string& address) {
  constexpr std::string_view kMapped = "::ffff:";
  const bool is_mapped = address.starts_with(kMapped) && address.find('.') != std::string::npos;
  return is_mapped ? address.substr(kMapped.size()) : address;
}

/// What a machine is told of the client. Owns its text but for the client id, which the frame keeps.
struct Sender {
  std::int16_t api_version;
  std::string_view client_id;
  std::string client_host;
  FramePtr frame;
};

Sender sender_of(const Request& request) {
  return {.api_version = request.version(),
          .client_id = request.header.client_id.value_or(""),
          .client_host = "/" + plain_host(request.client.peer.address),
          .frame = request.in_flight.frame};
}

void ask_here(BrokerShard& there, PartitionIndex index, Sender sender, GroupWork work,
              coordinator::GroupAnswered answered) {
  coordinator::GroupCoordinator* const coordinator = there.groups->find(index);
  if (coordinator == nullptr) return answered(tl::unexpected(wire::ErrorCode::not_coordinator));
  coordinator->ask(
      [sender = std::move(sender), work = std::move(work)](group::GroupMachine& machine, group::Token token,
                                                           group::Now now) mutable {
        const group::Caller caller{.token = token,
                                   .api_version = sender.api_version,
                                   .client_id = sender.client_id,
                                   .client_host = sender.client_host};
        return work(machine, caller, now);
      },
      std::move(answered));
}

coordinator::GroupAnswer ask_partition(env::Fiber& self, Request& request, const TopicId& topic, PartitionIndex index,
                                       GroupWork work) {
  const auto waiting = std::make_shared<Waiting>();
  const ShardId home = request.shard.id();
  request.shard.post(request.shard.owner_of(topic, index), [index, home, waiting, sender = sender_of(request),
                                                            work = std::move(work)](BrokerShard& there) mutable {
    ask_here(there, index, std::move(sender), std::move(work),
             [&there, home, waiting](coordinator::GroupAnswer answer) mutable {
               there.post(home, [waiting, answer = std::move(answer)](BrokerShard&) mutable {
                 waiting->answer = std::move(answer);
                 waiting->told.wake_all();
               });
             });
  });
  request.in_flight.when_abandoned([waiting] {
    waiting->is_abandoned = true;
    waiting->told.wake_all();
  });
  while (!waiting->answer && !waiting->is_abandoned && !request.in_flight.is_abandoned()) waiting->told.wait(self);
  request.in_flight.when_abandoned({});
  if (!waiting->answer) return tl::unexpected(wire::ErrorCode::request_timed_out);
  return std::move(*waiting->answer);
}

}  // namespace

coordinator::GroupAnswer ask_group(env::Fiber& self, Request& request, std::string_view group_id, GroupWork work) {
  const controller::ImagePtr image = request.shard.image();
  const metadata::Topic* topic = image->find_topic(kOffsetsTopic);
  if (topic == nullptr) return tl::unexpected(wire::ErrorCode::not_coordinator);
  const auto count = static_cast<std::int32_t>(topic->partitions.size());
  return ask_partition(self, request, topic->id, group::partition_of(group_id, count), std::move(work));
}

tl::expected<std::vector<group::Reply>, wire::ErrorCode> ask_all_groups(env::Fiber& self, Request& request,
                                                                        UniqueFunction<GroupWork()> make_work) {
  std::vector<group::Reply> replies;
  const controller::ImagePtr image = request.shard.image();
  const metadata::Topic* topic = image->find_topic(kOffsetsTopic);
  if (topic == nullptr) return replies;
  for (const auto& [index, partition] : topic->partitions) {
    if (partition.leader != request.shard.config().node_id) continue;
    auto answer = ask_partition(self, request, topic->id, index, make_work());
    if (answer) {
      replies.push_back(std::move(*answer));
    } else if (answer.error() != wire::ErrorCode::not_coordinator) {
      return tl::unexpected(answer.error());
    }
  }
  return replies;
}

void merge_topics(std::vector<group::CommittedTopic>& into, std::vector<group::CommittedTopic> from, bool by_id) {
  for (group::CommittedTopic& topic : from) {
    const auto same = std::find_if(into.begin(), into.end(), [&](const group::CommittedTopic& other) {
      return by_id ? other.topic_id == topic.topic_id : other.topic == topic.topic;
    });
    if (same == into.end()) {
      into.push_back(std::move(topic));
    } else {
      same->partitions.insert(same->partitions.end(), topic.partitions.begin(), topic.partitions.end());
    }
  }
}

}  // namespace gregor::broker::api
