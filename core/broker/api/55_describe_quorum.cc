// DescribeQuorum, v0-v2: how the metadata quorum stands: leader, epoch, high watermark, and how far each voter and
// observer is (KIP-595, KIP-836 times, KIP-853 directories and addresses).
// Errors per partition: UNKNOWN_TOPIC_OR_PARTITION for all but __cluster_metadata-0, NOT_LEADER_OR_FOLLOWER of a node
// that does not lead it. Suspends: the quorum lives on shard 0.
#include "broker/api/at_quorum.h"
#include "broker/api/handlers.h"
#include "wire/describe_quorum.h"

namespace gregor::broker::api {
namespace {

constexpr std::int16_t kNodesFrom = 2;

}  // namespace

Result<Reply> describe_quorum(env::Fiber& self, Request& request) {
  // Only who leads knows how far the others are; a broker that forwarded this finds the leader by now.
  request.met_no_controller = request.is_forwarded && !request.shard.feed.leader().is_here;
  return on_shard_0<wire::DescribeQuorumRequest>(
      self, request,
      [has_nodes = request.version() >= kNodesFrom](env::Fiber&, quorum::Service& service,
                                                    const wire::DescribeQuorumRequest& asked, wire::Arena& arena) {
        auto response = service.describe_quorum(asked, arena);
        if (!has_nodes) response.nodes.clear();
        return response;
      });
}

}  // namespace gregor::broker::api
