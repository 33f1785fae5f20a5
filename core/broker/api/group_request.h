// How a request reaches the group it names: which partition of __consumer_offsets holds the group, which shard that
// partition lives on, and the wait for the answer, which ends with the client's connection.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/api/request.h"
#include "broker/group_shard.h"
#include "group/wire_reply.h"

namespace gregor::broker::api {

/// Asks the machine on its own shard. What it captures must be good there: texts that borrow from the request's frame
/// are, owned copies are.
using GroupWork = UniqueFunction<group::Outcome(group::GroupMachine&, const group::Caller&, group::Now)>;

/// Suspends until the group's coordinator answered. Errors: NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS,
/// COORDINATOR_NOT_AVAILABLE, UNKNOWN_SERVER_ERROR (coordinator/group_coordinator.h); REQUEST_TIMED_OUT when the
/// connection went: nobody reads that.
coordinator::GroupAnswer ask_group(env::Fiber& self, Request& request, std::string_view group_id, GroupWork work);

template <class GroupReply>
tl::expected<GroupReply, wire::ErrorCode> ask_group_for(env::Fiber& self, Request& request, std::string_view group_id,
                                                        GroupWork work) {
  auto answer = ask_group(self, request, group_id, std::move(work));
  if (!answer) return tl::unexpected(answer.error());
  return std::get<GroupReply>(std::move(*answer));
}

/// Asks every coordinator of this node. Suspends. Errors: as of one that is ours and cannot answer
/// (COORDINATOR_LOAD_IN_PROGRESS and its like). `make_work` is called once for each, on the shard of the request.
tl::expected<std::vector<group::Reply>, wire::ErrorCode> ask_all_groups(env::Fiber& self, Request& request,
                                                                        UniqueFunction<GroupWork()> make_work);

/// Puts one answer's topics into another's, one entry a topic, told apart by id or by name.
void merge_topics(std::vector<group::CommittedTopic>& into, std::vector<group::CommittedTopic> from, bool by_id);

/// Operations on a group that a client may do where no authorizer is at work.
inline constexpr std::int32_t kAllGroupOperations = 3400;

}  // namespace gregor::broker::api
