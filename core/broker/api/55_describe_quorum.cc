// DescribeQuorum, v0-v2: how the metadata quorum stands: leader, epoch, high watermark, and how far each voter and
// observer is (KIP-595, KIP-836 times, KIP-853 directories and addresses).
// Errors per partition: UNKNOWN_TOPIC_OR_PARTITION for all but __cluster_metadata-0, NOT_LEADER_OR_FOLLOWER of a node
// that does not lead it. Suspends: the quorum lives on shard 0.
#include "broker/api/at_quorum.h"
#include "broker/api/handlers.h"
#include "wire/describe_quorum.h"

namespace gregor::broker::api {
namespace {

constexpr std::int16_t kDirectoriesFrom = 2;

/// Directories and nodes are no part of older answers.
void leave_out_directories(wire::DescribeQuorumResponse& response) {
  response.nodes.clear();
  for (auto& topic : response.topics) {
    for (auto& partition : topic.partitions) {
      for (auto& voter : partition.current_voters) voter.replica_directory_id = {};
      for (auto& observer : partition.observers) observer.replica_directory_id = {};
    }
  }
}

}  // namespace

Result<Reply> describe_quorum(env::Fiber& self, Request& request) {
  // Only who leads knows how far the others are; a broker that forwarded this finds the leader by now.
  request.met_no_controller = request.is_forwarded && !request.shard.feed.leader().is_here;
  return on_shard_0<wire::DescribeQuorumRequest>(
      self, request,
      [has_directories = request.version() >= kDirectoriesFrom](
          env::Fiber&, quorum::Service& service, const wire::DescribeQuorumRequest& asked, wire::Arena& arena) {
        auto response = service.describe_quorum(asked, arena);
        if (!has_directories) leave_out_directories(response);
        return response;
      });
}

}  // namespace gregor::broker::api
