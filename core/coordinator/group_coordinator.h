// GroupCoordinator: the groups of one partition of __consumer_offsets, as requests reach them: a group machine, its
// host, and the askers whose answers are still to come.
//
// Promises: every ask() is answered exactly once, at the latest by end(); an answer rests on nothing that may yet be
// lost (host.h C1). All on the shard of the partition; never suspends.
#pragma once

#include <map>
#include <memory>

#include "coordinator/host.h"
#include "group/machine.h"

namespace gregor::coordinator {

/// The machine's reply, or why there is none: NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE,
/// UNKNOWN_SERVER_ERROR (the records are more than the topic takes).
using GroupAnswer = tl::expected<group::Reply, wire::ErrorCode>;
using GroupAnswered = UniqueFunction<void(GroupAnswer)>;
/// Asks the machine under a token. An Outcome that does not answer the token parks it.
using GroupAsk = UniqueFunction<group::Outcome(group::GroupMachine&, group::Token, group::Now)>;

class GroupCoordinator {
 public:
  GroupCoordinator(HostSeat seat, std::shared_ptr<partition::Partition> partition, LeaderEpoch epoch,
                   group::GroupSettings settings, Milliseconds expiry_interval);
  ~GroupCoordinator();
  GroupCoordinator(const GroupCoordinator&) = delete;
  GroupCoordinator& operator=(const GroupCoordinator&) = delete;

  void start() { host_->start(); }
  /// Loads no more, answers no more: whoever waits is told `why`. Idempotent.
  void end(wire::ErrorCode why) { host_->end(why); }

  /// `answered` is called once, on the loop or a fiber of this shard, perhaps before this returns.
  void ask(GroupAsk ask, GroupAnswered answered);
  /// Drops the offsets of deleted topics. What cannot be dropped now is expired with its group.
  void forget_topics(std::vector<std::string> topics);

  [[nodiscard]] const Host& host() const { return *host_; }

 private:
  class Groups;
  std::shared_ptr<Host> host_;
};

}  // namespace gregor::coordinator
