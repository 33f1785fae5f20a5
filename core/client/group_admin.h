// GroupAdmin: groups looked at and put right from outside: what `gregor group` does. Retried until the cluster's
// api_timeout where that is safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/cluster.h"
#include "client/group_offsets.h"

namespace gregor::client {

struct GroupListing {
  std::string group_id;
  std::string protocol_type;
  std::string state;
  std::string type;
};

struct GroupMemberDescription {
  std::string member_id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string client_host;
  Assignment assignment;  ///< empty too where it is not of the consumer protocol
};

struct GroupDescription {
  std::string group_id;
  std::string state;  ///< Dead: there is no such group
  std::string protocol_type;
  std::string protocol;
  std::vector<GroupMemberDescription> members;
};

/// Every call suspends and throws Cancelled.
class GroupAdmin {
 public:
  /// `cluster` outlives the admin.
  explicit GroupAdmin(Cluster& cluster) : cluster_(cluster) {}

  /// Of all brokers, in order of ids.
  Outcome<std::vector<GroupListing>> list(env::Fiber& self);
  Outcome<GroupDescription> describe(env::Fiber& self, const std::string& group_id);
  /// Failures: NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND.
  Outcome<void> remove(env::Fiber& self, const std::string& group_id);
  Outcome<std::vector<CommittedOffset>> offsets(env::Fiber& self, const std::string& group_id);
  /// Failures: UNKNOWN_MEMBER_ID while the group has members.
  Outcome<void> set_offsets(env::Fiber& self, const std::string& group_id, const std::vector<CommittedOffset>& offsets);

 private:
  template <class Attempt>
  auto retried(env::Fiber& self, const std::string& group_id, Attempt attempt);
  Outcome<std::vector<GroupListing>> list_of(env::Fiber& self, NodeId broker);

  Cluster& cluster_;
};

}  // namespace gregor::client
